"""Photos with mattes, from one folder or several: what is learned, and what else stands behind a person."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import draw_face, put
from PIL import Image

from train.config import Config
from train.data.background import remove_person, replace_background
from train.data.batches import Batches
from train.data.pairs import DataError, Item, find, pairs, read_side, style_of
from train.data.split import split

CPU = torch.device("cpu")
PLAIN = Config("plain", "pix2pix", "unet", 4, epochs=1, batch=2, size=64, validation=0.0)


@pytest.fixture
def matte() -> Image.Image:
    """The person is the left half."""
    pixels = np.zeros((250, 200), np.uint8)
    pixels[:, :100] = 255
    return Image.fromarray(pixels)


@pytest.fixture
def data(tmp_path, matte):
    """Pairs in three styles of two, two of whose six have mattes beside them, and two a folder of mattes elsewhere."""
    for style in ("cuhk", "line", "soft"):
        for number in (1, 2):
            photo, sketch = draw_face(number)
            put(tmp_path / "pairs" / style / "photos" / f"{number}.png", photo)
            put(tmp_path / "pairs" / style / "sketches" / f"{number}.png", sketch)
    for number in (1, 2):
        put(tmp_path / "pairs" / "line" / "mattes" / f"{number}.png", matte)
        put(tmp_path / "mattes" / "cuhk" / f"{number}.png", matte)
    return [tmp_path / "pairs", tmp_path / "mattes"]


def test_mattes_lie_beside_photos_or_in_a_folder_of_their_own(data):
    with_matte = {pair.id for pair in pairs(data) if pair.matte}
    assert with_matte == {"cuhk/1", "cuhk/2", "line/1", "line/2"}
    assert {pair.id for pair in pairs(data[0]) if pair.matte} == {"line/1", "line/2"}
    assert len(find(data)["matte"]) == 4
    soft = next(pair for pair in pairs(data) if pair.id == "soft/1")
    with pytest.raises(DataError, match="soft/1 has no matte"):
        read_side(Item(soft), "matte")


def test_a_photo_in_two_folders_is_refused(data):
    with pytest.raises(DataError, match="Two photos would be cuhk/1"):
        pairs([data[0], data[0]])


def test_each_folders_split_counts(data, tmp_path):
    more = tmp_path / "more"
    for number in (3, 4):
        for side, picture in zip(("photos", "sketches"), draw_face(number), strict=True):
            put(more / "ar" / side / f"{number}.png", picture)
    for folder, train, test in ((data[0], ["line/1", "soft/1"], ["cuhk/2"]), (more, ["ar/3"], ["ar/4"])):
        (folder / "split.json").write_text(json.dumps({"train": train, "test": test}))
    parts = split(pairs([*data, more]), [*data, more], PLAIN)
    assert sorted(item.pair.id for item in parts["train"]) == ["ar/3", "line/1", "soft/1"]
    assert sorted(item.pair.id for item in parts["test"]) == ["ar/4", "cuhk/2"]


def test_only_what_has_a_matte_is_learned_from_where_mattes_are_the_target(data):
    config = replace(PLAIN, target="matte")
    parts = split(pairs(data), data, config)
    assert {item.pair.id for part in parts.values() for item in part} == {"cuhk/1", "cuhk/2", "line/1", "line/2"}
    x, y = Batches(parts["train"], config, CPU, True)(0, 10)
    assert x.shape == y.shape == (2, 3, 64, 64)
    assert (y[..., :30] == 1).all() and (y[..., 34:] == -1).all()
    with pytest.raises(DataError, match="0 pair"):
        split(pairs(data[0] / "soft"), data[0] / "soft", config)


def test_a_matte_says_where_the_ground_is(data):
    """The person stays as it was, and what is beside it changes."""
    items = [Item(pair) for pair in pairs(data) if pair.matte]
    plain, other = (Batches(items, replace(PLAIN, mattes=True, grounds=share), CPU, True) for share in (0.0, 1.0))
    torch.manual_seed(0)
    (x, y), (z, w) = plain(0, 10), other(0, 10)
    assert torch.equal(y, w) and torch.allclose(x[..., :30], z[..., :30], atol=1e-6)
    assert ((x - z)[..., 34:].abs().mean((1, 2, 3)) > 0.02).all()


def test_a_scene_is_the_photo_without_its_person(matte):
    photo = Image.new("RGB", (200, 250), "blue")
    photo.paste((200, 150, 100), (0, 0, 100, 250))
    assert (np.asarray(remove_person(photo, matte)) == (0, 0, 255)).all()
    assert remove_person(photo, Image.new("L", photo.size, 255)).size == photo.size


def test_half_of_the_new_grounds_are_scenes():
    x, mask, scenes = torch.zeros(400, 3, 8, 8), torch.ones(400, 1, 8, 8), torch.full((400, 3, 8, 8), 0.77)
    torch.manual_seed(0)
    scenic = (replace_background(x, mask, 1.0, scenes) == 0.77).flatten(1).all(1).float().mean()
    assert 0.42 < scenic < 0.58


def test_a_batch_holds_as_many_of_the_other_styles(data):
    """Photos carry a map for each style, and the way back is learned from the first alone."""
    config = replace(PLAIN, styles="shaded line soft", inverse=True)
    batches = Batches([Item(pair) for pair in pairs(data)], config, CPU, True)
    x, y, u, v, x_s, y_s = batches(0, 10)
    assert x.shape == x_s.shape == (2, 6, 64, 64) and y.shape == u.shape == v.shape == y_s.shape == (2, 3, 64, 64)
    assert (x[:, 3] == 1).all() and (x[:, 4:] == 0).all()
    assert (x_s[:, 3] == 0).all() and (x_s[:, 4:].sum(1) == 1).all()
    assert [style_of(item.pair, batches.styles) for item in batches.items] == ["shaded"] * 2


def test_the_paper_of_other_styles_is_white(tmp_path):
    for folder in ("cuhk", "soft"):
        photo, sketch = draw_face(0)
        put(tmp_path / folder / "photos" / "1.png", photo)
        put(tmp_path / folder / "sketches" / "1.png", sketch.point(lambda value: value * 0.7))
    batches = Batches(
        [Item(pair) for pair in pairs(tmp_path)], replace(PLAIN, batch=1, styles="shaded soft"), CPU, True
    )
    _, y, _, y_s = batches(0, 10)
    assert y.max() < 0.5 and (y_s > 0.95).float().mean() > 0.15


def test_some_photos_show_nobody(data):
    """The ground alone, and a matte that is empty; the others keep their person."""
    items = [Item(pair) for pair in pairs(data) if pair.matte]
    config = replace(PLAIN, target="matte", mattes=True, grounds=0.0001, batch=4)
    kept, empty = (Batches(items, replace(config, empty=share), CPU, True) for share in (0.0, 1.0))
    (x, y), (z, w) = kept(0, 10), empty(0, 10)
    assert (y[..., :30] == 1).all() and (w == -1).all()
    assert ((x - z)[..., :30].abs().mean((1, 2, 3)) > 0.02).all()


def test_wild_photos_are_those_outside_the_subset_that_have_mattes_on_plain_ground(data):
    config = replace(PLAIN, method="cyclegan", subset="cuhk", wild=True)
    names = {"train": ["cuhk/1", "cuhk/2", "line/1", "soft/1"], "test": ["line/2", "soft/2"]}
    (data[0] / "split.json").write_text(json.dumps(names))
    parts = split(pairs(data), data, config)
    assert [item.pair.id for item in parts["wild"]] == ["line/1"]
    assert "wild" not in split(pairs(data), data, replace(config, wild=False))
    x, y, wild = Batches(parts["train"], config, CPU, False, wild=parts["wild"])(0, 10)
    assert wild.shape == x.shape == y.shape == (2, 3, 64, 64)
    assert (wild[..., 40:] == 1).all() and wild[..., :30].std() > 0.1
