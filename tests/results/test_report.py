"""The report says what the runs wrote down."""

import json
from dataclasses import replace

import pytest
from PIL import Image
from typer.testing import CliRunner

from train.__main__ import app
from train.engine.loop import fit
from train.hardware import TrainingError
from train.presets import PRESETS
from train.results.portraits import PORTRAITS
from train.results.report import DECK, PANELS, read, report

TINY = {"width": 4, "discriminator_width": 4, "batch": 2, "steps": 4, "validation": 0.25}


@pytest.fixture
def runs(faces, tmp_path):
    """A run of an autoencoder under the deck's protocol, and of a CycleGAN under the split by person."""
    data = faces(8)
    configs = {"one": PRESETS["autoencoder-deck"], "two": replace(PRESETS["cyclegan"], after="")}
    for name, config in configs.items():
        fit(replace(config, **TINY), data, tmp_path / name, "cpu", say=lambda _: None)
    return [tmp_path / name for name in configs]


def test_every_method_has_what_the_deck_shows():
    methods = {config.method for config in PRESETS.values()}
    assert methods == PANELS.keys() == DECK.keys() | {"matte"}  # of which the deck does not speak


def test_figures_are_those_of_the_runs(runs, tmp_path):
    out = tmp_path / "results"
    result = CliRunner().invoke(app, ["report", *map(str, runs), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = (out / "README.md").read_text()
    assert text.index("## The deck's protocol") < text.index("`autoencoder-deck`, step")
    assert text.index("`autoencoder-deck`, step") < text.index("## Split by person") < text.index("`cyclegan`, step")
    for folder, names in zip(runs, (("G", "accuracy"), ("G", "D")), strict=True):
        story = read(folder)
        row = next(line for line in text.splitlines() if line.startswith(f"| `{story.preset}`, step"))
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        until = [line for line in lines if line["step"] <= story.about["step"]]
        for name in names:
            training = [line[name] for line in until if name in line][-1]
            validation = [line[f"val_{name}"] for line in until if f"val_{name}" in line][-1]
            assert f" {training:.4f} / {validation:.4f} |" in row
        for direction, score in story.about["scores"].items():
            assert (
                f"| `{story.preset}` | {direction} | {score['part']} | {score['pictures']} | {score['ssim']:.4f}"
                in text
            )
    for value in ("0.0330 / 0.0910", "0.9200 / 0.8900", "0.1698 / 0.1624"):
        assert value in text
    for name, width in (("autoencoder-deck", 4), ("cyclegan", 6)):
        with Image.open(out / f"{name}-portraits.png") as sheet:
            assert sheet.size == (width * 256, 320)  # two portraits, each with its answers
        with Image.open(out / f"{name}-curves.png") as curves:
            assert len(curves.convert("RGB").getcolors(10**6)) > 20


def test_a_curve_is_what_metrics_jsonl_holds(runs):
    story = read(runs[0])
    steps, values = story.curve("G")
    assert steps == [4] if len(steps) == 1 else steps[-1] == 4
    assert values == [line["G"] for line in story.lines if "G" in line]
    assert story.curve("nothing") == ([], []) and story.at_export("nothing") is None


def test_no_run_is_a_sentence(tmp_path):
    with pytest.raises(TrainingError, match="holds no run"):
        report([tmp_path], PORTRAITS, tmp_path / "out")
