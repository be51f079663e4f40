"""A tracker gets what metrics.jsonl contains; the trackers are the real ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from train.__main__ import app
from train.hardware import TRACKERS

FACES = (100, 125)


def read_tensorboard(folder: Path) -> tuple[dict, int]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "run" / "tracked" / "facesketch"))
    events.Reload()
    values = {(tag, e.step): e.value for tag in events.Tags()["scalars"] for e in events.Scalars(tag)}
    return values, sum(len(events.Images(tag)) for tag in events.Tags()["images"])


def read_trackio(folder: Path) -> tuple[dict, int]:
    from trackio import SQLiteStorage

    (run,) = SQLiteStorage.get_runs("facesketch")
    values = {}
    for line in SQLiteStorage.get_logs("facesketch", run):
        numbers = {name: value for name, value in line.items() if isinstance(value, int | float) and name != "step"}
        values |= {(name, line["step"]): value for name, value in numbers.items()}
    return values, len(list((folder / "trackio" / "media").rglob("*.png")))


@pytest.mark.slow
@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_tracker_gets_the_metrics_and_the_samples(tracker, faces, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    command = ["fit", "autoencoder", "--data", faces(6), "--out", tmp_path / "run", "--steps", "2", "--batch-size", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "train", *map(str, command), "--device", "cpu", "--tracker", tracker],
        cwd=Path(__file__).parents[2], env=os.environ, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    values, images = {"tensorboard": read_tensorboard, "trackio": read_trackio}[tracker](tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    logged = {(name, line["step"]): value for line in lines for name, value in line.items() if name != "step"}
    assert logged and all(values[key] == pytest.approx(value, rel=1e-5) for key, value in logged.items())
    assert images == len(list((tmp_path / "run" / "samples").glob("*.png"))) >= 1


def test_an_unknown_or_missing_tracker_is_one_sentence(faces, tmp_path, monkeypatch):
    command = ["fit", "autoencoder", "--data", str(faces(4)), "--out", str(tmp_path / "run"), "--tracker"]
    result = CliRunner().invoke(app, [*command, "visdom"])
    assert result.exit_code == 2 and "trackio or tensorboard" in result.output
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(app, [*command, "trackio"])
    assert result.exit_code == 1 and "pip install trackio" in str(result.exception)
    assert not (tmp_path / "run").exists()
