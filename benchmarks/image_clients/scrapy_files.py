"""Scrapy's FilesPipeline or ImagesPipeline (argument 4), as its documentation sets it up: an item of 100 URLs each."""

import sys
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider
from scrapy.crawler import CrawlerProcess

AT_ONCE = 32
URLS_AN_ITEM = 100
FIELDS = {"FilesPipeline": "file_urls", "ImagesPipeline": "image_urls"}


class Lists(Spider):
    """Yields items with lists of addresses, which is all that the pipelines need."""

    name = "lists"
    host = ""
    count = 0
    field = ""

    async def start(self) -> AsyncIterator[Any]:
        """Yield the items."""
        urls = [f"{self.host}/{number}.jpg" for number in range(self.count)]
        for at in range(0, len(urls), URLS_AN_ITEM):
            yield {self.field: urls[at : at + URLS_AN_ITEM]}


def main(host: str, count: int, folder: str, pipeline: str) -> None:
    """Run the spider to its end."""
    module = "files" if pipeline == "FilesPipeline" else "images"
    settings = {
        "ITEM_PIPELINES": {f"scrapy.pipelines.{module}.{pipeline}": 1},
        "FILES_STORE": folder,
        "IMAGES_STORE": folder,
        "CONCURRENT_REQUESTS": AT_ONCE,
        "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }
    process = CrawlerProcess(settings)
    process.crawl(Lists, host=host, count=count, field=FIELDS[pipeline])
    process.start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
