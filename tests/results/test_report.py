"""The report says what the runs wrote down, and what lies in docs/results is drawn from what lies there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw_face
from PIL import Image
from typer.testing import CliRunner

from train.__main__ import app
from train.engine.fit import fit
from train.hardware import TrainingError
from train.presets import PRESETS
from train.results.card import interval
from train.results.plots import BACK, PANELS, source
from train.results.report import DECK, page, report
from train.results.run_summary import keep, read

TINY = {"width": 4, "discriminator_width": 4, "batch": 2, "steps": 2, "validation": 0.34}
ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of an autoencoder under the deck's protocol, and of a CycleGAN under the split by person."""
    root = tmp_path_factory.mktemp("report")
    for number in range(4):
        for side, picture in zip(("photos", "sketches"), draw_face(number, (100, 125)), strict=True):
            (root / "data" / side).mkdir(parents=True, exist_ok=True)
            picture.save(root / "data" / side / f"{number}.png")
    configs = {"one": PRESETS["autoencoder-deck"], "two": replace(PRESETS["cyclegan"], after="", size=64, crop=32)}
    for name, config in configs.items():
        fit(replace(config, **TINY), root / "data", root / name, "cpu", say=lambda _: None)
    done = CliRunner().invoke(app, ["evaluate", str(root / "one" / "export"), "--data", str(root / "data"), "--card"])
    assert done.exit_code == 0, done.output
    return [root / name for name in configs]


def test_every_method_has_what_the_deck_shows():
    methods = {config.method for config in PRESETS.values()}
    assert methods == PANELS.keys() == DECK.keys() | {"matte"}  # of which the deck does not speak
    for method, measures in DECK.items():
        assert measures.keys() <= PANELS[method].keys()  # so that each has its dotted line


def test_figures_are_those_of_the_runs(runs, tmp_path):
    out = tmp_path / "results"
    result = CliRunner().invoke(app, ["report", *map(str, runs), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = (out / "README.md").read_text()
    assert text.index("## The deck's protocol") < text.index("`one`, epoch") < text.index("## Split by person")
    assert text.index("## Split by person") < text.index("`two`, epoch")
    for folder, names in zip(runs, (("G", "accuracy"), ("G", "D")), strict=True):
        story = read(folder)
        row = next(line for line in text.splitlines() if line.startswith(f"| `{story.name}`, epoch"))
        until = [line for line in story.lines if line["step"] <= story.about["step"]]
        for name in names:
            training = [line[name] for line in until if name in line][-1]
            validation = [line[f"val_{name}"] for line in until if f"val_{name}" in line][-1]
            assert f" {training:.4f} / {validation:.4f} |" in row
        for direction, score in story.about["scores"].items():
            told = f"{score['part']} | {score['pictures']} | {score['ssim']:.4f}"
            assert f"| `{story.name}` | {direction} | {told}" in text
    gray = read(runs[0]).about["scores"]["photo_to_sketch"]["others"]["the photo itself"]["ssim"]
    assert f"| the photo itself, gray | photo_to_sketch | val | 7 | {gray:.4f} |" in text
    assert f"The untouched gray photo has {gray:.4f} on that part." in text
    assert "0.0330 / 0.0910" in text and "0.9200 / 0.8900" in text and "0.1698 / 0.1624" not in text


def test_what_is_kept_draws_the_same_again(runs, tmp_path):
    """From what the first report kept, without the runs; and a run that is told again takes its place."""
    first, second = tmp_path / "first", tmp_path / "second"
    report(runs, first)
    assert not [path for path in first.rglob("*") if path.suffix in (".pt", ".safetensors")]
    shutil.copytree(first / "runs", second / "runs")
    (second / "gone-curves.png").touch()
    report([*sorted((second / "runs").iterdir())], second)
    assert not (second / "gone-curves.png").exists()
    for path in first.glob("*.*"):
        assert path.read_bytes() == (second / path.name).read_bytes(), path
    for name, panels, tiles in (("one", 3, 4), ("two", 3, 6)):
        with Image.open(first / f"{name}-curves.png") as curves:
            assert curves.width > 300 * panels and len(curves.convert("RGB").getcolors(10**6)) > 20
        with Image.open(first / f"{name}-portraits.png") as grid:
            assert abs(grid.width - tiles * 160) <= 1 and grid.height >= 200 * len(
                read(first / "runs" / name).portraits()
            )
    newer = tmp_path / "newer" / "one"
    shutil.copytree(runs[0], newer, ignore=shutil.ignore_patterns("state"))
    with (newer / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 1, "G": 0.123456}) + "\n")
    report([newer], first)
    assert "0.1235 / " in (first / "README.md").read_text() and "`two`, epoch" in (first / "README.md").read_text()


