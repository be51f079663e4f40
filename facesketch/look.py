"""How an answer shall look: the choices that Translator.translate knows, checked."""

from __future__ import annotations

from dataclasses import dataclass

from .detail import LEAST, MOST, STROKES

FRAMES = ("crop", "paper", "photo")
GROUNDS = ("paper", "keep", "clear")
RAW = {"detail": False, "ground": "keep"}  # how the generator's own answer is asked for
CHOICES = {"align": ("auto", "never"), "frame": FRAMES, "ground": GROUNDS}


class ChoiceError(ValueError):
    """A choice that is none of those there are; the message is one sentence for a person."""


@dataclass(frozen=True)
class Look:
    """The choices, as translate describes them. Raises ChoiceError for what is none."""

    direction: str
    align: str = "auto"
    frame: str = "crop"
    size: int | str = "auto"
    detail: bool = True
    ground: str = "paper"
    strokes: float = STROKES
    style: str | None = None

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ChoiceError(f'{name} is one of {", ".join(known)}, not "{getattr(self, name)}".')
        if self.size != "auto" and not (isinstance(self.size, int) and LEAST <= self.size <= MOST):
            raise ChoiceError(f'size is "auto" or from {LEAST} to {MOST}, not {self.size}.')
        if not 0 <= self.strokes <= 1:
            raise ChoiceError(f"strokes is from 0 to 1, not {self.strokes}.")

    @property
    def raw(self) -> bool:
        """Whether the generator's own answer is asked for, as it always is for a matte."""
        return self.direction == "photo_to_matte" or (self.ground == "keep" and not self.detail)

    @property
    def traced(self) -> bool:
        """Whether a photo's light, ground and edges lead a drawing of it."""
        return self.direction == "photo_to_sketch" and not self.raw

    @property
    def own(self) -> bool:
        """Whether a face is drawn at the width that it has in its picture."""
        return self.size == "auto" and self.detail and self.direction != "photo_to_matte"

    @property
    def clear(self) -> bool:
        """Whether what is not the person is transparent."""
        return self.ground == "clear"
