"""`scrapy crawl commons_names -a names=FILE`: each name searched at Wikimedia Commons; no key needed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from crawler.crawl_settings import CrawlSettings
from crawler.law.presets import choose_licences
from crawler.names import Name
from crawler.sites.commons.asks import API_URL, SITE
from crawler.sites.commons.choices import judge_by, width_of
from crawler.sites.commons.site import CommonsSite
from crawler.sites.found import SearchSite
from crawler.spiders.site_spider import SiteSpider
from db.subjects import subject_facts


class CommonsNames(SiteSpider):
    """Searches names, depicts statements and categories at Commons (or a site that answers like it)."""

    name = "commons_names"
    site = SITE
    api_url = API_URL
    image_hosts = ("upload.wikimedia.org",)

    @classmethod
    def make_site(cls, settings: CrawlSettings) -> SearchSite:
        """Return Commons as `settings` want it; raise SettingsError."""
        return CommonsSite(judge_by(choose_licences(SITE, settings.licences)), width=width_of(settings.sizes))

    @classmethod
    def read_facts(cls, connection: Connection, names: Sequence[Name]) -> Mapping[str, Any]:
        """Return the Wikidata item and the Commons category of the subjects that have them."""
        return subject_facts(connection, [name.name for name in names])
