"""The tab photo -> sketch: it draws by itself, again whenever a choice changes."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError, NoFaceError
from facesketch.detail import STROKES

from . import face_marker, side_by_side
from .cache import cached_image, output_name
from .components import box_of
from .controls import (
    DRAWING,
    PICTURES,
    QUIET,
    cached_faces,
    crop_controls,
    endpoint,
    examples,
    face_kwargs,
    gallery,
    model_picker,
    output_image,
    read,
    run_model,
    style_controls,
    upload,
    warn,
)
from .i18n import _, t, translate_message
from .models import Models, generate
from .styles import chooser as chooser_by_name
from .styles import strip_for, strip_of

EXAMPLE = "Eileen Collins, by CycleGAN: an example. Choose a photo and it is drawn by itself."
FIRST = str(PICTURES / "before.jpg"), str(PICTURES / "after.jpg")
NOBODY = "Draw a ring around the face, or tick that the picture is the face already."


class Asked(NamedTuple):
    """What a visitor has chosen, in the order of the endpoint's arguments."""

    photo: str | None
    model: str
    whole: bool
    box: str
    frame: str
    size: int | str
    ground: str
    strokes: float
    style: str | None

    @property
    def look(self) -> dict:
        """translate's arguments that are about looks alone."""
        return {"size": self.size, "ground": self.ground, "strokes": self.strokes, "style": self.style}


class Sketches:
    """What the tab does."""

    def __init__(self, models: Models):
        self.models = models

    def photo_to_sketch(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", frame: str = "crop",
        size: int | str = "auto", ground: str = "paper", strokes: float = STROKES, style: str | None = None,
    ) -> Image.Image:  # fmt: skip
        """Sketch the face of a photo (the largest, or that in the box; every one in a whole photo) with one model."""
        asked = Asked(photo, model, whole, box, frame, size, ground, strokes, style)
        return run_model(self.models, read(photo), model, "photo_to_sketch", whole, box, frame, **asked.look)

    def photo_to_sketches(
        self,
        photo: str | None,
        whole: bool = False,
        box: str = "",
        size: int | str = "auto",
        ground: str = "paper",
        strokes: float = STROKES,
    ) -> list[tuple[Image.Image, str]]:
        """Sketch the face of a photo with every model."""
        image = read(photo)
        return self.models.sketches(image, **face_kwargs(image, whole, box), size=size, ground=ground, strokes=strokes)

    def show(self, *chosen) -> tuple:
        """The drawing, the photo and it under one slider, and the file to take home."""
        asked = Asked(*chosen)
        if not asked.photo:
            return None, FIRST, t(EXAMPLE), gr.Column(visible=False), None, gr.Group(visible=False), gr.skip()
        asked = asked._replace(style=self.models.styled(asked.model, asked.style))
        image, folder = cache(lambda: read(asked.photo)), self.models.folder(asked.model)
        name = output_name(asked.photo, asked.model, asked.style or "", "sketch")
        beside = output_name(asked.photo, suffix=".jpg")
        try:
            drawn = cached_image(lambda: self._drawn(asked, image()), name, folder, asked)
            under = cached_image(lambda: self._under(asked, image(), drawn), beside, folder, asked)
        except NoFaceError as error:
            gr.Warning(f"{translate_message(str(error))} {t(NOBODY)}")
            return None, None, "", gr.Column(visible=False), None, gr.Group(visible=True), face_marker.sheet(image())
        return drawn, (under, drawn), "", gr.Column(visible=True), drawn, gr.Group(visible=False), gr.skip()

    def _drawn(self, asked: Asked, image: Image.Image) -> Image.Image:
        faces = [] if asked.whole else cached_faces(image, asked.photo, asked.box)
        warn(faces[:1] if asked.frame == "crop" else faces)
        taken = {"align": "never"} if asked.whole else {"faces": faces, "frame": asked.frame}
        return generate(self.models.folder(asked.model), image, "photo_to_sketch", **taken, **asked.look)

    def _under(self, asked: Asked, image: Image.Image, drawn: str) -> Image.Image:
        """The photo as the drawing shows it: the same frame, at the same size."""
        with Image.open(drawn) as picture:
            size = picture.size
        if asked.whole or asked.frame != "crop":
            return image.resize(size)
        return facesketch.align(image, cached_faces(image, asked.photo, asked.box)[0], size[0])[0]

    def begin(self, photo: str | None, *chosen) -> tuple:
        """The same for a new photo, and the faces to choose from where there are several."""
        nobody, chosen = gr.Gallery(None, visible=False), Asked(photo, *chosen)._replace(box="")
        crops = []
        try:
            image = read(photo) if photo else None
            faces = cached_faces(image, photo, "") if image else []
            crops = [facesketch.align(image, face, 128)[0] for face in faces] if len(faces) > 1 else []
        except NoFaceError:
            pass  # which show tells of
        except ImageError as error:  # the page would go on showing a broken picture
            gr.Warning(translate_message(str(error)))
            return None, nobody, "", *self.show(*chosen._replace(photo=None))
        chooser = gr.Gallery(crops, visible=True, selected_index=0) if crops else nobody
        return gr.skip(), chooser, "", *self.show(*chosen)

    def pick(self, photo: str, event: gr.SelectData) -> str:
        """The box of the face that was chosen."""
        image = read(photo)
        return ", ".join(f"{value:.0f}" for value in box_of(image, cached_faces(image, photo, "")[event.index]))

    def style_of(self, model: str, event: gr.SelectData) -> str:
        """The style whose picture was chosen."""
        return self.models.styles[model][event.index]


