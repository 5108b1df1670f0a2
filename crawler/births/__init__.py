"""Looking subjects up at Wikidata: births and deaths into the catalog, doubtful ones as open questions."""
