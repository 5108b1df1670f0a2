"""Fetching images: the bytes as they were served, checked, written under a temporary name and renamed.

Our own client (`client`, `connection`, `head`) and not Scrapy's downloader, which costs 2 to 3.5 ms of CPU a request
and hands over a body only when all of it is in memory, nor aiohttp, which copies a body three times (ARCHITECTURE.md).
`fetcher` is the way in.
"""
