"""The Gradio demo: a photo to a pencil sketch, a sketch to a photo, and how near the sketches are to an artist's."""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path
from threading import Lock

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # start-up calls nobody
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
import numpy as np
import torch
from PIL import Image

import facesketch
from controls import chosen, endpoint, framing, gallery, gpu, read, upload
from facesketch import WeightsError, metrics
from facesketch.faces import align_pair
from facesketch.geometry import TEMPLATE
from facesketch.standins import StandIns
from facesketch.weights import read_checked

TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN"}
EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.jpg"))
INTRO = """# facesketch
A face photo to a pencil sketch and back, with an autoencoder, Pix2Pix and CycleGAN trained on the CUHK face sketches.
A drawing is no evidence of anyone's identity."""
ALIKE = f"in gray at {TEMPLATE[0]} x {TEMPLATE[1]} pixels; in the maps, white is alike and black is not."
AGAINST_ARTIST = f"SSIM and MAE against the artist's sketch, {ALIKE}"
AGAINST_PHOTO = (
    f"**SSIM against the photo** is no measure of likeness: a good sketch differs from its photo. Here {ALIKE}"
)
_loading = Lock()


def usable() -> tuple[dict[str, dict], list[str]]:
    """The embedded models that are whole (name -> description), and a sentence for each that is not."""
    models, problems = {}, []
    for name in dict.fromkeys([*TITLES, *facesketch.available()]):
        try:
            models[name] = read_checked(facesketch.WEIGHTS_FOLDER / name)[0]
        except WeightsError as error:
            problems.append(f"{title(name)} is left out: {error}")
    return models, problems


def title(name: str) -> str:
    """A model's name as people write it."""
    return TITLES.get(name, name)


@cache
def _load(folder: Path) -> facesketch.Translator:
    return facesketch.Translator.from_pretrained(folder).to("cuda" if torch.cuda.is_available() else "cpu")


@gpu
def run(folder: Path, image: Image.Image, direction: str, align: str = "auto", **how) -> Image.Image:
    """What the model in a folder draws; how: as for translate. Raises WeightsError."""
    with _loading:
        model = _load(folder)
    return model.translate(image, direction, align, **how)


def folder(name: str, direction: str = "photo_to_sketch") -> Path:
    """Where the model of that name lies: what stands in for it from the Hub, else the embedded. Raises WeightsError."""
    if name not in MODELS:
        raise WeightsError(f"There is no model {name}; there are {', '.join(MODELS)}.")
    return HUB.folder(name, direction) or facesketch.WEIGHTS_FOLDER / name


def draw(image: Image.Image, model: str, direction: str, whole: bool, box: str, frame: str) -> Image.Image:
    """One model's answer in the asked frame. Raises NoFaceError and WeightsError."""
    lies = folder(model, direction)
    if whole:
        return run(lies, image, direction, "never")
    return run(lies, image, direction, faces=chosen(image, box, frame), frame=frame)


@endpoint
def photo_to_sketch(photo: str | None, model: str, whole: bool = False, box: str = "", frame: str = "crop"):
    """Sketch the face of a photo (the largest, or the one in the box; every one in a whole photo) with one model."""
    return draw(read(photo, "photo"), model, "photo_to_sketch", whole, box, frame)


@endpoint
def photo_to_sketches(photo: str | None, whole: bool = False, box: str = "") -> list[tuple[Image.Image, str]]:
    """Sketch the face of a photo with every model."""
    image = read(photo, "photo")
    return sketches(image if whole else facesketch.align(image, chosen(image, box)[0])[0])


def sketches(frame: Image.Image) -> list[tuple[Image.Image, str]]:
    """Every model's sketch of a face crop, at its size, with the model's title."""
    ready = [name for name in MODELS if HUB.ready(name)]
    return [(run(folder(name), frame, "photo_to_sketch", "never"), title(name)) for name in ready]


@endpoint
def sketch_to_photo(
    sketch: str | None, whole: bool = False, box: str = "", frame: str = "crop", model: str = "cyclegan"
) -> Image.Image:
    """Turn a sketch, or a photograph of one on paper, into a photo with CycleGAN's inverse generator, or Pix2Pix's."""
    return draw(read(sketch, "sketch"), model, "sketch_to_photo", whole, box, frame)


