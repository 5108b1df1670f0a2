"""`curate verify`."""

import os
from typing import Any

import click

from agegap.cli import json_option, show


@click.command("verify")
@click.option("--embedder", help="dlib, or onnx:FILE for a net that takes aligned 112x112 faces. [default: dlib]")
@click.option("--min-score", type=float, help="Score below which a face is an impostor. [default: 1.6]")
@click.option("--apply", "apply_", is_flag=True, help="Drop the impostors; the catalog keeps their rows.")
@click.option("--undo", is_flag=True, help="Keep again all faces that --apply dropped; judge nothing.")
@click.option("--proposals", is_flag=True, help="List the open proposals; judge nothing.")
@click.option("--accept", multiple=True, type=int, metavar="ID", help="Do what a proposal says; may be given again.")
@click.option("--refuse", multiple=True, type=int, metavar="ID", help="Never propose it again; may be given again.")
@click.option("--workers", type=click.IntRange(min=0), help="Processes that embed. [default: one a core]")
@json_option
def verify(
    *,
    apply_: bool,
    undo: bool,
    proposals: bool,
    accept: tuple[int, ...],
    refuse: tuple[int, ...],
    workers: int | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Find faces that are not the subject they are filed under, and names that are mixed up.

    Each face is compared with the others of its subject, those near it in time most, and with the faces of other
    subjects that look most like it. Nothing is dropped without --apply. Two people of one name, and one person under
    two, are proposed for you to decide. The table shows the share kept by the years between two photos: it must not
    fall. Settings: [curate.verify] in agegap.toml.
    """
    # Before numpy is there: the matrices are small, and threads that wait for each other take five times the CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from agegap.environment import data_folder
    from agegap.errors import WrongUse
    from agegap.settings import load_settings
    from curation.identity.settings import IdentitySettings

    settings = load_settings("curate.verify", IdentitySettings, flags=flags)
    if sum((apply_, undo, proposals, bool(accept or refuse))) > 1:
        raise WrongUse("verify: one thing at a time; give --apply, --undo, --proposals, or --accept and --refuse")
    from curation.face_undo import known_judges
    from curation.identity.decisions import decide, list_proposals
    from curation.processes import core_count
    from curation.verify import undo as undo_all
    from curation.verify import verify as run
    from dataset.face.settings import FaceSettings
    from db.session import open_catalog

    engine = open_catalog()
    if undo:
        result = undo_all(engine, judges=known_judges())
    elif proposals:
        result = list_proposals(engine)
    elif accept or refuse:
        result = decide(engine, accept=accept, refuse=refuse)
    else:
        count = core_count() if workers is None else workers
        faces = load_settings("curate.faces", FaceSettings, flags={})
        result = run(
            engine,
            data=data_folder(),
            settings=settings,
            apply=apply_,
            workers=count,
            with_others=faces.main_face == "subject",
            judges=known_judges(),
        )
    show(result, as_json=as_json, title="verify")
