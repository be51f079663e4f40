"""A run that begins with a model's generators."""

import json
from dataclasses import replace

import pytest
import torch
from PIL import Image

from facesketch import Translator
from train.engine.fit import fit
from train.engine.trainer import Trainer
from train.hardware import TrainingError
from train.presets import PRESETS

FACES = (100, 125)
TINY = {"width": 4, "discriminator_width": 4, "batch": 1, "steps": 1, "validation": 0.2}


def model(folder, **more) -> Translator:
    """One that was saved, so that its weights have a SHA-256."""
    torch.manual_seed(5)
    about = {
        "preset": "mine",
        "network": "unet-lean",
        "width": 4,
        "size": 256,
        "directions": ["photo_to_sketch"],
        **more,
    }
    Translator(about).save_pretrained(folder)
    return Translator.from_pretrained(folder)


@pytest.mark.parametrize("preset", ["pix2pix", "pix2pix-grain"])
def test_generators_are_taken_over_and_maps_begin_with_no_weight(preset, faces, tmp_path):
    begun = model(tmp_path / "mine")
    config = replace(PRESETS[preset], **TINY, learning_rate=0.0)
    fit(config, faces(5), tmp_path / "run", "cpu", say=lambda _: None, model=begun)
    run = Trainer(
        replace(config, begin=f"mine {begun.about['sha256'][:12]}"), faces(5, "again"), tmp_path / "run", "cpu"
    )
    assert run.load()
    theirs, ours = begun.photo_to_sketch.state_dict(), run.nets["G"].state_dict()
    key = "down.0.0.weight"
    assert ours[key].shape[1] == 7 and (ours[key][:, 3:] == 0).all()
    assert torch.equal(ours[key][:, :3], theirs[key])
    alike = [name for name in theirs if name != key and theirs[name].shape == ours[name].shape]
    assert len(theirs) - len(alike) <= 4  # the last step up, which differs in kind, and the first down
    assert all(torch.equal(ours[name], theirs[name]) for name in alike)


def test_what_it_does_not_learn_is_kept(faces, tmp_path):
    begun = model(tmp_path / "mine", directions=["photo_to_sketch", "sketch_to_photo"])
    config = replace(PRESETS["pix2pix-strokes"], **TINY)
    scores = fit(config, faces(5), tmp_path / "run", "cpu", say=lambda _: None, model=begun)
    exported = Translator.from_pretrained(tmp_path / "run" / "export")
    assert exported.directions == begun.directions and scores.keys() == set(begun.directions)
    ours, theirs = (each.sketch_to_photo.state_dict() for each in (exported, begun))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    learned, first = (each.photo_to_sketch.state_dict() for each in (exported, begun))
    assert not all(torch.equal(learned[name], first[name]) for name in first)


def test_the_way_back_is_learned_beside_what_draws_for_it(faces, tmp_path):
    begun = model(tmp_path / "mine", directions=["photo_to_sketch", "sketch_to_photo"], styles=["shaded", "line"])
    config = replace(PRESETS["pix2pix-back"], **TINY, styles="shaded line", drawn=1.0)
    data = faces(5)
    scores = fit(config, data, tmp_path / "run", "cpu", say=lambda _: None, model=begun)
    exported = Translator.from_pretrained(tmp_path / "run" / "export")
    assert exported.directions == begun.directions and exported.styles == begun.styles
    assert scores.keys() == set(begun.directions)
    for direction, kept in (("photo_to_sketch", True), ("sketch_to_photo", False)):
        ours, theirs = (getattr(each, direction).state_dict() for each in (exported, begun))
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs) == kept
    with Image.open(tmp_path / "run" / "samples" / "portraits-0000001.png") as portraits:
        assert portraits.width == 6 * 256, "each photo, its drawing, and what becomes of that"
    told = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert any({"F", "D_X", "val_F", "val_ssim_sketch_to_photo"} <= told[0].keys() | line.keys() for line in told)
    with pytest.raises(TrainingError, match="cannot draw"):
        back = model(tmp_path / "back", directions=["sketch_to_photo"])
        fit(config, data, tmp_path / "other", "cpu", say=lambda _: None, model=back)


def test_another_network_is_refused_in_a_sentence(faces, tmp_path):
    other = model(tmp_path / "mine", width=8)
    with pytest.raises(TrainingError, match="unet-lean of width 8"):
        fit(replace(PRESETS["pix2pix"], **TINY), faces(5), tmp_path / "run", "cpu", say=lambda _: None, model=other)


def test_a_run_that_began_otherwise_is_another_run(faces, tmp_path):
    begun, config, data = model(tmp_path / "mine"), replace(PRESETS["pix2pix"], **TINY), faces(5)
    fit(config, data, tmp_path / "run", "cpu", say=lambda _: None, model=begun)
    with pytest.raises(TrainingError, match="begin mine"):
        fit(config, data, tmp_path / "run", "cpu", say=lambda _: None)


def test_a_run_from_before_a_setting_came_goes_on(faces, tmp_path):
    """What its config.json does not tell had the default; what it tells otherwise makes it another run."""
    config, data, out = replace(PRESETS["autoencoder"], **TINY, size=64, crop=64), faces(5), tmp_path / "run"
    fit(config, data, out, "cpu", say=lambda _: None)
    told = json.loads((out / "config.json").read_text())
    del told["skin"]
    (out / "config.json").write_text(json.dumps(told))
    assert fit(config, data, out, "cpu", say=lambda _: None)
    (out / "config.json").write_text(json.dumps({**told, "skin": 99.0}))
    with pytest.raises(TrainingError, match=r"skin 99\.0 there, 150\.0 here"):
        fit(config, data, out, "cpu", say=lambda _: None)
