"""Temporary: names of the library's next version over the present one. Deleted when that version is merged."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from torch import nn

from facesketch import NoFaceError, WeightsError, __version__, find_faces, read_image  # noqa: F401
from facesketch import translator as _translator
from facesketch.faces.crop import align_pair, crop_face  # noqa: F401
from facesketch.faces.geometry import TEMPLATE as TEMPLATE_SIZE  # noqa: F401
from facesketch.faces.light import even as apply_relighting  # noqa: F401
from facesketch.faces.light import fill as estimate_relighting  # noqa: F401
from facesketch.faces.matte import plain as composite_on_plain_background  # noqa: F401
from facesketch.fast import LAYOUT as MEMORY_FORMAT  # noqa: F401
from facesketch.fast import half as half_dtype  # noqa: F401
from facesketch.files import below as walk_files  # noqa: F401
from facesketch.files import beside as temp_path  # noqa: F401
from facesketch.files import write as atomic_write  # noqa: F401
from facesketch.hub.checked import CONFIG, WEIGHTS, read_about  # noqa: F401
from facesketch.hub.fetch import reason as explain_error  # noqa: F401
from facesketch.images import ImageError, luma, resize, to_image, to_tensor, to_uint8  # noqa: F401
from facesketch.images import label_maps as style_maps  # noqa: F401
from facesketch.images import to_unit as normalize  # noqa: F401
from facesketch.models import GENERATORS as _GENERATORS
from facesketch.models import PatchGAN as _PatchGAN
from facesketch.translator import DIRECTIONS  # noqa: F401
from facesketch.weights_folder import WEIGHTS as WEIGHTS_DIR


@dataclass(frozen=True)
class Style:
    name: str
    dataset_folder: str | None


STYLES = {
    name: Style(name, folder)
    for name, folder in (("shaded", None), ("line", "line"), ("charcoal", "charcoal"), ("soft", "soft"))
}


@dataclass(frozen=True)
class GeneratorSpec:
    build: Any
    size_divisor: int
    accepts_styles: bool


GENERATORS = {
    name: GeneratorSpec(net, net.multiple, "labels" in net.__init__.__code__.co_varnames)
    for name, net in _GENERATORS.items()
}


def create_generator(name: str, width: int, n_styles: int = 0) -> nn.Module:
    return _GENERATORS[name](width, **({"labels": n_styles} if n_styles else {}))


def PatchGAN(channels: int = 3, width: int = 64, n_layers: int = 3, normed: bool = True) -> nn.Module:
    return _PatchGAN(channels, width, n_layers, normed)


@dataclass(frozen=True)
class Provenance:
    preset: str = ""
    step: int = 0
    seconds: int = 0
    hardware: str = ""
    commit: str = ""
    data: dict = field(default_factory=dict)
    training: dict = field(default_factory=dict)
    changed: dict = field(default_factory=dict)


@dataclass(frozen=True)
class ModelConfig:
    network: str
    width: int
    size: int
    directions: tuple[str, ...]
    styles: tuple[str, ...] = ()
    darkest_skin: float = 150.0
    method: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    scores: dict = field(default_factory=dict)
    sha256: str = ""

    @classmethod
    def from_dict(cls, data: dict) -> ModelConfig:
        data = dict(data)
        if "skin" in data:
            data.setdefault("darkest_skin", data["skin"])
        origin = data.get("provenance", data)
        names = [each.name for each in dataclasses.fields(Provenance)]
        provenance = Provenance(**{name: origin[name] for name in names if name in origin})
        names = [each.name for each in dataclasses.fields(cls) if each.name in data]
        values: Any = {name: tuple(data[name]) if isinstance(data[name], list) else data[name] for name in names}
        return cls(**{**values, "provenance": provenance})

    def to_dict(self) -> dict:
        return dataclasses.asdict(self)


class Model(_translator.Translator):
    def __init__(self, config: ModelConfig | dict):
        about = config.to_dict() if isinstance(config, ModelConfig) else dict(config)
        about.setdefault("skin", about.get("darkest_skin", 150.0))
        super().__init__(about)

    @property
    def config(self) -> ModelConfig:
        return ModelConfig.from_dict(self.about)

    @config.setter
    def config(self, config: ModelConfig) -> None:
        self.about = config.to_dict()

    @property
    def generators(self) -> dict[str, nn.Module]:
        return {direction: getattr(self, direction) for direction in self.directions}


def load_model(name: str = "cyclegan") -> Model:
    folder = WEIGHTS_DIR / name
    return Model.from_pretrained(folder if folder.is_dir() and "/" not in name else name)  # type: ignore[return-value]


def load_config(folder: Path, name: str) -> ModelConfig:
    return ModelConfig.from_dict(read_about(folder, name))


@dataclass(frozen=True)
class DrawOptions:
    style: str | None = None
    finish: str = "detail"
    background: str = "paper"
    align: str = "auto"


RAW_OUTPUT = DrawOptions(align="never", finish="none", background="keep")


@dataclass(frozen=True)
class Drawing:
    image: Image.Image


@dataclass(frozen=True)
class Pipeline:
    model: Any
    to: str = "sketch"

    def __call__(self, image: Image.Image, options: DrawOptions = DrawOptions()) -> Drawing:
        direction = next(name for name in self.model.directions if name.endswith(f"_to_{self.to}"))
        return Drawing(
            self.model.translate(
                image,
                direction,
                options.align,
                detail=options.finish == "detail",
                ground=options.background,
                style=options.style if self.to == "sketch" else None,
            )
        )
