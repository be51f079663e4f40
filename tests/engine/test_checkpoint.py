"""Checkpoints: two generations, whole or absent; training killed at any moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from facesketch.files import atomic_write
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
def test_a_damaged_checkpoint_is_logged_and_the_one_before_is_used(tmp_path, damage):
    save(tmp_path, 1)
    newest, lines = save(tmp_path, 2), []
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes({"bit": data, "short": data[:-9], "empty": b""}[damage])
    assert checkpoint.load(tmp_path, CPU, lines.append)["step"] == 1
    assert len(lines) == 1 and newest.name in lines[0] and "damaged" in lines[0]
    assert save(tmp_path, 2) == newest and checkpoint.load(tmp_path, CPU)["step"] == 2


def test_two_damaged_checkpoints_are_none(tmp_path):
    save(tmp_path, 1), save(tmp_path, 2)
    for path in checkpoint.generations(tmp_path):
        path.write_bytes(b"x")
    assert checkpoint.load(tmp_path, CPU, lambda line: None) is None


def test_what_a_killed_save_left_is_ignored_and_removed(tmp_path):
    save(tmp_path, 1)
    (tmp_path / f".{2:08d}-{'0' * 64}.pt.tmp").write_bytes(b"half")
    assert checkpoint.load(tmp_path, CPU)["step"] == 1
    save(tmp_path, 3)
    assert not list(tmp_path.glob(".*"))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    atomic_write(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("facesketch.files.os.replace", refuse)
    with pytest.raises(OSError):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old" and [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
def test_a_full_disk_ends_the_run_with_one_sentence_and_its_last_checkpoint_whole(faces, tmp_path):
    """A limit on file sizes stands in for the disk: the second export fits, and the second checkpoint does not."""
    out, data = tmp_path / "run", faces(4)
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from train.__main__ import main\n"
        "from train.methods import METHODS\n"
        "class DiskFillsUp(METHODS['autoencoder']):\n"
        "    steps = 0\n"
        "    def train_step(self, batch):\n"
        "        self.steps += 1\n"
        "        if self.steps == 2:\n"
        f"            limit = 3 * Path({str(out / 'export' / 'model.safetensors')!r}).stat().st_size\n"
        "            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "        return super().train_step(batch)\n"
        "METHODS['autoencoder'] = DiskFillsUp\n"
        f"sys.argv = ['train', 'fit', 'autoencoder', '--data', {str(data)!r}, '--out', {str(out)!r},"
        " '--steps', '3', '--device', 'cpu', '--batch-size', '2']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "Step 2 cannot be saved" in last and "File too large" in last
    assert checkpoint.load(out / "state", CPU)["step"] == 1
    assert not list((out / "state").glob(".*"))


@pytest.mark.parametrize("kills", [pytest.param(2, marks=pytest.mark.slow), pytest.param(8, marks=pytest.mark.long)])
def test_runs_killed_at_random_and_resumed_are_the_same_to_the_bit(kills):
    """Short forms of the benchmark, which kills at least a hundred times."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill", "--kills", str(kills)],
        cwd=REPOSITORY, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert kills < 8 or "'inside a save': 0" not in done.stdout.splitlines()[-1]
