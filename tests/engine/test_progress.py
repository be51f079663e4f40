"""What a person sees of a run: a bar on a terminal, lines elsewhere, and at the end what to do next."""

import io
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_runs import tiny

from train.engine.fit import fit
from train.engine.progress import Progress

FACES = (100, 125)
REPOSITORY = Path(__file__).parents[2]
SAMPLES = Path("runs/mine/samples/photo_to_sketch-0000002.png")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def follow(error: io.StringIO, monkeypatch: pytest.MonkeyPatch, shown: bool = True) -> tuple[str, list[str]]:
    """Standard error and the log of a run of four steps, with a validation at the second."""
    lines: list[str] = []
    monkeypatch.setattr(sys, "stderr", error)
    with Progress("mine", 0, 4, lines.append, shown) as progress:
        for step in range(1, 5):
            progress.bar.mininterval = 0  # redrawn at each step, however fast
            progress.update(lambda: {"G": 2.5})
            progress.report(step, {"G": 1.25, "val_ssim": 0.5}, SAMPLES if step == 2 else None)
    return error.getvalue(), lines


def test_a_terminal_gets_a_bar_with_losses_and_time_left_and_the_path_of_the_samples(monkeypatch):
    shown, lines = follow(Terminal(), monkeypatch)
    assert not lines
    assert "mine: 100%" in shown and "4/4 [" in shown and "G 2.5" in shown
    assert [line for line in shown.splitlines() if str(SAMPLES) in line and "G 1.25, val_ssim 0.5" in line]


def test_without_a_terminal_the_log_gets_lines_instead(monkeypatch):
    shown, lines = follow(io.StringIO(), monkeypatch)
    assert shown == "" and len(lines) == 4
    assert lines[0].startswith("Step 1 of 4, 00:0") and lines[0].endswith("left: G 1.25, val_ssim 0.5")
    assert lines[1].endswith(f"; samples: {SAMPLES}")


@pytest.mark.parametrize("error", [Terminal, io.StringIO])
def test_processes_other_than_the_first_show_nothing(error, monkeypatch):
    assert follow(error(), monkeypatch, shown=False) == ("", [])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoencoder", "matte"])
def test_a_run_logs_its_progress_and_ends_with_a_table_the_export_and_a_command_that_works(name, faces, tmp_path):
    data, out, lines = faces(8), tmp_path / "my run", []
    fit(tiny(name, steps=2), data, out, "cpu", log=lines.append)
    steps = [line for line in lines if line.startswith("Step ")]
    assert len(steps) == 2 and all(Path(line.rpartition("samples: ")[2]).is_file() for line in steps)
    *_, row, _, exported, following = lines[-1].splitlines()
    assert row.startswith(f"| {name} |")
    assert exported == f"Exported: {out / 'export'}" and following.startswith("Next: python -m ")
    command = shlex.split(following.removeprefix("Next: python "))
    command = [str(tmp_path / "sketch.png") if argument == "sketch.png" else argument for argument in command]
    done = subprocess.run([sys.executable, *command], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
