"""Runs that start from the generators of a model, or from another run."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from tiny_runs import SMALL, run, state, tiny

from facesketch import Model
from facesketch.models.config import ModelConfig, ParentModel, Provenance
from train.config import override
from train.data.overlap import id_hash
from train.data.pairs import DataError
from train.engine import checkpoint
from train.engine.fit import fit
from train.engine.trainer import Trainer
from train.hardware import TrainingError
from train.methods.losses import FaceDistance, PerceptualDistance
from train.presets import PRESETS

FACES = (100, 125)
TINY = {"model.width": 4, "model.discriminator_width": 4, "batch_size": 1, "steps": 1, "data.validation_fraction": 0.2}
BOTH = ("photo_to_sketch", "sketch_to_photo")


def make_model(folder: Path, directions=("photo_to_sketch",), styles=(), width=4) -> Model:
    """One that was saved, so that its weights have a SHA-256."""
    torch.manual_seed(5)
    Model(
        ModelConfig(
            network="unet-lean",
            width=width,
            size=256,
            directions=directions,
            styles=styles,
            provenance={direction: Provenance(preset="mine") for direction in directions},
        )
    ).save_pretrained(folder)
    return Model.from_pretrained(folder)


def start(preset: str, data: Path, out: Path, init_model: Model | None, changes=None) -> dict:
    config = override(PRESETS[preset], {**TINY, **(changes or {})})
    return fit(config, data, out, "cpu", log=lambda _: None, init_model=init_model)


@pytest.mark.parametrize("preset", ["pix2pix", "pix2pix-grain"])
def test_generators_are_copied_and_new_channels_have_weight_0(preset, faces, tmp_path):
    model = make_model(tmp_path / "mine")
    still = {"optimizer.learning_rate": 0.0}
    start(preset, faces(5), tmp_path / "run", model, still)
    init_from = f"mine {model.config.sha256[:12]}"
    config = override(PRESETS[preset], {**TINY, **still, "init_from": init_from})
    trainer = Trainer(config, faces(5, "again"), tmp_path / "run", "cpu")
    assert trainer.resume()
    theirs, ours = model.generators["photo_to_sketch"].state_dict(), trainer.nets["G"].state_dict()
    key = "down.0.0.weight"
    assert ours[key].shape[1] == 7 and (ours[key][:, 3:] == 0).all()
    assert torch.equal(ours[key][:, :3], theirs[key])
    shared = [name for name in theirs if name != key and theirs[name].shape == ours[name].shape]
    assert len(theirs) - len(shared) <= 4  # the last layer up, which differs in kind, and the first down
    assert all(torch.equal(ours[name], theirs[name]) for name in shared)


def test_a_direction_that_is_not_trained_is_exported_unchanged(faces, tmp_path):
    model = make_model(tmp_path / "mine", BOTH)
    scores = start("pix2pix-strokes", faces(5), tmp_path / "run", model)
    exported = Model.from_pretrained(tmp_path / "run" / "export")
    assert exported.config.directions == BOTH and scores.keys() == set(BOTH)
    for direction, unchanged in (("photo_to_sketch", False), ("sketch_to_photo", True)):
        ours, theirs = (each.generators[direction].state_dict() for each in (exported, model))
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs) is unchanged


def test_sketch_to_photo_is_trained_with_sketches_that_the_model_draws(faces, tmp_path):
    model = make_model(tmp_path / "mine", BOTH, ("shaded", "line"))
    data, changes = faces(5), {"model.styles": ("shaded", "line"), "data.synthetic_ratio": 1.0}
    scores = start("pix2pix-sketch-to-photo", data, tmp_path / "run", model, changes)
    exported = Model.from_pretrained(tmp_path / "run" / "export")
    assert exported.config.directions == BOTH and exported.config.styles == ("shaded", "line")
    assert scores.keys() == set(BOTH)
    for direction, unchanged in (("photo_to_sketch", True), ("sketch_to_photo", False)):
        ours, theirs = (each.generators[direction].state_dict() for each in (exported, model))
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs) is unchanged
    with Image.open(tmp_path / "run" / "samples" / "portraits-0000001.png") as portraits:
        assert portraits.width == 6 * 256, "each photo, its drawing, and the photo made from that"
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert any({"F", "D_X", "val_F", "val_ssim_sketch_to_photo"} <= lines[0].keys() | line.keys() for line in lines)
    with pytest.raises(TrainingError, match="cannot draw"):
        inverse = make_model(tmp_path / "inverse", ("sketch_to_photo",))
        start("pix2pix-sketch-to-photo", data, tmp_path / "other", inverse, changes)


def test_another_network_is_refused_with_one_sentence(faces, tmp_path):
    model = make_model(tmp_path / "mine", width=8)
    with pytest.raises(TrainingError, match="unet-lean of width 8"):
        start("pix2pix", faces(5), tmp_path / "run", model)


def test_a_run_that_started_from_a_model_is_another_run(faces, tmp_path):
    model, data = make_model(tmp_path / "mine"), faces(5)
    start("pix2pix", data, tmp_path / "run", model)
    with pytest.raises(TrainingError, match="init_from is mine"):
        start("pix2pix", data, tmp_path / "run", None)


def save_split(data: Path, train: list[str], test: list[str] | None = None) -> Path:
    (data / "split.json").write_text(json.dumps({"train": train, "test": test or []}))
    return data


def continue_on(data: Path, out: Path, model: Model | None, validation: float = 0.2) -> tuple[Model, list[str]]:
    """The exported autoencoder of a run that starts from a model, and the run's log."""
    notes = []
    config = tiny("autoencoder", {"data.validation_fraction": validation}, steps=1)
    fit(config, data, out, "cpu", log=notes.append, init_model=model)
    return Model.from_pretrained(out / "export"), notes


