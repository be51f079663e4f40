"""Measuring draw functions on pairs, beside trivial answers and other methods' pictures."""

import json
import time

import numpy as np
import pytest
from PIL import ImageChops, ImageFilter
from typer.testing import CliRunner

from facesketch import metrics
from facesketch.look import RAW
from facesketch.translator import Translator
from train.__main__ import app
from train.data.pairs import DataError, Item, pairs
from train.results import evaluate as ev

DIRECTIONS = ["photo_to_sketch", "sketch_to_photo"]


@pytest.fixture
def items(faces):
    return [Item(pair) for pair in pairs(faces(5))]


@pytest.fixture
def translator():
    return Translator({"network": "autoencoder", "width": 2, "size": 64, "directions": DIRECTIONS})


def test_oriented(items):
    photo, sketch = ev.oriented(items[0], "photo_to_sketch")
    assert photo.size == sketch.size == (200, 250) and photo.mode == sketch.mode == "RGB"
    assert np.ptp(np.asarray(photo), axis=2).max() > 0 and np.ptp(np.asarray(sketch), axis=2).max() == 0
    back = ev.oriented(items[0], "sketch_to_photo")
    assert back[0] == sketch and back[1] == photo


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_target_itself_is_perfect(items, direction):
    rows = ev.measure(lambda item, source: ev.oriented(item, direction)[1], items, direction)
    assert [row["id"] for row in rows] == ["000", "001", "002", "003", "004"]
    assert all(row["ssim"] == pytest.approx(1) and row["mae"] == 0 for row in rows)
    result = ev.summary(rows)
    assert result["pictures"] == 5 and result["ssim"] == 1 and result["mae"] == 0
    assert result["ssim_95"] == [1, 1]


def test_rows_are_the_metrics(items):
    photo, sketch = ev.oriented(items[2], "photo_to_sketch")
    (row,) = ev.measure(lambda item, source: source, items[2:3], "photo_to_sketch")
    by = {"ssim": metrics.ssim, "fsim": ev.fsim, "scoot": metrics.scoot, "mae": metrics.mae}
    expected = {name: metric(photo, sketch) for name, metric in by.items()}
    assert row == {"id": "002", "ms": row["ms"], **expected} and row["ms"] >= 0
    (quick,) = ev.measure(lambda item, source: source, items[2:3], "photo_to_sketch", ev.QUICK)
    assert quick.keys() == {"id", "ms", "ssim", "mae"}


def test_fsim_sees_strokes_where_ssim_forgives_blur(items):
    """Identity is 1; of a sketch shifted by 2 pixels and one blurred, SSIM prefers the blurred one clearly more."""
    sketch = ev.oriented(items[0], "photo_to_sketch")[1]
    blurred, shifted = sketch.filter(ImageFilter.GaussianBlur(2)), ImageChops.offset(sketch, 2, 0)
    assert ev.fsim(sketch, sketch) == pytest.approx(1)
    assert ev.fsim(sketch, blurred) == pytest.approx(ev.fsim(blurred, sketch)) and ev.fsim(sketch, blurred) < 0.99
    lead = {name: metric(sketch, blurred) - metric(sketch, shifted) for name, metric in ev.METRICS.items()}
    assert lead["ssim"] > lead["fsim"]


def test_measured_at_the_targets_own_size(faces, tmp_path):
    """Photos and sketches of one pair may differ in size."""
    folder = faces(2)
    for path in (folder / "sketches").iterdir():
        ev.read_image(path).resize((160, 200)).save(path)
    found = [Item(pair) for pair in pairs(folder)]
    rows = ev.measure(lambda item, source: source, found, "photo_to_sketch")
    assert all(np.isfinite(row["ssim"]) for row in rows)


def test_interval_contains_the_mean(items):
    rows = ev.measure(lambda item, source: source, items, "photo_to_sketch")
    result = ev.summary(rows)
    for name in ("ssim", "mae"):
        low, high = result[f"{name}_95"]
        values = [row[name] for row in rows]
        assert min(values) - 1e-4 <= low < result[name] < high <= max(values) + 1e-4
        assert result[name] == pytest.approx(np.mean(values), abs=1e-4)
    assert ev.summary(rows) == result  # no chance in it


