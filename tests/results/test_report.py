"""Reports contain what the runs recorded, and docs/results is up to date with its records."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw_face
from PIL import Image
from typer.testing import CliRunner

from facesketch.hub.weights_io import load_config
from train.__main__ import app
from train.config import override
from train.engine.fit import fit
from train.hardware import TrainingError
from train.presets import PRESETS
from train.results.plots import INVERSE_PANELS, PANELS, source_hash
from train.results.report import DECK, page, report
from train.results.run_summary import keep, read_run
from train.results.scores import read_scores
from train.results.seeds import shown_in_full

TINY = {"model.width": 4, "model.discriminator_width": 4, "batch_size": 2, "steps": 2}
TINY |= {"data.validation_fraction": 0.34}
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
    small = {"init_preset": "", "model.size": 64, "data.crop_size": 32}
    configs = {"one": PRESETS["autoencoder-deck"], "two": override(PRESETS["cyclegan"], small)}
    for name, config in configs.items():
        fit(override(config, TINY), root / "data", root / name, "cpu", log=lambda _: None)
    done = CliRunner().invoke(app, ["evaluate", str(root / "one" / "export"), "--data", str(root / "data"), "--card"])
    assert done.exit_code == 0, done.output
    return [root / name for name in configs]


def test_every_method_has_the_decks_curves():
    methods = {config.method for config in PRESETS.values()}
    assert methods == PANELS.keys() == DECK.keys() | {"matte"}  # which the deck does not have
    for method, measures in DECK.items():
        assert measures.keys() <= PANELS[method].keys()  # each has a dotted line


def test_a_report_has_the_figures_of_the_runs(runs, tmp_path):
    out = tmp_path / "results"
    result = CliRunner().invoke(app, ["report", *map(str, runs), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = (out / "README.md").read_text()
    assert text.index("## The deck's protocol") < text.index("`one`, epoch") < text.index("## Split by person")
    assert text.index("## Split by person") < text.index("`two`, epoch")
    for folder, names in zip(runs, (("G", "accuracy"), ("G", "D")), strict=True):
        run = read_run(folder)
        row = next(line for line in text.splitlines() if line.startswith(f"| `{run.name}`, epoch"))
        until = [line for line in run.lines if line["step"] <= run.exported_step]
        for name in names:
            training = [line[name] for line in until if name in line][-1]
            validation = [line[f"val_{name}"] for line in until if f"val_{name}" in line][-1]
            assert f" {training:.4f} / {validation:.4f} |" in row
        for direction, score in run.scores.items():
            cells = f"{score.part} | {score.pictures} | {score.metrics['ssim']}"
            assert f"| `{run.name}` | {direction} | {cells}" in text
    gray = read_run(runs[0]).scores["photo_to_sketch"].others["the photo itself"].metrics["ssim"]
    assert f"| the photo itself, gray | photo_to_sketch | val | 7 | {gray} |" in text
    assert f"The unchanged gray photo has {gray} on that part." in text
    assert "0.0330 / 0.0910" in text and "0.9200 / 0.8900" in text and "0.1698 / 0.1624" not in text


def test_a_report_from_kept_records_is_the_same(runs, tmp_path):
    """Without the runs; and a run that is reported again replaces its old record."""
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
                read_run(first / "runs" / name).portraits()
            )
    newer = tmp_path / "newer" / "one"
    shutil.copytree(runs[0], newer, ignore=shutil.ignore_patterns("state"))
    with (newer / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 1, "G": 0.123456}) + "\n")
    report([newer], first)
    assert "0.1235 / " in (first / "README.md").read_text() and "`two`, epoch" in (first / "README.md").read_text()


def test_portraits_are_shown_at_three_moments_until_the_export(runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs[0], run, ignore=shutil.ignore_patterns("state"))
    shutil.rmtree(run / "samples")
    assert read_run(run).portraits() == {}
    keep(run, tmp_path / "kept")  # the exported model draws the missing portraits
    step = read_run(run).exported_step
    assert list(read_run(tmp_path / "kept").portraits()) == [step]
    (run / "samples").mkdir()
    for number in range(step + 3):
        Image.new("RGB", (8, 10)).save(run / "samples" / f"portraits-{number:07d}.png")
    shown = list(read_run(run).portraits())
    assert shown[0] == 0 and shown[-1] == step and len(shown) == min(3, step + 1)


def test_a_curve_has_the_values_of_metrics_jsonl(runs):
    run = read_run(runs[0])
    epochs, values = run.curve("G")
    steps = [line["step"] for line in run.lines if "G" in line]
    per_epoch = 32 * 8 // 10 // 2  # four pairs in eight orientations, in batches of two
    assert epochs == pytest.approx([step / per_epoch for step in steps], rel=0.02)
    assert values == [line["G"] for line in run.lines if "G" in line]
    assert run.curve("nothing") == ([], []) and run.at_export("nothing") is None
    steps = (10, 20, 21, 30)  # the mean over a single step is noise
    noisy = replace(run, lines=[{"step": step, "G": float(step)} for step in steps])
    assert noisy.curve("G")[1] == [10.0, 20.0, 30.0]


def test_a_folder_without_a_run_is_one_sentence(tmp_path):
    with pytest.raises(TrainingError, match="contains no run"):
        report([tmp_path], tmp_path / "out")


def test_the_published_results_are_up_to_date_with_their_records():
    published = [read_run(folder) for folder in sorted((RESULTS / "runs").iterdir())]
    assert (RESULTS / "README.md").read_text() == page(published), "run train report docs/results/runs/*"
    in_full = shown_in_full(published)
    drawn = {f"{run.name}-portraits.png" for run in in_full if run.portraits()}
    drawn |= {f"{run.name}-curves.png" for run in in_full if not run.is_incomplete}
    assert {path.name for path in RESULTS.glob("*.png")} == drawn
    for run in in_full:
        for name in drawn & {f"{run.name}-portraits.png", f"{run.name}-curves.png"}:
            with Image.open(RESULTS / name) as figure:
                assert figure.text["Source"] == source_hash(run), f"{name} is older than its run"


def test_pix2pix_is_also_reported_in_the_decks_terms():
    """With both terms of D, and L1 for pixels from 0 to 1: half of what it is for -1 to 1."""
    run = read_run(RESULTS / "runs" / "pix2pix-deck-narrow")
    D = [2 * run.at_export(f"{part}D") for part in ("", "val_")]
    G = [run.at_export(f"{part}adversarial") + 50 * run.at_export(f"{part}l1") for part in ("", "val_")]
    text = "has D {:.2f} / {:.2f} and G {:.2f} / {:.2f};".format(*D, *G)
    assert f"`pix2pix-deck-narrow` {text}" in (RESULTS / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "weights").iterdir()))
def test_the_weights_and_the_readme_have_the_figures_of_their_run(name):
    config = load_config(ROOT / "weights" / name, name)
    recorded = [run for folder in (RESULTS / "runs").iterdir() if (run := read_run(folder)).model.sha256]
    of_weights = [run for run in recorded if run.model.sha256 == config.sha256]
    assert of_weights, f"keep the run of weights/{name}: train report RUN --out docs/results"
    for direction, score in read_scores(config.scores).items():
        metrics, recorded_metrics = score.metrics, of_weights[0].scores[direction].metrics
        assert all(recorded_metrics[metric] == metrics[metric] for metric in ("ssim", "iou") if metric in metrics)
        if "ssim" in metrics:
            ssim, rank1 = metrics["ssim"], metrics["rank1"].value
            cells = [ssim, ssim.range, metrics["fsim"], metrics["scoot"], f"{rank1:.2f}", metrics["mae"]]
            text = " | ".join(map(str, cells))
            assert text in (ROOT / "README.md").read_text(), f"README.md has other figures of {name}, {direction}"


def test_the_parents_of_embedded_models_are_in_the_records():
    """Each direction of weights/pix2pix is attributed to the run that trained it, whose parents are in the records."""
    config = load_config(ROOT / "weights" / "pix2pix", "pix2pix")
    recorded = {read_run(path).model.sha256 for path in (RESULTS / "runs").iterdir()}
    expected = {"photo_to_sketch": "pix2pix-perceptual-fine", "sketch_to_photo": "pix2pix-sketch-to-photo-perceptual"}
    assert {direction: each.preset for direction, each in config.provenance.items()} == expected
    for direction, preset in expected.items():
        run = read_run(RESULTS / "runs" / preset)
        assert run.provenance == config.provenance[direction] and run.exported_step == run.provenance.step
        sha256 = {each.preset: each.sha256 for each in run.provenance.parents}
        assert "pix2pix-cufs" in sha256
        for parent in sha256.keys() - {"pix2pix-cufs"}:
            assert sha256[parent] in recorded


def test_a_run_from_sketch_to_photo_alone_has_curves_of_its_own():
    """Of F and D_X, and no line in the deck's table."""
    run = read_run(RESULTS / "runs" / "pix2pix-sketch-to-photo-fine")
    assert run.is_inverse and not read_run(RESULTS / "runs" / "pix2pix").is_inverse
    names = [name for panel in INVERSE_PANELS.values() for name in panel if not name.startswith("ssim")]
    assert all(run.curve(name)[0] for name in names)
    assert run.curve("val_ssim_sketch_to_photo")[0] and not run.curve("G")[0]
    assert "`pix2pix-sketch-to-photo-fine`, epoch" not in (RESULTS / "README.md").read_text()
