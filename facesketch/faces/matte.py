"""Who is the person in a face crop, what is ground, and pictures whose ground is plain, white or clear."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from PIL import Image
from torch import nn

from ..detail import linear
from ..fast import answer, quick
from ..hub.checked import CONFIG, WeightsError, read_about, read_state
from ..images import luma, resize, to_tensor
from ..models import GENERATORS
from ..weights_folder import WEIGHTS
from .warp import fade

FOLDER = WEIGHTS / "matte"
DIRECTION = "photo_to_matte"
RADIUS, EPSILON = 8, 1e-3  # of the guided filter that leads the matte along the photo's edges, at the network's size
FAINT, SURE = 0.25, 0.85  # a matte's values below and above which a pixel is all ground or all person
NOBODY = 0.5  # the matte of the face's middle is above it where there is a person
log = logging.getLogger(__name__)
_loading = Lock()


def person(crop: Image.Image, full: Image.Image | None = None) -> np.ndarray:
    """How far each pixel of a face crop belongs to the person, float32, H x W, 0 to 1, along the photo's edges.

    crop is RGB; full is the same in gray at the size that the answer has, None for the crop's. Raises WeightsError.
    """
    network, size = _network()
    small = resize(crop, (size, size))
    x = to_tensor(small)[None]
    coarse = (answer(quick(network, x), x)[0, 0].numpy() + 1) / 2
    slope, level = linear(luma(small), coarse, RADIUS, EPSILON)
    sharp = 1 / (SURE - FAINT)
    fine = luma(full or crop)
    fine *= cv2.resize(slope * sharp, fine.shape[::-1])
    fine += cv2.resize((level - FAINT) * sharp, fine.shape[::-1])
    return np.clip(fine, 0, 1, out=fine)


def find(crop: Image.Image, full: Image.Image | None = None) -> np.ndarray | None:
    """The same, or None with a warning in the log where it shows nobody in the crop's middle, or has no weights."""
    try:
        matte = person(crop, full)
    except WeightsError as error:
        _without(str(error))
        return None
    height, width = matte.shape
    if matte[height * 2 // 5 : height * 7 // 10, width // 3 : width * 2 // 3].mean() > NOBODY:
        return matte
    log.warning("Nobody stands out from the picture here, so its ground is drawn too.")
    return None


def plain(picture: Image.Image, matte: np.ndarray) -> Image.Image:
    """A picture, RGB or L, whose ground is white, as in two of three photos that the models train on and under every
    drawing. matte may be larger.
    """
    if matte.shape != picture.size[::-1]:
        matte = cv2.resize(matte, picture.size, interpolation=cv2.INTER_AREA)
    return Image.fromarray(fade(np.asarray(picture), matte))


def _network() -> tuple[nn.Module, int]:
    """The network and the side of the square that it works on, loaded once. Raises WeightsError."""
    with _loading:
        return _load(FOLDER)


@cache
def _load(folder: Path) -> tuple[nn.Module, int]:
    about = read_about(folder, folder.name)
    try:
        network, size = GENERATORS[about["network"]](int(about["width"])), int(about["size"])
        if size % network.multiple:
            raise ValueError
        held = nn.ModuleDict({DIRECTION: network})  # as a Translator holds it
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{folder.name}: {CONFIG} does not describe a matte.") from error
    held.load_state_dict(read_state(folder, folder.name, about, held.state_dict()))
    return network.eval(), size


@cache
def _without(why: str) -> None:
    """Say once what keeps grounds from being found."""
    log.warning("Grounds are drawn as they are: %s", why)
