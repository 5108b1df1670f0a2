"""The page itself, by Gradio: upload, camera or clipboard at the left, the answer at the right.

https://www.gradio.app/docs/gradio/blocks
"""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from train.app.answer import EMPTY, answer_photo
from train.model import Model
from train.retrieval.index import FaceIndex

USE = (
    "Says how old a face looks to a net, for research, for one's own photos and for statistics over many faces. Being "
    "off by ten years is common. Not for decisions about a single person: not for access, policing, hiring, insurance, "
    "asylum or the protection of minors. Photos stay on the machine that runs this page and are deleted when it ends."
)
"""What the page says of itself."""

CAMERA = {"video": {"facingMode": "user", "width": {"ideal": 1280}, "height": {"ideal": 960}}}
"""What a browser is asked for: the camera towards the user, large enough for a face at an arm's length."""

_EVERY_S, _OLD_S = 60, 600  # uploads older than ten minutes are looked for every minute


def photo_input() -> gr.Image:
    """Return Gradio's image, which hands over the file as it came: our own guards decide what may be decoded.

    The method is set on the one object: of a class of our own Gradio would write a .pyi file beside this one.
    """
    photo = gr.Image(
        label="Photo",
        type="filepath",
        image_mode=None,
        sources=["upload", "webcam", "clipboard"],
        webcam_options=gr.WebcamOptions(mirror=True, constraints=CAMERA),
        height=420,
        elem_id="photo",
    )
    usual = photo.preprocess

    def file_of(payload: ImageData | None) -> Any:
        if payload is not None and payload.path and not (payload.url or "").startswith("data:"):
            return payload.path
        return usual(payload)

    photo.preprocess = file_of  # type: ignore[method-assign]
    return photo


def build_page(model: Model, index: FaceIndex | None, *, top: int = 12) -> gr.Blocks:
    """Return the page for one model; with an index it also shows the `top` most similar faces.

    The named function `/age` answers a program (gradio_client) with markup and values.
    """

    def say(photo: str | None) -> tuple[str, dict[str, Any] | None]:
        if photo is None:
            return EMPTY, None
        answer = answer_photo(Path(photo), model, index, top=top)
        return answer.shown, answer.facts

    page = gr.Blocks(title="agegap: the age of a face", analytics_enabled=False, delete_cache=(_EVERY_S, _OLD_S))
    with page:
        gr.Markdown(f"# The age of a face\n{USE}")
        with gr.Row():
            with gr.Column(min_width=300, scale=2):
                photo = photo_input()
            with gr.Column(min_width=300, scale=3):
                answer = gr.HTML(EMPTY, elem_id="answer")
                with gr.Accordion("Values", open=False):
                    facts = gr.JSON(show_label=False)
        gr.Markdown(f"{model.name}, weights `{model.weights_sha256[:12]}`")
        # One at a time: detector and net belong to one thread.
        photo.change(say, photo, [answer, facts], api_name="age", concurrency_limit=1)
    return page
