"""Fetching images: the bytes as they were served, checked, written under a temporary name and renamed.

Our own client on aiohttp and not Scrapy's downloader: that costs 2 to 3.5 ms of CPU a request and hands over a body
only when all of it is in memory (ARCHITECTURE.md). `fetcher` is the way in.
"""
