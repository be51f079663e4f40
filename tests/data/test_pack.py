"""Data packed into one file, which train as the originals do."""

import sys
from zipfile import ZipFile

import pytest
from conftest import draw_face, ids, matte_of, put
from PIL import Image

from train.__main__ import main
from train.data.pack import pack
from train.data.pairs import DataError, Item, find_pairs, read_item
from train.data.split import make_split
from train.presets import PRESETS


@pytest.fixture
def folders(tmp_path):
    """CUFS, its mattes in a folder of their own, and portraits with a split.json and without sketches."""
    for number in range(4):
        photo, sketch = draw_face(number)
        put(tmp_path / "cufs" / "cuhk" / "photos" / f"{number}.png", photo)
        put(tmp_path / "cufs" / "cuhk" / "sketches" / f"{number}.jpg", sketch)
        put(tmp_path / "mattes" / "cuhk" / f"{number}.png", matte_of(photo))
    for number in range(4, 8):
        photo = draw_face(number, (400, 500))[0]
        put(tmp_path / "portraits" / "photos" / f"{number}.jpg", photo)
        put(tmp_path / "portraits" / "mattes" / f"{number}.png", matte_of(photo))
    (tmp_path / "portraits" / "split.json").write_text('{"train": ["4", "5", "6"], "test": ["7"]}')
    (tmp_path / "portraits" / "notes.txt").write_text("not packed")
    return [tmp_path / name for name in ("cufs", "mattes", "portraits")]


def unpacked(path, to):
    with ZipFile(path) as archive:
        archive.extractall(to)
    return to


def test_unpacked_folders_have_the_pairs_and_parts_of_the_originals(folders, tmp_path):
    packed = pack(folders, tmp_path / "pack.zip", width=160, quality=75)
    there = unpacked(tmp_path / "pack.zip", tmp_path / "there") / "data"
    moved = [there / folder.name for folder in folders]
    assert packed.size == (tmp_path / "pack.zip").stat().st_size and (packed.images, packed.others) == (
        3 * 4 + 2 * 4,
        1,
    )
    assert not list(there.rglob("*.txt"))
    originals, copies = find_pairs(folders), find_pairs(moved)
    assert [(p.id, p.person, bool(p.sketch), bool(p.matte)) for p in originals] == [
        (p.id, p.person, bool(p.sketch), bool(p.matte)) for p in copies
    ]
    for preset in ("pix2pix", "matte"):
        config = PRESETS[preset]
        before, after = make_split(originals, folders, config), make_split(copies, moved, config)
        for part in ("train", "val", "test"):
            assert ids(getattr(before, part)) == ids(getattr(after, part))
    for original, copy in zip(originals, copies, strict=True):
        for role in ("photo", "sketch", "matte"):
            if getattr(original, role):
                large, small = read_item(Item(original), role), read_item(Item(copy), role)
                assert small.width == 160 and small.height == round(large.height * 160 / large.width)
                assert mean_difference(small, large) < 8


def mean_difference(small, large):
    """Of gray values, 0 to 255."""
    pairs = zip(small.convert("L").tobytes(), large.resize(small.size).convert("L").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (small.width * small.height)


def test_images_side_by_side_keep_the_width_of_each(tmp_path):
    photo, sketch = draw_face(1)
    wide = Image.new("RGB", (400, 250))
    wide.paste(photo, (0, 0))
    wide.paste(sketch, (200, 0))
    put(tmp_path / "both" / "1.png", wide)
    pack([tmp_path / "both"], tmp_path / "pack.zip", width=200, quality=75)
    (pair,) = find_pairs(unpacked(tmp_path / "pack.zip", tmp_path / "there") / "data" / "both")
    assert pair.side_by_side and read_item(Item(pair), "sketch").size == (200, 250)


def test_the_same_data_give_the_same_bytes_and_other_files_come_along(folders, tmp_path, monkeypatch, capsys):
    weights = tmp_path / "net.pth"
    weights.write_bytes(b"weights")
    arguments = [argument for folder in folders for argument in ("--data", str(folder))]
    for name in ("one.zip", "two.zip"):
        command = ["train", "pack", *arguments, "--out", str(tmp_path / name), "--include", str(weights)]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert "20 images and 2 other files" in capsys.readouterr().out
    assert (unpacked(tmp_path / "one.zip", tmp_path / "there") / "include" / "net.pth").read_bytes() == b"weights"


def test_two_folders_of_one_name_are_refused(folders, tmp_path):
    with pytest.raises(DataError, match="called cufs"):
        pack([folders[0], tmp_path / "other" / "cufs"], tmp_path / "pack.zip", 160, 75)
    assert not (tmp_path / "pack.zip").exists()
