"""Names in, dated photos out: a Scrapy project whose state lives in the catalog."""
