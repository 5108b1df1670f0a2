"""Commands of `scrapy`: the name of a module is what the user types."""
