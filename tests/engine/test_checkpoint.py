"""States on disk: two generations, whole or not at all; training killed at any moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from facesketch.files import beside, write
from train.engine import checkpoint

FACES = (100, 125)
REPOSITORY = Path(__file__).parents[2]
CPU = torch.device("cpu")


def save(folder: Path, step: int) -> Path:
    checkpoint.save(folder, step, {"step": step, "w": torch.full((100,), float(step))})
    return checkpoint.generations(folder)[0]


def test_two_generations_are_kept(tmp_path):
    assert checkpoint.load(tmp_path / "state", CPU) is None
    for step in (1, 2, 10):
        save(tmp_path / "state", step)
    assert [path.name[:8] for path in checkpoint.generations(tmp_path / "state")] == ["00000010", "00000002"]
    assert len(list((tmp_path / "state").iterdir())) == 2
    state = checkpoint.load(tmp_path / "state", CPU)
    assert state["step"] == 10 and torch.equal(state["w"], torch.full((100,), 10.0))


@pytest.mark.parametrize("damage", ["bit", "short", "empty"])
def test_a_damaged_state_falls_back_to_the_one_before_and_says_so(tmp_path, damage):
    save(tmp_path, 1)
    newest, said = save(tmp_path, 2), []
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes({"bit": data, "short": data[:-9], "empty": b""}[damage])
    assert checkpoint.load(tmp_path, CPU, said.append)["step"] == 1
    assert len(said) == 1 and newest.name in said[0] and "damaged" in said[0]
    assert save(tmp_path, 2) == newest and checkpoint.load(tmp_path, CPU)["step"] == 2


def test_both_damaged_is_none(tmp_path):
    save(tmp_path, 1), save(tmp_path, 2)
    for path in checkpoint.generations(tmp_path):
        path.write_bytes(b"x")
    assert checkpoint.load(tmp_path, CPU, lambda line: None) is None


def test_what_a_killed_save_left_is_no_state_and_is_cleared(tmp_path):
    save(tmp_path, 1)
    (tmp_path / f".{2:08d}-{'0' * 64}.pt.tmp").write_bytes(b"half")
    assert checkpoint.load(tmp_path, CPU)["step"] == 1
    save(tmp_path, 3)
    assert not list(tmp_path.glob(".*"))


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    write(path, b"old")
    beside(tmp_path / "file").mkdir()  # stands where the new bytes would go
    with pytest.raises(OSError):
        write(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_full_disk_ends_the_run_with_one_sentence_and_its_last_state_whole(faces, tmp_path):
    """The limit on a file's size stands for the disk: writes beyond it fail, as on a full one."""
    out, data = tmp_path / "run", faces(4)
    code = (
        "import resource, sys, train.engine.trainer; from train.__main__ import main\n"
        "save = train.engine.trainer.checkpoint.save\n"
        "def full(folder, step, state):\n"
        "    if step == 2: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "    save(folder, step, state)\n"
        "train.engine.trainer.checkpoint.save = full\n"
        f"sys.argv = ['train', 'fit', 'autoencoder', '--data', {str(data)!r}, '--out', {str(out)!r}, '--steps', '3',"
        " '--device', 'cpu', '--batch', '2']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "Step 2 cannot be saved" in last and "File too large" in last
    assert checkpoint.load(out / "state", CPU)["step"] == 1
    assert not list((out / "state").glob(".*"))


@pytest.mark.slow
def test_killed_at_random_and_gone_on_with_is_the_same_to_the_bit():
    """The short form of the benchmark, which kills at least a hundred times."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill", "--kills", "8"],
        cwd=REPOSITORY, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'inside a save': 0" not in done.stdout.splitlines()[-1]
