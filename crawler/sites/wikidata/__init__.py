"""Wikidata: who bears a name, when they were born and died, and how sure that is."""
