"""The two commands of the photo site; what they need is imported when they run."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from agegap.errors import WrongUse

MOST_PEOPLE = 20_000  # invented names run short above


@click.command("serve")
@click.option("--folder", type=click.Path(path_type=Path), help="Folder of photos with a photos.jsonl.")
@click.option("--people", type=click.IntRange(1, MOST_PEOPLE), help="Serve this many drawn people instead.")
@click.option(
    "--big", metavar="NAMES,LARGE,EACH", help="Serve a synthetic site: so many names, LARGE of them with EACH photos."
)
@click.option("--photos", type=click.IntRange(1, 5000), default=12, show_default=True, help="Photos a drawn person.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which drawn people.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free port.")
@click.option(
    "--image-port", type=click.IntRange(0, 65535), help="Serve images on a port of their own (0: a free one)."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--truth", type=click.Path(path_type=Path), help="With --big: write what a crawl ought to find, as JSON.")
@click.option(
    "--faults", "fault_file", type=click.Path(path_type=Path), help="TOML file of faults (docs/photosite.md)."
)
@click.option("--fault", "fault_settings", multiple=True, metavar="NAME=VALUE", help="One fault; may be repeated.")
@click.option("--no-cap", is_flag=True, help="Show all results of a search, not the first 4,000.")
def serve_command(
    folder: Path | None,
    people: int | None,
    big: str | None,
    photos: int,
    seed: int,
    port: int,
    image_port: int | None,
    host: str,
    truth: Path | None,
    fault_file: Path | None,
    fault_settings: tuple[str, ...],
    no_cap: bool,
) -> None:
    """Serve photos until SIGTERM or Ctrl-C; prints one JSON line with the API's URL when ready."""
    if sum(source is not None for source in (folder, people, big)) != 1:
        raise WrongUse("say what to serve: --folder DIR or --people N or --big NAMES,LARGE,EACH")
    if truth is not None and big is None:
        raise WrongUse("--truth goes with --big; for a folder the truth is its photos.jsonl")
    from dataclasses import replace

    from crawler.photosite.faults import read_faults
    from crawler.photosite.photos import photos_of_folder, photos_of_people
    from crawler.photosite.server import serve

    faults = read_faults(fault_file, fault_settings)
    if no_cap:
        faults = replace(faults, cap=False)
    if big is not None:
        from crawler.photosite.big import BigPhotos, pictures, read_plan, write_truth

        site = BigPhotos(read_plan(big, seed=seed))
        if truth is not None:
            write_truth(site, truth)
        pictures()  # drawn before anyone is told that the site is ready
        serve(
            site,
            {"photos": site.photo_count, "names": len(site.names)},
            faults=faults,
            host=host,
            port=port,
            image_port=image_port,
        )
        return
    found = photos_of_folder(folder) if folder else photos_of_people(people or 0, photos=photos, seed=seed)
    names = {photo.record.subject for photo in found if photo.record.subject}
    serve(
        found, {"photos": len(found), "names": len(names)}, faults=faults, host=host, port=port, image_port=image_port
    )


@click.command("draw")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to draw into.")
@click.option("--people", type=click.IntRange(1, MOST_PEOPLE), required=True, help="How many people.")
@click.option("--photos", type=click.IntRange(1, 5000), default=12, show_default=True, help="Photos a person.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which people.")
@click.option("--skip", type=click.IntRange(0, MOST_PEOPLE), default=0, show_default=True,
              help="Leave out the first so many people of this seed: no name twice in two folders.")  # fmt: skip
@click.option("--style", type=click.Choice(["studio", "album"]), default="album", show_default=True,
              help="Even light for labelled sets, or old prints as a crawl finds them.")  # fmt: skip
@json_option
def draw_command(out: Path, people: int, photos: int, seed: int, skip: int, style: str, as_json: bool) -> None:
    """Draw people who age into a folder of JPEGs with photos.jsonl and names.txt; same seed, same bytes."""
    from typing import cast

    from crawler.photosite.drawn import Style
    from crawler.photosite.drawn.folder import write_folder

    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; give a folder")
    tally = write_folder(out, people, photos=photos, seed=seed, skip=skip, style=cast(Style, style))
    show(tally, as_json=as_json)