@endpoint
def compare(photo: str | None, sketch: str | None = None):
    """Each model's sketch of a photo against an artist's: pictures, SSIM maps, a table, and what the figures mean."""
    frame, artist = align_pair(read(photo, "photo"), read(sketch, "sketch") if sketch else None)
    drawn, target = sketches(frame), artist or frame
    maps, rows = [], []
    for picture, name in [*drawn, *([(frame, "The gray photo itself")] if artist else [])]:
        score, local = metrics.ssim_map(picture, target)
        rows.append([name, round(score, 4), round(metrics.mae(picture, target), 4)])
        maps.append((Image.fromarray((local.clip(0, 1) * 255).astype(np.uint8)), f"{name}: {score:.3f}"))
    pictures = [(frame, "Photo"), *([(artist, "Artist")] if artist else []), *drawn]
    return pictures, maps, rows, AGAINST_ARTIST if artist else AGAINST_PHOTO


def photo_tab() -> None:
    """Photo -> Sketch."""
    with gr.Row():
        with gr.Column():
            photo = upload("Photo", "photo")
            gr.Examples(
                [[str(path)] for path in EXAMPLES], [photo], cache_examples=False, label="Public-domain portraits"
            )
            model = gr.Radio([(title(name), name) for name in MODELS], value=DEFAULT, label="Model")
            taken = framing(photo)
            one, every = gr.Button("Sketch", variant="primary"), gr.Button("Sketch with all models")
        with gr.Column():
            sketch = gr.Image(label="Sketch", format="png", height=360, interactive=False, elem_id="sketch")
            all_sketches = gallery("All models", 3, "sketches")
    one.click(photo_to_sketch, [photo, model, *taken], sketch, api_name="photo_to_sketch")
    every.click(photo_to_sketches, [photo, *taken[:2]], all_sketches, api_name="photo_to_sketches")


def sketch_tab() -> None:
    """Sketch -> Photo."""
    with gr.Row():
        with gr.Column():
            sketch = upload("Sketch", "drawing")
            model = gr.Radio([(title(name), name) for name in BACK], value=BACK[0], label="Model")
            taken = framing(sketch)
            button = gr.Button("Make a photo", variant="primary")
        photo = gr.Image(label="Photo", format="png", height=360, interactive=False)
    button.click(sketch_to_photo, [sketch, *taken, model], photo, api_name="sketch_to_photo")


def compare_tab() -> None:
    """Compare."""
    with gr.Row():
        photo, sketch = upload("Photo"), upload("An artist's sketch of it, if there is one")
    button = gr.Button("Compare", variant="primary")
    note = gr.Markdown()
    table = gr.Dataframe(headers=["Model", "SSIM", "MAE"], label="How near", interactive=False)
    pictures, maps = gallery("Sketches", 5), gallery("SSIM maps", 4)
    button.click(compare, [photo, sketch], [pictures, maps, table, note], api_name="compare")


def build() -> gr.Blocks:
    """The page."""
    with gr.Blocks(title="facesketch", analytics_enabled=False) as page:
        gr.Markdown(INTRO)
        for problem in PROBLEMS:
            gr.Markdown(f"⚠ {problem}")
        if HUB.notes:
            page.load(
                HUB.told, None, gr.Markdown(), api_visibility="private", show_progress="hidden", concurrency_limit=None
            )
        for name, tab in TABS.items() if MODELS else ():
            with gr.Tab(name):
                tab()
    return page


TABS = {"Photo → Sketch": photo_tab, "Sketch → Photo": sketch_tab, "Compare": compare_tab}
logging.basicConfig(format="%(message)s")
logging.getLogger("facesketch").setLevel(logging.INFO)
EMBEDDED, PROBLEMS = usable()
HUB = StandIns(os.environ.get("FACESKETCH_MODELS", ""), EMBEDDED, [*TITLES, *EMBEDDED])
MODELS = list(dict.fromkeys([*EMBEDDED, *HUB.repos]))
BACK = ["cyclegan", *(n for n in EMBEDDED if n != "cyclegan" and "sketch_to_photo" in EMBEDDED[n]["directions"])]
DEFAULT = "pix2pix" if "pix2pix" in MODELS else next(iter(MODELS), None)
demo = build()

if __name__ == "__main__":
    for problem in PROBLEMS:
        print(problem, flush=True)
    theme = gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    demo.launch(theme=theme, max_file_size="50mb", share=False, ssr_mode=False)
