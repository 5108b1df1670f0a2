"""`curate dedupe`."""

from typing import Any

import click

from agegap.cli import json_option, show


@click.command("dedupe")
@click.option("--max-bits", type=int, help="Bits of the perceptual hash within which crops are compared. [default: 6]")
@click.option("--apply", "apply_", is_flag=True, help="Drop all but the best of each group; rows stay.")
@click.option("--undo", is_flag=True, help="Keep again all faces that --apply dropped; compare nothing.")
@json_option
def dedupe(*, apply_: bool, undo: bool, as_json: bool, **flags: Any) -> None:
    """Find faces that show one picture: the same bytes, or nearly the same pixels.

    Faces of all subjects and public sets are compared. A group stands around its best picture, and all in it are like
    that one. Nothing is dropped without --apply, and of a picture under two names each subject keeps one: which name
    is right is not for this command to say. Settings: [curate.dedupe] in agegap.toml.
    """
    from agegap.environment import data_folder
    from agegap.errors import WrongUse
    from agegap.settings import load_settings

    if apply_ and undo:
        raise WrongUse("dedupe: one thing at a time; give --apply or --undo")
    from curation.dedupe import DedupeSettings
    from curation.dedupe import dedupe as run
    from curation.dedupe import undo as undo_all
    from curation.face_undo import known_judges
    from db.session import open_catalog

    settings = load_settings("curate.dedupe", DedupeSettings, flags=flags)
    engine = open_catalog()
    judges = known_judges()
    if undo:
        result = undo_all(engine, judges=judges)
    else:
        result = run(engine, data=data_folder(), settings=settings, apply=apply_, judges=judges)
    show(result, as_json=as_json, title="duplicates")
