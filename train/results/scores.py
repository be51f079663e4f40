"""Scores: means of metrics over images with confidence intervals, compared and formatted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image
from scipy.stats import bootstrap

from facesketch.metrics import MIN_TEXTURE_SIDE, TextureDistance, texture_distance

METRIC_LABELS = {  # in the order in which metrics are shown
    "iou": "IoU",
    "ssim": "SSIM",
    "fsim": "FSIM",
    "scoot": "Scoot",
    "rank1": "rank-1",
    "distance": "embedding distance",
    "mae": "MAE",
}
LOWER_IS_BETTER = ("mae", "distance")
TEXTURE_LABEL = "texture distance: fine / middle / coarse"
RESAMPLES = 9999  # of the bootstrap: SciPy's default


@dataclass(frozen=True)
class Measurement:
    """One generated image against its target.

    drawing, sketch: gray, of one size, of a drawing that is measured in full: texture is compared between sets of them.
    """

    id: str  # of its pair
    metrics: dict[str, float]
    ms: float = 0.0  # milliseconds that the image took
    gallery_size: int = 0  # photos that rank1 was searched among; 0: not measured
    drawing: Image.Image | None = field(default=None, repr=False, compare=False)
    sketch: Image.Image | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "ms": self.ms, **self.metrics} | _if_set("gallery_size", self.gallery_size)


@dataclass(frozen=True)
class Mean:
    """A mean and its 95 % bootstrap interval, which a single value does not have."""

    value: float
    interval: tuple[float, float] | None = None

    def __str__(self) -> str:
        return f"{self.value:.4f}"

    @property
    def range(self) -> str:
        return "{:.4f} to {:.4f}".format(*self.interval) if self.interval else ""


@dataclass(frozen=True)
class Score:
    """The mean of every metric over some images. In config.json it is one flat object, see to_dict.

    texture: of the set of drawings to the set of sketches; None for photos and mattes, and where it was not measured.
    """

    pictures: int
    metrics: dict[str, Mean]
    gallery_size: int = 0
    ms: float | None = None  # median milliseconds of an image
    part: str = ""  # of the split: val or test
    others: dict[str, Score] = field(default_factory=dict)  # other methods and trivial baselines on the same images
    texture: TextureDistance | None = None

    def to_dict(self) -> dict[str, Any]:
        """{"part", "pictures", "ssim", "ssim_95": [low, high], ..., "texture": {"fine", ...}, "gallery_size", ...}."""
        result = _if_set("part", self.part) | {"pictures": self.pictures}
        for name, mean in self.metrics.items():
            result |= {name: mean.value} | _if_set(f"{name}_95", mean.interval and list(mean.interval))
        others = {name: other.to_dict() for name, other in self.others.items()}
        result |= _if_set("texture", self.texture and asdict(self.texture))
        return result | _if_set("gallery_size", self.gallery_size) | _if_set("ms", self.ms) | _if_set("others", others)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Score:
        """Read what to_dict wrote."""
        metrics = {
            name: Mean(data[name], tuple(data[f"{name}_95"]) if f"{name}_95" in data else None)
            for name in METRIC_LABELS
            if name in data
        }
        others = {name: cls.from_dict(other) for name, other in data.get("others", {}).items()}
        gallery_size, ms, part = data.get("gallery_size", 0), data.get("ms"), data.get("part", "")
        texture = TextureDistance(**data["texture"]) if "texture" in data else None
        return cls(data["pictures"], metrics, gallery_size, ms, part, others, texture)


@dataclass(frozen=True)
class Difference:
    """How far a model is ahead of the best other method by one metric; above zero is better."""

    other: str
    mean: Mean

    def to_dict(self) -> dict[str, Any]:
        return {"other": self.other, "mean": self.mean.value} | _if_set("95", self.mean.interval)


def _if_set(name: str, value: object) -> dict[str, Any]:
    return {name: value} if value else {}


def read_scores(scores: Mapping[str, Any]) -> dict[str, Score]:
    """The scores of a model's config.json: direction -> score."""
    return {direction: Score.from_dict(score) for direction, score in scores.items()}


