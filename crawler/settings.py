"""Scrapy's settings of this project. What a user sets is in `crawler/crawl_settings.py` ([crawl] of agegap.toml)."""

BOT_NAME = "agegap"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# The progress line and the tally say what a user wants to know.
LOG_LEVEL = "WARNING"
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # it is counted, and stored with its photo

# State lives in the catalog. JOBDIR loses photos after `kill -9` (docs/crawl.md), so it is never set.
HTTPCACHE_ENABLED = False
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False  # would let any local process look into this one, its key included

# Pages and images; API calls are governed by the API's terms and say so themselves.
ROBOTSTXT_OBEY = True

# Only the web: an answer's image address must not reach files or other protocols.
DOWNLOAD_HANDLERS = {
    "http": "crawler.keys.KeyedDownloadHandler",
    "https": "crawler.keys.KeyedDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.retrying.WaitingRetryMiddleware": 550,
}
DOWNLOAD_FAIL_ON_DATALOSS = True  # a body shorter than it said is tried again, not kept
# Spiders yield requests, never items. Scrapy starts this many workers for every answer: the default of 100 cost
# 100 tasks an image.
CONCURRENT_ITEMS = 2

META_COPY_WARN_SKIP_KEYS = ["retry_times"]  # get_retry_request sets it, and the warning takes it for a slip
