"""Scrapy's spiders: one a site and kind of question."""
