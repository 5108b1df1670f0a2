"""How fast `scrapy extract-years` dates a catalog: photos a second with one process and with more, and what SQL costs.

    python -m benchmarks.extract_years --dates ../shared/data/dates [--photos N] [--workers 1,2]

The catalog is an SQLite file in a temporary folder, filled with the texts of flickr_records over and over. `--images`
gives that share of the photos a stored file with EXIF, a drawn one. CPU seconds are those of the reading processes and
of the one that writes; on a machine with other work they say more than wall seconds.
"""

from pathlib import Path

import click

from benchmarks.steps import click_help

_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(help=click_help(__doc__))
@click.option("--dates", type=_DIRECTORY, required=True, help="Folder with flickr_records.jsonl.")
@click.option("--photos", default=20_000, show_default=True, help="Photos in the catalog.")
@click.option("--images", default=0.0, show_default=True, help="Share of them with a stored file.")
@click.option("--workers", default="1,2", show_default=True, help="Numbers of processes, one run each.")
def main(*, dates: Path, photos: int, images: float, workers: str) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from benchmarks.extract_years_run import run  # SQLAlchemy, which --help need not wait for

    run(dates, photos=photos, images=images, workers=workers)


if __name__ == "__main__":
    main()
