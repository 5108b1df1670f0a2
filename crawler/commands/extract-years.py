"""`scrapy extract-years`: read the year each stored photo was taken from its texts and dates."""
# ruff: noqa: N999  the name of the file is what the user types

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from agegap.errors import AgegapError


class Command(ScrapyCommand):
    """Dates the photos of the catalog; needs no crawl and no network."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--all] [--json]"

    def short_desc(self) -> str:
        """Return the line of the command's help."""
        return "Read from texts and dates the year each stored photo was taken"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--all", dest="again", action="store_true", help="date again photos that are dated already")
        parser.add_argument("--json", dest="as_json", action="store_true", help="print the tally as one line of JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Date the photos, print the tally, and set the exit code."""
        if args:
            raise UsageError(f"extract-years takes no '{args[0]}'; the catalog is the one AGEGAP_CATALOG names")
        from agegap.cli import show
        from agegap.environment import data_folder
        from crawler.extract import extract_years
        from db.session import open_catalog

        try:
            tally = extract_years(open_catalog(), data_folder(), again=opts.again)
        except AgegapError as error:
            sys.stderr.write(f"scrapy: {error}\n")
            self.exitcode = error.exit_code
        except KeyboardInterrupt:
            sys.stderr.write("scrapy: stopped; run the same command again to go on\n")
            self.exitcode = 130
        else:
            show(tally.result(), as_json=opts.as_json, title="taken years")
