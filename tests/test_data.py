"""Folders to pairs, pairs to a split by person, and the batches that come of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import draw_face

from facesketch.images import resize, to_tensor, to_uint8
from train.augment import augment, relight
from train.config import PRESETS, Config
from train.data import Batches, DataError, Item, Pair, pairs, read_pair
from train.split import split

PLAIN = Config("plain", "pix2pix", "unet", 4, epochs=1, batch=2, size=64, crop=64)
CPU = torch.device("cpu")


def put(path, image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def cufs(root, persons: int, photos: str, sketches: str) -> None:
    """Pairs as the download names them, two shots of every person."""
    for number in range(persons):
        photo, sketch = draw_face(number)
        for shot in ("01", "02"):
            put(root / photos / f"f-{number:03d}-{shot}.jpg", photo)
            put(root / sketches / f"F2-{number:03d}-{shot}-sz1.jpg", sketch)


def ids(items) -> list[str]:
    return [item.pair.id for item in items]


def persons(items) -> set[str]:
    return {item.pair.person for item in items}


def test_photos_and_sketches_with_equal_names(faces):
    folder = faces(3)
    found = pairs(folder)
    assert [(p.id, p.person) for p in found] == [("000", "000"), ("001", "001"), ("002", "002")]
    assert found[1].photo == folder / "photos" / "001.jpg" and found[1].sketch == folder / "sketches" / "001.png"
    assert pairs(str(folder)) == found


def test_nested_folders_of_equal_names(tmp_path):
    photo, sketch = draw_face(0)
    for group in ("a", "b"):
        put(tmp_path / "photos" / group / "1.png", photo)
        put(tmp_path / "sketches" / group / "1.jpg", sketch)
    assert [p.id for p in pairs(tmp_path)] == ["a/1", "b/1"]
    assert [p.sketch.parent.name for p in pairs(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("photos", "sketches"),
    [
        ("CUHK_training_cropped_photos/photos", "CUHK_training_cropped_sketches/sketches"),
        ("Training photo", "Training sketch"),
        ("photos", "sketches"),
        ("", ""),
        ("all", "all"),
    ],
)
def test_cufs_as_it_comes(tmp_path, photos, sketches):
    cufs(tmp_path, 2, photos, sketches)
    found = pairs(tmp_path)
    assert [p.photo.stem for p in found] == ["f-000-01", "f-000-02", "f-001-01", "f-001-02"]
    assert [p.sketch.stem for p in found] == ["F2-000-01-sz1", "F2-000-02-sz1", "F2-001-01-sz1", "F2-001-02-sz1"]
    assert len({p.person for p in found}) == 2 and found[0].person == found[1].person


def test_cufs_training_and_testing_parts_beside_each_other(tmp_path):
    for part, photo_name, sketch_name in (
        ("Training", "m-001-01", "M2-001-01-sz1"),
        ("Testing", "m1-001-01", "m1-001-01-sz1"),
    ):
        photo, sketch = draw_face(0)
        put(tmp_path / f"{part} photo" / f"{photo_name}.jpg", photo)
        put(tmp_path / f"{part} sketch" / f"{sketch_name}.jpg", sketch)
    found = pairs(tmp_path)
    assert [(p.photo.stem, p.sketch.stem) for p in found] == [
        ("m1-001-01", "m1-001-01-sz1"),
        ("m-001-01", "M2-001-01-sz1"),
    ]
    assert len({p.person for p in found}) == 2


def test_what_has_no_partner_or_is_no_picture_is_left_out(faces):
    folder = faces(2)
    put(folder / "photos" / "alone.png", draw_face(9)[0])
    (folder / "photos" / "notes.txt").write_text("words")
    (folder / "sketches" / "notes.txt").write_text("words")
    assert [p.id for p in pairs(folder)] == ["000", "001"]


@pytest.mark.parametrize("make", ["nothing", "empty", "photos only"])
def test_no_data(tmp_path, make):
    folder = tmp_path / "data"
    if make != "nothing":
        folder.mkdir()
    if make == "photos only":
        put(folder / "photos" / "1.png", draw_face(0)[0])
    with pytest.raises(DataError) as error:
        pairs(folder)
    text = str(error.value)
    assert "CUFS" in text and str(folder) in text
    assert text.endswith(".") and "\n" not in text


def test_two_files_in_one_place(faces):
    for role, name in (("photos", "001.png"), ("sketches", "001.jpg")):
        folder = faces(2, folder=role)
        put(folder / role / name, draw_face(0)[0])
        with pytest.raises(DataError, match=rf"^Two {role} .*001\.(jpg|png) .*001\.(jpg|png)\.$"):
            pairs(folder)


def test_no_person_on_both_sides(tmp_path):
    cufs(tmp_path, 12, "photos", "sketches")
    found = pairs(tmp_path)
    for seed in range(5):
        parts = split(found, tmp_path, replace(PLAIN, validation=0.2, seed=seed))
        train, val, test = (persons(parts[part]) for part in ("train", "val", "test"))
        assert not train & val and not train & test and not val & test
        assert len(test) == 2 and len(val) == 2 and len(train) == 8
        assert sorted(i for part in parts.values() for i in ids(part)) == sorted(p.id for p in found)
        assert all(item.turn == 0 for part in parts.values() for item in part)


def test_split_follows_from_the_seed(faces):
    folder = faces(10)
    found = pairs(folder)
    assert split(found, folder, PLAIN) == split(found, folder, PLAIN)
    assert any(
        split(found, folder, PLAIN)["test"] != split(found, folder, replace(PLAIN, seed=s))["test"] for s in range(1, 4)
    )


def test_split_json_wins(faces):
    folder = faces(10)
    named = {"train": [f"{i:03d}" for i in range(2, 8)], "test": ["001", "009"]}
    (folder / "split.json").write_text(json.dumps(named))
    parts = split(pairs(folder), folder, replace(PLAIN, validation=0.34))
    assert ids(parts["test"]) == ["001", "009"]
    assert len(parts["val"]) == 2 and set(ids(parts["train"]) + ids(parts["val"])) == set(named["train"])


def test_split_json_does_not_follow_the_seed_in_its_test_part(faces):
    folder = faces(6)
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": ["005"]}))
    assert {tuple(ids(split(pairs(folder), folder, replace(PLAIN, seed=s))["test"])) for s in range(4)} == {("005",)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        '"train"',
        "{}",
        '{"train": ["000"]}',
        '{"train": ["000"], "test": ["nobody"]}',
        '{"train": 1, "test": 2}',
        '{"train": [["000"]], "test": ["001"]}',
        '{"train": ["000", "001"], "test": ["001"]}',
        '{"train": [], "test": ["001"]}',
        '{"train": null, "test": null}',
    ],
)
def test_bad_split_json(faces, text):
    folder = faces(3)
    (folder / "split.json").write_text(text)
    with pytest.raises(DataError) as error:
        split(pairs(folder), folder, PLAIN)
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_split_json_with_one_person_on_both_sides(tmp_path):
    cufs(tmp_path, 2, "photos", "sketches")
    (tmp_path / "split.json").write_text(json.dumps({"train": ["f-000-01", "f-001-01"], "test": ["f-000-02"]}))
    with pytest.raises(DataError, match="f-000"):
        split(pairs(tmp_path), tmp_path, PLAIN)


def test_too_few_pairs(faces):
    folder = faces(1)
    with pytest.raises(DataError, match="too few"):
        split(pairs(folder), folder, PLAIN)


@pytest.mark.parametrize("count", [1, 5])
def test_deck_split(faces, count):
    folder = faces(count)
    parts = split(pairs(folder), folder, PRESETS["pix2pix-deck"])
    assert parts["test"] == []
    assert len(parts["train"]) == 8 * count * 8 // 10 and len(parts["train"] + parts["val"]) == 8 * count
    assert {(item.pair.id, item.turn) for item in parts["train"] + parts["val"]} == {
        (f"{i:03d}", t) for i in range(count) for t in range(8)
    }


@pytest.mark.parametrize("role", ["photos", "sketches"])
def test_unreadable_picture_is_named(faces, role):
    folder = faces(3)
    path = next(path for path in (folder / role).iterdir() if path.stem == "001")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=rf"001\{path.suffix}"):
        Batches([Item(pair) for pair in pairs(folder)], PLAIN, CPU, True)


def test_read_pair_is_native_and_the_sketch_gray(faces):
    photo, sketch = read_pair(Item(pairs(faces(1))[0]))
    assert photo.size == sketch.size == (200, 250) and photo.mode == sketch.mode == "RGB"
    red, green, blue = sketch.split()
    assert red == green == blue


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


def test_turns_are_eight(faces):
    pair = pairs(faces(1))[0]
    seen = {read_pair(Item(pair, turn))[0].tobytes() for turn in range(8)}
    assert len(seen) == 8


def made(folder, paired=True, **changes) -> Batches:
    return Batches([Item(pair) for pair in pairs(folder)], replace(PLAIN, **changes), CPU, paired)


def draw(batches: Batches, step: int, steps: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(step)
    return batches(step, steps)


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


@pytest.fixture
def twins(tmp_path):
    """Photo and sketch are the same gray picture."""
    for number in range(4):
        gray = draw_face(number)[0].convert("L")
        for role in ("photos", "sketches"):
            put(tmp_path / "twins" / role / f"{number}.png", gray)
    return tmp_path / "twins"


GEOMETRY = {"turn": 10.0, "zoom": 0.2, "shift": 8.0, "mirror": True, "crop": 48, "crop_until": 1.0}


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


def noise(count: int = 4, channels: int = 3) -> torch.Tensor:
    return torch.rand(count, channels, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_augment_of_nothing_is_nothing():
    assert torch.equal(augment(noise(), PLAIN, 64), noise())


def test_mirror_alone_is_exact():
    torch.manual_seed(0)
    z, kinds = noise(32), set()
    for before, after in zip(z, augment(z, replace(PLAIN, mirror=True), 64), strict=True):
        kinds.add((torch.equal(after, before), torch.equal(after, before.flip(-1))))
    assert kinds == {(True, False), (False, True)}


def test_the_border_is_stretched():
    torch.manual_seed(0)
    z = augment(torch.full((8, 6, 64, 64), 0.7), replace(PLAIN, turn=30.0, zoom=0.5, shift=30.0, mirror=True), 64)
    torch.testing.assert_close(z, torch.full_like(z, 0.7))


def test_all_channels_move_alike():
    torch.manual_seed(0)
    a, b = augment(noise(4).repeat(1, 2, 1, 1), replace(PLAIN, turn=8.0, zoom=0.2, shift=8.0, mirror=True), 40).chunk(
        2, 1
    )
    assert torch.equal(a, b)


@pytest.mark.parametrize("change", [{"turn": 8.0}, {"zoom": 0.2}, {"shift": 8.0}, {"mirror": True}, {"crop": 32}])
def test_every_picture_goes_its_own_way(change):
    torch.manual_seed(0)
    side = change.get("crop", 64)
    z = augment(noise(1).expand(16, -1, -1, -1).contiguous(), replace(PLAIN, **change), side)
    assert any(not torch.equal(z[0], other) for other in z[1:])


def test_shift_is_bounded_by_pixels():
    """A dot stays within the shift's reach."""
    torch.manual_seed(0)
    z = torch.zeros(64, 1, 64, 64)
    z[..., 32, 32] = 1
    moved = augment(z, replace(PLAIN, shift=5.0), 64)
    places = [divmod(m.flatten().argmax().item(), 64) for m in moved]
    reach = [abs(v - 32) for place in places for v in place]
    assert 3 <= max(reach) <= 5


