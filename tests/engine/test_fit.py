"""A run from its first step to its export, stopped and gone on with."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import draw_face
from tiny_runs import SMALL, assert_same_run, log, run, state, tiny

from facesketch.translator import Translator
from train.__main__ import main
from train.hardware import TrainingError
from train.methods import METHODS
from train.presets import PRESETS

FACES = (100, 125)

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("name", METHODS)
def test_a_run_from_start_to_end(name, faces, tmp_path):
    out, data = tmp_path / "run", faces(8)
    scores = run(tiny(name, steps=2), data, out)

    saved = json.loads((out / "config.json").read_text())
    assert saved == {**tiny(name, steps=2).as_dict(), "changed": tiny(name, steps=2).changed(PRESETS[name])}
    lines = log(out)
    assert lines[-1]["step"] == 2 and any("rate" in line for line in lines)
    directions = set(METHODS[name](tiny(name)).generators)
    assert scores.keys() == directions
    for direction in directions:
        first = "iou" if name == "matte" else "ssim"
        assert -1 <= scores[direction][first] <= 1 and 0 <= scores[direction]["mae"] <= 1
        assert {f"{part}_{name}_{direction}" for part in ("val", "train") for name in (first, "mae")} <= lines[
            -1
        ].keys()
        assert first == "iou" or 0 <= scores[direction]["fsim"] <= 1
        assert list((out / "samples").glob(f"{direction}-*.png"))
    assert all(f"val_{loss}" in lines[-1] for loss in lines[-2] if loss not in ("step", "epoch", "rate"))
    assert state(out)["step"] == 2 and (out / "export" / "README.md").read_text()

    model = Translator.from_pretrained(out / "export")
    assert set(model.directions) == directions and 1 <= model.about["step"] <= 2
    assert model.about["scores"].keys() == directions and all(score["ms"] > 0 for score in scores.values())
    assert model.about["seconds"] >= 0 and re.fullmatch(r"([0-9a-f]{12}\+?)?", model.about["commit"])
    photo = draw_face(0)[0]
    assert model.translate(photo, model.directions[0], align="never").size == photo.size

    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.suffix != ".pt"}
    assert run(tiny(name, steps=2), data, out) == scores
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.suffix != ".pt"} == before


def test_steps_default_to_the_epochs(faces, tmp_path):
    run(tiny("autoencoder", epochs=2), faces(7), tmp_path / "run")  # 7 persons: 1 test, 1 validation, 5 train
    assert json.loads((tmp_path / "run" / "config.json").read_text())["steps"] == 4
    assert log(tmp_path / "run")[-1]["step"] == 4


def rates(out: Path) -> list[float]:
    """The rate at each epoch's end."""
    return [line["rate"] for line in log(out) if "rate" in line and line["epoch"] % 1 == 0]


def test_rate_falls_to_nothing(faces, tmp_path):
    data = faces(7)
    run(tiny("autoencoder", steps=8, decay_from=0.5), data, tmp_path / "run")
    assert rates(tmp_path / "run") == [1, 1, 0.5, 0]
    run(tiny("autoencoder", steps=8, decay_from=1.0), data, tmp_path / "constant")
    assert rates(tmp_path / "constant") == [1, 1, 1, 1]
    run(tiny("autoencoder", steps=8, decay_from=1.0, warmup=6), data, tmp_path / "warm")
    assert rates(tmp_path / "warm") == [pytest.approx(0.5, abs=1e-5), pytest.approx(5 / 6, abs=1e-5), 1, 1]


@pytest.mark.parametrize(("name", "newest"), [("autoencoder", False), ("autoencoder", True), ("cyclegan", False)])
def test_the_best_by_validation_is_exported_or_the_last(name, newest, faces, tmp_path):
    """At a rate this high the picture gets worse with the steps; the mean of SSIM, FSIM and Scoot counts."""
    out = tmp_path / "run"
    scores = run(tiny(name, steps=12, learning_rate=0.5, ema=0.0, last=newest), faces(7), out)
    found = {}
    for line in log(out):
        values = [
            value for key, value in line.items() if key.startswith(("val_ssim_", "val_fsim_", "val_scoot_", "val_iou_"))
        ]
        assert len(values) in (0, 3 * len(scores))
        found |= {line["step"]: sum(values) / len(values)} if values else {}
    best = max(found, key=found.get)
    assert len(found) > 2 and best < 12
    model = Translator.from_pretrained(out / "export")
    assert model.about["step"] == (12 if newest else best) and model.about["scores"] == scores
    exported, last = model.photo_to_sketch.state_dict(), state(out)["nets"]["G"]
    assert {torch.equal(value, last[key].half().float()) for key, value in exported.items()} == {newest}


