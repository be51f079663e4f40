"""The styles that a drawing can have. A new style is one entry here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """A way of drawing that a generator learned from one kind of sketches.

    dataset_folder: the outermost folder that holds such sketches in training data; None for the base style, which
    all other folders show.
    """

    name: str
    dataset_folder: str | None = None


STYLES = {
    style.name: style
    for style in (
        Style("shaded"),
        Style("line", dataset_folder="line"),
        Style("charcoal", dataset_folder="charcoal"),
        Style("soft", dataset_folder="soft"),
    )
}
