"""The models that the page offers: the embedded ones that are intact, and Hub repos that replace them."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from PIL import Image

import facesketch
from facesketch import (
    DeviceError,
    Drawing,
    DrawOptions,
    Face,
    Message,
    Model,
    ModelNotFoundError,
    Pipeline,
    WeightsError,
)
from facesketch.hub.overrides import HubOverrides
from facesketch.hub.weights_io import load_checked
from facesketch.pipeline import TARGET_DIRECTIONS, DrawJob, Target
from facesketch.strokes.styles import STYLES

from .i18n import UserError

try:
    from spaces import GPU as gpu  # on a ZeroGPU Space it gives the function a GPU while it runs
except ImportError:

    def gpu(function: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing to do where the GPU, if any, is there all the time."""
        return function


TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN"}
_loading = Lock()
_device = "auto"
log = logging.getLogger("facesketch.demo.models")


def title(name: str) -> str:
    """A model's name as people write it."""
    return TITLES.get(name, name)


def parse_device(arguments: Sequence[str] | None = None) -> str:
    """The device that the command line names. Exits with one sentence if there is no such device."""
    parser = argparse.ArgumentParser(description="Serve the page; GRADIO_SERVER_PORT and the like set where.")
    parser.add_argument("--device", default="auto", help="auto (a GPU if there is one), cpu, cuda, cuda:1 or mps")
    name = str(parser.parse_args(arguments).device)
    try:
        facesketch.get_device(name)
    except DeviceError as error:
        parser.error(str(error))
    return name


def set_device(name: str) -> None:
    """Run the models that are loaded from now on on this device."""
    global _device
    _device = name


@cache
def cached_model(folder: Path) -> Model:
    """The model in a folder, loaded once. Raises WeightsError."""
    return Model.from_pretrained(folder).to(facesketch.get_device(_device))


@gpu
def draw(
    folder: Path,
    image: Image.Image,
    target: Target = "sketch",
    options: DrawOptions = DrawOptions(),  # noqa: B008 - frozen
    faces: Sequence[Face] | None = None,
) -> Drawing:
    """What the model in a folder draws. Raises FacesketchError.

    Strokes have any style. Without strokes a style that the model did not learn is the one that it learned instead, or
    the model's only style.
    """
    with _loading:
        model = cached_model(folder)
    if options.finish != "strokes" and options.style in STYLES:
        label = STYLES[options.style].label
        options = replace(options, style=label if label in model.config.styles else None)
    return Pipeline(model, target)(image, options, faces)


class Stages(NamedTuple):
    """What a photo goes through until it is drawn: the face, the matte, even light, the raw drawing, the strokes."""

    face: Image.Image
    matte: Image.Image | None  # L; None where no person was found
    light: Image.Image
    raw: Image.Image
    strokes: Image.Image


@gpu
def draw_stages(folder: Path, image: Image.Image, faces: Sequence[Face], width: int) -> Stages:
    """How the model in a folder draws the first of these faces, width pixels wide. Raises FacesketchError."""
    with _loading:
        model = cached_model(folder)
    pipeline, options = Pipeline(model), DrawOptions(size=width)
    job = pipeline.align(pipeline.detect(DrawJob(image, image), options, faces), options)
    face = facesketch.align_face(image, job.faces[0], width).image
    job = pipeline.matte(job)
    alpha = job.crops[0].matte
    matte = None if alpha is None else Image.fromarray((alpha * 255).round().astype("uint8"))
    job = pipeline.relight(job, options)
    light = job.crops[0].image
    [job] = pipeline.generate([job], options)
    raw = job.crops[0].image.resize(light.size)
    return Stages(face, matte, light, raw, pipeline.composite(pipeline.finish(job, options), options).image)


class ModelCatalog:
    """The models that can be chosen.

    names: all; inverse: those with sketch to photo, CycleGAN first; default: the one chosen at first, None if there is
    none; problems: a message for each embedded model that is left out; hub: the repos that FACESKETCH_MODELS names.
    """

    def __init__(self, repos: str = ""):
        self.problems: list[Message] = []
        embedded = {}
        for name in dict.fromkeys([*TITLES, *facesketch.available_models()]):
            try:
                embedded[name] = load_checked(facesketch.WEIGHTS_DIR / name)[0]
            except WeightsError as error:
                self.problems.append(Message("model.left_out", {"name": title(name), "reason": error.message}))
        self.hub = HubOverrides(repos, embedded, [*TITLES, *embedded])
        self.names = list(dict.fromkeys([*embedded, *self.hub.repos]))
        others = (n for n in embedded if n != "cyclegan" and "sketch_to_photo" in embedded[n].directions)
        self.inverse = [name for name in ("cyclegan", *others) if name in self.names]
        self.default = (
            facesketch.DEFAULT_MODEL if facesketch.DEFAULT_MODEL in self.names else next(iter(self.names), None)
        )

    def folder(self, name: str | None, target: Target = "sketch") -> Path:
        """Where a model is, by default the default one: the Hub repo that replaces it, or the embedded one.

        Raises WeightsError.
        """
        name = name or self.default or ""
        if name not in self.names:
            raise ModelNotFoundError("model.unknown", name=name, available=", ".join(self.names))
        return self.hub.folder(name, TARGET_DIRECTIONS[target]) or facesketch.WEIGHTS_DIR / name

    def draw_with_all(
        self, image: Image.Image, options: DrawOptions, faces: Sequence[Face] | None = None
    ) -> list[tuple[str, Drawing]]:
        """The title and the sketch of every model that is ready; one that cannot be loaded is logged and left out.

        Raises UserError if none is left.
        """
        drawings = []
        for name in filter(self.hub.ready, self.names):
            try:
                drawings.append((title(name), draw(self.folder(name), image, "sketch", options, faces)))
            except WeightsError as error:
                log.warning("%s is left out: %s", title(name), error)
        if not drawings:
            raise UserError("error.no_model")
        return drawings