def test_same_seed_same_run_and_another_seed_another(faces, tmp_path):
    data = faces(5)
    for out, seed in (("a", 0), ("b", 0), ("c", 1)):
        run(tiny("autoencoder", steps=2, seed=seed), data, tmp_path / out)
    assert_same_run(tmp_path / "a", tmp_path / "b")
    assert log(tmp_path / "a") != log(tmp_path / "c")


def test_loss_that_is_not_finite_is_named(faces, tmp_path):
    with pytest.raises(TrainingError, match="loss G is not finite at step 1"):
        run(tiny("autoencoder", steps=1, weight_l1=float("inf")), faces(5), tmp_path / "run")
    assert state(tmp_path / "run") is None


def test_no_test_and_no_validation_pictures(faces, tmp_path):
    """Without pictures to measure on the model card still holds numbers or nothing."""
    data = faces(3)
    (data / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": []}))
    scores = run(tiny("autoencoder", steps=1, validation=0.0), data, tmp_path / "run")
    assert "NaN" not in (tmp_path / "run" / "export" / "config.json").read_text()
    assert all(result["mae"] == result["mae"] for result in scores.values())


@pytest.fixture
def command(monkeypatch, capsys):
    """command(arguments) -> python -m train's exit status and what it says on stderr."""

    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capsys.readouterr().err

    return command


def test_command_line_unknown_preset(command, tmp_path):
    status, said = command("fit", "pix3pix", "--data", tmp_path, "--out", tmp_path / "run")
    assert status == 2 and "pix3pix" in said and not (tmp_path / "run").exists()


def test_command_line_no_data(command, tmp_path):
    (tmp_path / "data").mkdir()
    arguments = ("fit", "autoencoder", "--data", tmp_path / "data", "--out", tmp_path / "run", "--device", "cpu")
    status, said = command(*arguments)
    assert status == 1 and "CUFS" in said and len(said.strip().splitlines()) == 1 and not (tmp_path / "run").exists()


def test_command_line_nothing_to_go_on_with(command, faces, tmp_path):
    status, said = command("fit", "autoencoder", "--data", faces(4), "--out", tmp_path / "run", "--resume")
    assert status == 1 and len(said.strip().splitlines()) == 1


def test_bf16_trains_and_exports(faces, tmp_path):
    """Mixed precision, emulated where need be, in a process of its own: the precision is set once in each."""
    code = (
        "import sys; from train import hardware; hardware.half = lambda device: True;"
        "from train.__main__ import main;"
        f"sys.argv = ['train', 'fit', 'autoencoder', '--data', {str(faces(6))!r}, '--out', {str(tmp_path / 'run')!r},"
        "'--steps', '2', '--width', '2', '--device', 'cpu']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0 and "CPU thread" in done.stdout and " in bf16" in done.stdout, done.stderr
    model = Translator.from_pretrained(tmp_path / "run" / "export")
    assert all(value.isfinite().all() for value in model.state_dict().values())


def test_a_preset_starts_from_anothers_run(faces, tmp_path, monkeypatch):
    """first/ holds the finished run before; with a rate of nothing its networks come out as they went in."""
    for name in ("cyclegan-half", "cyclegan-whole"):
        monkeypatch.setitem(PRESETS, name, replace(PRESETS[name], **SMALL["cyclegan"], validation=0.2))
    run(tiny("cyclegan", after="cyclegan-whole", steps=2, learning_rate=0.0, ema=0.0), faces(6), tmp_path / "run")
    first, last = (state(tmp_path / path) for path in ("run/first", "run"))
    assert first["step"] == last["step"] == 2
    averaged = {
        name.removeprefix("module."): value for name, value in first["averages"]["G"].items() if name != "n_averaged"
    }
    assert all(torch.equal(value, averaged[name]) for name, value in last["nets"]["G"].items())
