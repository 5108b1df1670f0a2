"""`scrapy coverage`: the certificate of what was crawled, name by name."""

import argparse
import os
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from agegap.errors import AgegapError, NothingToDo, UnknownName


class Command(ScrapyCommand):
    """Says for each query how many photos the site has and what became of each; needs no network."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--site SITE] [--json]"

    def short_desc(self) -> str:
        """Return the line of the command's help."""
        return "Say for each name how many photos the site has, how many are catalogued, and why the others are not"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--site", help="one site only: flickr or commons")
        parser.add_argument("--json", dest="as_json", action="store_true", help="print a line of JSON for each query")
        parser.add_argument("--table", action="store_true", help="print a table (this is what comes without --json)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the certificates, and set the exit code: 1 where photos are missing without a reason."""
        if args:
            raise UsageError(f"coverage takes no '{args[0]}'; the catalog is the one AGEGAP_CATALOG names")
        if opts.as_json and opts.table:
            raise UsageError("give --json or --table, not both")
        try:
            missing = self._write(opts)
        except AgegapError as error:
            sys.stderr.write(f"scrapy: {error}\n")
            self.exitcode = error.exit_code
        except BrokenPipeError:  # the reader of our output (`| head`) went away; the flush at exit must not complain
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            self.exitcode = 1 if missing else 0

    def _write(self, opts: argparse.Namespace) -> int:
        from crawler.coverage_text import write_coverage
        from db.session import open_catalog
        from db.waiting import asked_sites

        catalog = open_catalog()
        with catalog.connect() as connection:
            known = asked_sites(connection)
        if not known:
            raise NothingToDo("the catalog", "no site was asked yet", "run `scrapy crawl flickr_names -a names=FILE`")
        if opts.site is not None and opts.site not in known:
            raise UnknownName("site", opts.site, known)
        sums = write_coverage(catalog, [opts.site] if opts.site else known, out=sys.stdout, as_json=opts.as_json)
        sys.stdout.flush()
        return sum(site.missing for site in sums)