def test_persons_that_the_parents_were_trained_on_are_left_out(faces, tmp_path):
    """By their hash 000 is tested on, and 003, 006 and 008 are validated on; parents of parents count."""
    first, notes = continue_on(save_split(faces(9, "a"), ["001", "003"]), tmp_path / "first", None, 0.0)
    assert not any("left out" in note for note in notes) and any("there are no scores" in note for note in notes)
    second, _ = continue_on(save_split(faces(9, "b"), ["002", "006"]), tmp_path / "second", first, 0.0)
    third, notes = continue_on(faces(9, "c"), tmp_path / "third", second)
    assert sum("2 of 3 validation persons are left out" in note for note in notes) == 1
    origin = third.config.origin
    assert origin.data["val"] == 1 and origin.persons.val == id_hash("008") and origin.persons.test == id_hash("000")
    assert set(origin.persons.parents.split()) == {id_hash("003"), id_hash("006")}
    assert {id_hash(name) for name in ("001", "002", "003", "006")} <= third.config.trained_on
    shas = (second.config.sha256, first.config.sha256)
    assert origin.parents == tuple(ParentModel("autoencoder", sha) for sha in shas) and len(shas[0]) == 64


def test_a_warm_start_that_leaves_nobody_to_measure_is_refused_with_one_sentence(faces, tmp_path):
    model, _ = continue_on(save_split(faces(9, "a"), ["000", "003", "006", "008"]), tmp_path / "first", None, 0.0)
    with pytest.raises(DataError, match="nobody is left") as error:
        continue_on(faces(9, "b"), tmp_path / "second", model)
    assert "\n" not in str(error.value) and not (tmp_path / "second").exists()


def test_each_direction_says_how_it_was_trained(faces, tmp_path):
    """One that is exported unchanged keeps its own provenance."""
    model, data = make_model(tmp_path / "mine", BOTH, ("shaded", "line")), faces(5)
    start("pix2pix-sketch-to-photo", data, tmp_path / "run", model, {"model.styles": ("shaded", "line")})
    exported = Model.from_pretrained(tmp_path / "run" / "export").config
    assert exported.provenance["photo_to_sketch"] == model.config.provenance["photo_to_sketch"]
    trained = exported.provenance["sketch_to_photo"]
    assert trained.preset == "pix2pix-sketch-to-photo" and trained.step == 1 and trained.hardware
    assert trained.parents == (ParentModel("mine", model.config.sha256),) and trained.persons.test == id_hash("000")
    card = (tmp_path / "run" / "export" / "README.md").read_text()
    assert "**Photo to sketch.** Preset `mine`; nothing more was recorded." in card
    assert "**Sketch to photo.** Preset `pix2pix-sketch-to-photo`, step 1 of 1" in card


def test_a_preset_continues_the_finished_run_of_another(faces, tmp_path, monkeypatch):
    """first/ contains the run before; at a learning rate of 0 its networks are unchanged."""
    for name in ("cyclegan-halfres", "cyclegan-fullres"):
        small = override(PRESETS[name], {**SMALL["cyclegan"], "data.validation_fraction": 0.2})
        monkeypatch.setitem(PRESETS, name, small)
    still = {"init_preset": "cyclegan-fullres", "optimizer.learning_rate": 0.0, "optimizer.ema_decay": 0.0}
    run(tiny("cyclegan", still, steps=2), faces(6), tmp_path / "run")
    first, last = (state(tmp_path / path) for path in ("run/first", "run"))
    assert first["step"] == last["step"] == 2
    ema = {
        name.removeprefix("module."): value for name, value in first["ema_models"]["G"].items() if name != "n_averaged"
    }
    assert all(torch.equal(value, ema[name]) for name, value in last["nets"]["G"].items())
    origin = Model.from_pretrained(tmp_path / "run" / "export").config.origin
    assert [each.preset for each in origin.parents] == ["cyclegan-fullres", "cyclegan-halfres"]


STYLES = ("shaded", "line", "charcoal", "soft")


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["pix2pix-perceptual", "pix2pix-sketch-to-photo-perceptual"])
def test_the_perceptual_presets_train_from_a_model_and_keep_its_other_direction(preset, faces, tmp_path):
    try:
        PerceptualDistance()
        FaceDistance()
    except TrainingError as error:
        pytest.skip(str(error))
    model, notes, out = make_model(tmp_path / "mine", BOTH, STYLES), [], tmp_path / "run"
    config = override(PRESETS[preset], {**TINY, "steps": 5})
    scores = fit(config, faces(5), out, "cpu", log=notes.append, init_model=model)
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    exported = Model.from_pretrained(out / "export")
    assert exported.config.directions == BOTH and exported.config.styles == STYLES and scores.keys() == set(BOTH)
    trained = PRESETS[preset].model.direction
    for direction in BOTH:
        ours, theirs = (each.generators[direction].state_dict() for each in (exported, model))
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs) is (direction != trained)
    is_inverse = trained == "sketch_to_photo"
    suffix = "_F" if is_inverse else ""
    assert any(line.keys() >= {f"face_identity{suffix}", f"perceptual{suffix}"} for line in lines)
    assert any("finish strokes takes minutes" in note for note in notes) is is_inverse
    assert any("val_texture_fine_photo_to_sketch" in line for line in lines) is not is_inverse
    saved = checkpoint.load(out / "state", torch.device("cpu"))
    assert saved["step"] == 5 and saved["nets"].keys() == ({"F", "D_X"} if is_inverse else {"G", "D", "D_S", "D_Y"})
