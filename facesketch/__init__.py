"""facesketch: turn a face photo into a pencil sketch, and a sketch into a photo."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import (
    DeviceError,
    ExportError,
    FacesketchError,
    ImageError,
    ModelNotFoundError,
    NoFaceError,
    OptionError,
    WeightsError,
)
from .messages import Message
from .version import __version__
from .weights_dir import MATTE_DIR, WEIGHTS_DIR

if TYPE_CHECKING:
    from .devices import get_device
    from .drawing import Drawing
    from .face.align import AlignedCrop, align_face
    from .face.detector import find_faces
    from .face.face import Face
    from .face.select import face_in_box, select_faces
    from .image.compositing import paste
    from .image.io import read_image
    from .models.model import Model
    from .options import DrawOptions
    from .pipeline import Pipeline, Target

MODULES = {  # of names that are imported when they are first used, since PyTorch takes seconds
    "AlignedCrop": "face.align",
    "DrawOptions": "options",
    "Drawing": "drawing",
    "Face": "face.face",
    "Model": "models.model",
    "Pipeline": "pipeline",
    "Target": "pipeline",
    "align_face": "face.align",
    "face_in_box": "face.select",
    "find_faces": "face.detector",
    "get_device": "devices",
    "paste": "image.compositing",
    "read_image": "image.io",
    "select_faces": "face.select",
}
DEFAULT_MODEL = "cyclegan"  # its drawings keep most of a person's identity (docs/quality.md)


def __getattr__(name: str) -> object:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f".{MODULES[name]}", __name__), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *MODULES})


def available_models() -> list[str]:
    """The names of the embedded models that draw, in alphabetical order; the matting model is not among them."""
    return sorted(path.parent.name for path in WEIGHTS_DIR.glob("*/config.json") if path.parent.name != MATTE_DIR.name)


def load_model(name: str | Path = DEFAULT_MODEL) -> Model:
    """Load an embedded model by its name, a folder, or a Hub repo: "user/name", "user/name@revision", or its address.

    Raises WeightsError, and its subclass ModelNotFoundError where no model could have that name.
    """
    from .hub.download import parse_repo_id
    from .models.model import Model

    name = str(name)
    if "/" not in name and (WEIGHTS_DIR / name).is_dir():
        return Model.from_pretrained(WEIGHTS_DIR / name)
    if Path(name).is_dir():
        return Model.from_pretrained(name)
    if "/" not in name:
        raise ModelNotFoundError("model.unknown", name=name, available=", ".join(available_models()) or "none")
    repo = parse_repo_id(name)
    return Model.from_pretrained(repo.name, repo.revision)


def load(name: str | Path = DEFAULT_MODEL, target: Target = "sketch", device: str = "cpu") -> Pipeline:
    """Load a model, as load_model does, into a pipeline that makes sketches, or photos of sketches (target="photo").

    device: auto, cpu, cuda, cuda:1 or mps. Raises WeightsError, DeviceError, and OptionError where the model lacks that
    direction.
    """
    from .pipeline import Pipeline

    return Pipeline(load_model(name), target).to(device)


__all__ = [
    "DEFAULT_MODEL",
    "WEIGHTS_DIR",
    "AlignedCrop",
    "DeviceError",
    "DrawOptions",
    "Drawing",
    "ExportError",
    "Face",
    "FacesketchError",
    "ImageError",
    "Message",
    "Model",
    "ModelNotFoundError",
    "NoFaceError",
    "OptionError",
    "Pipeline",
    "WeightsError",
    "__version__",
    "align_face",
    "available_models",
    "face_in_box",
    "find_faces",
    "get_device",
    "load",
    "load_model",
    "paste",
    "read_image",
    "select_faces",
]
