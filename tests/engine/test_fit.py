"""A run from its first step to its export, and the command line."""

import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest
import torch
from conftest import draw_face
from tiny_runs import assert_same_run, log, run, state, tiny

from facesketch import Model, Pipeline
from facesketch.options import RAW_OUTPUT
from train.__main__ import main
from train.engine.fit import fit
from train.engine.trainer import SELECTION, selection_score
from train.hardware import TrainingError
from train.methods import METHODS
from train.presets import PRESETS

FACES = (100, 125)
REPOSITORY = Path(__file__).parents[2]


def files_without_state(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.suffix != ".pt"}


@pytest.mark.parametrize("name", METHODS)
def test_a_run_from_start_to_end(name, faces, tmp_path):
    out, data, config = tmp_path / "run", faces(8), tiny(name, steps=2)
    scores = run(config, data, out)

    expected = {**config.to_dict(), "changed": config.changes_from(PRESETS[name])}
    written = json.loads((out / "config.json").read_text())
    assert len(written.pop("data_sha256")) == 64 and written == json.loads(json.dumps(expected))
    lines = log(out)
    last = lines[-1].keys()
    assert lines[-1]["step"] == 2 and any("rate" in line for line in lines)
    directions = set(METHODS[name](config).generators)
    assert scores.keys() == directions
    first = "iou" if name == "matte" else "ssim"
    for direction in directions:
        metrics = scores[direction].metrics
        assert -1 <= metrics[first].value <= 1 and 0 <= metrics["mae"].value <= 1
        assert {f"{part}_{metric}_{direction}" for part in ("val", "train") for metric in (first, "mae")} <= last
        assert first == "iou" or 0 <= metrics["fsim"].value <= 1
        assert list((out / "samples").glob(f"{direction}-*.png"))
    assert all(f"val_{loss}" in last for loss in lines[-2] if loss not in ("step", "epoch", "rate"))
    assert state(out)["step"] == 2 and (out / "export" / "README.md").read_text()

    model = Model.from_pretrained(out / "export")
    origin = model.config.origin
    assert set(model.config.directions) == directions and 1 <= origin.step <= 2
    assert model.config.scores == {direction: score.to_dict() for direction, score in scores.items()}
    assert all(score.ms > 0 for score in scores.values())
    assert origin.seconds >= 0 and re.fullmatch(r"([0-9a-f]{12}\+?)?", origin.commit)
    photo = draw_face(0)[0]
    to = model.config.directions[0].partition("_to_")[2]
    assert Pipeline(model, to)(photo, RAW_OUTPUT).image.size == photo.size

    before = files_without_state(out)
    assert run(config, data, out) == scores
    assert files_without_state(out) == before


def test_steps_default_to_the_epochs(faces, tmp_path):
    run(tiny("autoencoder", epochs=2), faces(7), tmp_path / "run")  # 7 persons: 1 test, 1 validation, 5 train
    assert json.loads((tmp_path / "run" / "config.json").read_text())["steps"] == 4
    assert log(tmp_path / "run")[-1]["step"] == 4


def rates(out: Path) -> list[float]:
    """The factor of the learning rate at the end of each epoch."""
    return [line["rate"] for line in log(out) if "rate" in line and line["epoch"] % 1 == 0]


@pytest.mark.parametrize(
    ("decay_start", "warmup_steps", "expected"),
    [(0.5, 0, [1, 1, 0.5, 0]), (1.0, 0, [1, 1, 1, 1]), (1.0, 6, [0.5, 5 / 6, 1, 1])],
)
def test_the_learning_rate_warms_up_and_decays_to_0(decay_start, warmup_steps, expected, faces, tmp_path):
    schedule = {"optimizer.decay_start": decay_start, "optimizer.warmup_steps": warmup_steps}
    run(tiny("autoencoder", schedule, steps=8), faces(7), tmp_path / "run")
    assert rates(tmp_path / "run") == pytest.approx(expected, abs=1e-5)


def test_texture_counts_among_the_scores_that_choose_a_step_if_the_preset_asks_for_it():
    scores = {"val_ssim_photo_to_sketch": 0.5, "val_scoot_photo_to_sketch": 0.7, "train_ssim_photo_to_sketch": 1.0}
    levels = {f"val_texture_{level}_photo_to_sketch": 0.1 for level in ("fine", "middle", "coarse")}
    assert selection_score({**scores, **levels}, False) == selection_score(scores, True) == pytest.approx(0.6)
    assert selection_score({**scores, **levels}, True) == pytest.approx((0.5 + 0.7 + 0.9) / 3)
    far = dict.fromkeys(levels, 7.0)
    assert selection_score({**scores, **far}, True) == pytest.approx((0.5 + 0.7 + 0) / 3)


def validation_scores(out: Path) -> dict[int, float]:
    """What selects the exported step, from the log: step -> mean score."""
    found = {}
    for line in log(out):
        values = [value for name, value in line.items() if name.startswith(SELECTION)]
        found |= {line["step"]: mean(values)} if values else {}
    return found


