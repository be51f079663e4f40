"""Photos with mattes, from one folder or several: what is learned from them, and how backgrounds are replaced."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_face, ids, put
from PIL import Image

from facesketch.image.compositing import STUDIO_BACKGROUND
from train.config import Config, override
from train.data.background import remove_person, replace_background
from train.data.batches import Batches
from train.data.check import check_before_training
from train.data.pairs import DataError, Item, Pair, find_images, find_pairs, read_item, style_of
from train.data.split import make_split

CPU = torch.device("cpu")
PLAIN = override(Config(), {"batch_size": 2, "model.size": 64, "data.validation_fraction": 0.0})
CYCLEGAN = Config.from_dict({**PLAIN.to_dict(), "method": "cyclegan", "losses": {}})
BACKGROUND = "data.augmentation.replace_background"


@pytest.fixture
def matte() -> Image.Image:
    """The person is the left half."""
    pixels = np.zeros((250, 200), np.uint8)
    pixels[:, :100] = 255
    return Image.fromarray(pixels)


@pytest.fixture
def data(tmp_path, matte):
    """Two pairs in each of three styles; two have mattes in the same folder, and two in a folder of mattes."""
    for folder in ("cuhk", "line", "soft"):
        for number in (1, 2):
            photo, sketch = draw_face(number)
            put(tmp_path / "pairs" / folder / "photos" / f"{number}.png", photo)
            put(tmp_path / "pairs" / folder / "sketches" / f"{number}.png", sketch)
    for number in (1, 2):
        put(tmp_path / "pairs" / "line" / "mattes" / f"{number}.png", matte)
        put(tmp_path / "mattes" / "cuhk" / f"{number}.png", matte)
    return [tmp_path / "pairs", tmp_path / "mattes"]


def test_mattes_are_found_next_to_photos_and_in_a_folder_of_their_own(data):
    with_matte = {pair.id for pair in find_pairs(data) if pair.matte}
    assert with_matte == {"cuhk/1", "cuhk/2", "line/1", "line/2"}
    assert {pair.id for pair in find_pairs(data[0]) if pair.matte} == {"line/1", "line/2"}
    assert len(find_images(data)["matte"]) == 4
    soft = next(pair for pair in find_pairs(data) if pair.id == "soft/1")
    with pytest.raises(DataError, match="soft/1 has no matte"):
        read_item(Item(soft), "matte")


def test_a_photo_in_two_folders_is_refused(data):
    with pytest.raises(DataError, match="Two photos have the id cuhk/1"):
        find_pairs([data[0], data[0]])


def test_the_split_json_of_every_folder_is_used(data, tmp_path):
    more = tmp_path / "more"
    for number in (3, 4):
        for side, image in zip(("photos", "sketches"), draw_face(number), strict=True):
            put(more / "ar" / side / f"{number}.png", image)
    for folder, train, test in ((data[0], ["line/1", "soft/1"], ["cuhk/2"]), (more, ["ar/3"], ["ar/4"])):
        (folder / "split.json").write_text(json.dumps({"train": train, "test": test}))
    parts = make_split(find_pairs([*data, more]), [*data, more], PLAIN)
    assert sorted(ids(parts.train)) == ["ar/3", "line/1", "soft/1"]
    assert sorted(ids(parts.test)) == ["ar/4", "cuhk/2"]


def test_mattes_are_learned_from_pairs_that_have_one(data):
    config = override(PLAIN, {"model.direction": "photo_to_matte"})
    parts = make_split(find_pairs(data), data, config)
    assert set(ids([*parts.train, *parts.val, *parts.test])) == {"cuhk/1", "cuhk/2", "line/1", "line/2"}
    batch = Batches(parts.train, config, CPU, True)(0, 10)
    assert batch.source.shape == batch.target.shape == (2, 3, 64, 64)
    assert (batch.target[..., :30] == 1).all() and (batch.target[..., 34:] == -1).all()
    with pytest.raises(DataError, match="0 pair"):
        make_split(find_pairs(data[0] / "soft"), data[0] / "soft", config)


def test_photos_with_mattes_alone_are_learned_from_by_mattes_only(data, matte):
    alone = data[0].parent / "alone"
    for number in (1, 2):
        put(alone / "photos" / f"portrait-{number}.png", draw_face(number)[0])
        put(alone / "mattes" / f"portrait-{number}.png", matte)
    (alone / "split.json").write_text(json.dumps({"train": ["portrait-1"], "test": ["portrait-2"]}))
    mattes = override(PLAIN, {"model.direction": "photo_to_matte"})
    parts = make_split(find_pairs(alone), alone, mattes)
    assert ids(parts.train) == ["portrait-1"] and ids(parts.test) == ["portrait-2"]
    assert check_before_training(alone) == []
    folders = [*data, alone]
    learned = {each: make_split(find_pairs(folders), folders, each) for each in (mattes, PLAIN)}
    assert "portrait-1" in ids(learned[mattes].train) and "portrait-2" in ids(learned[mattes].test)
    sketches = [*learned[PLAIN].train, *learned[PLAIN].val, *learned[PLAIN].test]
    assert len(sketches) == 6 and not {"portrait-1", "portrait-2"} & set(ids(sketches))
    with pytest.raises(DataError, match="has 0 pair"):
        make_split(find_pairs(alone), alone, PLAIN)


def test_a_matte_says_where_the_background_is(data):
    """The person is unchanged, and the rest changes."""
    items = [Item(pair) for pair in find_pairs(data) if pair.matte]
    kept, replaced = (
        Batches(items, override(PLAIN, {"data.mattes": True, BACKGROUND: p}), CPU, True) for p in (0.0, 1.0)
    )
    torch.manual_seed(0)
    a, b = kept(0, 10), replaced(0, 10)
    assert torch.equal(a.target, b.target) and torch.allclose(a.source[..., :30], b.source[..., :30], atol=1e-6)
    assert ((a.source - b.source)[..., 34:].abs().mean((1, 2, 3)) > 0.02).all()


def test_remove_person_continues_the_background(matte):
    photo = Image.new("RGB", (200, 250), "blue")
    photo.paste((200, 150, 100), (0, 0, 100, 250))
    assert (np.asarray(remove_person(photo, matte)) == (0, 0, 255)).all()
    assert remove_person(photo, Image.new("L", photo.size, 255)).size == photo.size


def test_half_of_the_new_backgrounds_are_of_other_photos():
    x, mask, backgrounds = torch.zeros(400, 3, 8, 8), torch.ones(400, 1, 8, 8), torch.full((400, 3, 8, 8), 0.77)
    torch.manual_seed(0)
    is_given = (replace_background(x, mask, 1.0, backgrounds) == 0.77).flatten(1).all(1).float().mean()
    assert 0.42 < is_given < 0.58


def test_a_batch_has_as_many_pairs_in_the_other_styles(data):
    """The inverse is learned from the first style alone."""
    config = override(PLAIN, {"model.styles": ("shaded", "line", "soft"), "model.inverse": True})
    batches = Batches([Item(pair) for pair in find_pairs(data)], config, CPU, True)
    batch = batches(0, 10)
    other = batch.other_styles
    for images in (batch.source, batch.target, batch.inverse.source, batch.inverse.target, other.source, other.target):
        assert images.shape == (2, 3, 64, 64)
    assert batch.style.shape == other.style.shape == (2, 3, 64, 64) and other.inverse is None
    assert (batch.style[:, 0] == 1).all() and (batch.style[:, 1:] == 0).all()
    assert (other.style[:, 0] == 0).all() and (other.style[:, 1:].sum(1) == 1).all()
    assert torch.equal(batch.generator_input, torch.cat([batch.source, batch.style], 1))
    assert [style_of(item.pair, batches.styles) for item in batches.items] == ["shaded"] * 2


def test_the_paper_of_other_styles_is_white(tmp_path):
    for folder in ("cuhk", "soft"):
        photo, sketch = draw_face(0)
        put(tmp_path / folder / "photos" / "1.png", photo)
        put(tmp_path / folder / "sketches" / "1.png", sketch.point(lambda value: value * 0.7))
    config = override(PLAIN, {"batch_size": 1, "model.styles": ("shaded", "soft")})
    batch = Batches([Item(pair) for pair in find_pairs(tmp_path)], config, CPU, True)(0, 10)
    assert batch.target.max() < 0.5 and (batch.other_styles.target > 0.95).float().mean() > 0.15


def test_some_photos_show_the_background_alone(data):
    """Their mattes are empty; the others keep their person."""
    items = [Item(pair) for pair in find_pairs(data) if pair.matte]
    changes = {"batch_size": 4, "model.direction": "photo_to_matte", "data.mattes": True, BACKGROUND: 0.0001}
    config = override(PLAIN, changes)
    kept, removed = (
        Batches(items, override(config, {"data.augmentation.remove_person": p}), CPU, True)(0, 10) for p in (0.0, 1.0)
    )
    assert (kept.target[..., :30] == 1).all() and (removed.target == -1).all()
    assert ((kept.source - removed.source)[..., :30].abs().mean((1, 2, 3)) > 0.02).all()


def test_unpaired_photos_are_those_outside_the_subset_that_have_mattes_on_a_plain_background(data):
    config = override(CYCLEGAN, {"data.subset": "cuhk", "data.unpaired": True})
    names = {"train": ["cuhk/1", "cuhk/2", "line/1", "soft/1"], "test": ["line/2", "soft/2"]}
    (data[0] / "split.json").write_text(json.dumps(names))
    parts = make_split(find_pairs(data), data, config)
    assert ids(parts.unpaired) == ["line/1"] and parts.counts["unpaired"] == 1
    without = make_split(find_pairs(data), data, override(config, {"data.unpaired": False}))
    assert not without.unpaired and "unpaired" not in without.counts
    batch = Batches(parts.train, config, CPU, False, unpaired=parts.unpaired)(0, 10)
    assert batch.unpaired.shape == batch.source.shape == batch.target.shape == (2, 3, 64, 64)
    studio = torch.tensor(STUDIO_BACKGROUND).view(3, 1, 1) / 127.5 - 1
    assert (
        torch.allclose(batch.unpaired[..., 40:], studio.expand(2, 3, 64, 24)) and batch.unpaired[..., :30].std() > 0.1
    )


def test_the_outermost_folder_decides_the_style():
    """FS2K as downloaded has folders 1 to 3, which are no styles."""
    styles = ("shaded", "line", "charcoal", "soft")
    expected = {"line/0001": "line", "soft/a/0001": "soft", "cuhk/1": "shaded", "1/0110": "shaded", "0001": "shaded"}
    for pair_id, style in expected.items():
        assert style_of(Pair(pair_id, pair_id, Path("photo"), Path("sketch")), styles) == style
