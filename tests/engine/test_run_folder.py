"""A run's folder belongs to one process and to one set of data."""

import shutil
import subprocess
import sys

import pytest
from tiny_runs import log, run, tiny

from train.engine.fit import LOCK
from train.hardware import TrainingError

HOLD = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    input()
"""


def test_a_second_process_is_refused_and_a_killed_one_leaves_no_lock(faces, tmp_path):
    config, data, out = tiny("autoencoder", steps=2), faces(5), tmp_path / "run"
    run(config, data, out)
    before = log(out)
    command = [sys.executable, "-c", HOLD, str(out / LOCK)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TrainingError, match="run is in use by another training process"):
            run(config, data, out)
        other.kill()
    assert log(out) == before and run(config, data, out)


def test_a_run_is_continued_on_its_own_data_alone(faces, tmp_path):
    config, data, out = tiny("autoencoder", steps=2), faces(5), tmp_path / "run"
    scores = run(config, data, out)
    shutil.copytree(data, tmp_path / "moved")
    assert run(config, tmp_path / "moved", out) == scores
    for other in (faces(6, folder="more"), faces(5, folder="larger", size=(120, 150))):
        with pytest.raises(TrainingError, match="a run on other data"):
            run(config, other, out)


def test_other_files_are_left_alone(faces, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    with pytest.raises(TrainingError, match="is not empty and contains no run"):
        run(tiny("autoencoder", steps=1), faces(5), tmp_path / "run")
    assert [each.name for each in (tmp_path / "run").iterdir()] == ["mine.txt"]
