"""`scrapy extract-years`: read the year each stored photo was taken from its texts and dates."""
# ruff: noqa: N999  the name of the file is what the user types

import argparse
import json
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from agegap.errors import AgegapError


class Command(ScrapyCommand):
    """Dates the photos of the catalog; needs no crawl and no network."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--all] [--workers N] [--json] | --explain PHOTO [--json] | --sample N [--out FILE.html] [--seed S]"

    def short_desc(self) -> str:
        """Return the line of the command's help."""
        return "Read from texts and dates the year each stored photo was taken"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--all", dest="again", action="store_true", help="date again photos that are dated already")
        parser.add_argument("--workers", type=_count, metavar="N", help="processes that read (one a core)")
        parser.add_argument("--json", dest="as_json", action="store_true", help="print the result as one line of JSON")
        parser.add_argument(
            "--explain",
            metavar="PHOTO",
            help="print the evidence of one photo (its row number, SITE:ID or page address), and store nothing",
        )
        parser.add_argument(
            "--sample", type=_count, metavar="N", help="write an HTML page of N random photos, and store nothing"
        )
        parser.add_argument("--out", type=Path, metavar="FILE.html", help="where that page goes (taken-years.html)")
        parser.add_argument("--seed", type=int, metavar="S", help="which photos that page has (0)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what was asked for, print the result, and set the exit code."""
        _refuse_what_does_not_go_together(args, opts)
        try:
            _run(opts)
        except AgegapError as error:
            sys.stderr.write(f"scrapy: {error}\n")
            self.exitcode = error.exit_code
        except OSError as fault:
            if opts.sample is None:
                raise
            sys.stderr.write(
                f"scrapy: {fault.filename}: {fault.strerror}; name a place this user may write with --out\n"
            )
            self.exitcode = 2
        except KeyboardInterrupt:
            sys.stderr.write("scrapy: stopped; run the same command again to go on\n")
            self.exitcode = 130


def _run(opts: argparse.Namespace) -> None:
    from agegap.cli import show
    from agegap.environment import data_folder
    from db.session import open_catalog

    catalog = open_catalog()
    if opts.explain is not None:
        from crawler.extract_explain import explain_photo

        explanation = explain_photo(catalog, data_folder(), opts.explain)
        text = json.dumps(explanation.as_object(), ensure_ascii=False) if opts.as_json else explanation.as_text()
        sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "replace"))
    elif opts.sample is not None:
        from crawler.extract_sample import DEFAULT_PAGE, write_sample

        page = opts.out or DEFAULT_PAGE
        result = write_sample(catalog, data_folder(), page, count=opts.sample, seed=opts.seed or 0)
        show(result, as_json=opts.as_json, title="sample of taken years")
    else:
        from crawler.extract import extract_years

        tally = extract_years(catalog, data_folder(), again=opts.again, workers=opts.workers)
        show(tally.result(), as_json=opts.as_json, title="taken years")


def _refuse_what_does_not_go_together(args: list[str], opts: argparse.Namespace) -> None:
    if args:
        raise UsageError(f"extract-years takes no '{args[0]}'; the catalog is the one AGEGAP_CATALOG names")
    if opts.explain is not None and opts.sample is not None:
        raise UsageError("give --explain or --sample, not both")
    if opts.sample is None and (opts.out is not None or opts.seed is not None):
        raise UsageError("--out and --seed belong to --sample")
    if (opts.explain is not None or opts.sample is not None) and (opts.again or opts.workers is not None):
        raise UsageError("--all and --workers belong to the run over the catalog; --explain and --sample store nothing")


def _count(words: str) -> int:
    if not words.isdecimal() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"'{words}' is not a number of 1 or more")
    return int(words)
