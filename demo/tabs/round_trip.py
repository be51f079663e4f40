"""Photo to sketch to photo, or sketch to photo to sketch, and the reconstruction error that the cycle loss sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import gradio as gr
import numpy as np
from PIL import Image

import facesketch
from facesketch.options import RAW_OUTPUT
from facesketch.pipeline import Target

from ..cache import store_image
from ..components import examples, gallery, model_picker, radio, read_upload, upload
from ..handlers import endpoint, on
from ..i18n import t
from ..model_catalog import ModelCatalog, draw
from ..shared_photo import SharedPhoto
from ..uploads import PICTURES

DIRECTIONS: dict[str, tuple[Target, Target]] = {
    "photo_to_sketch": ("photo", "sketch"),
    "sketch_to_photo": ("sketch", "photo"),
}  # source and target of the first translation
MAX_SHOWN_ERROR = 0.5  # of full range; the brightest in the error map
EQUATION = "$L_{cycle} = |F(G(x)) - x| + |G(F(y)) - y|$ (7)"


def round_trip(
    models: ModelCatalog, image: Image.Image, model: str, direction: str
) -> tuple[list[tuple[str, str]], float]:
    """The crop, its translation, its reconstruction and the error map as (path, caption); the mean error, 0 to 1.

    Raises NoFaceError.
    """
    source, target = DIRECTIONS[direction]
    is_drawing = source == "sketch"
    crop = facesketch.align_face(image, facesketch.select_faces(image)[0], is_drawing=is_drawing).image
    crop = crop.convert("L").convert("RGB") if is_drawing else crop
    translated = draw(models.folder(model, target), crop, target, RAW_OUTPUT).image
    restored = draw(models.folder(model, source), translated, source, RAW_OUTPUT).image
    error = np.abs(np.asarray(restored.convert("RGB"), float) - np.asarray(crop, float)).mean(-1) / 255
    pictures = [store_image(picture) for picture in (crop, translated, restored, error_map(error))]
    return list(zip(pictures, captions(direction), strict=True)), float(error.mean())


def captions(direction: str) -> list[str]:
    """What the pictures of a round trip show."""
    source, target = DIRECTIONS[direction]
    codes = f"round_trip.{source}", f"round_trip.{target}", f"round_trip.{source}.restored", "round_trip.error"
    return [t(code) for code in codes]


def example() -> list[tuple[str, str]]:
    """The pictures of the example, as (path, caption)."""
    names = ("stage-face", "trip-sketch", "trip-restored", "trip-error")
    return [(str(PICTURES / f"{n}.jpg"), c) for n, c in zip(names, captions("photo_to_sketch"), strict=True)]


def error_map(error: np.ndarray) -> Image.Image:
    """An error, height x width in 0 to 1, from dark to yellow."""
    levels = (np.clip(error / MAX_SHOWN_ERROR, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)[..., ::-1]))


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""

    def there_and_back(
        picture: str | None, model: str = "cyclegan", direction: str = "photo_to_sketch"
    ) -> tuple[list[tuple[str, str]], float]:
        """Photo to sketch to photo, or sketch to photo to sketch: the pictures, the error map, and the mean error."""
        return round_trip(models, read_upload(picture), model, direction)

    def show(picture: str | None, model: str, direction: str) -> Iterator[tuple[Any, str]]:
        """The same for the page; what was shown before goes first."""
        if not picture:
            yield example(), t("round_trip.example")
            return
        yield None, ""
        pictures, error = round_trip(models, read_upload(picture), model, direction)
        yield pictures, t("round_trip.mean_error", error=f"{error:.4f}")

    gr.Markdown(t("round_trip.help"))
    with gr.Row():
        with gr.Column(min_width=280):
            picture = upload("round_trip.upload.label", "round-trip-input", 260)
            shared.follow(picture)
            examples([picture])
            choices = {f"round_trip.direction.{name}": name for name in DIRECTIONS}
            direction = radio(choices, "photo_to_sketch", "round_trip.direction.label")
            model = model_picker(models.inverse, next(iter(models.inverse), None))
        with gr.Column(min_width=280, scale=3):
            pictures = gallery("round_trip.pictures.label", 4, "round-trip", value=example())
            note = gr.Markdown(t("round_trip.example"), elem_id="error")
            with gr.Accordion(t("round_trip.equation"), open=False):
                gr.Markdown(t("round_trip.equation.meaning"))
                gr.Markdown(EQUATION, latex_delimiters=[{"left": "$", "right": "$", "display": False}])
    progress: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": note, "trigger_mode": "always_last"}
    on([picture.change, direction.input, model.input], show, [picture, model, direction], [pictures, note], **progress)
    mean = gr.Number(label="Mean error", visible=False)
    endpoint(there_and_back, [picture, model, direction], [pictures, mean], "there_and_back")
    return {"model": model}
