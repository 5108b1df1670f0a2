"""What to ask each site and how to read its answer: pure functions; the site's own words stop here."""