def test_crop_is_a_piece_of_the_picture():
    torch.manual_seed(0)
    z = noise(1)
    piece = augment(z, PLAIN, 20)
    windows = z[0].unfold(1, 20, 1).unfold(2, 20, 1).permute(1, 2, 0, 3, 4)
    assert (windows == piece[0]).all(-1).all(-1).all(-1).sum() == 1


def test_relight_of_strength_0_is_nothing():
    x = noise()
    assert torch.equal(relight(x, 0.0), x)


@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_relight_keeps_range(strength):
    torch.manual_seed(0)
    x = relight(noise(64), strength)
    assert x.shape == (64, 3, 64, 64) and torch.isfinite(x).all() and x.min() >= -1 and x.max() <= 1


def test_relight_changes_every_photo_its_own_way_and_one_in_eight_to_gray():
    torch.manual_seed(0)
    x = relight(noise(1).expand(400, -1, -1, -1)[..., :8, :8], 0.2)
    gray = ((x.amax(1) - x.amin(1)).amax((1, 2)) < 1e-5).sum().item()
    assert 25 <= gray <= 80
    assert not torch.equal(x[0], x[1])


def test_slight_light_changes_little():
    torch.manual_seed(0)
    x = noise(32)
    y = relight(x, 0.01)
    coloured = (y.amax(1) - y.amin(1)).amax((1, 2)) > 1e-5
    assert (x - y)[coloured].abs().max() < 0.06


def test_a_subset_is_trained_and_validated_on_alone_where_the_data_has_it(tmp_path):
    names = [f"{part}/{i}" for part in ("cuhk", "ar") for i in range(10)]
    found = [Pair(name, name, Path("photo"), Path("sketch")) for name in names]
    (tmp_path / "split.json").write_text(json.dumps({"train": names[2:], "test": names[:2]}))
    whole = split(found, tmp_path, replace(PRESETS["pix2pix"], validation=0.3))
    parts = split(found, tmp_path, replace(PRESETS["pix2pix"], validation=0.3, subset="cuhk"))
    for part in ("train", "val"):
        assert parts[part] == [item for item in whole[part] if item.pair.id.startswith("cuhk/")] != whole[part]
    assert parts["test"] == whole["test"]
    elsewhere = replace(PRESETS["pix2pix"], validation=0.3, subset="elsewhere")
    assert split(found, tmp_path, elsewhere) == whole
    deck = split(found, tmp_path, PRESETS["cyclegan-deck"])
    assert len(deck["train"]) == 64 and len(deck["val"]) == 16
    assert {item.pair.id.split("/")[0] for item in deck["train"] + deck["val"]} == {"cuhk"}
