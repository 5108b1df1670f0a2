"""The rows of `benchmarks/crawl.py`: a file measures one claim about the crawl, and runs alone too."""
