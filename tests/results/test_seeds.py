"""A report has one row for runs that differ in nothing but the seed, and the curves of one of them."""

import json
from pathlib import Path

import pytest

from benchmarks.training import recorded_runs
from train.config import override
from train.presets import PRESETS
from train.results.report import report
from train.results.run_summary import read_run
from train.results.seeds import seeds_table, shown_in_full

PERSONS = {"train": "0a 0b", "val": "0c", "test": "0d", "parents": ""}
RECORDS = Path(__file__).parents[2] / "docs" / "results" / "runs"
INTERVAL = 0.05  # half the width of every interval


def write_run(folder: Path, seed=0, preset="pix2pix-deck-short", persons=PERSONS, changes=(), **scores: dict) -> Path:
    """The files of a run that a report reads; scores: direction -> metric -> value."""
    config = override(PRESETS[preset], dict(changes) | {"seed": seed, "steps": 10})
    origin = {"step": 10, "hardware": "1 CPU thread", "persons": persons}
    model = {"network": config.model.network, "width": config.model.width, "size": 256, "directions": list(scores)}
    model["provenance"] = {
        direction: origin | {"preset": "another" if values.pop("exported_only", False) else preset}
        for direction, values in scores.items()
    }
    model["scores"] = {
        direction: {"part": "val", "pictures": 9}
        | values
        | {f"{name}_95": [value - INTERVAL, value + INTERVAL] for name, value in values.items()}
        for direction, values in scores.items()
        if values
    }
    (folder / "export").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    (folder / "export" / "config.json").write_text(json.dumps(model))
    lines = [{"step": step, "epoch": step / 5, "G": 1 / step, "val_G": 2 / step} for step in (5, 10)]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture
def three_seeds(tmp_path):
    values = [(0.61, 0.71, 0.51), (0.65, 0.70, 0.56), (0.60, 0.75, 0.58)]
    return [
        write_run(tmp_path / f"s{seed}", seed, photo_to_sketch=dict(zip(("ssim", "fsim", "scoot"), each, strict=True)))
        for seed, each in enumerate(values)
    ]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_range_over_seeds_is_next_to_the_interval_over_pictures(three_seeds, tmp_path):
    other = write_run(tmp_path / "other", 1, "autoencoder", photo_to_sketch={"ssim": 0.9})
    report([*reversed(three_seeds), other], tmp_path / "out")
    text = (tmp_path / "out" / "README.md").read_text()
    rows = text[text.index("## Seeds") : text.index("## Why")].split("|---|\n")[1]
    assert rows.strip() == (
        "| `pix2pix-deck-short` | photo_to_sketch | val | 9 | 3 "
        "| 0.6200 (0.6000 to 0.6500) | 0.5600 to 0.6600 "
        "| 0.7200 (0.7000 to 0.7500) | 0.6600 to 0.7600 "
        "| 0.5500 (0.5100 to 0.5800) | 0.4600 to 0.5600 |"
    )


def test_one_of_several_seeds_is_shown_and_kept_in_full(three_seeds, tmp_path):
    out = tmp_path / "out"
    report(three_seeds, out)
    text = (out / "README.md").read_text()
    assert "## s0" in text and "`s0`, epoch" in text and "s1" not in text and "s2" not in text
    assert {path.name for path in out.glob("*.png")} == {"s0-curves.png"}
    assert files(out / "runs" / "s0") == {"config.json", "metrics.jsonl", "export/config.json"}
    assert files(out / "runs" / "s1") == files(out / "runs" / "s2") == {"config.json", "export/config.json"}
    report([*(out / "runs").iterdir()], out)
    assert (out / "README.md").read_text() == text


def test_seeds_can_be_added_later(three_seeds, tmp_path):
    together, later = tmp_path / "together", tmp_path / "later"
    report(three_seeds, together)
    report(three_seeds[:1], later)
    assert "## Seeds" not in (later / "README.md").read_text()
    for run in three_seeds[1:]:
        report([run], later)
    assert (later / "README.md").read_text() == (together / "README.md").read_text()
    assert files(later) == files(together)


def test_a_report_removes_nothing_from_the_runs_themselves(three_seeds, tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    moved = [run.rename(folder / run.name) for run in three_seeds]
    before = files(folder)
    report(moved, tmp_path)
    assert files(folder) == before and "## Seeds" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize(
    "difference",
    [
        {"changes": {"losses.l1": 50.0}},
        {"persons": PERSONS | {"train": "0a"}},
        {"preset": "pix2pix-deck-narrow"},
        {"seed": 0},
        {"photo_to_sketch": {}},  # not finished
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_runs_that_differ_in_anything_else_are_not_seeds_of_one(difference, tmp_path):
    score = {"photo_to_sketch": {"ssim": 0.5}}
    folders = [write_run(tmp_path / "a", 0, **score), write_run(tmp_path / "b", **{"seed": 1} | score | difference)]
    runs = [read_run(folder) for folder in folders]
    assert shown_in_full(runs) == runs and seeds_table(runs) == ""


def test_mattes_have_iou_and_every_direction_that_was_trained_has_a_row(tmp_path):
    matte = [
        write_run(tmp_path / f"m{seed}", seed, "matte", photo_to_matte={"iou": 0.9 + seed / 100}) for seed in (3, 5)
    ]
    cyclegan = [
        write_run(
            tmp_path / f"c{seed}",
            seed,
            "cyclegan-deck-narrow",
            photo_to_sketch={"ssim": 0.5 + seed / 100},
            sketch_to_photo={"ssim": 0.7},
            photo_to_matte={"iou": 0.8, "exported_only": True},
        )
        for seed in (0, 1)
    ]
    head, _, *rows = seeds_table([read_run(folder) for folder in [*matte, *cyclegan]]).splitlines()
    assert "IoU" in head and "SSIM" in head and "Scoot" not in head
    deck = "| `cyclegan-deck-narrow` |"
    assert rows == [
        "| `matte` | photo_to_matte | val | 9 | 2 | 0.9400 (0.9300 to 0.9500) | 0.8800 to 0.9800 |  |  |",
        f"{deck} photo_to_sketch | val | 9 | 2 |  |  | 0.5050 (0.5000 to 0.5100) | 0.4500 to 0.5500 |",
        f"{deck} sketch_to_photo | val | 9 | 2 |  |  | 0.7000 (0.7000 to 0.7000) | 0.6500 to 0.7500 |",
    ]


def test_records_of_other_seeds_are_small_and_change_no_recorded_time():
    records = {folder.name: read_run(folder) for folder in RECORDS.iterdir()}
    small = [run for run in records.values() if run.is_scores_only]
    assert small
    for run in small:
        assert sum((run.folder / name).stat().st_size for name in files(run.folder)) < 10_000
        assert recorded_runs()[run.config.preset] == records[run.config.preset].provenance
