"""Measuring generated images against their targets."""

import numpy as np
import pytest
from PIL import ImageChops, ImageFilter

from facesketch import Model, Pipeline, metrics, read_image
from facesketch.models.config import ModelConfig
from facesketch.options import RAW_OUTPUT
from train.data.pairs import Item, find_pairs
from train.results import evaluate as evaluation
from train.results.evaluate import measure, source_and_target
from train.results.scores import summarize

DIRECTIONS = ("photo_to_sketch", "sketch_to_photo")


@pytest.fixture
def items(faces):
    return [Item(pair) for pair in find_pairs(faces(5))]


@pytest.fixture
def model():
    return Model(ModelConfig(network="autoencoder", width=2, size=64, directions=DIRECTIONS))


def test_source_and_target_of_a_direction(items):
    photo, sketch = source_and_target(items[0], "photo_to_sketch")
    assert photo.size == sketch.size == (200, 250) and photo.mode == sketch.mode == "RGB"
    assert np.ptp(np.asarray(photo), axis=2).max() > 0 and np.ptp(np.asarray(sketch), axis=2).max() == 0
    assert source_and_target(items[0], "sketch_to_photo") == (sketch, photo)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_target_itself_is_perfect(items, direction):
    rows = measure(lambda item, source: source_and_target(item, direction)[1], items, direction)
    assert [row.id for row in rows] == ["000", "001", "002", "003", "004"]
    assert all(row.metrics["ssim"] == pytest.approx(1) and row.metrics["mae"] == 0 for row in rows)
    score = summarize(rows)
    assert score.pictures == 5 and score.metrics["mae"].value == 0
    assert score.metrics["ssim"].value == 1 and score.metrics["ssim"].interval == (1, 1)


def test_a_measurement_holds_every_metric(items):
    photo, sketch = source_and_target(items[2], "photo_to_sketch")
    (row,) = measure(lambda item, source: source, items[2:3], "photo_to_sketch")
    by_name = {"ssim": metrics.ssim, "fsim": evaluation.fsim, "scoot": metrics.scoot, "mae": metrics.mae}
    assert row.id == "002" and row.metrics == {name: metric(photo, sketch) for name, metric in by_name.items()}
    (quick,) = measure(lambda item, source: source, items[2:3], "photo_to_sketch", quick=True)
    assert quick.metrics.keys() == {"ssim", "mae"}


def test_the_time_of_a_measurement_is_that_of_drawing(items):
    """By a clock that only drawing advances."""
    now = [0.0]

    def draw(item, source):
        now[0] += 0.025
        return source

    rows = measure(draw, items, "photo_to_sketch", quick=True, clock=lambda: now[0])
    assert [row.ms for row in rows] == pytest.approx([25] * 5) and summarize(rows, timed=True).ms == pytest.approx(25)


def test_fsim_penalizes_blur_more_than_ssim_does(items):
    """Of a sketch shifted by 2 pixels and one that is blurred, SSIM clearly prefers the blurred one."""
    sketch = source_and_target(items[0], "photo_to_sketch")[1]
    blurred, shifted = sketch.filter(ImageFilter.GaussianBlur(2)), ImageChops.offset(sketch, 2, 0)
    fsim = evaluation.fsim
    assert fsim(sketch, sketch) == pytest.approx(1)
    assert fsim(sketch, blurred) == pytest.approx(fsim(blurred, sketch)) and fsim(sketch, blurred) < 0.99
    lead = {name: metric(sketch, blurred) - metric(sketch, shifted) for name, metric in evaluation.METRICS.items()}
    assert lead["ssim"] > lead["fsim"]


def test_images_are_measured_at_the_size_of_the_target(faces):
    """Photos and sketches of a pair may differ in size."""
    folder = faces(2)
    for path in (folder / "sketches").iterdir():
        read_image(path).resize((160, 200)).save(path)
    items = [Item(pair) for pair in find_pairs(folder)]
    rows = measure(lambda item, source: source, items, "photo_to_sketch")
    assert all(np.isfinite(row.metrics["ssim"]) for row in rows)


def test_a_model_is_measured_by_its_raw_output(items, model):
    source, _ = source_and_target(items[0], "photo_to_sketch")
    drawn = evaluation.draw_with(model, "photo_to_sketch")(items[0], source)
    assert drawn == Pipeline(model)(source, RAW_OUTPUT).image and drawn.size == source.size