@pytest.mark.parametrize("name", ["autoencoder", pytest.param("cyclegan", marks=pytest.mark.slow)])
@pytest.mark.parametrize("export_last", [False, True])
def test_the_best_step_on_validation_or_the_last_is_exported(name, export_last, faces, tmp_path):
    """The first step with the highest mean of SSIM, FSIM and Scoot; at a learning rate this high, an early one."""
    out = tmp_path / "run"
    unstable = {"optimizer.learning_rate": 0.5, "optimizer.ema_decay": 0.0}
    scores = run(tiny(name, unstable, steps=12, export_last=export_last), faces(7), out)
    found, saved = validation_scores(out), state(out)
    chosen = 12 if export_last else max(found, key=found.get)
    assert len(found) > 2 and saved["best"] == {"step": chosen, "score": found[chosen]}
    selected = [name for name in log(out)[-1] if name.startswith(SELECTION)]
    assert len(selected) == 3 * len(scores)
    model = Model.from_pretrained(out / "export")
    assert model.config.origin.step == chosen
    assert model.config.scores == {direction: score.to_dict() for direction, score in scores.items()}
    exported, last = model.generators["photo_to_sketch"].state_dict(), saved["nets"]["G"]
    assert {torch.equal(value, last[key].half().float()) for key, value in exported.items()} == {chosen == 12}


def test_the_same_seed_is_the_same_run_and_another_seed_another(faces, tmp_path):
    data = faces(5)
    for out, seed in (("a", 0), ("b", 0), ("c", 1)):
        run(tiny("autoencoder", steps=2, seed=seed), data, tmp_path / out)
    assert_same_run(tmp_path / "a", tmp_path / "b")
    assert log(tmp_path / "a") != log(tmp_path / "c")


def test_a_loss_that_is_not_finite_is_named(faces, tmp_path):
    with pytest.raises(TrainingError, match="loss G is not finite at step 1"):
        run(tiny("autoencoder", {"losses.l1": float("inf")}, steps=1), faces(5), tmp_path / "run")
    assert state(tmp_path / "run") is None


def test_a_run_without_test_and_validation_pairs_has_no_scores(faces, tmp_path):
    data = faces(3)
    (data / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": []}))
    scores = run(tiny("autoencoder", {"data.validation_fraction": 0.0}, steps=1), data, tmp_path / "run")
    assert scores == {} and "NaN" not in (tmp_path / "run" / "export" / "config.json").read_text()
    assert "not measured yet" in (tmp_path / "run" / "export" / "README.md").read_text()


@pytest.fixture
def command(monkeypatch, capsys):
    """command(arguments) -> python -m train's exit status and stderr."""

    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capsys.readouterr().err

    return command


def test_an_unknown_preset_is_wrong_usage(command, tmp_path):
    status, error = command("fit", "pix3pix", "--data", tmp_path, "--out", tmp_path / "run")
    assert status == 2 and "pix3pix" in error and not (tmp_path / "run").exists()


def test_no_data_is_one_sentence(command, tmp_path):
    (tmp_path / "data").mkdir()
    arguments = ("fit", "autoencoder", "--data", tmp_path / "data", "--out", tmp_path / "run", "--device", "cpu")
    status, error = command(*arguments)
    assert status == 1 and "CUFS" in error and len(error.strip().splitlines()) == 1 and not (tmp_path / "run").exists()


def test_no_run_to_resume_is_one_sentence(command, faces, tmp_path):
    status, error = command("fit", "autoencoder", "--data", faces(4), "--out", tmp_path / "run", "--resume")
    assert status == 1 and len(error.strip().splitlines()) == 1


@pytest.mark.slow
def test_bf16_trains_and_exports(faces, tmp_path):
    """Mixed precision, emulated if the processor lacks it, in its own process: accelerate sets it once for each."""
    code = (
        "import sys, torch; from train import hardware; hardware.half_dtype = lambda device: torch.bfloat16;"
        "from train.__main__ import main;"
        f"sys.argv = ['train', 'fit', 'autoencoder', '--data', {str(faces(6))!r}, '--out', {str(tmp_path / 'run')!r},"
        "'--steps', '2', '--width', '2', '--device', 'cpu']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0 and "CPU thread" in done.stdout and " in bf16" in done.stdout, done.stderr
    model = Model.from_pretrained(tmp_path / "run" / "export")
    assert all(value.isfinite().all() for value in model.state_dict().values())


def test_a_subset_that_the_data_do_not_have_is_noted(faces, tmp_path):
    """All pairs are used then; without a subset there is nothing to note."""
    for subset, count in (("cuhk", 1), ("", 0)):
        notes = []
        config = tiny("autoencoder", {"data.subset": subset}, steps=1)
        fit(config, faces(5, f"data{count}"), tmp_path / f"run{count}", "cpu", log=notes.append)
        assert sum("cuhk/" in note and "all pairs" in note for note in notes) == count
