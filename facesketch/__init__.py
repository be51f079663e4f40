"""facesketch: a face photo to a pencil sketch, and a sketch to a photo."""

from __future__ import annotations

from pathlib import Path

from .devices import DeviceError, device
from .faces.choose import choose, face_in_box
from .faces.crop import align
from .faces.detector import find_faces
from .faces.face import Face, NoFaceError
from .faces.matte import FOLDER
from .faces.paste import paste
from .hub.checked import NoModelError, WeightsError
from .hub.fetch import repo_of
from .images import ImageError, read_image
from .look import FRAMES, ChoiceError
from .translator import DIRECTIONS, Translator
from .version import __version__
from .weights_folder import WEIGHTS as WEIGHTS_FOLDER

DEFAULT = "cyclegan"  # the model that draws where none is named


def available() -> list[str]:
    """The names of the embedded models: the folders of weights/ that hold a config.json, in alphabetical order.

    The matte, which every model uses, is none of them.
    """
    return sorted(path.parent.name for path in WEIGHTS_FOLDER.glob("*/config.json") if path.parent.name != FOLDER.name)


def load(name: str = DEFAULT) -> Translator:
    """Load an embedded model by its name, a folder, or a Hub repo: "user/name", "user/name@revision", or its address.

    Raises WeightsError with one sentence; NoModelError, which is one, where nothing could have that name.
    """
    if "/" not in name and (WEIGHTS_FOLDER / name).is_dir():
        return Translator.from_pretrained(WEIGHTS_FOLDER / name)
    if Path(name).is_dir():
        return Translator.from_pretrained(name)
    if "/" not in name:
        raise NoModelError(f"There is no model {name}; there are {', '.join(available()) or 'none'}.")
    return Translator.from_pretrained(*repo_of(name))


__all__ = [
    "DEFAULT",
    "DIRECTIONS",
    "FRAMES",
    "ChoiceError",
    "DeviceError",
    "Face",
    "ImageError",
    "NoFaceError",
    "NoModelError",
    "Translator",
    "WeightsError",
    "__version__",
    "align",
    "available",
    "choose",
    "device",
    "face_in_box",
    "find_faces",
    "load",
    "paste",
    "read_image",
]
