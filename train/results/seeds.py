"""Runs that differ in nothing but their seed: which of them a report shows, and the range of their scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import mean
from typing import NamedTuple

from facesketch.models.config import PersonHashes

from ..config import Config
from .run_summary import RunSummary
from .scores import METRIC_LABELS, Score

METRICS = ("iou", "ssim", "fsim", "scoot")  # columns of the table, if a run has them


class AllButSeed(NamedTuple):
    """What runs of a group have in common."""

    config: Config  # with seed 0
    persons: PersonHashes
    measured: tuple[tuple[str, str, int], ...]  # direction, part and pictures of every score

    @classmethod
    def of(cls, run: RunSummary) -> AllButSeed:
        measured = tuple((direction, score.part, score.pictures) for direction, score in run.scores.items())
        return cls(replace(run.config, seed=0), run.provenance.persons, measured)


def shown_in_full(runs: Iterable[RunSummary]) -> list[RunSummary]:
    """The runs whose curves and portraits a report shows: of those that differ in the seed, the one with the lowest.

    Runs without scores are all shown, and records that hold only scores are not.
    """
    runs = [run for run in runs if not run.is_scores_only]
    lowest: dict[AllButSeed, int] = {}
    for run in runs:
        key, seed = AllButSeed.of(run), run.config.seed
        lowest[key] = min(seed, lowest.get(key, seed))
    return [run for run in runs if not run.scores or run.config.seed == lowest[AllButSeed.of(run)]]


def seeds_table(runs: Iterable[RunSummary]) -> str:
    """Mean and range over seeds, next to the bootstrap interval of the lowest seed; "" if no run has several seeds."""
    groups: dict[AllButSeed, dict[int, RunSummary]] = {}
    for run in runs:
        groups.setdefault(AllButSeed.of(run), {}).setdefault(run.config.seed, run)
    rows: list[tuple[str, list[Score]]] = []
    for group in (group for group in groups.values() if len(group) > 1):
        members = [group[seed] for seed in sorted(group)]
        rows += [
            (f"`{members[0].config.preset}` | {direction}", [run.scores[direction] for run in members])
            for direction in _trained_directions(members[0])
        ]
    names = [name for name in METRICS if any(name in scores[0].metrics for _, scores in rows)]
    head = "".join(f" {METRIC_LABELS[name]}, mean (range) | 95 % |" for name in names)
    lines = [f"| preset | direction | part | pictures | seeds |{head}", "|---" * (5 + 2 * len(names)) + "|"]
    for label, scores in rows:
        cells = " | ".join(_cells(scores, name) for name in names)
        lines.append(f"| {label} | {scores[0].part} | {scores[0].pictures} | {len(scores)} | {cells} |")
    return "\n".join(lines) if rows else ""


def _trained_directions(run: RunSummary) -> list[str]:
    """The scored directions that the run trained; others, which it only exports, do not depend on its seed."""
    trained = [name for name, origin in run.model.provenance.items() if origin.preset == run.config.preset]
    return [direction for direction in run.scores if direction in trained]


def _cells(scores: Sequence[Score], name: str) -> str:
    if not all(name in score.metrics for score in scores):
        return " | "
    values = [score.metrics[name].value for score in scores]
    return f"{mean(values):.4f} ({min(values):.4f} to {max(values):.4f}) | {scores[0].metrics[name].range}"
