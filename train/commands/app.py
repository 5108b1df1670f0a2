"""`train app`."""

from pathlib import Path

import click

from train.commands.options import folder


@click.command()
@click.argument("run", type=folder)
@click.option("--index", "index_", type=folder, metavar="INDEX", help="Also show the most similar faces of this index.")
@click.option("--data", type=folder, multiple=True, metavar="DIR", help="The same from a dataset folder.")
@click.option("--top", type=click.IntRange(min=1, max=60), default=12, show_default=True, help="Similar faces to show.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets other machines in.")
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True, help="Port to listen on.")
def app(run: Path, index_: Path | None, data: tuple[Path, ...], top: int, host: str, port: int) -> None:
    """Open a page with upload and camera that says the age of a face; RUN is a run folder or a checkpoint.

    Nothing is sent to another machine. Stop it with Ctrl-C.
    """
    from train.app.serve import serve
    from train.model import open_model
    from train.retrieval.opening import open_or_build

    model = open_model(run)
    index = open_or_build(model, run, index_, data) if index_ or data else None
    server = serve(model, index, host=host, port=port, top=top)
    click.echo(f"{server.url} (stop with Ctrl-C)")
    server.wait()
