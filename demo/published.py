"""Scores of the embedded models, of published methods and of the course deck, from the models' configs."""

from __future__ import annotations

from typing import Any

import facesketch
from facesketch import WeightsError
from facesketch.hub.weights_io import load_config

from .components import table
from .i18n import t
from .model_catalog import title

METRICS = {  # head of a column -> key in the configs
    "metric.ssim": "ssim",
    "metric.interval": "ssim_95",
    "metric.fsim": "fsim",
    "metric.scoot": "scoot",
    "metric.rank1": "rank1",
    "metric.mae": "mae",
}
OTHERS = {
    name: f"baseline.{name.replace(' ', '_')}"
    for name in ("ans-gda", "ca-gan", "cgan", "pcf", "sca-gan", "the photo itself", "the sketch itself")
}
TEST_FACES = 100  # of CUHK; scores of more include other sets
DECK = {"Autoencoder": 0.7135, "Pix2Pix": 0.6064, "CycleGAN": 0.1624}  # SSIM, validation, of the deck's final table


def baselines() -> dict[str, Any]:
    """Photo to sketch: models and published methods, the best SSIM first, and then the course deck."""
    rows = published_rows("photo_to_sketch")
    blank = [""] * (len(METRICS) - 1)
    rows += [[f"{name}: {t('baseline.deck')}", decimals(ssim), *blank] for name, ssim in DECK.items()]
    return table(("compare.method", *METRICS), rows)


def published_rows(direction: str) -> list[list[str]]:
    """Name and scores of each model and published method in a direction, the best SSIM first."""
    found: dict[str, dict[str, Any]] = {}
    others: dict[str, dict[str, Any]] = {}
    for name in facesketch.available_models():
        try:
            config = load_config(facesketch.WEIGHTS_DIR / name, name)
        except WeightsError:
            continue
        scores = config.scores.get(direction, {})
        if scores.get("pictures") == TEST_FACES:
            found[title(name)] = scores
            others |= scores.get("others", {})
    for key, scores in others.items():
        if key in OTHERS:
            name, count = t(OTHERS[key]), scores["pictures"]
            found[name if count == TEST_FACES else t("baseline.some", name=name, count=count)] = scores
    ranked = sorted(found.items(), key=lambda item: -item[1]["ssim"])
    return [[name, *(decimals(scores.get(key, "")) for key in METRICS.values())] for name, scores in ranked]


def decimals(value: float | str | list[float]) -> str:
    """A score as text with four decimals, since a table drops zeros at the end of numbers; an interval as two."""
    if isinstance(value, list | tuple):
        return " – ".join(map(decimals, value))
    return value if isinstance(value, str) else f"{value:.4f}"
