"""`scrapy sync`: drop the photos that were removed or closed at their site since they were crawled.

Exit 0: done. 1: a site did not answer, or most photos seemed gone. 2: wrong use. 130: stopped by Ctrl-C.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from agegap.errors import AgegapError
from crawler.commands.crawl import Command as CrawlCommand

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Command(CrawlCommand):
    """Runs the spider `sync`."""

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--site SITE] [--limit N] [-a setting=value] [--json]"

    def short_desc(self) -> str:
        """Return the line of the command's help."""
        return "Look up catalogued photos at their site; remove those that are gone, private or no longer free"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add our options to Scrapy's."""
        super(CrawlCommand, self).add_options(parser)  # those of a crawl of names have no meaning here
        parser.set_defaults(as_table=False)
        parser.add_argument("--json", dest="as_json", action="store_true", help="print the tally as one line of JSON")
        parser.add_argument("--site", help="one site only: flickr or commons")
        parser.add_argument("--limit", metavar="N", help="check N photos at most, those checked longest ago first")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, sync, print what was done, and set the exit code."""
        if args:
            raise UsageError(f"sync takes no '{args[0]}'; the catalog is the one AGEGAP_CATALOG names")
        for name in ("site", "limit"):
            if getattr(opts, name) is not None:
                opts.spargs[name] = getattr(opts, name)
        try:
            crawler = self._crawl("sync", opts)
            self._finish(crawler, opts)
            self._tell_of_exports(crawler)
        except AgegapError as error:
            self._say(error)

    def _tell_of_exports(self, crawler: "Crawler") -> None:
        tally = getattr(crawler.spider, "tally", None)
        if tally is not None and tally.faces:
            sys.stderr.write(
                f"scrapy: {tally.faces} faces went; `curate takedown --exports` takes them out of dataset folders too\n"
            )
