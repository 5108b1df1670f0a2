"""`scrapy crawl flickr_names -a names=FILE`: each name searched at Flickr, each photo stored and fetched."""

from crawler.crawl_settings import CrawlSettings
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.flickr.words import API_URL, KEY_VARIABLE, SITE, is_placeholder
from crawler.sites.found import SearchSite
from crawler.spiders.site_spider import SiteSpider


class FlickrNames(SiteSpider):
    """Searches names at Flickr (or a site that answers like it) and fetches the photos."""

    name = "flickr_names"
    site = SITE
    api_url = API_URL
    key_variable = KEY_VARIABLE
    image_hosts = ("live.staticflickr.com",)

    @classmethod
    def make_site(cls, settings: CrawlSettings) -> SearchSite:
        """Return Flickr as `settings` want it; raise SettingsError."""
        return FlickrSite(settings)

    @staticmethod
    def is_placeholder(url: str) -> bool:
        """Whether `url` is that of the picture Flickr shows in place of a removed photo."""
        return is_placeholder(url)
