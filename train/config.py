"""Config: everything that decides the result of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Part = TypeVar("Part", bound="DataclassInstance")


@dataclass(frozen=True)
class ModelSettings:
    """The networks of a run."""

    network: str = "unet"  # generator: a name in facesketch.models.GENERATORS
    width: int = 64  # channels of the generators' first layer
    discriminator_width: int = 64  # channels of the discriminators' first layer
    size: int = 256  # side of the square images, in pixels
    direction: str = "photo_to_sketch"  # source and target of the first generator: a name in facesketch's DIRECTIONS
    inverse: bool = False  # Pix2Pix: also train a generator from sketch to photo
    styles: tuple[str, ...] = ()  # Pix2Pix: labels in STYLES, the base first; (): unconditional
    darkest_skin: float = 150.0  # median luma, 0 to 255; at inference, faces darker than this are lifted towards it


@dataclass(frozen=True)
class Augmentation:
    """Random changes of the training images. Probabilities are 0 to 1; 0 turns a change off."""

    rotate: float = 0.0  # degrees, at most, in both directions
    scale: float = 0.0  # relative change of size, at most
    translate: float = 0.0  # pixels, at most, in both axes
    hflip: bool = False  # mirror half of the images
    color_jitter: float = 0.0  # relative change of brightness, contrast, gamma and color of the photo, at most
    lighting: float = 0.0  # strength of gamma and of light from one side, see augment.directional_light
    degrade: float = 0.0  # probability of blur, noise and JPEG compression of the photo
    replace_background: float = 0.0  # probability that another background replaces the photo's
    remove_person: float = 0.0  # mattes: probability that the photo shows a background alone
    other_person: float = 0.0  # mattes: probability that a new background has somebody else in it
    paper_light: float = 0.0  # sketch to photo: probability that the sketch is photographed in uneven light
    camouflage: float = 0.0  # mattes: probability that parts of the person and the background approach one tone


@dataclass(frozen=True)
class DataConfig:
    """Which images a run learns from."""

    split: str = "person"  # "person": nobody is in two parts; "deck": 8:2 after the eight flips and rotations
    subset: str = ""  # folder of the data to train and validate on; everything if it is "" or the data lack it
    validation_fraction: float = 0.1  # of the training persons, by hash
    unpaired: bool = False  # CycleGAN: also train G on the photos outside the subset that have mattes
    mattes: bool = False  # take the background from a photo's matte if it has one; else estimate it by color
    synthetic_ratio: float = 0.0  # sketch to photo: share of the input sketches drawn by the model of init_from
    synthetic_finish: str = "detail"  # of these: "detail", or "strokes" in all styles, any strength, by the run's seed
    abstraction: float = 0.0  # share of these, in strokes, that are drawn as people do, see abstraction.py
    white_background: bool = False  # sketch to photo: the photos are on white, not on the studio's color
    inpaint_scan_borders: bool = False  # paint over the black borders of scanned targets
    crop_size: int = 256  # side of the random square crop ...
    crop_until: float = 0.0  # ... during this fraction of the steps; afterwards whole images
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True)
class OptimizerConfig:
    """Adam and its schedule, the same for every network of a run."""

    learning_rate: float = 2e-4
    beta1: float = 0.5
    warmup_steps: int = 0  # steps over which the learning rate rises linearly from 0
    decay_start: float = 0.5  # fraction of the steps after which the learning rate falls linearly to 0; 1: never
    ema_decay: float = 0.0  # exponential moving average of the generators, which is exported; 0: none


@dataclass(frozen=True)
class AutoencoderLosses:
    """Weights of the autoencoder's loss."""

    l1: float = 1.0
    ssim: float = 0.0
    perceptual: float = 0.0  # of losses.PerceptualDistance, as below


@dataclass(frozen=True)
class Pix2PixLosses:
    """Weights of Pix2Pix's generator loss."""

    gan_mode: str = "lsgan"  # a name in losses.ADVERSARIAL_LOSSES
    adversarial: float = 1.0
    l1: float = 1.0
    l1_block_size: int = 1  # pixels; above 1, L1 compares means over blocks, so that strokes within a block are free
    ssim: float = 0.0
    gradients: float = 0.0
    contrast: float = 0.0
    perceptual: float = 0.0
    face_identity: float = 0.0  # of losses.FaceDistance from the photo
    other_styles: float = 1.0  # factor of L1 and SSIM in all styles but the first, whose pairs are aligned less exactly
    stroke_adversarial: float = 0.0  # of D_S, a discriminator of small patches that sees high-pass filtered drawings
    unpaired_adversarial: float = 0.0  # of D_Y, a discriminator that sees drawings without their photos


