"""The written-out list of spiders, against what lies in crawler/spiders."""

import inspect
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
from scrapy import Spider
from scrapy.settings import Settings

import crawler.spiders
from crawler.spider_loader import SPIDERS, WrittenSpiderLoader
from tests.crawler.crawling import ROOT


def test_every_spider_is_in_the_list_under_its_name() -> None:
    found = {}
    for module in iter_modules(crawler.spiders.__path__):
        names = vars(import_module(f"crawler.spiders.{module.name}"))
        for spider in names.values():
            if (
                inspect.isclass(spider)
                and issubclass(spider, Spider)
                and isinstance(getattr(spider, "name", None), str)
            ):
                found[spider.name] = spider
    loader = WrittenSpiderLoader.from_settings(Settings())
    assert {name: loader.load(name) for name in loader.list()} == found


def test_an_unknown_spider_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        WrittenSpiderLoader().load("flickr")


def test_a_crawl_of_flickr_imports_neither_the_other_spiders_nor_what_they_need() -> None:
    script = "import sys; from crawler.spider_loader import WrittenSpiderLoader as W; W().load('flickr_names'); "
    listed = subprocess.run(
        [sys.executable, "-c", script + "print(*sys.modules)"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(listed.stdout.split())
    assert "crawler.spiders.flickr_names" in modules
    others = {target.split(":")[0] for name, target in SPIDERS.items() if name != "flickr_names"}
    assert modules & (others | {"aiohttp", "numpy", "alembic"}) == set()
