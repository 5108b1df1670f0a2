"""Scrapy's settings of this project. What a user sets is in `crawler/crawl_settings.py` ([crawl] of agegap.toml)."""

BOT_NAME = "agegap"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
SPIDER_LOADER_CLASS = "crawler.spider_loader.WrittenSpiderLoader"
COMMANDS_MODULE = "crawler.commands"

# The progress line and the tally say what a user wants to know.
LOG_LEVEL = "WARNING"

# State lives in the catalog. JOBDIR loses photos after `kill -9` (docs/crawl.md), so it is never set.
HTTPCACHE_ENABLED = False
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False  # would let any local process look into this one, its key included

# Pages, should a spider ask for one; API calls are governed by the API's terms and say so themselves, and images are
# fetched by crawler/fetching, which reads robots.txt itself.
ROBOTSTXT_OBEY = True

# crawler/running/api_caller.py tries again: Scrapy's own retry asks at once, does not read Retry-After (scrapy#3849)
# and would make calls that the key's budget does not know of.
RETRY_ENABLED = False

# Only the web: an answer's address must not reach files or other protocols.
DOWNLOAD_HANDLERS = {
    "http": "crawler.keys.KeyedDownloadHandler",
    "https": "crawler.keys.KeyedDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
DOWNLOAD_FAIL_ON_DATALOSS = True  # a body shorter than it said is tried again, not read
