"""DrawOptions: every choice that a drawing has. The command line, the page and docs/api.md are derived from it."""

from __future__ import annotations

import contextlib
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from .errors import OptionError
from .strokes.styles import DEFAULT_STYLE, STYLES

MIN_CROP_WIDTH, MAX_CROP_WIDTH = 256, 4096  # pixels: the generators' own size, and a print's
MAX_PHOTO_WIDTH = 1024  # of a crop with the photo's detail, four times the generators' own size
DEFAULT_STRENGTH = 0.5
MIN_PEN_MM, MAX_PEN_MM = 0.05, 5.0  # of a plotter


@dataclass(frozen=True)
class OptionSpec:
    """What a field of DrawOptions accepts: named choices, a number from minimum to maximum, or both.

    help: one sentence without a final period, for --help and docs/api.md. type: of values outside choices.
    """

    help: str
    type: type = str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def range(self) -> str:
        """What is accepted: choices and bounds."""
        bounds = "" if self.minimum is None else f"{self.minimum} to {self.maximum}"
        return ", ".join(filter(None, [*self.choices, bounds]))

    def accepts(self, value: object) -> bool:
        """Whether a value is one of the choices or in the range."""
        if isinstance(value, str) and value in self.choices:
            return True
        if self.minimum is None or self.maximum is None:
            return self.type is str and not self.choices and isinstance(value, str) and value != ""
        if isinstance(value, bool) or not isinstance(value, int if self.type is int else int | float):
            return False
        return self.minimum <= value <= self.maximum

    def parse(self, text: str) -> str | int | float:
        """A value from text. Text that is not a number is returned unchanged; DrawOptions rejects it."""
        if text in self.choices or self.type is str:
            return text
        with contextlib.suppress(ValueError):
            return self.type(text)
        return text


def option(default: Any, help: str, **spec: Any) -> Any:
    """A dataclass field with its OptionSpec."""
    return field(default=default, metadata={"spec": OptionSpec(help, **spec)})


@dataclass(frozen=True)
class DrawOptions:
    """How a picture is drawn. Raises OptionError for a value that a field cannot have.

    finish "none" with background "keep" is the generator's raw output: float32, without matte or relighting.
    """

    style: str | None = option(
        None, f"{', '.join(STYLES)}, or a style that only this model knows; by default {DEFAULT_STYLE.name}"
    )
    finish: Literal["strokes", "detail", "none"] = option(
        "strokes",
        "strokes: drawn in strokes; detail: a drawing with the photo's edges; none: the generator's output",
        choices=("strokes", "detail", "none"),
    )
    size: int | Literal["auto"] = option(
        "auto",
        "width of a face crop in pixels; its height is 5/4 of that; auto: as in the picture",
        type=int,
        choices=("auto",),
        minimum=MIN_CROP_WIDTH,
        maximum=MAX_CROP_WIDTH,
    )
    background: Literal["paper", "keep", "transparent"] = option(
        "paper",
        "around the person; paper: the style's, mostly white; transparent: alpha 0; keep: drawn like the rest",
        choices=("paper", "keep", "transparent"),
    )
    frame: Literal["crop", "paper", "photo"] = option(
        "crop",
        "crop: the face alone; paper, photo: the full picture, with all faces drawn on white or over the photo",
        choices=("crop", "paper", "photo"),
    )
    align: Literal["auto", "never"] = option(
        "auto",
        "auto: find the faces; never: the picture is an aligned face crop already, and the drawing gets its size",
        choices=("auto", "never"),
    )
    strength: float = option(
        DEFAULT_STRENGTH, "how much is drawn, from a few lines to a full tone", type=float, minimum=0, maximum=1
    )
    skin_tone: Literal["auto", "light", "medium", "tan", "brown", "dark"] = option(
        "auto",
        "of the photo made from a sketch; auto: as the model imagines it",
        choices=("auto", "light", "medium", "tan", "brown", "dark"),
    )
    seed: int = option(
        0, "another seed gives another drawing of the same person", type=int, minimum=0, maximum=2**32 - 1
    )

    def __post_init__(self) -> None:
        for name, spec in SPECS.items():
            value = getattr(self, name)
            if (name == "style" and value is None) or spec.accepts(value):
                continue
            params = {"name": name, "choices": ", ".join(spec.choices), "value": reprlib.repr(value)}
            if name == "style":
                raise OptionError("option.not_a_style", value=params["value"])
            if spec.minimum is None:
                raise OptionError("option.not_a_choice", **params)
            code = "option.not_a_choice_or_in_range" if spec.choices else "option.out_of_range"
            raise OptionError(code, **params, minimum=spec.minimum, maximum=spec.maximum)

    @property
    def is_raw(self) -> bool:
        """Whether the generator's output is wanted as it is, in float32, without matte or relighting."""
        return self.finish == "none" and self.background == "keep"


SPECS: Mapping[str, OptionSpec] = {each.name: each.metadata["spec"] for each in fields(DrawOptions)}
RAW_OUTPUT = DrawOptions(finish="none", background="keep", align="never")  # the options used in evaluation


def options_table() -> str:
    """The fields of DrawOptions as a Markdown table."""
    rows = ["| option | default | accepts | meaning |", "|---|---|---|---|"]
    for each in fields(DrawOptions):
        spec = SPECS[each.name]
        accepts = "a style's name" if each.name == "style" else spec.range
        rows.append(f"| `{each.name}` | {each.default} | {accepts} | {spec.help} |")
    return "\n".join(rows)
