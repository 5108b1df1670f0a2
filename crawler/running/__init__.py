"""A crawl while it runs: asking the site, fetching the images, and what both share."""
