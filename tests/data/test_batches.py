"""Pairs -> the batches that a step learns from."""

import random
from dataclasses import fields, replace

import pytest
import torch
from conftest import draw_face, put
from PIL import ImageDraw

from facesketch.image.pixels import resize, to_tensor, to_uint8
from train.config import Config, override
from train.data.batch import Batch
from train.data.batches import Batches
from train.data.pairs import DataError, Item, find_pairs, read_pair

CPU = torch.device("cpu")
PLAIN = override(Config(), {"batch_size": 2, "model.size": 64, "data.crop_size": 64})
AUGMENTATION = {f"data.augmentation.{name}": 8.0 for name in ("rotate", "translate")}
AUGMENTATION |= {"data.augmentation.scale": 0.2, "data.augmentation.hflip": True}
CROPPED = {**AUGMENTATION, "data.crop_size": 48, "data.crop_until": 1.0}
JITTER = "data.augmentation.color_jitter"


def make(folder, paired=True, changes=None) -> Batches:
    return Batches([Item(pair) for pair in find_pairs(folder)], override(PLAIN, changes or {}), CPU, paired)


def draw(batches: Batches, step: int, steps: int = 10) -> Batch:
    torch.manual_seed(step)
    return batches(step, steps)


def same(a: Batch, b: Batch) -> bool:
    return torch.equal(a.source, b.source) and torch.equal(a.target, b.target)


@pytest.fixture
def twins(tmp_path):
    """Photo and sketch are the same gray image."""
    for number in range(4):
        gray = draw_face(number)[0].convert("L")
        for role in ("photos", "sketches"):
            put(tmp_path / "twins" / role / f"{number}.png", gray)
    return tmp_path / "twins"


@pytest.mark.parametrize("role", ["photos", "sketches"])
def test_an_unreadable_image_is_named(faces, role):
    folder = faces(3)
    path = next(path for path in (folder / role).iterdir() if path.stem == "001")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=rf"001\{path.suffix}"):
        make(folder)


@pytest.mark.parametrize("orientation", range(8))
def test_orientations_are_the_same_on_disk_and_in_batches(faces, orientation):
    """An item's native image, resized, is what Batches gives, up to rounding."""
    pair = find_pairs(faces(1))[0]
    batch = Batches([Item(pair, orientation)], override(PLAIN, {"batch_size": 1}), CPU, True)(0, 10)
    for role, images in enumerate((batch.source, batch.target)):
        distances = [
            (images[0] - to_tensor(resize(read_pair(Item(pair, other))[role], (64, 64)))).abs().mean().item()
            for other in range(8)
        ]
        assert distances[orientation] < 0.5 / 127.5
        others = [distance for other, distance in enumerate(distances) if other != orientation]
        assert min(others) > 10 * distances[orientation]


def test_pixels_are_stored_as_bytes(faces):
    batches = make(faces(3))
    assert batches.sources.dtype == batches.targets.dtype == torch.uint8
    assert batches.sources.shape == (3, 3, 64, 64)
    assert batches.targets.shape == (3, 1, 64, 64)


def test_orientations_of_a_pair_share_their_pixels(faces):
    items = [Item(pair, orientation) for pair in find_pairs(faces(2)) for orientation in range(8)]
    assert Batches(items, PLAIN, CPU, True).sources.shape[0] == 2


def test_a_batch_is_floats_in_range(faces):
    batch = draw(make(faces(3), changes={**AUGMENTATION, JITTER: 0.3}), 0)
    for z in (batch.source, batch.target):
        assert z.shape == (2, 3, 64, 64) and z.dtype == torch.float32 and z.min() >= -1 and z.max() <= 1


def test_map_reaches_every_tensor_of_a_batch():
    x = torch.ones(1)
    batch = Batch(x, x, x, Batch(x, x), Batch(x, x, x), x).map(lambda z: z + 1)
    assert all(getattr(batch, field.name) is not None for field in fields(batch))
    for part in (batch, batch.inverse, batch.other_styles):
        tensors = [value for value in vars(part).values() if isinstance(value, torch.Tensor)]
        assert len(tensors) >= 2 and all(value == 2 for value in tensors)


def test_processes_divide_a_batch(faces):
    folder = faces(4)
    items = [Item(pair) for pair in find_pairs(folder)]
    whole = draw(make(folder), 0)
    parts = [draw(Batches(items, PLAIN, CPU, True, rank, world_size=2), 0) for rank in range(2)]
    assert torch.equal(torch.cat([part.source for part in parts]), whole.source)
    assert torch.equal(torch.cat([part.target for part in parts]), whole.target)


@pytest.mark.parametrize("paired", [True, False])
def test_a_batch_follows_from_seed_and_step_alone(faces, paired):
    folder = faces(5)
    changes = {**AUGMENTATION, JITTER: 0.2, "data.crop_size": 32, "data.crop_until": 0.5}
    first, second = make(folder, paired, changes), make(folder, paired, changes)
    in_order = {step: draw(first, step) for step in range(6)}
    for step in (5, 0, 3, 1):
        assert same(draw(second, step), in_order[step])
    other = make(folder, paired, {**changes, "seed": 1})
    assert any(not torch.equal(draw(other, step).source, in_order[step].source) for step in range(6))