def test_one_picture_has_no_interval():
    assert ev.summary([{"id": "a", "ssim": 0.5, "mae": 0.25}]) == {"pictures": 1, "ssim": 0.5, "mae": 0.25}


def test_time_is_that_of_the_drawing(items):
    def slow(item, source):
        time.sleep(0.02)
        return source

    result = ev.summary(ev.measure(slow, items, "photo_to_sketch", ev.QUICK), timed=True)
    assert 20 <= result["ms"] < 200


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_trivial_answers(items, direction):
    draws = ev.trivial(items[:2], direction)
    source_name, target_name = direction.split("_to_")
    assert list(draws) == [f"the {source_name} itself", f"mean training {target_name}"]
    itself, mean = draws.values()
    source, _ = ev.oriented(items[4], direction)
    assert itself(items[4], source) == source
    targets = [np.asarray(ev.oriented(item, direction)[1], dtype=float) for item in items[:2]]
    assert np.abs(np.asarray(mean(items[4], source)) - sum(targets) / 2).max() <= 0.51
    for draw in draws.values():
        assert len(ev.measure(draw, items[2:], direction)) == 3


def test_with_model(items, translator):
    source, _ = ev.oriented(items[0], "photo_to_sketch")
    answer = ev.with_model(translator, "photo_to_sketch")(items[0], source)
    assert answer == translator.translate(source, align="never", **RAW) and answer.size == source.size


def test_peers(items, tmp_path):
    for name in ("one", "two"):
        (tmp_path / "peers" / name).mkdir(parents=True)
    for item in items:
        ev.oriented(item, "photo_to_sketch")[1].save(tmp_path / "peers" / "one" / f"{item.pair.photo.stem}.png")
    draws = ev.peers(tmp_path / "peers")
    assert list(draws) == ["one", "two"]
    assert ev.summary(ev.measure(draws["one"], items, "photo_to_sketch"))["ssim"] == 1
    with pytest.raises(DataError, match=r"000\.png"):
        ev.measure(draws["two"], items, "photo_to_sketch")


def test_no_peers(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match="no folders"):
            ev.peers(folder)


def row(ssim: float, fsim: float, mae: float) -> dict:
    return {"id": "a", "ssim": ssim, "fsim": fsim, "mae": mae}


def test_ahead_is_paired_and_picks_the_best_by_each_metric():
    """Pictures vary far more than the lead over another method; pairing shows it all the same."""
    hard = np.linspace(0, 0.5, 20)
    mine = [row(0.5 + x, 0.4 + x, 0.1 + x) for x in hard]
    others = {
        "soft": [row(0.48 + x, 0.1 + x, 0.3 + x) for x in hard],
        "crisp": [row(0.2 + x, 0.45 + x, 0.05 + x) for x in hard],
    }
    found = ev.ahead(mine, others)
    assert {name: each["of"] for name, each in found.items()} == {"ssim": "soft", "fsim": "crisp", "mae": "crisp"}
    assert found["ssim"]["ssim"] == pytest.approx(0.02) and found["ssim"]["ssim_95"] == pytest.approx([0.02, 0.02])
    assert found["fsim"]["fsim"] == pytest.approx(-0.05) and found["mae"]["mae"] == pytest.approx(-0.05)
    assert ev.sentences(found).splitlines()[0] == (
        "SSIM: +0.0200 (95 % 0.0200 to 0.0200) against soft, the best of the others."
    )


