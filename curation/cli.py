"""The `curate` command: one line a sub-command, imported when it runs."""

import click

from agegap.cli import LazyGroup, run_command

COMMANDS = {
    "import": (
        "curation.commands.import_set:import_set",
        "Bring a labelled public set or a folder into the catalog.",
    ),
    "faces": (
        "curation.commands.faces:faces",
        "Find, align and judge the faces of the photos in the catalog.",
    ),
    "filter": ("curation.commands.filter:filter_command", "Judge stored faces by another recipe; reads no photo."),
    "verify": ("curation.commands.verify:verify", "Find faces that are somebody else's, and names mixed up."),
    "dedupe": ("curation.commands.dedupe:dedupe", "Find pictures that are there twice, exactly or nearly."),
    "audit": ("curation.commands.audit:audit", "Look for labels that cannot be right, and mend them reversibly."),
    "apply-rejects": (
        "curation.commands.apply_rejects:apply_rejects",
        "Drop the faces whose labels a model finds implausible.",
    ),
    "build-pairs": (
        "curation.commands.build_pairs:build_pairs",
        "Pair faces of one subject with K years between.",
    ),
    "export": ("curation.commands.export:export", "Write a dataset folder that `train` reads."),
    "takedown": (
        "curation.commands.takedown:takedown",
        "Remove photos with all that was made of them, for good.",
    ),
    "report": ("curation.commands.report:report", "Write an HTML page with faces by year and plots."),
    "stats": ("curation.commands.stats:stats", "Count photos, years, faces, drops and pairs."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
@click.version_option(package_name="agegap")
def curate() -> None:
    """Turn the photos of the catalog into faces, pairs and a dataset."""


def main() -> None:
    """Entry point of the console script."""
    run_command(curate, "curate")
