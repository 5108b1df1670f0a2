"""`scrapy crawl SPIDER`, as Scrapy's own, with wrong use told in one sentence and a tally at the end.

Exit 0: done. 1: the crawl stopped early or a name failed. 2: wrong use. 130: stopped by Ctrl-C.
"""

import argparse
import logging
import sys
from typing import TYPE_CHECKING, Any

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from agegap.errors import AgegapError, UnknownName

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


# They speak of single answers and of a missing robots.txt, with traceback; the row says it in words.
_TALKATIVE = ("scrapy.core.downloader.handlers.http11", "scrapy.downloadermiddlewares.robotstxt")

STOPPED = 130


class Command(ScrapyCrawl):
    """Scrapy's crawl command for spiders that plan their crawl before it starts (`plan_crawl`)."""

    def short_desc(self) -> str:
        """Return the line of the command's help."""
        return "Run a spider by name: scrapy crawl flickr_names -a names=FILE [-a api=URL] [-a setting=value]"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add our options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--json", dest="as_json", action="store_true", help="print the tally as one line of JSON")
        parser.add_argument(
            "--table", dest="as_table", action="store_true", help="print what became of each name, after the tally"
        )
        parser.add_argument(
            "--retry-failed", action="store_true", help="try what failed again, however often (as -a retry_failed=true)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the spider's arguments, run it, print its tally, and set the exit code."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl flickr_names -a names=FILE")
        if opts.retry_failed:
            opts.spargs.setdefault("retry_failed", "true")
        try:
            crawler = self._crawl(args[0], opts)
            self._finish(crawler, opts)
        except AgegapError as error:
            self._say(error)

    def _crawl(self, name: str, opts: argparse.Namespace) -> "Crawler":
        assert self.crawler_process
        if not opts.loglevel:
            for name_of_logger in _TALKATIVE:
                logging.getLogger(name_of_logger).setLevel(logging.CRITICAL)
        try:
            spider_class = self.crawler_process.spider_loader.load(name)
        except KeyError:
            raise UnknownName("spider", name, self.crawler_process.spider_loader.list()) from None
        plan_crawl = getattr(spider_class, "plan_crawl", None)
        arguments = opts.spargs if plan_crawl is None else {"plan": plan_crawl(opts.spargs)}
        crawler = self._create_crawler(spider_class)
        self.crawler_process.crawl(crawler, **arguments)
        self.crawler_process.start()
        return crawler

    def _finish(self, crawler: "Crawler", opts: argparse.Namespace) -> None:
        from agegap.cli import show

        assert self.crawler_process
        spider, stats = crawler.spider, crawler.stats
        tally, failure = getattr(spider, "tally", None), getattr(spider, "failure", None)
        if tally is not None:
            show(tally.result(), as_json=opts.as_json, title=crawler.spidercls.name)
        if opts.as_table:
            _show_names(getattr(spider, "plan", None))
        if failure is not None:
            self._say(failure)
        elif stats.get_value("finish_reason") == "shutdown":
            sys.stderr.write("scrapy: stopped; run the same command again to go on\n")
            self.exitcode = STOPPED
        elif self.crawler_process.bootstrap_failed or stats.get_value("spider_exceptions/count"):
            self.exitcode = 1
        elif (left := getattr(spider, "left_to_do", None)) is not None and (sentence := left()):
            sys.stderr.write(f"scrapy: {sentence}\n")
            self.exitcode = 1

    def _say(self, error: AgegapError) -> None:
        sys.stderr.write(f"scrapy: {error}\n")
        self.exitcode = error.exit_code


def _show_names(plan: Any) -> None:
    from crawler.coverage_text import write_coverage
    from crawler.plan import CrawlPlan

    if isinstance(plan, CrawlPlan):
        write_coverage(plan.catalog, [plan.site.site], asked_by=plan.asked_by, out=sys.stdout)
