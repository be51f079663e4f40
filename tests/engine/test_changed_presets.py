"""Presets with some values changed, and the record of what was changed."""

import json

import pytest
from typer.testing import CliRunner

from train.__main__ import app
from train.config import LOSSES, Config, override
from train.methods import METHODS
from train.presets import PRESETS

FACES = (100, 125)


def test_changes_are_recorded_in_config_json_and_in_the_card(faces, tmp_path):
    command = ["fit", "autoencoder-deck", "--data", str(faces(1)), "--device", "cpu", "--batch-size", "3"]
    command += ["--seed", "7", "--epochs", "2", "--out", str(tmp_path / "study"), "--width"]
    done = CliRunner().invoke(app, [*command, "3"])
    assert done.exit_code == 0, done.output
    files = ("config.json", "export/config.json", "export/README.md")
    config, model, card = ((tmp_path / "study" / name).read_text() for name in files)
    config, model = json.loads(config), json.loads(model)
    assert config["epochs"] == 2 and config["steps"] == 4  # six of eight orientations, in batches of three, twice
    assert config["model"]["width"] == model["width"] == 3
    expected = {"model.width": 3, "epochs": 2, "batch_size": 3, "seed": 7}
    assert config["changed"] == model["provenance"]["photo_to_sketch"]["changed"] == expected
    assert "Changed from the preset: epochs 2, batch_size 3, seed 7, model.width 3." in card
    assert list((tmp_path / "study" / "samples").glob("portraits-*.png"))

    again = CliRunner().invoke(app, [*command, "4"])
    assert again.exit_code == 1 and "model.width is 3 there and 4 here" in str(again.exception)


def test_an_unchanged_preset_has_no_changes():
    for name, config in PRESETS.items():
        assert config.preset == name and config.changes_from(PRESETS[name]) == {}


def test_a_narrow_preset_is_its_deck_preset_with_smaller_values():
    narrow = [config for name, config in PRESETS.items() if name.endswith("-narrow")]
    assert {config.method for config in narrow} == {"pix2pix", "cyclegan"}
    smaller = {"model.width", "model.discriminator_width", "epochs"}
    for config in narrow:
        base = PRESETS[config.preset.removesuffix("-narrow")]
        changes = config.changes_from(base)
        assert changes.keys() == {"preset", "optimizer.ema_decay"} | smaller
        assert all(changes[name] < base.flat()[name] for name in smaller)


def test_a_config_survives_json():
    for config in PRESETS.values():
        assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_absent_values_have_their_defaults():
    assert Config.from_dict({}) == Config()
    config = Config.from_dict({"method": "cyclegan", "losses": {"identity": 5.0}, "model": {"width": 8}})
    assert config.losses == LOSSES["cyclegan"](identity=5.0) and config.model.width == 8 and config.model.size == 256
    assert LOSSES.keys() == METHODS.keys()


@pytest.mark.parametrize("data", [{"method": "gan"}, {"model": 7}, {"data": {"augmentation": [1]}}])
def test_something_else_is_no_config(data):
    with pytest.raises(ValueError):
        Config.from_dict(data)


def test_override_replaces_nested_values_and_refuses_unknown_names():
    config = override(PRESETS["pix2pix"], {"seed": 3, "data.augmentation.rotate": 1.0})
    assert config.changes_from(PRESETS["pix2pix"]) == {"seed": 3, "data.augmentation.rotate": 1.0}
    for name in ("depth", "model.depth", "seed.depth"):
        with pytest.raises((AttributeError, TypeError)):
            override(config, {name: 1})
