"""Measuring draw functions on pairs, and telling of it."""

import time

import numpy as np
import pytest
from PIL import ImageChops, ImageFilter

from facesketch import metrics, read_image
from facesketch.look import RAW
from facesketch.translator import Translator
from train.data.pairs import Item, pairs
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
    (quick,) = ev.measure(lambda item, source: source, items[2:3], "photo_to_sketch", quick=True)
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
        read_image(path).resize((160, 200)).save(path)
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

    result = ev.summary(ev.measure(slow, items, "photo_to_sketch", quick=True), timed=True)
    assert 20 <= result["ms"] < 200


def test_with_model(items, translator):
    source, _ = ev.oriented(items[0], "photo_to_sketch")
    answer = ev.with_model(translator, "photo_to_sketch")(items[0], source)
    assert answer == translator.translate(source, align="never", **RAW) and answer.size == source.size


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
    found = ev.paired_difference(mine, others)
    assert {name: each["of"] for name, each in found.items()} == {"ssim": "soft", "fsim": "crisp", "mae": "crisp"}
    assert found["ssim"]["ssim"] == pytest.approx(0.02) and found["ssim"]["ssim_95"] == pytest.approx([0.02, 0.02])
    assert found["fsim"]["fsim"] == pytest.approx(-0.05) and found["mae"]["mae"] == pytest.approx(-0.05)
    assert ev.sentences(found).splitlines()[0] == (
        "SSIM: +0.0200 (95 % 0.0200 to 0.0200) against soft, the best of the others."
    )


def test_ahead_of_one_with_only_some_pictures():
    """Those pictures alone are compared, and the best is the one that is the least behind on its own."""
    mine = [{"id": id, "ssim": ssim} for id, ssim in (("a", 0.9), ("b", 0.5), ("c", 0.4))]
    others = {
        "whole": [{"id": id, "ssim": 0.5} for id in "abc"],  # behind by 0.1 on average
        "hard": [{"id": "b", "ssim": 0.45}, {"id": "c", "ssim": 0.45}],  # by nothing, though its mean is lower
    }
    found = ev.paired_difference(mine, others)["ssim"]
    assert (
        found["of"] == "hard" and found["ssim"] == pytest.approx(0) and found["ssim_95"] == pytest.approx([-0.05, 0.05])
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