def test_an_epoch_has_every_image_once(faces):
    batches = make(faces(6))
    assert batches.per_epoch == 3
    orders = []
    for epoch in range(3):
        seen = torch.cat([draw(batches, epoch * 3 + i).source for i in range(3)])
        orders.append([z.sum().item() for z in seen])
        assert len(set(orders[-1])) == 6
    assert sorted(orders[0]) == sorted(orders[1]) and len({tuple(order) for order in orders}) > 1


class CountedItem(Item):
    """An item that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedItem.compared += 1
        assert CountedItem.compared <= 20_000
        return Item.__eq__(self, other)

    __hash__ = Item.__hash__


def test_the_work_of_an_epoch_grows_with_the_number_of_pairs_not_with_its_square(faces, monkeypatch):
    """20,000 items, half of them in another style: comparisons and shuffled items are counted."""
    n_shuffled, shuffle = 0, random.Random.shuffle

    def counted(self: random.Random, order: list) -> None:
        nonlocal n_shuffled
        n_shuffled += len(order)
        assert n_shuffled <= 20_000
        shuffle(self, order)

    monkeypatch.setattr(random.Random, "shuffle", counted)
    monkeypatch.setattr(CountedItem, "compared", 0)
    pairs = find_pairs(faces(2))
    pairs[1] = replace(pairs[1], id="line/1")
    items = [CountedItem(pair, orientation, size) for size in range(1250) for pair in pairs for orientation in range(8)]
    batches = Batches(items, override(PLAIN, {"model.styles": ("shaded", "line"), "batch_size": 10}), CPU, False)
    assert len(batches.items) == 10_000 and batches.per_epoch == 1000
    for stream in (0, 1):  # in turn, as a step of CycleGAN draws from both
        drawn = {id(item) for step in range(batches.per_epoch) for item in batches.items_at(step, stream)}
        assert drawn == {id(item) for item in batches.items}


def test_source_and_target_are_a_pair(faces):
    folder = faces(4)
    by_photo = {}
    for pair in find_pairs(folder):
        photo, sketch = (to_uint8(resize(image, (64, 64))) for image in read_pair(Item(pair)))
        by_photo[photo.sum().item()] = sketch
    batch = draw(make(folder), 0)
    for photo, sketch in zip(batch.source, batch.target, strict=True):
        expected = by_photo[((photo + 1) * 127.5).round().long().sum().item()]
        assert torch.equal(((sketch + 1) * 127.5).round().to(torch.uint8), expected)


def test_source_and_target_move_together(twins):
    batches = make(twins, changes=CROPPED)
    for step in range(6):
        batch = draw(batches, step)
        assert torch.equal(batch.source, batch.target)


def test_color_jitter_changes_the_photo_alone(twins):
    plain, jittered = make(twins, changes=CROPPED), make(twins, changes={**CROPPED, JITTER: 0.3})
    batch = draw(jittered, 0)
    assert torch.equal(batch.target, draw(plain, 0).target) and not torch.equal(batch.source, batch.target)


def test_unpaired_sources_and_targets_are_independent(twins):
    batches = make(twins, paired=False, changes={"batch_size": 1})
    drawn = [draw(batches, step) for step in range(8)]
    assert any(not torch.equal(batch.source, batch.target) for batch in drawn)
    moving = {"batch_size": 1, "data.augmentation.rotate": 10.0, "data.augmentation.translate": 8.0}
    drawn = [draw(make(twins, paired=False, changes=moving), step) for step in range(8)]
    assert all(not torch.equal(batch.source, batch.target) for batch in drawn)


def test_images_are_cropped_until_a_fraction_of_the_steps(faces):
    batches = make(faces(3), changes={"data.crop_size": 32, "data.crop_until": 0.5})
    assert [draw(batches, step).source.shape[-1] for step in (0, 4, 5, 9)] == [32, 32, 64, 64]
    assert draw(batches, 4).target.shape == (2, 3, 32, 32)


def test_the_inverse_gets_a_jittered_sketch_and_learns_the_unchanged_photo(twins):
    """The photo of the twins is their sketch too."""
    changes = {**CROPPED, "model.inverse": True, JITTER: 0.3, "data.augmentation.replace_background": 1.0}
    batch = draw(make(twins, changes=changes), 0)
    sketch, photo = batch.inverse.source, batch.inverse.target
    assert torch.equal(photo, batch.target) and photo.shape == sketch.shape == batch.source.shape == (2, 3, 48, 48)
    assert not torch.equal(sketch, batch.target) and not torch.equal(batch.source, photo)
    assert torch.equal(sketch[:, 0], sketch[:, 1]) and torch.equal(sketch[:, 0], sketch[:, 2])


def test_inputs_keep_scan_borders_and_targets_lose_them(tmp_path):
    for role, image in zip(("photos", "sketches"), draw_face(0), strict=True):
        ImageDraw.Draw(image).polygon([(0, 250), (0, 170), (60, 250)], fill="black")
        put(tmp_path / role / "1.png", image)
    batch = draw(make(tmp_path, changes={"batch_size": 1, "model.inverse": True, "data.inpaint_scan_borders": True}), 0)
    for z in (batch.source, batch.inverse.source):
        assert z[..., -6:, :6].max() < -0.9
    for z in (batch.target, batch.inverse.target):
        assert z[..., -6:, :6].min() > -0.7
