"""`scrapy attribution`: whom to credit for the stored photos, as CSV, JSON and pages."""

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from agegap.errors import AgegapError


class Command(ScrapyCommand):
    """Writes the attribution folder; needs no network."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "--out DIR [--site SITE] [--photos FILE] [--json]"

    def short_desc(self) -> str:
        """Return the line of the command's help."""
        return "Write whom to credit for the stored photos: CSV, JSON and HTML pages"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument(
            "--out", metavar="DIR", help="the folder to write; an older one of this command is replaced"
        )
        parser.add_argument("--site", action="append", default=[], help="only this site; may be given again")
        parser.add_argument(
            "--photos", metavar="FILE", help="only the photos of a list (site:id), a CSV, or a dataset's index.parquet"
        )
        parser.add_argument("--json", dest="as_json", action="store_true", help="print the figures as one line of JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the folder, print its figures, and set the exit code."""
        if args or not opts.out:
            raise UsageError("say where: scrapy attribution --out DIR")
        from agegap.cli import show
        from crawler.law.attribution import write_attribution
        from crawler.law.photo_list import read_photo_list
        from db.session import open_catalog

        try:
            only = read_photo_list(Path(opts.photos)) if opts.photos else None
            result = write_attribution(open_catalog(), Path(opts.out), sites=opts.site, only=only)
        except AgegapError as error:
            sys.stderr.write(f"scrapy: {error}\n")
            self.exitcode = error.exit_code
        except KeyboardInterrupt:
            sys.stderr.write("scrapy: stopped; the older folder, if there was one, is as it was\n")
            self.exitcode = 130
        else:
            show(result, as_json=opts.as_json, title="attribution")
