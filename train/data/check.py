"""Look for problems in the data: errors that would spoil a training, and things worth knowing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facesketch import ImageError, read_image

from .pairs import DataError, Folders, Pair, as_paths, find_images, find_pairs
from .scans import has_print, scan_border
from .split import read_split_json, train_and_test

MAX_EXAMPLES = 5  # names in a row of the table
SAME_SHAPE = 0.02  # relative difference of aspect ratio up to which two images have one shape


@dataclass(frozen=True)
class CheckedImage:
    """What is kept of an image, so that large data need little memory: its size, and the SHA-256 of its pixels."""

    size: tuple[int, int]
    sha256: bytes

    @classmethod
    def of(cls, image: Image.Image) -> CheckedImage:
        return cls(image.size, hashlib.sha256(image.tobytes()).digest())


Images = dict[Pair, tuple[CheckedImage, CheckedImage]]  # photo and sketch (without one, matte) of each readable pair


@dataclass(frozen=True)
class Finding:
    """Something found in the data; an error must be fixed before training."""

    problem: str
    examples: list[str]  # ids or paths
    is_error: bool = False

    def __str__(self) -> str:
        rest = len(self.examples) - MAX_EXAMPLES
        return ", ".join(self.examples[:MAX_EXAMPLES]) + (f" and {rest} more" if rest > 0 else "")


def examine(folders: Folders, quick: bool = False) -> list[Finding]:
    """Everything found in data folders; quick leaves out what is searched in the pixels of sketches.

    Raises DataError if there are no pairs at all, or two files have one role and id.
    """
    pairs = find_pairs(folders)
    images, unreadable = _read(pairs)
    findings = [
        *_without_partner(folders, pairs),
        Finding("unreadable files", unreadable, is_error=True),
        *_sizes(images),
        *_split_and_duplicates(pairs, folders, images),
    ]
    if not quick:
        with_border, with_print = [], []
        for pair in images:
            if pair.sketch:
                gray = np.asarray(read_image(pair.sketch).convert("L"))
                with_border += [pair.id] if scan_border(gray).any() else []
                with_print += [pair.id] if has_print(gray) else []
        findings.append(Finding("sketches with black scan borders", with_border))
        findings.append(Finding("sketches with print at the top", with_print))
    return [finding for finding in findings if finding.examples]


def _ids(pairs: Iterable[Pair]) -> list[str]:
    return [pair.id for pair in pairs]


def _read(pairs: list[Pair]) -> tuple[Images, list[str]]:
    """The images of the pairs that can be read, and the paths of files that cannot."""
    images: Images = {}
    unreadable = []
    for pair in pairs:
        readable = []
        for path in (pair.photo, pair.sketch or pair.matte):
            assert path is not None
            try:
                readable.append(CheckedImage.of(read_image(path)))
            except ImageError as error:
                unreadable.append(f"{path} ({error})")
        if len(readable) == 2:
            images[pair] = (readable[0], readable[1])
    return images, unreadable


def _without_partner(folders: Folders, pairs: list[Pair]) -> list[Finding]:
    photos, sketches, _ = find_images(folders).values()
    if not photos.keys() & sketches.keys():
        return [Finding("no pairs, for CycleGAN only", _ids(pair for pair in pairs if not pair.paired))]
    return [
        Finding(f"{name} without its {other}", [pair_id for key, (pair_id, _) in here.items() if key not in there])
        for name, other, here, there in (("photo", "sketch", photos, sketches), ("sketch", "photo", sketches, photos))
    ]


def _sizes(images: Images) -> list[Finding]:
    """Photos and sketches of different shape, which resizing to a square would misalign, and unusual sizes."""
    usual = Counter(image.size for pair_images in images.values() for image in pair_images).most_common(1)
    misaligned, unusual = [], []
    for pair, (photo, sketch) in images.items():
        (width, height), (sketch_width, sketch_height) = photo.size, sketch.size
        ratio = (width * sketch_height) / (height * sketch_width)
        if abs(ratio - 1) > SAME_SHAPE:
            misaligned.append(f"{pair.id} ({width} x {height}, {sketch_width} x {sketch_height})")
        elif {photo.size, sketch.size} != {usual[0][0]}:
            unusual.append(f"{pair.id} ({width} x {height})")
    return [Finding("photo and sketch of different shape", misaligned, is_error=True), Finding("unusual size", unusual)]


def _split_and_duplicates(pairs: list[Pair], folders: Folders, images: Images) -> list[Finding]:
    """Faults of split.json, and duplicate images, which are an error if train and test of split.json share them."""
    try:
        named = read_split_json(pairs, folders)
    except DataError as error:
        return [Finding("split.json does not fit", [str(error)], is_error=True)]
    try:
        parts = train_and_test(pairs, folders)
    except DataError as error:
        return [Finding("person in both train and test", [str(error)], is_error=True)]
    test = set(named.test) if named else set()
    used = {*parts.train, *parts.test}
    duplicates: list[str] = []
    leaks: list[str] = []
    seen: dict[bytes, Pair] = {}
    for pair, pair_images in images.items():
        for image in pair_images if pair.sketch else pair_images[:1]:  # mattes may well be equal
            first = seen.setdefault(image.sha256, pair)
            if first is not pair:
                leaked = (first in test) != (pair in test) and {first, pair} <= used
                (leaks if leaked else duplicates).append(f"{first.id} = {pair.id}")
    return [
        Finding("image in both train and test", leaks, is_error=True),
        Finding("duplicate image", duplicates),
        Finding("in neither part of split.json", _ids(pair for pair in pairs if pair not in used)),
    ]


def as_markdown(n_pairs: int, findings: list[Finding]) -> str:
    """Findings as a Markdown table, errors first."""
    lines = ["| found | number | | which |", "|---|---|---|---|", f"| pairs | {n_pairs} | | |"]
    for finding in sorted(findings, key=lambda finding: not finding.is_error):
        severity = "error" if finding.is_error else "note"
        lines.append(f"| {finding.problem} | {len(finding.examples)} | {severity} | {finding} |")
    return "\n".join(lines)


def describe_parts(pairs: list[Pair], folders: Folders) -> str:
    """How many pairs are for training and testing, as a sentence. Raises DataError."""
    parts = train_and_test(pairs, folders)
    return f"{len(parts.train)} pairs are for training and validation, {len(parts.test)} for testing."


def check_before_training(folders: Folders) -> list[str]:
    """A quick check; returns lines to log. Raises DataError if training would be wrong."""
    findings = examine(folders, quick=True)
    errors = [f"{finding.problem}: {finding}" for finding in findings if finding.is_error]
    if errors:
        raise DataError(f"{as_paths(folders)[0]} cannot be trained on; {'; '.join(errors)}.")
    return [f"{finding.problem}: {finding}" for finding in findings]
