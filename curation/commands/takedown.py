"""`curate takedown`."""

from pathlib import Path

import click

from agegap.cli import json_option, show


@click.command("takedown")
@click.option("--photo", multiple=True, metavar="SITE:ID", help="A photo, such as flickr:123; may be given again.")
@click.option("--owner", multiple=True, metavar="SITE:ID", help="Whatever an owner uploaded or will upload.")
@click.option("--subject", multiple=True, metavar="NAME", help="Every photo that may show a person, and the searches.")
@click.option("--url", multiple=True, help="A photo by its page or image address at Flickr or Commons.")
@click.option("--sha256", multiple=True, metavar="HEX", help="A content, by the sha256 of the image file.")
@click.option("--list", "list_file", type=click.Path(path_type=Path), help="A file with one request a line.")
@click.option("--exports", is_flag=True, help="Only clean dataset folders of what was taken down or synced before.")
@click.option("--folder", multiple=True, type=click.Path(path_type=Path), help="A dataset folder to clean as well.")
@click.option("--reason", default="takedown", show_default=True, help="Kept with the tombstones.")
@click.option("--dry-run", is_flag=True, help="Say what would go and change nothing.")
@json_option
def takedown(
    *,
    photo: tuple[str, ...],
    owner: tuple[str, ...],
    subject: tuple[str, ...],
    url: tuple[str, ...],
    sha256: tuple[str, ...],
    list_file: Path | None,
    exports: bool,
    folder: tuple[Path, ...],
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove photos from catalog, files, faces, pairs and dataset folders, and never let them come back.

    Copies of the same content go too, wherever they were found. What stays is a digest under a tombstone. The command
    can be killed and run again. A --list has lines such as `photo flickr:123`, `owner flickr:12@N00`,
    `subject Aaron Eckhart`, `url https://...` (docs/law.md).
    """
    from agegap.environment import data_folder
    from agegap.errors import WrongUse
    from curation.takedown import plan_takedown, take_down
    from curation.takedown_orders import read_flags, read_list
    from db.session import open_catalog

    removals = read_flags({"photo": photo, "owner": owner, "subject": subject, "url": url, "sha256": sha256})
    if list_file is not None:
        removals = list(dict.fromkeys([*removals, *read_list(list_file)]))
    if not removals and not exports:
        raise WrongUse(
            "takedown: of what? give --photo, --owner, --subject, --url, --sha256 or --list (or --exports alone)"
        )
    engine, data = open_catalog(), data_folder()
    if dry_run:
        show(plan_takedown(engine, removals, data=data), as_json=as_json, title="takedown, as it would be")
        return
    result = take_down(engine, removals, data=data, reason=reason, folders=folder)
    show(result, as_json=as_json, title="takedown")
