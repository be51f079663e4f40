"""The data's doctor: what in a folder of pairs would make training wrong, or is good to know."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facesketch.images import ImageError, read_image

from .pairs import DataError, Folders, Pair, find, folders, pairs
from .scans import printed, wedges
from .split import read_split

SHOWN = 5  # names in a row of the table


@dataclass(frozen=True)
class Finding:
    """Something found in the data. wrong: training on it would be wrong; where: ids or paths."""

    what: str
    where: list[str]
    wrong: bool = False

    def __str__(self) -> str:
        rest = len(self.where) - SHOWN
        return ", ".join(self.where[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def examine(data: Folders, quick: bool = False) -> list[Finding]:
    """What is to be said of a folder of pairs, or of several together.

    quick leaves out what is looked for in the pixels of sketches. Raises DataError where there are no pairs at all, or
    two files claim one place.
    """
    found = pairs(data)
    images, unreadable = _read(found)
    findings = [
        *_alone(data),
        Finding("unreadable files", unreadable, wrong=True),
        *_sizes(images),
        *_sides(found, data, images),
    ]
    if not quick:
        gray = {pair: np.asarray(sketch.convert("L")) for pair, (_, sketch) in images.items()}
        findings.append(Finding("black wedges at a sketch's border", _ids(p for p in gray if wedges(gray[p]).any())))
        findings.append(Finding("print at a sketch's top", _ids(p for p in gray if printed(gray[p]))))
    return [finding for finding in findings if finding.where]


def _ids(found: Iterable[Pair]) -> list[str]:
    return [pair.id for pair in found]


def _read(found: list[Pair]) -> tuple[dict[Pair, tuple[Image.Image, Image.Image]], list[str]]:
    """Photo and sketch of each pair whose files can both be read, and the paths of those that cannot."""
    images, unreadable = {}, []
    for pair in found:
        sides = []
        for path in (pair.photo, pair.sketch):
            try:
                sides.append(read_image(path))
            except ImageError as error:
                unreadable.append(f"{path} ({error})")
        if len(sides) == 2:
            images[pair] = tuple(sides)
    return images, unreadable


def _alone(data: Folders) -> list[Finding]:
    photos, sketches, _ = find(data).values()
    if not photos.keys() & sketches.keys():
        return [Finding("no pairs, for CycleGAN alone", _ids(pair for pair in pairs(data) if not pair.paired))]
    return [
        Finding(f"{what} without its {other}", [name for key, (name, _) in here.items() if key not in there])
        for what, other, here, there in (("photo", "sketch", photos, sketches), ("sketch", "photo", sketches, photos))
    ]


def _sizes(images: dict[Pair, tuple[Image.Image, Image.Image]]) -> list[Finding]:
    """Pairs of two shapes would be squeezed apart when both are brought to the frame; odd sizes are good to know."""
    usual = Counter(image.size for sides in images.values() for image in sides).most_common(1)
    apart, odd = [], []
    for pair, (photo, sketch) in images.items():
        ratio = (photo.width * sketch.height) / (photo.height * sketch.width)
        if abs(ratio - 1) > 0.02:
            apart.append(f"{pair.id} ({photo.width} x {photo.height}, {sketch.width} x {sketch.height})")
        elif {photo.size, sketch.size} != {usual[0][0]}:
            odd.append(f"{pair.id} ({photo.width} x {photo.height})")
    return [Finding("photo and sketch of two shapes", apart, wrong=True), Finding("unusual size", odd)]


def _sides(found: list[Pair], data: Folders, images: dict) -> list[Finding]:
    """Faults of split.json, and pictures that are there twice, which is wrong where train and test share them."""
    try:
        named = read_split(found, data)
    except DataError as error:
        return [Finding("split.json does not fit", [str(error)], wrong=True)]
    test = set(named["test"]) if named else set()
    used = {*named["train"], *test} if named else set(found)
    twice, leaks = [], []
    seen: dict[bytes, Pair] = {}
    for pair, sides in images.items():
        for image in sides:
            first = seen.setdefault(hashlib.sha256(image.tobytes()).digest(), pair)
            if first is not pair:
                kind = leaks if (first in test) != (pair in test) and {first, pair} <= used else twice
                kind.append(f"{first.id} = {pair.id}")
    return [
        Finding("a picture that is in train and in test", leaks, wrong=True),
        Finding("a picture that is there twice", twice),
        Finding("neither in train nor in test of split.json", _ids(pair for pair in found if pair not in used)),
    ]


def table(count: int, findings: list[Finding]) -> str:
    """Findings as a Markdown table, those that stop a training first."""
    lines = ["| found | number | | which |", "|---|---|---|---|", f"| pairs | {count} | | |"]
    for finding in sorted(findings, key=lambda finding: not finding.wrong):
        state = "wrong" if finding.wrong else "good to know"
        lines.append(f"| {finding.what} | {len(finding.where)} | {state} | {finding} |")
    return "\n".join(lines)


def require(data: Folders) -> list[str]:
    """A quick look before training. Returns lines to say. Raises DataError where training would be wrong."""
    findings = examine(data, quick=True)
    wrong = [f"{finding.what}: {finding}" for finding in findings if finding.wrong]
    if wrong:
        raise DataError(f"{folders(data)[0]} cannot be trained on as it is; {'; '.join(wrong)}.")
    return [f"{finding.what}: {finding}" for finding in findings]
