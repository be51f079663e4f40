"""What serves: the embedded models that are whole, and Hub repos that stand in for them."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock

from PIL import Image

import facesketch
from facesketch import WeightsError
from facesketch.devices import DeviceError, device
from facesketch.hub.checked import read_checked
from facesketch.hub.standins import StandIns

try:
    from spaces import GPU as gpu  # on a ZeroGPU Space it lends the function a GPU for as long as it runs
except ImportError:

    def gpu(function):
        """Nothing, where no GPU is lent."""
        return function


TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN"}
_loading = Lock()
_device = "auto"
log = logging.getLogger("facesketch.demo.models")


def title(name: str) -> str:
    """A model's name as people write it."""
    return TITLES.get(name, name)


def device_asked(arguments: Sequence[str] | None = None) -> str:
    """The device that the command line names; where it is not there, one sentence and the end."""
    parser = argparse.ArgumentParser(description="Serve the page; GRADIO_SERVER_PORT and the like say where.")
    parser.add_argument("--device", default="auto", help="auto (a GPU where there is one), cpu, cuda, cuda:1 or mps")
    name = parser.parse_args(arguments).device
    try:
        device(name)
    except DeviceError as error:
        parser.error(str(error))
    return name


def set_device(name: str) -> None:
    """Have models that are loaded from now on run on a device."""
    global _device
    _device = name


@cache
def _load(folder: Path) -> facesketch.Translator:
    return facesketch.Translator.from_pretrained(folder).to(device(_device))


@gpu
def generate(folder: Path, image: Image.Image, direction: str, align: str = "auto", **how) -> Image.Image:
    """What the model in a folder draws; how: as for translate, but one of one style takes any. Raises WeightsError."""
    with _loading:
        model = _load(folder)
    if not model.styles:  # as that of a repo may be, which stands in for one of several
        how["style"] = None
    return model.translate(image, direction, align, **how)


class Models:
    """The models that can be asked.

    names: of all; back: of those that know sketch -> photo, CycleGAN first; default: the one that a visitor is given,
    None where there are none; styles: the names of each embedded one's; problems: a sentence for each embedded one that
    is left out; hub: the repos that FACESKETCH_MODELS names.
    """

    def __init__(self, repos: str = ""):
        self.problems: list[str] = []
        embedded = self._usable()
        self.hub = StandIns(repos, embedded, [*TITLES, *embedded])
        self.names = list(dict.fromkeys([*embedded, *self.hub.repos]))
        others = (n for n in embedded if n != "cyclegan" and "sketch_to_photo" in embedded[n]["directions"])
        self.reverse_models = ["cyclegan", *others]
        self.styles = {name: tuple(about.get("styles", ())) for name, about in embedded.items()}
        self.default = facesketch.DEFAULT if facesketch.DEFAULT in self.names else next(iter(self.names), None)

    def _usable(self) -> dict[str, dict]:
        """The embedded models that are whole, name -> description."""
        models = {}
        for name in dict.fromkeys([*TITLES, *facesketch.available()]):
            try:
                models[name] = read_checked(facesketch.WEIGHTS_FOLDER / name)[0]
            except WeightsError as error:
                self.problems.append(f"{title(name)} is left out: {error}")
        return models

    def folder(self, name: str, direction: str = "photo_to_sketch") -> Path:
        """Where the model of that name lies: what stands in from the Hub, else the embedded. Raises WeightsError."""
        if name not in self.names:
            raise WeightsError(f"There is no model {name}; there are {', '.join(self.names)}.")
        return self.hub.folder(name, direction) or facesketch.WEIGHTS_FOLDER / name

    def styled(self, name: str, style: str | None) -> str | None:
        """A style, where the model of that name has any; else None, which every model takes."""
        return style if self.styles.get(name) else None

    def sketches(self, image: Image.Image, **how) -> list[tuple[Image.Image, str]]:
        """Every model's sketch of a picture, with the model's title; how: as for translate.

        One that cannot be loaded is left out, with a warning that names it. Raises WeightsError where none is left.
        """
        drawn = []
        for name in filter(self.hub.ready, self.names):
            try:
                drawn.append((generate(self.folder(name), image, "photo_to_sketch", **how), title(name)))
            except WeightsError as error:
                log.warning("%s is left out: %s", title(name), error)
        if not drawn:
            raise WeightsError("No model can be loaded now.")
        return drawn
