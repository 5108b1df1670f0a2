"""Starting the page's server with everything switched off that would speak to another machine."""

import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agegap.errors import WrongUse
from train.model import Model
from train.retrieval.index import FaceIndex

if TYPE_CHECKING:
    import gradio as gr

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SHARE": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}
"""Read by Gradio and huggingface_hub as they are imported."""

LARGEST_UPLOAD = "40mb"

FONTS = ("system-ui", "sans-serif")
"""Of the reader's machine: Gradio's default theme has its own, others ask a font server."""


@dataclass(frozen=True)
class Server:
    """A running page."""

    url: str
    page: "gr.Blocks"
    uploads: tempfile.TemporaryDirectory[str]

    def wait(self) -> None:
        """Return when the user stops the program."""
        try:
            self.page.block_thread()
        finally:
            self.close()

    def close(self) -> None:
        """Stop answering and delete what was uploaded."""
        self.page.close(verbose=False)
        self.uploads.cleanup()


def serve(
    model: Model, index: FaceIndex | None, *, host: str = "127.0.0.1", port: int | None = None, top: int = 12
) -> Server:
    """Start the page and return at once; `port` None takes a free one.

    Raises WrongUse where the port is taken or Gradio is not installed.
    """
    os.environ.update(QUIET)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of each question to our own server
    # Gradio asks its own server whether it is there; that must not go by way of a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost", host]))
    uploads = tempfile.TemporaryDirectory(prefix="agegap-app-")
    os.environ["GRADIO_TEMP_DIR"] = str(Path(uploads.name))
    try:
        import gradio as gr
    except ModuleNotFoundError:
        uploads.cleanup()
        raise WrongUse("needs the package 'gradio'; run `pip install 'agegap[app]'`") from None
    from train.app.page import build_page
    from train.app.style import STYLE

    page = build_page(model, index, top=top)
    options: dict[str, Any] = {
        "theme": gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "monospace")),
        "css": STYLE,
        "share": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "enable_monitoring": False,
        "inbrowser": False,
        "quiet": True,
        "footer_links": [],
        "max_file_size": LARGEST_UPLOAD,
        "prevent_thread_lock": True,
    }
    try:
        _, url, _ = page.launch(server_name=host, server_port=port, **options)
    except OSError as fault:
        uploads.cleanup()
        if "empty port" not in str(fault) and fault.errno is None:
            raise
        raise WrongUse(f"{host}:{port}: cannot be served there, the port is taken; name another with --port") from None
    return Server(url, page, uploads)
