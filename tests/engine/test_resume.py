"""Runs that were stopped and continued, and folders in which no run can continue."""

import json
import signal

import pytest
import torch
from tiny_runs import assert_same_run, run, state, tiny

from facesketch import Model
from train.engine import checkpoint, trainer
from train.hardware import TrainingError
from train.methods import METHODS

FACES = (100, 125)


@pytest.fixture
def at_step(monkeypatch):
    """at_step(name, number, act): the method calls act when it begins that step, counted from 1, once."""

    def arrange(name: str, number: int, act) -> None:
        original, count = METHODS[name], []

        class Interrupted(original):
            def train_step(self, batch):
                count.append(1)
                if len(count) == number:
                    act()
                return super().train_step(batch)

        monkeypatch.setitem(METHODS, name, Interrupted)

    return arrange


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_a_stopped_and_continued_run_is_the_same_as_one_never_stopped(name, faces, tmp_path, at_step):
    data, config, handler = faces(5), tiny(name, steps=5), signal.getsignal(signal.SIGINT)
    run(config, data, tmp_path / "whole")

    at_step(name, 3, press_ctrl_c)
    assert run(config, data, tmp_path / "stopped") == {}
    assert state(tmp_path / "stopped")["step"] == 3
    assert signal.getsignal(signal.SIGINT) is handler
    assert Model.from_pretrained(tmp_path / "stopped" / "export").config.origin.step <= 3
    run(config, data, tmp_path / "stopped")
    assert_same_run(tmp_path / "whole", tmp_path / "stopped")


@pytest.mark.slow
@pytest.mark.parametrize("number", [3, 7])
def test_a_run_with_an_initial_preset_can_be_stopped_in_either_part(number, faces, tmp_path, at_step):
    data, config = faces(5), tiny("cyclegan", init_preset="cyclegan-halfres", steps=5)
    run(config, data, tmp_path / "whole")
    at_step("cyclegan", number, press_ctrl_c)
    assert run(config, data, tmp_path / "stopped") == {}
    run(config, data, tmp_path / "stopped")
    assert_same_run(tmp_path / "whole", tmp_path / "stopped")


@pytest.mark.slow
def test_a_crash_after_the_checkpoint_leaves_no_trace(faces, tmp_path, at_step):
    """Lines logged after the last checkpoint are removed."""
    data, config = faces(4), tiny("autoencoder", steps=40)  # an epoch is one step, with a checkpoint every second step
    run(config, data, tmp_path / "whole")

    def crash():
        raise RuntimeError("power cut")

    at_step("autoencoder", 8, crash)
    with pytest.raises(RuntimeError, match="power cut"):
        run(config, data, tmp_path / "crashed")
    run(config, data, tmp_path / "crashed")
    assert_same_run(tmp_path / "whole", tmp_path / "crashed")


def test_another_config_is_refused_with_what_differs(faces, tmp_path):
    data, out = faces(5), tmp_path / "run"
    run(tiny("autoencoder", steps=1), data, out)
    before = (out / "config.json").read_bytes()
    with pytest.raises(TrainingError) as error:
        run(tiny("autoencoder", {"model.width": 3}, steps=1, seed=7), data, out)
    text = str(error.value)
    assert "seed is 0 there and 7 here" in text and "model.width is 2 there and 3 here" in text
    assert "steps" not in text and (out / "config.json").read_bytes() == before


def test_another_method_is_refused(faces, tmp_path):
    data, out = faces(5), tmp_path / "run"
    run(tiny("autoencoder", steps=1), data, out)
    with pytest.raises(TrainingError, match="method is autoencoder there and matte here"):
        run(tiny("matte", steps=1), data, out)


def test_a_folder_with_other_files_is_refused(faces, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("words")
    with pytest.raises(TrainingError, match="not empty"):
        run(tiny("autoencoder", steps=1), faces(5), tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_a_checkpoint_of_another_version_is_one_sentence(faces, tmp_path):
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


@pytest.mark.parametrize("text", ['{"preset": ', "[]", '{"method": "gan"}', '{"model": 7}'])
def test_a_damaged_config_of_a_run_is_one_sentence(text, faces, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text(text)
    with pytest.raises(TrainingError, match="is damaged"):
        run(tiny("autoencoder", steps=1), faces(5), tmp_path / "run")


def test_values_that_an_old_config_lacks_have_their_defaults(faces, tmp_path):
    """A config.json from before a setting existed continues; one with another value is another run."""
    config, data, out = tiny("autoencoder", steps=1), faces(5), tmp_path / "run"
    run(config, data, out)
    saved = json.loads((out / "config.json").read_text())
    del saved["model"]["darkest_skin"]
    (out / "config.json").write_text(json.dumps(saved))
    assert run(config, data, out)
    saved["model"]["darkest_skin"] = 99.0
    (out / "config.json").write_text(json.dumps(saved))
    with pytest.raises(TrainingError, match=r"model\.darkest_skin is 99\.0 there and 150\.0 here"):
        run(config, data, out)


def test_a_run_that_dies_between_validations_continues_from_an_epochs_end(faces, tmp_path, monkeypatch, at_step):
    data, config = faces(6), tiny("matte", steps=9)
    for name, value in (("MIN_VALIDATIONS", 1), ("MAX_VALIDATIONS", 1)):
        monkeypatch.setattr(trainer, name, value)
    run(config, data, tmp_path / "whole")
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", 0)

    def die() -> None:
        raise MemoryError

    at_step("matte", 8, die)
    with pytest.raises(MemoryError):
        run(config, data, tmp_path / "run")
    assert 0 < state(tmp_path / "run")["step"] < 8
    run(config, data, tmp_path / "run")
    assert_same_run(tmp_path / "whole", tmp_path / "run")