def test_three_moments_of_training_are_shown_up_to_the_export(runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs[0], run, ignore=shutil.ignore_patterns("state"))
    shutil.rmtree(run / "samples")
    assert read(run).portraits() == {}
    keep(run, tmp_path / "kept")  # of a run without sheets the export draws one
    step = read(run).about["step"]
    assert list(read(tmp_path / "kept").portraits()) == [step]
    (run / "samples").mkdir()
    for number in range(step + 3):
        Image.new("RGB", (8, 10)).save(run / "samples" / f"portraits-{number:07d}.png")
    shown = list(read(run).portraits())
    assert shown[0] == 0 and shown[-1] == step and len(shown) == min(3, step + 1)


def test_a_curve_is_what_metrics_jsonl_holds(runs):
    story = read(runs[0])
    epochs, values = story.curve("G")
    steps = [line["step"] for line in story.lines if "G" in line]
    per_epoch = 32 * 8 // 10 // 2  # four pairs in eight turns, in batches of two
    assert epochs == pytest.approx([step / per_epoch for step in steps], rel=0.02)
    assert values == [line["G"] for line in story.lines if "G" in line]
    assert story.curve("nothing") == ([], []) and story.at_export("nothing") is None
    steps = (10, 20, 21, 30)  # what a single step had says little
    noisy = replace(story, lines=[{"step": step, "G": float(step)} for step in steps])
    assert noisy.curve("G")[1] == [10.0, 20.0, 30.0]


def test_no_run_is_a_sentence(tmp_path):
    with pytest.raises(TrainingError, match="holds no run"):
        report([tmp_path], tmp_path / "out")


def test_the_results_are_drawn_from_the_runs_beside_them():
    stories = [read(folder) for folder in sorted((RESULTS / "runs").iterdir())]
    assert (RESULTS / "README.md").read_text() == page(stories), "run train report docs/results/runs/*"
    drawn = {f"{story.name}-portraits.png" for story in stories if story.portraits()}
    drawn |= {f"{story.name}-curves.png" for story in stories if not story.lost}
    assert {path.name for path in RESULTS.glob("*.png")} == drawn
    for story in stories:
        for name in drawn & {f"{story.name}-portraits.png", f"{story.name}-curves.png"}:
            with Image.open(RESULTS / name) as picture:
                assert picture.text["Source"] == source(story), f"{name} is older than its run"


def test_pix2pix_is_told_in_the_decks_terms():
    """Both terms of D, and L1 between 0 and 1: half of what it is between -1 and 1."""
    story = read(RESULTS / "runs" / "pix2pix-deck-narrow")
    D = [2 * story.at_export(f"{part}D") for part in ("", "val_")]
    G = [story.at_export(f"{part}adversarial") + 50 * story.at_export(f"{part}l1") for part in ("", "val_")]
    told = "has D {:.2f} / {:.2f} and G {:.2f} / {:.2f};".format(*D, *G)
    assert f"`pix2pix-deck-narrow` {told}" in (RESULTS / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "weights").iterdir()))
def test_the_weights_and_the_readme_tell_what_their_run_tells(name):
    about = json.loads((ROOT / "weights" / name / "config.json").read_text())
    of_these = [story for folder in (RESULTS / "runs").iterdir() if (story := read(folder)).about.get("sha256")]
    told = [story.about for story in of_these if story.about["sha256"] == about["sha256"]]
    assert told, f"keep the run of weights/{name}: train report RUN --out docs/results"
    metrics = [metric for metric in ("ssim", "iou") if metric in next(iter(about["scores"].values()))]
    for direction, score in about["scores"].items():
        assert all(told[0]["scores"][direction][metric] == score[metric] for metric in metrics)
        if "ssim" in score:
            told_of = [f"{score['ssim']:.4f}", interval(score, "ssim"), f"{score['fsim']:.4f}", f"{score['scoot']:.4f}"]
            cells = " | ".join([*told_of, f"{score['identity']:.2f}", f"{score['mae']:.4f}"])
            assert cells in (ROOT / "README.md").read_text(), f"README.md has other figures of {name}, {direction}"


def test_the_way_back_alone_has_curves_of_its_own():
    """Of F and D_X, and no line in the deck's table."""
    story = read(RESULTS / "runs" / "pix2pix-back-fine")
    assert story.back and not read(RESULTS / "runs" / "pix2pix").back
    assert all(story.curve(name)[0] for names in BACK.values() for name in names if not name.startswith("ssim"))
    assert story.curve("val_ssim_sketch_to_photo")[0] and not story.curve("G")[0]
    assert "`pix2pix-back-fine`, epoch" not in (RESULTS / "README.md").read_text()