def test_table():
    results = {
        "worse": {"pictures": 3, "ssim": 0.25, "ssim_95": [0.2, 0.3], "mae": 0.5, "mae_95": [0.4, 0.6]},
        "better": {"pictures": 3, "ssim": 0.75, "ssim_95": [0.7, 0.8], "mae": 0.125, "mae_95": [0.1, 0.2], "ms": 12.5},
    }
    lines = ev.table(results).splitlines()
    assert len(lines) == 4 and len({line.count("|") for line in lines}) == 1
    assert lines[2] == "| better | 3 | 0.7500 | 0.7000 to 0.8000 | 0.1250 | 0.1000 to 0.2000 | 12.5 |"
    assert lines[3].startswith("| worse | 3 | 0.2500 |")


def test_command_line_measures_beside_trivial_answers_and_peers(faces, translator, tmp_path):
    """A peer of the model's own name does not take its place."""
    folder = faces(6)
    translator.save_pretrained(tmp_path / "mine")
    (tmp_path / "peers" / "mine").mkdir(parents=True)
    for pair in pairs(folder):
        ev.oriented(Item(pair), "photo_to_sketch")[1].save(tmp_path / "peers" / "mine" / f"{pair.id}.png")
    command = ["evaluate", str(tmp_path / "mine"), "--data", str(folder), "--peers", str(tmp_path / "peers"), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found.keys() == set(DIRECTIONS)
    assert len(found["photo_to_sketch"]) == 4 and len(found["sketch_to_photo"]) == 3
    (mine,) = (name for name in found["sketch_to_photo"] if name.endswith("mine"))
    assert found["sketch_to_photo"][mine]["images"][0].keys() == {"id", "ms", "ssim", "fsim", "scoot", "mae"}
    assert found["photo_to_sketch"][mine]["ahead"]["ssim"]["of"] == "mine"
    assert found["sketch_to_photo"][mine]["ahead"] == {}


def test_card_tells_what_was_measured(faces, translator, tmp_path):
    """--card writes the scores beside the weights, which stay as they are, and the others' scores on the same pairs."""
    folder, mine = faces(6), tmp_path / "mine"
    translator.about |= {"method": "autoencoder", "preset": "autoencoder", "step": 1, "hardware": "a sundial"}
    translator.about |= {"data": {"train": 4, "val": 0, "test": 2, "split": "person"}}
    translator.about |= {"training": {"steps": 1, "seed": 0}, "seconds": 600, "commit": "abc123"}
    translator.save_pretrained(mine)
    weights = (mine / "model.safetensors").read_bytes()
    (tmp_path / "peers" / "rival").mkdir(parents=True)
    for pair in pairs(folder):
        ev.oriented(Item(pair), "photo_to_sketch")[1].save(tmp_path / "peers" / "rival" / f"{pair.id}.png")
    command = ["evaluate", str(mine), "--data", str(folder), "--peers", str(tmp_path / "peers"), "--card"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    told = json.loads((mine / "config.json").read_text())["scores"]["photo_to_sketch"]
    assert told["part"] == "test" and told["others"]["rival"]["ssim"] == 1 and told["ms"] > 0
    card = (mine / "README.md").read_text()
    assert f"| photo_to_sketch | test | 1 | {told['ssim']:.4f} |" in card and "| *rival* | test | 1 | 1.0000 |" in card
    assert "a sundial in 10 minutes, by the code of commit abc123" in card.replace("\n", " ")
    assert (mine / "model.safetensors").read_bytes() == weights


def test_a_peer_of_an_embedded_models_name_stands_beside_it(faces, tmp_path):
    folder = faces(3)
    (tmp_path / "peers" / "autoencoder").mkdir(parents=True)
    for pair in pairs(folder):
        ev.oriented(Item(pair), "photo_to_sketch")[1].save(tmp_path / "peers" / "autoencoder" / f"{pair.id}.png")
    command = ["evaluate", "autoencoder", "--data", str(folder), "--peers", str(tmp_path / "peers"), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["photo_to_sketch"]
    assert found["autoencoder"]["ssim"] < 1 == found["peers/autoencoder"]["ssim"]


def test_card_needs_a_folder(faces):
    result = CliRunner().invoke(app, ["evaluate", "pix2pix", "--data", str(faces(2)), "--card"])
    assert result.exit_code == 2 and "folder" in result.output
