"""The tab photo -> sketch: it draws by itself, again whenever a choice changes."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError, NoFaceError
from facesketch.detail import STROKES
from facesketch.faces.choose import choose, read_box

from . import marking, side
from .answers import answered, called
from .controls import (
    DRAWING,
    QUIET,
    endpoint,
    examples,
    faces_in,
    framing,
    gallery,
    looks,
    read,
    shown,
    taking,
    translated,
    upload,
)
from .models import Models, title
from .styles import strip_of, styles
from .texts import T, say, told

NOBODY = "Draw a ring around the face, or tick that the picture is the face already."


@dataclass(frozen=True)
class Asked:
    """What a visitor has chosen, in the order of the endpoint's arguments, with its defaults."""

    photo: str | None
    model: str
    whole: bool = False
    box: str = ""
    frame: str = "crop"
    size: int | str = "auto"
    ground: str = "paper"
    strokes: float = STROKES
    style: str | None = None

    @property
    def look(self) -> dict:
        """translate's arguments that are about looks alone."""
        return {"size": self.size, "ground": self.ground, "strokes": self.strokes, "style": self.style}


def before(asked: Asked, image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The photo as the drawing shows it: the same frame, at the same size."""
    if asked.whole or asked.frame != "crop":
        return image.resize(size)
    face = choose(image, read_box(asked.box))[0] if asked.box.strip() else choose(image)[0]
    return facesketch.align(image, face, size[0])[0]


def tab(models: Models) -> dict[str, gr.components.Component]:
    """Sketch. Returns what an address may choose."""

    def styled(model: str, style: str | None) -> str | None:
        return style if models.styles.get(model) else None

    def photo_to_sketch(
        photo: str | None,
        model: str,
        whole: bool = False,
        box: str = "",
        frame: str = "crop",
        size: int | str = "auto",
        ground: str = "paper",
        strokes: float = STROKES,
        style: str | None = None,
    ) -> Image.Image:
        """Sketch the face of a photo (the largest, or that in the box; every one in a whole photo) with one model."""
        asked = Asked(photo, model, whole, box, frame, size, ground, strokes, styled(model, style))
        return translated(models, read(photo), model, "photo_to_sketch", whole, box, frame, **asked.look)

    def photo_to_sketches(
        photo: str | None,
        whole: bool = False,
        box: str = "",
        size: int | str = "auto",
        ground: str = "paper",
        strokes: float = STROKES,
    ) -> list[tuple[Image.Image, str]]:
        """Sketch the face of a photo with every model."""
        image = read(photo)
        return models.sketches(image, **taking(image, whole, box), size=size, ground=ground, strokes=strokes)

    def show(photo: str | None, model: str, *chosen):
        """The drawing, the photo and it under one slider, and the file to take home."""
        if not photo:
            return None, None, gr.DownloadButton(visible=False), gr.Group(visible=False), gr.skip()
        *rest, style = chosen
        asked = Asked(photo, model, *rest, styled(model, style))
        key = (models.folder(model), asked)
        image = read(photo)
        try:
            drawn = answered(
                lambda: translated(models, image, model, "photo_to_sketch", *rest[:3], **asked.look),
                called(photo, model, asked.style or "", "sketch"),
                *key,
            )
            with Image.open(drawn) as picture:
                size = picture.size
            under = answered(lambda: before(asked, image, size), called(photo, suffix=".jpg"), *key)
        except NoFaceError as error:
            gr.Warning(f"{told(str(error))} {say(NOBODY)}")
            return None, None, gr.DownloadButton(visible=False), gr.Group(visible=True), marking.sheet(image)
        file = gr.DownloadButton(value=drawn, visible=True)
        return drawn, (under, drawn), file, gr.Group(visible=False), gr.skip()

    def begin(photo: str | None, model: str, whole: bool, box: str, *chosen):
        """The same for a new photo, and the faces to choose from where there are several."""
        nobody = gr.Gallery(None, visible=False)
        try:
            faces = faces_in(photo) if photo else ()
        except ImageError as error:  # the page would go on showing a broken picture
            gr.Warning(told(str(error)))
            return None, nobody, "", *show(None, model)
        crops = [facesketch.align(read(photo), face, 128)[0] for face in faces] if len(faces) > 1 else []
        chooser = gr.Gallery(crops, visible=True, selected_index=0) if crops else nobody
        return gr.skip(), chooser, "", *show(photo, model, whole, "", *chosen)

    def pick(photo: str, event: gr.SelectData) -> str:
        """The box of the face that was chosen."""
        return ", ".join(f"{value:.0f}" for value in faces_in(photo)[event.index].box)

    def style_of(model: str, event: gr.SelectData) -> str:
        """The style whose picture was chosen."""
        return models.styles[model][event.index]

    with gr.Row(elem_classes="pictures"):
        with gr.Column(min_width=280):
            photo = upload("Photo", "photo")
            examples([photo])
            chooser = gallery("Faces: choose one", 6, "faces", allow_preview=False, height=150, visible=False)
            marker, sheet, use = marking.build()
        with gr.Column(min_width=280):
            sketch = shown("Sketch", "sketch", elem_classes="clear")
            file = gr.DownloadButton(T("Download the drawing"), variant="primary", visible=False, elem_id="download")
        with gr.Column(min_width=280):
            slider = gr.ImageSlider(
                label=T("Before and after"), format="png", image_mode=None, interactive=False, max_height=300,
                elem_id="slider", elem_classes="clear",
            )  # fmt: skip
    with gr.Row():
        names = [(title(name), name) for name in models.names]
        model = gr.Radio(names, value=models.default, label=T("Model"), elem_id="model")
        style, strip = styles(models)
    with gr.Accordion(T("Options"), open=False):
        taken, look = framing(), looks()
    whole, box, _ = taken
    asked = [photo, model, *taken, *look, style]
    answer = [sketch, slider, file, marker, sheet]
    how = {**QUIET, **DRAWING, "show_progress": "minimal", "show_progress_on": sketch, "trigger_mode": "always_last"}
    photo.change(begin, asked, [photo, chooser, box, *answer], **how)
    changes = [model.input, box.submit, *(choice.input for choice in (whole, taken[2], *look[:2]))]
    gr.on([*changes, look[2].release], show, asked, answer, **how)
    chooser.select(pick, photo, box, **QUIET, **DRAWING).then(show, asked, answer, **how)
    use.click(marking.box, [sheet, photo], box, **QUIET, **DRAWING).then(show, asked, answer, **how)
    side.build(models, [photo, *taken[:2], *look])
    endpoint(photo_to_sketch, asked, sketch, "photo_to_sketch")
    endpoint(
        photo_to_sketches, [photo, *taken[:2], *look], gallery("All models", 3, visible=False), "photo_to_sketches"
    )
    model.change(lambda name: strip_of(models, name), model, [strip, style], **QUIET, **DRAWING)
    strip.select(style_of, model, style, **QUIET).then(show, asked, answer, **how)
    return {"model": model, "style": style}