def summarize(rows: Sequence[Measurement], timed: bool = False) -> Score:
    """The mean of every metric, and the texture distance of drawings; if timed, the median time too."""
    names = [name for name in METRIC_LABELS if name in rows[0].metrics]
    metrics = {name: mean_of([row.metrics[name] for row in rows]) for name in names}
    ms = round(float(np.median([row.ms for row in rows])), 1) if timed else None
    return Score(len(rows), metrics, rows[0].gallery_size, ms, texture=texture_of(rows))


def texture_of(rows: Sequence[Measurement]) -> TextureDistance | None:
    """The texture distance of all drawings to all sketches, rounded to 4 decimals; None where none are kept.

    Of whole pictures, since data may have no mattes and a generator draws the background too.
    """
    drawings = [row.drawing for row in rows if row.drawing]
    sketches = [row.sketch for row in rows if row.sketch]
    if not drawings or min(min(image.size) for image in sketches) < MIN_TEXTURE_SIDE:
        return None
    found = texture_distance(drawings, sketches)
    return TextureDistance(*(round(level, 4) for level in astuple(found)))


def mean_of(values: Sequence[float]) -> Mean:
    """The mean with its percentile bootstrap interval, both rounded to 4 decimals; without chance."""
    mean = round(float(np.mean(values)), 4)
    if len(values) == 1:
        return Mean(mean)
    found = bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=0).confidence_interval
    return Mean(mean, (round(float(found.low), 4), round(float(found.high), 4)))


def paired_difference(
    rows: Sequence[Measurement], others: Mapping[str, Sequence[Measurement]]
) -> dict[str, Difference]:
    """For each metric, how far rows are ahead of the best of others, image by image.

    Only images that both have are compared. The best is the one with the smallest difference.
    """
    result = {}
    for name in (name for name in METRIC_LABELS if name in rows[0].metrics):
        leads = {other: _leads(rows, theirs, name) for other, theirs in others.items()}
        best = min(leads, key=lambda other: np.mean(leads[other]))
        result[name] = Difference(best, mean_of(leads[best]))
    return result


def _leads(rows: Sequence[Measurement], theirs: Sequence[Measurement], name: str) -> list[float]:
    ids = {row.id for row in theirs}
    ours = [row for row in rows if row.id in ids]
    sign = -1 if name in LOWER_IS_BETTER else 1
    return [sign * (our.metrics[name] - their.metrics[name]) for our, their in zip(ours, theirs, strict=True)]


def with_part(score: Score, part: str, others: Mapping[str, Score] | None = None) -> Score:
    """A score as config.json keeps it."""
    return replace(score, part=part, others=dict(others or {}))


def as_markdown(scores: Mapping[str, Score]) -> str:
    """Scores by name as a Markdown table, the best by its first metric first."""
    names = [name for name in METRIC_LABELS if any(name in score.metrics for score in scores.values())]
    with_texture = any(score.texture for score in scores.values())
    heads = "".join(f" {METRIC_LABELS[name]} | 95 % |" for name in names) + f" {TEXTURE_LABEL} |" * with_texture
    lines = [f"| | pictures |{heads} ms |", "|---" * (3 + 2 * len(names) + with_texture) + "|"]
    for title, score in sorted(scores.items(), key=lambda entry: -entry[1].metrics[names[0]].value):
        means = [score.metrics.get(name) for name in names]
        cells = "".join(f" {mean or ''} | {mean.range if mean else ''} |" for mean in means)
        cells += f" {score.texture or ''} |" * with_texture
        lines.append(f"| {title} | {score.pictures} |{cells} {score.ms or ''} |")
    gallery_size = next((score.gallery_size for score in scores.values() if score.gallery_size), 0)
    return "\n".join(lines + ([f"\nRank-1 identification among {gallery_size} photos."] if gallery_size else []))


def sentences(differences: Mapping[str, Difference]) -> str:
    """Paired differences, a line for each metric."""
    return "\n".join(
        f"{METRIC_LABELS[name]}: {found.mean.value:+.4f} (95 % {found.mean.range}) "
        f"compared with {found.other}, the best other method."
        for name, found in differences.items()
    )