@dataclass(frozen=True)
class CycleGANLosses:
    """Weights of CycleGAN's generator loss, and what its discriminators and cycles see."""

    gan_mode: str = "lsgan"  # a name in losses.ADVERSARIAL_LOSSES
    adversarial_sketch: float = 1.0  # of D_Y
    adversarial_photo: float = 1.0  # of D_X
    cycle_photo: float = 1.0  # photo -> sketch -> photo
    cycle_sketch: float = 1.0  # sketch -> photo -> sketch; a high weight invites hiding strokes in the photo
    cycle_noise: float = 0.0  # standard deviation of noise on the detached middle image of a cycle; 0: end to end
    identity: float = 0.0
    ssim: float = 0.0
    gradients: float = 0.0
    perceptual: float = 0.0  # of both cycles, as SSIM and gradients
    face_identity: float = 0.0  # of losses.FaceDistance in the photo's cycle
    pool_size: int = 50  # generated images that each discriminator's ImagePool keeps


@dataclass(frozen=True)
class MatteLosses:
    """Weights of the matte network's loss."""

    bce: float = 1.0
    iou: float = 1.0


Losses = AutoencoderLosses | Pix2PixLosses | CycleGANLosses | MatteLosses

LOSSES: dict[str, type[Losses]] = {
    "autoencoder": AutoencoderLosses,
    "pix2pix": Pix2PixLosses,
    "cyclegan": CycleGANLosses,
    "matte": MatteLosses,
}


@dataclass(frozen=True)
class Config:
    """A run. It is saved as config.json in the run's folder and in the provenance of the exported model."""

    preset: str = ""  # a name in presets.PRESETS
    method: str = "pix2pix"  # a name in methods.METHODS
    epochs: int = 1
    batch_size: int = 1  # over all processes
    steps: int = 0  # optimizer steps; 0: as many as the epochs have
    seed: int = 0
    init_from: str = ""  # model that the generators start from: its preset and the SHA-256 of its weights
    init_preset: str = ""  # preset that is trained first, in RUN/first, and whose networks this run starts from
    export_last: bool = False  # export the last step, not the best on validation
    select_by_texture: bool = False  # the best on validation is also the nearest to the artists in texture
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataConfig = field(default_factory=DataConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    losses: Losses = field(default_factory=Pix2PixLosses)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Config:
        """Read what to_dict wrote; fields that data lacks keep their default. Raises ValueError."""
        method = data.get("method", cls.method) if isinstance(data, Mapping) else None
        if method not in LOSSES:
            raise ValueError(f"There is no training method {method}.")
        return _merge(cls(method=method, losses=LOSSES[method]()), data)

    def to_dict(self) -> dict[str, Any]:
        """Nested dicts of plain data."""
        return asdict(self)

    def flat(self) -> dict[str, Any]:
        """All values by dotted name: {"steps": 0, "model.width": 64, ...}."""
        return _flatten(self.to_dict())

    def changes_from(self, other: Config) -> dict[str, Any]:
        """The values that differ from those of another config, by dotted name."""
        theirs = other.flat()
        return {name: value for name, value in self.flat().items() if value != theirs.get(name)}


def override(config: Config, changes: Mapping[str, Any]) -> Config:
    """A copy of config with other values, by dotted name: {"steps": 10, "losses.ssim": 0.5}."""
    for name, value in changes.items():
        config = _set(config, name.split("."), value)
    return config


def _set(part: Part, path: list[str], value: object) -> Part:
    name, *rest = path
    return replace(part, **{name: _set(getattr(part, name), rest, value) if rest else value})


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flatten(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat


def _merge(part: Part, data: Mapping[str, Any]) -> Part:
    """A dataclass with the values that data has for its fields. Raises ValueError."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{data} is not a part of a training config.")
    values: dict[str, Any] = {}
    for name in (each.name for each in fields(part) if each.name in data):
        default, value = getattr(part, name), data[name]
        if is_dataclass(default) and not isinstance(default, type):
            value = _merge(default, value)
        elif isinstance(default, tuple):
            value = tuple(value) if isinstance(value, Sequence) else ()
        values[name] = value
    return replace(part, **values)
