"""ModelConfig: what a model's config.json says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ..errors import WeightsError
from .registry import GENERATORS

DIRECTIONS = ("photo_to_sketch", "sketch_to_photo", "photo_to_matte")
CONFIG_FILE = "config.json"
DARKEST_SKIN = 150.0  # 165 gave lower identity on photos of FS2K (docs/quality.md)
MAX_WIDTH, MIN_SIZE, MAX_SIZE, MAX_STYLES = 512, 64, 2048, 16  # what a config may ask for: bounds the memory it takes


@dataclass(frozen=True)
class ParentModel:
    """A model that a generator started from. sha256: of its weights, or the start of it; "" for a stage of the run."""

    preset: str
    sha256: str = ""


@dataclass(frozen=True)
class PersonHashes:
    """The persons of a run by part: the first 8 hex digits of the SHA-256 of each person's id, separated by spaces.

    parents: persons that the models it started from were trained on, and who are not in train.
    """

    train: str = ""
    val: str = ""
    test: str = ""
    parents: str = ""

    @property
    def trained_on(self) -> frozenset[str]:
        """The hashes of all persons that the weights have learned from."""
        return frozenset(self.train.split()) | frozenset(self.parents.split())


@dataclass(frozen=True)
class Provenance:
    """How the generator of one direction was trained.

    preset: of train. step: the exported one. seconds: of training. hardware: a description. commit: of the code. data:
    the number of pairs in each part, and how they were split. training: train's config as plain data. changed: its
    fields that differ from the preset's. parents: what it started from, the nearest first. persons: of the data.
    """

    preset: str = ""
    step: int = 0
    seconds: float = 0
    hardware: str = ""
    commit: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    parents: tuple[ParentModel, ...] = ()
    persons: PersonHashes = PersonHashes()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """A provenance from its JSON object; unknown keys are ignored. Raises TypeError and ValueError."""
        known = {each.name: data[each.name] for each in fields(cls) if each.name in data}
        parents = tuple(ParentModel(str(each["preset"]), str(each["sha256"])) for each in data.get("parents", ()))
        persons = dict(data.get("persons", {}))
        hashes = {each.name: str(persons[each.name]) for each in fields(PersonHashes) if each.name in persons}
        return cls(**known | {"parents": parents, "persons": PersonHashes(**hashes)})


@dataclass(frozen=True)
class ModelConfig:
    """A model's description. Raises ValueError where it does not describe a facesketch model.

    network: a name in GENERATORS, and width its channels. size: the side in pixels of the square that the generators
    work on. directions: names in DIRECTIONS. styles: names, of which photo_to_sketch draws the first by default.
    darkest_skin: median luma (0 to 255) of the darkest skin that it knows; 0 if it knows any. provenance and scores (of
    its evaluation): by direction. sha256: of model.safetensors.
    """

    network: str
    width: int
    size: int
    directions: tuple[str, ...]
    styles: tuple[str, ...] = ()
    darkest_skin: float = DARKEST_SKIN
    method: str = ""
    provenance: dict[str, Provenance] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""

    def __post_init__(self) -> None:
        spec = GENERATORS.get(self.network)
        valid = (
            spec is not None
            and 0 < self.width <= MAX_WIDTH
            and MIN_SIZE <= self.size <= MAX_SIZE
            and self.size % spec.size_divisor == 0
            and bool(self.directions)
            and set(self.directions) <= set(DIRECTIONS)
            and len(self.styles) <= MAX_STYLES
            and (spec.accepts_styles or not self.styles)
            and 0 <= self.darkest_skin <= 255
        )
        if not valid:
            raise ValueError(f"{self} does not describe a facesketch model.")

    @property
    def origin(self) -> Provenance:
        """The provenance of the first direction."""
        return self.provenance.get(self.directions[0], Provenance())

    @property
    def trained_on(self) -> frozenset[str]:
        """The hashes of the persons that a generator in any direction, or its parents, learned from."""
        return frozenset().union(*(each.persons.trained_on for each in self.provenance.values()))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], name: str) -> ModelConfig:
        """A config from the JSON object in config.json; unknown keys are ignored. Raises WeightsError about name."""
        try:
            known = {each.name: data[each.name] for each in fields(cls) if each.name in data}
            directions = tuple(data["directions"])
            provenance = dict(known.pop("provenance", {}))
            if not provenance.keys() <= set(DIRECTIONS):  # older models have one for all directions
                provenance = dict.fromkeys(directions, provenance)
            known |= {
                "width": int(data["width"]),
                "size": int(data["size"]),
                "directions": directions,
                "provenance": {name: Provenance.from_dict(each) for name, each in provenance.items()},
                "styles": tuple(str(style) for style in data.get("styles", ())),
                "darkest_skin": float(data.get("darkest_skin", DARKEST_SKIN)),
            }
            return cls(**known)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise WeightsError("weights.invalid_config", name=name, file=CONFIG_FILE) from error

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of config.json: without empty fields."""
        return {key: value for key, value in asdict(self).items() if value or isinstance(value, int | float)}
