"""What models are compared with: trivial baselines, and other methods' images."""

import numpy as np
import pytest

from train.data.pairs import DataError, Item, find_pairs
from train.results import baselines
from train.results.evaluate import measure, source_and_target
from train.results.scores import summarize

DIRECTIONS = ["photo_to_sketch", "sketch_to_photo"]


@pytest.fixture
def items(faces):
    return [Item(pair) for pair in find_pairs(faces(5))]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_trivial_baselines(items, direction):
    draws = baselines.trivial_baselines(items[:2], direction)
    source_name, target_name = direction.split("_to_")
    assert list(draws) == [f"the {source_name} itself", f"mean training {target_name}"]
    itself, mean = draws.values()
    source, _ = source_and_target(items[4], direction)
    assert itself(items[4], source) == source
    targets = [np.asarray(source_and_target(item, direction)[1], dtype=float) for item in items[:2]]
    assert np.abs(np.asarray(mean(items[4], source)) - sum(targets) / 2).max() <= 0.51
    for draw in draws.values():
        assert len(measure(draw, items[2:], direction)) == 3


def save_targets(folder, items) -> None:
    """What a perfect method would have drawn for these items."""
    folder.mkdir(parents=True)
    for item in items:
        source_and_target(item, "photo_to_sketch")[1].save(folder / f"{item.pair.photo.stem}.png")


def test_published_methods_may_have_some_of_the_images(items, tmp_path):
    save_targets(tmp_path / "methods" / "one", items)
    save_targets(tmp_path / "methods" / "two", items[3:])
    draws = baselines.published_methods(tmp_path / "methods", items)
    assert list(draws) == ["one", "two"]
    whole, some = (measure(draw, items, "photo_to_sketch") for draw in draws.values())
    assert [row.id for row in whole] == ["000", "001", "002", "003", "004"]
    assert summarize(whole).metrics["ssim"].value == 1
    assert [row.id for row in some] == ["003", "004"] and summarize(some).pictures == 2


def test_a_method_without_any_of_the_images_is_refused(items, tmp_path):
    save_targets(tmp_path / "methods" / "one", items[:3])
    with pytest.raises(DataError, match=r"one contains no image of a measured pair, such as 003\.png"):
        baselines.published_methods(tmp_path / "methods", items[3:])


def test_an_unreadable_image_is_named(items, tmp_path):
    save_targets(tmp_path / "methods" / "one", items)
    (tmp_path / "methods" / "one" / "002.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"002\.png"):
        measure(baselines.published_methods(tmp_path / "methods", items)["one"], items, "photo_to_sketch")


def test_methods_with_some_images_are_compared_on_these(items, tmp_path):
    """The first is measured once more on their images, and the difference is computed on them alone."""
    save_targets(tmp_path / "methods" / "all", items)
    save_targets(tmp_path / "methods" / "few", items[3:])
    save_targets(tmp_path / "methods" / "too", items[3:])
    draws = {"mine": lambda item, source: source, "none": lambda item, source: source}
    found = baselines.compare(draws, items, "photo_to_sketch", tmp_path / "methods", None)
    assert list(found.rows) == ["mine", "none", "ours, on the 2 of few, too", "all", "few", "too"]
    assert found.rows["ours, on the 2 of few, too"] == found.rows["mine"][3:]
    ssim, mae = found.differences["ssim"], found.differences["mae"]
    assert ssim.other in found.rows and ssim.mean.value < 0 and mae.mean.value < 0
    assert baselines.compare(draws, items, "photo_to_sketch", None, None).differences == {}


def test_no_methods(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match="no folders"):
            baselines.published_methods(folder, [])