def tab(models: Models) -> dict[str, gr.components.Component]:
    """Sketch. Returns what an address may choose."""
    do = Sketches(models)
    with gr.Row(elem_classes="pictures"):
        with gr.Column(min_width=280):
            photo = upload("Photo", "photo")
            examples([photo])
            chooser = gallery("Faces: choose one", 6, "faces", allow_preview=False, height=150, visible=False)
            marker, sheet, use = face_marker.build()
        with gr.Column(min_width=280, visible=False) as drawing:
            sketch = output_image("Sketch", "sketch", elem_classes="clear")
            file = gr.DownloadButton(_("Download the drawing"), variant="primary", elem_id="download")
        with gr.Column(min_width=280):
            slider = gr.ImageSlider(
                FIRST, label=_("Before and after"), format="png", image_mode=None, interactive=False,
                max_height=300, elem_id="slider",
            )  # fmt: skip
            note = gr.Markdown(_(EXAMPLE), elem_id="example")
    with gr.Row():
        model = model_picker(models.names, models.default, elem_id="model")
        strip = strip_for(models)
    style = chooser_by_name(models, visible="hidden", elem_id="style")
    with gr.Accordion(_("Options"), open=False):
        taken, look = crop_controls(), style_controls()
    whole, box, *_rest = taken
    asked = [photo, model, *taken, *look, style]
    answer = [sketch, slider, note, drawing, file, marker, sheet]
    how = {**QUIET, **DRAWING, "show_progress": "minimal", "show_progress_on": slider, "trigger_mode": "always_last"}
    photo.change(do.begin, asked, [photo, chooser, box, *answer], **how)
    changes = [model.change, box.submit, *(choice.input for choice in (whole, taken[2], *look[:2]))]
    gr.on([*changes, look[2].release], do.show, asked, answer, **how)
    chooser.select(do.pick, photo, box, **QUIET, **DRAWING).then(do.show, asked, answer, **how)
    use.click(face_marker.box, [sheet, photo], box, **QUIET, **DRAWING).then(do.show, asked, answer, **how)
    side_by_side.build(models, [photo, *taken[:2], *look])
    endpoint(do.photo_to_sketch, asked, sketch, "photo_to_sketch")
    every = gallery("All models", 3, visible=False)
    endpoint(do.photo_to_sketches, [photo, *taken[:2], *look], every, "photo_to_sketches")
    model.change(lambda name: strip_of(models, name), model, [strip, style], **QUIET, **DRAWING)
    strip.select(do.style_of, model, style, **QUIET).then(do.show, asked, answer, **how)
    return {"model": model, "style": style}
