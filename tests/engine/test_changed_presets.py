"""A study of a preset: fit PRESET --epochs N --width W, and what is told of it."""

import json

from typer.testing import CliRunner

from train.__main__ import app
from train.presets import PRESETS

FACES = (100, 125)


def told(out) -> tuple[dict, dict, str]:
    """A run's config, its export's, and its card."""
    files = (out / "config.json", out / "export" / "config.json", out / "export" / "README.md")
    config, about, card = (file.read_text() for file in files)
    return json.loads(config), json.loads(about), card


def test_what_differs_from_the_preset_is_in_config_json_and_in_the_card(faces, tmp_path):
    command = ["fit", "autoencoder-deck", "--data", str(faces(1)), "--device", "cpu", "--batch", "3", "--seed", "7"]
    done = CliRunner().invoke(app, [*command, "--epochs", "2", "--width", "3", "--out", str(tmp_path / "study")])
    assert done.exit_code == 0, done.output
    config, about, card = told(tmp_path / "study")
    assert config["epochs"] == 2 and config["steps"] == 4  # six of eight turns, in threes, twice
    assert config["width"] == about["width"] == 3
    assert config["changed"] == about["changed"] == {"width": 3, "epochs": 2, "batch": 3, "seed": 7}
    assert "Otherwise than the preset: width 3, epochs 2, batch 3, seed 7." in card
    assert list((tmp_path / "study" / "samples").glob("portraits-*.png"))

    again = CliRunner().invoke(app, [*command, "--epochs", "2", "--width", "4", "--out", str(tmp_path / "study")])
    assert again.exit_code == 1 and "width 3 there, 4 here" in str(again.exception)


def test_a_preset_as_it_stands_has_changed_nothing():
    for config in PRESETS.values():
        assert config.changed(PRESETS[config.preset]) == {}


def test_a_narrow_preset_is_its_deck_preset_with_less_of_it():
    narrow = [config for name, config in PRESETS.items() if name.endswith("-narrow")]
    assert {config.method for config in narrow} == {"pix2pix", "cyclegan"}
    for config in narrow:
        base, own = PRESETS[config.preset.removesuffix("-narrow")].as_dict(), config.as_dict()
        differ = {name for name in base if base[name] != own[name]}
        assert differ == {"preset", "width", "discriminator_width", "epochs", "ema"}
        assert all(own[name] < base[name] for name in ("width", "discriminator_width", "epochs"))
