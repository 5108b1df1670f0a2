"""Finding a spider by its name, without importing the others: each costs a crawl some tenths of a second at its start.

https://docs.scrapy.org/en/latest/topics/settings.html#spider-loader-class
"""

import builtins
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

SPIDERS: Mapping[str, str] = MappingProxyType(
    {
        "commons_names": "crawler.spiders.commons_names:CommonsNames",
        "flickr_names": "crawler.spiders.flickr_names:FlickrNames",
        "sync": "crawler.spiders.sync:Sync",
        "wikidata_births": "crawler.spiders.wikidata_births:WikidataBirths",
    }
)
"""Every spider of the project: its name, and where it is."""


class WrittenSpiderLoader:
    """Scrapy's spider loader over `SPIDERS`."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return a loader; nothing of the settings matters."""
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider of that name; raise KeyError."""
        module, attribute = SPIDERS[spider_name].split(":")
        spider: type[Spider] = getattr(import_module(module), attribute)
        return spider

    def list(self) -> list[str]:
        """Return the names of all spiders."""
        return list(SPIDERS)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the spiders that take a single URL: none does."""
        return []
