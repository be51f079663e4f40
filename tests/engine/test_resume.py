"""A run stopped and gone on with, and folders that no run can go on in."""

import signal

import pytest
import torch
from tiny_runs import assert_same_run, run, state, tiny

from facesketch.translator import Translator
from train.engine import checkpoint
from train.hardware import TrainingError
from train.methods import METHODS

FACES = (100, 125)


@pytest.fixture
def interrupted(monkeypatch):
    """interrupted(name, step, act): the method does act as it begins that step, counted from 1, once."""

    def arrange(name: str, at: int, act) -> None:
        original, count = METHODS[name], []

        class Interrupted(original):
            def step(self, *batch, learn=True):
                if learn:
                    count.append(1)
                if learn and len(count) == at:
                    act()
                return super().step(*batch, learn=learn)

        monkeypatch.setitem(METHODS, name, Interrupted)

    return arrange


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_stopped_and_gone_on_with_is_as_if_never_stopped(name, faces, tmp_path, interrupted):
    data, config, handler = faces(5), tiny(name, steps=5), signal.getsignal(signal.SIGINT)
    run(config, data, tmp_path / "whole")

    interrupted(name, 3, lambda: signal.raise_signal(signal.SIGINT))
    assert run(config, data, tmp_path / "stopped") == {}
    assert state(tmp_path / "stopped")["step"] == 3
    assert signal.getsignal(signal.SIGINT) is handler
    assert Translator.from_pretrained(tmp_path / "stopped" / "export").about["step"] <= 3
    run(config, data, tmp_path / "stopped")
    assert_same_run(tmp_path / "whole", tmp_path / "stopped")


@pytest.mark.slow
@pytest.mark.parametrize("at", [3, 7])
def test_stopped_in_either_part_of_a_run_that_starts_from_another(at, faces, tmp_path, interrupted):
    data, config = faces(5), tiny("cyclegan", after="cyclegan-half", steps=5)
    run(config, data, tmp_path / "whole")
    interrupted("cyclegan", at, lambda: signal.raise_signal(signal.SIGINT))
    assert run(config, data, tmp_path / "stopped") == {}
    run(config, data, tmp_path / "stopped")
    assert_same_run(tmp_path / "whole", tmp_path / "stopped")


def test_a_crash_after_the_checkpoint_leaves_no_trace(faces, tmp_path, interrupted):
    """Lines logged after the last checkpoint are taken back."""
    data, config = faces(4), tiny("autoencoder", steps=40)  # an epoch is one step, a checkpoint every second
    run(config, data, tmp_path / "whole")

    def crash():
        raise RuntimeError("power cut")

    interrupted("autoencoder", 8, crash)
    with pytest.raises(RuntimeError, match="power cut"):
        run(config, data, tmp_path / "crashed")
    run(config, data, tmp_path / "crashed")
    assert_same_run(tmp_path / "whole", tmp_path / "crashed")


def test_another_config_is_refused_by_what_differs(faces, tmp_path):
    data, out = faces(5), tmp_path / "run"
    run(tiny("autoencoder", steps=1), data, out)
    before = (out / "config.json").read_bytes()
    with pytest.raises(TrainingError) as error:
        run(tiny("autoencoder", steps=1, seed=7, width=3), data, out)
    text = str(error.value)
    assert "seed 0 there, 7 here" in text and "width 2 there, 3 here" in text and "steps" not in text
    assert (out / "config.json").read_bytes() == before


def test_a_folder_of_something_else_is_refused(faces, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("words")
    with pytest.raises(TrainingError, match="not empty"):
        run(tiny("autoencoder", steps=1), faces(5), tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_state_of_another_version_is_a_sentence(faces, tmp_path):
    data, config = faces(4), tiny("autoencoder", steps=1)
    run(config, data, tmp_path / "run")
    folder = tmp_path / "run" / "state"
    saved = checkpoint.load(folder, torch.device("cpu"))
    del saved["seconds"]
    for path in checkpoint.generations(folder):
        path.unlink()
    checkpoint.save(folder, saved["step"], saved)
    with pytest.raises(TrainingError, match=r"state was saved by another version"):
        run(config, data, tmp_path / "run")


def test_damaged_config_of_a_run_is_a_sentence(faces, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text('{"preset": ')
    with pytest.raises(TrainingError):
        run(tiny("autoencoder", steps=1), faces(5), tmp_path / "run")
