"""What answers stand beside: trivial ones, and other methods' pictures."""

import numpy as np
import pytest

from train.data.pairs import DataError, Item, pairs
from train.results import baselines
from train.results import evaluate as ev

DIRECTIONS = ["photo_to_sketch", "sketch_to_photo"]


@pytest.fixture
def items(faces):
    return [Item(pair) for pair in pairs(faces(5))]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_trivial_answers(items, direction):
    draws = baselines.trivial(items[:2], direction)
    source_name, target_name = direction.split("_to_")
    assert list(draws) == [f"the {source_name} itself", f"mean training {target_name}"]
    itself, mean = draws.values()
    source, _ = ev.oriented(items[4], direction)
    assert itself(items[4], source) == source
    targets = [np.asarray(ev.oriented(item, direction)[1], dtype=float) for item in items[:2]]
    assert np.abs(np.asarray(mean(items[4], source)) - sum(targets) / 2).max() <= 0.51
    for draw in draws.values():
        assert len(ev.measure(draw, items[2:], direction)) == 3


def draw_for(folder, items) -> None:
    """What a perfect method would have put into folder for these items."""
    folder.mkdir(parents=True)
    for item in items:
        ev.oriented(item, "photo_to_sketch")[1].save(folder / f"{item.pair.photo.stem}.png")


def test_peers(items, tmp_path):
    draw_for(tmp_path / "peers" / "one", items)
    draw_for(tmp_path / "peers" / "two", items[3:])
    draws = baselines.peers(tmp_path / "peers", items)
    assert list(draws) == ["one", "two"]
    whole, some = (ev.measure(draw, items, "photo_to_sketch") for draw in draws.values())
    assert [row["id"] for row in whole] == ["000", "001", "002", "003", "004"] and ev.summary(whole)["ssim"] == 1
    assert [row["id"] for row in some] == ["003", "004"] and ev.summary(some)["pictures"] == 2


def test_a_peer_without_any_of_the_pictures(items, tmp_path):
    draw_for(tmp_path / "peers" / "one", items[:3])
    with pytest.raises(DataError, match=r"one holds no picture that is measured, such as 003\.png"):
        baselines.peers(tmp_path / "peers", items[3:])


def test_a_peers_broken_picture_is_named(items, tmp_path):
    draw_for(tmp_path / "peers" / "one", items)
    (tmp_path / "peers" / "one" / "002.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"002\.png"):
        ev.measure(baselines.peers(tmp_path / "peers", items)["one"], items, "photo_to_sketch")


def test_beside_those_who_have_only_some(items, tmp_path):
    """They are measured on those, the first one beside them on the same ones, and the lead is of those alone."""
    draw_for(tmp_path / "peers" / "all", items)
    draw_for(tmp_path / "peers" / "few", items[3:])
    draw_for(tmp_path / "peers" / "too", items[3:])
    draws = {"mine": lambda item, source: source, "none": lambda item, source: source}
    rows, ahead = baselines.compare(draws, items, "photo_to_sketch", tmp_path / "peers", None)
    assert list(rows) == ["mine", "none", "ours, on the 2 of few, too", "all", "few", "too"]
    assert rows["ours, on the 2 of few, too"] == rows["mine"][3:]
    assert ahead["ssim"]["of"] in rows and ahead["ssim"]["ssim"] < 0 and ahead["mae"]["mae"] < 0
    assert baselines.compare(draws, items, "photo_to_sketch", None, None)[1] == {}


def test_no_peers(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match="no folders"):
            baselines.peers(folder, [])
