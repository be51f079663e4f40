"""Pairs to the batches that a step learns from."""

from dataclasses import replace

import pytest
import torch
from conftest import draw_face, put
from PIL import ImageDraw

from facesketch.images import resize, to_tensor, to_uint8
from train.config import Config
from train.data.batches import Batches
from train.data.pairs import DataError, Item, pairs, read_pair

CPU = torch.device("cpu")
PLAIN = Config("plain", "pix2pix", "unet", 4, epochs=1, batch=2, size=64, crop=64)
GEOMETRY = {"turn": 10.0, "zoom": 0.2, "shift": 8.0, "mirror": True, "crop": 48, "crop_until": 1.0}


def made(folder, paired=True, **changes) -> Batches:
    return Batches([Item(pair) for pair in pairs(folder)], replace(PLAIN, **changes), CPU, paired)


def draw(batches: Batches, step: int, steps: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(step)
    return batches(step, steps)


@pytest.fixture
def twins(tmp_path):
    """Photo and sketch are the same gray picture."""
    for number in range(4):
        gray = draw_face(number)[0].convert("L")
        for role in ("photos", "sketches"):
            put(tmp_path / "twins" / role / f"{number}.png", gray)
    return tmp_path / "twins"


@pytest.mark.parametrize("role", ["photos", "sketches"])
def test_unreadable_picture_is_named(faces, role):
    folder = faces(3)
    path = next(path for path in (folder / role).iterdir() if path.stem == "001")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=rf"001\{path.suffix}"):
        Batches([Item(pair) for pair in pairs(folder)], PLAIN, CPU, True)


@pytest.mark.parametrize("turn", range(8))
def test_turns_mean_the_same_read_or_drawn(faces, turn):
    """A turned item's native picture, brought to the frame, is what Batches gives, but for rounding."""
    pair = pairs(faces(1))[0]
    drawn = Batches([Item(pair, turn)], replace(PLAIN, batch=1), CPU, True)(0, 10)
    for side in (0, 1):
        apart = [
            (drawn[side][0] - to_tensor(resize(read_pair(Item(pair, t))[side], (64, 64)))).abs().mean().item()
            for t in range(8)
        ]
        assert apart[turn] < 0.5 / 127.5
        assert all(other > 10 * apart[turn] for t, other in enumerate(apart) if t != turn)


def test_pixels_are_kept_as_bytes(faces):
    batches = made(faces(3))
    assert batches.x.dtype == batches.y.dtype == torch.uint8
    assert batches.x.shape == (3, 3, 64, 64)
    assert batches.y.shape == (3, 1, 64, 64)


def test_turned_items_share_their_pixels(faces):
    items = [Item(pair, turn) for pair in pairs(faces(2)) for turn in range(8)]
    assert Batches(items, PLAIN, CPU, True).x.shape[0] == 2


def test_batch_is_floats_in_range(faces):
    x, y = draw(made(faces(3), turn=5.0, zoom=0.1, shift=5.0, mirror=True, photometric=0.3), 0)
    for z in (x, y):
        assert z.shape == (2, 3, 64, 64) and z.dtype == torch.float32 and z.min() >= -1 and z.max() <= 1


@pytest.mark.parametrize("paired", [True, False])
def test_seed_and_step_decide_alone(faces, paired):
    folder = faces(5)
    changes = {
        "turn": 5.0,
        "zoom": 0.1,
        "shift": 5.0,
        "mirror": True,
        "photometric": 0.2,
        "crop": 32,
        "crop_until": 0.5,
    }
    first, second = made(folder, paired, **changes), made(folder, paired, **changes)
    in_order = {step: draw(first, step) for step in range(6)}
    for step in (5, 0, 3, 1):
        assert all(torch.equal(a, b) for a, b in zip(draw(second, step), in_order[step], strict=True))
    other = made(folder, paired, **changes, seed=1)
    assert any(not torch.equal(draw(other, step)[0], in_order[step][0]) for step in range(6))


def test_an_epoch_gives_every_picture_once(faces):
    batches = made(faces(6))
    assert batches.per_epoch == 3
    orders = []
    for epoch in range(3):
        seen = torch.cat([draw(batches, epoch * 3 + i)[0] for i in range(3)])
        orders.append([z.sum().item() for z in seen])
        assert len(set(orders[-1])) == 6
    assert sorted(orders[0]) == sorted(orders[1]) and len({tuple(order) for order in orders}) > 1


def test_paired_is_the_pair(faces):
    folder = faces(4)
    by_photo = {}
    for pair in pairs(folder):
        photo, sketch = (to_uint8(resize(image, (64, 64))) for image in read_pair(Item(pair)))
        by_photo[photo.sum().item()] = sketch
    x, y = draw(made(folder), 0)
    for photo, sketch in zip(x, y, strict=True):
        expected = by_photo[((photo + 1) * 127.5).round().long().sum().item()]
        assert torch.equal(((sketch + 1) * 127.5).round().to(torch.uint8), expected)


def test_geometry_is_shared_by_the_pair(twins):
    batches = made(twins, **GEOMETRY)
    for step in range(6):
        x, y = draw(batches, step)
        assert torch.equal(x, y)


def test_light_changes_the_photo_alone(twins):
    plain, lit = made(twins, **GEOMETRY), made(twins, photometric=0.3, **GEOMETRY)
    x, y = draw(lit, 0)
    assert torch.equal(y, draw(plain, 0)[1]) and not torch.equal(x, y)


def test_unpaired_draws_differ(twins):
    batches = made(twins, paired=False, batch=1)
    assert any(not torch.equal(*draw(batches, step)) for step in range(8))
    moved = made(twins, paired=False, batch=1, turn=10.0, shift=8.0)
    assert all(not torch.equal(*draw(moved, step)) for step in range(8))


def test_crop_until_its_share_of_the_steps(faces):
    batches = made(faces(3), crop=32, crop_until=0.5)
    assert [draw(batches, step)[0].shape[-1] for step in (0, 4, 5, 9)] == [32, 32, 64, 64]
    assert draw(batches, 4)[1].shape == (2, 3, 32, 32)


def test_the_inverse_is_given_a_relit_sketch_and_learns_the_photo_as_it_is(twins):
    """The photo of the twins is their sketch too."""
    x, y, given, wanted = draw(made(twins, inverse=True, photometric=0.3, grounds=1.0, **GEOMETRY), 0)
    assert torch.equal(wanted, y) and wanted.shape == given.shape == x.shape == (2, 3, 48, 48)
    assert not torch.equal(given, y) and not torch.equal(x, wanted)
    assert torch.equal(given[:, 0], given[:, 1]) and torch.equal(given[:, 0], given[:, 2])


def test_what_is_given_keeps_its_wedges_and_what_is_wanted_loses_them(tmp_path):
    for role, picture in zip(("photos", "sketches"), draw_face(0), strict=True):
        ImageDraw.Draw(picture).polygon([(0, 250), (0, 170), (60, 250)], fill="black")
        put(tmp_path / role / "1.png", picture)
    x, y, given, wanted = draw(made(tmp_path, batch=1, inverse=True, clean=True), 0)
    for z in (x, given):
        assert z[..., -6:, :6].max() < -0.9
    for z in (y, wanted):
        assert z[..., -6:, :6].min() > -0.7
