"""Mattes: how much each pixel of a face crop belongs to the person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from PIL import Image

from ..errors import WeightsError
from ..image.detail_transfer import guided_filter_coefficients
from ..image.pixels import luma, resize, to_tensor
from ..messages import Message
from ..models.config import CONFIG_FILE
from ..models.model import Model
from ..weights_dir import MATTE_DIR

DIRECTION = "photo_to_matte"
# Chosen by eye and by IoU on photos of FS2K and CUHK (docs/quality.md):
RADIUS, EPSILON = 4, 1e-3  # of the guided filter that refines the matte, at the network's resolution
BACKGROUND_BELOW, PERSON_ABOVE = 0.15, 0.85  # raw values at which a pixel is all background or all person
MIN_CENTER_COVERAGE = 0.5  # mean matte of the crop's center where there is a person
_loading = Lock()


@dataclass(frozen=True)
class MatteResult:
    """alpha: float32, H x W in [0, 1], 1 on the person; None where there is none, for the reason in warning."""

    alpha: np.ndarray | None
    warning: Message | None = None


def predict_matte(crop: Image.Image, guide: Image.Image | None = None, model: Model | None = None) -> np.ndarray:
    """How much each pixel of an aligned RGB crop belongs to the person: float32, H x W in [0, 1].

    The network's matte, refined along the photo's edges by a guided filter. guide: the crop in gray at the size that
    the matte is to have; None for the crop itself. model: None for that of weights/matte. Raises WeightsError.
    """
    model = model or load_matte_model()
    small = resize(crop, (model.config.size, model.config.size))
    coarse = (model.generate(to_tensor(small)[None], DIRECTION)[0, 0].numpy() + 1) / 2
    slope, offset = guided_filter_coefficients(luma(small), coarse, RADIUS, EPSILON)
    gain = 1 / (PERSON_ABOVE - BACKGROUND_BELOW)
    alpha = luma(guide or crop)
    alpha *= cv2.resize(slope * gain, alpha.shape[::-1])
    alpha += cv2.resize((offset - BACKGROUND_BELOW) * gain, alpha.shape[::-1])
    return np.clip(alpha, 0, 1, out=alpha)


def try_matte(crop: Image.Image, guide: Image.Image | None = None) -> MatteResult:
    """predict_matte, or a result of None with a warning where no person is in the center or the weights are missing."""
    try:
        alpha = predict_matte(crop, guide)
    except WeightsError as error:
        return MatteResult(None, Message("warning.no_matte", {"reason": error.message}))
    height, width = alpha.shape
    if alpha[height * 2 // 5 : height * 7 // 10, width // 3 : width * 2 // 3].mean() > MIN_CENTER_COVERAGE:
        return MatteResult(alpha)
    return MatteResult(None, Message("warning.no_person"))


def load_matte_model() -> Model:
    """The network of weights/matte, loaded once. Raises WeightsError."""
    with _loading:
        return _load(MATTE_DIR)


@cache
def _load(folder: Path) -> Model:
    if not folder.is_dir():
        raise WeightsError("weights.missing_file", name=folder.name, file=CONFIG_FILE)
    model = Model.from_pretrained(folder)
    if DIRECTION not in model.config.directions:
        raise WeightsError("weights.invalid_config", name=folder.name, file=CONFIG_FILE)
    return model
