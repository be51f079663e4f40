"""The data's doctor: each fault it tells of, and that it is silent about sound data."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_face
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from train.__main__ import app, main
from train.data.batches import Batches
from train.data.check import examine, require
from train.data.pairs import DataError, Item, pairs
from train.data.scans import paint_wedges, printed, stretch_over_wedges, wedges
from train.presets import PRESETS


def found(folder: Path, quick: bool = False) -> dict[str, tuple[list[str], bool]]:
    return {finding.what: (finding.where, finding.wrong) for finding in examine(folder, quick)}


def check(folder: Path):
    return CliRunner().invoke(app, ["check", "--data", str(folder)])


def test_nothing_to_say_of_sound_data(faces):
    assert examine(faces(5)) == []
    result = check(faces(4, "others"))
    assert result.exit_code == 0 and "| pairs | 4 |" in result.stdout


def test_no_data_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train", "check", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1 and "CUHK" in capsys.readouterr().err


def test_pictures_that_are_alone(faces):
    folder = faces(5)
    (folder / "sketches" / "001.png").unlink()
    (folder / "photos" / "003.jpg").unlink()
    assert found(folder) == {"photo without its sketch": (["001"], False), "sketch without its photo": (["003"], False)}
    assert check(folder).exit_code == 0 and require(folder) == [
        "photo without its sketch: 001",
        "sketch without its photo: 003",
    ]


def test_unreadable_files_stop_a_training_before_it_starts(faces, tmp_path):
    folder = faces(5)
    (folder / "photos" / "002.jpg").write_bytes(b"no picture")
    (where, wrong) = found(folder)["unreadable files"]
    assert wrong and len(where) == 1 and "002.jpg" in where[0]
    result = check(folder)
    assert result.exit_code == 1 and "| unreadable files | 1 | wrong |" in result.stdout
    with pytest.raises(DataError, match=r"unreadable files: .*002\.jpg"):
        require(folder)


def test_sizes(faces):
    folder = faces(5)
    for side, name in (("photos", "001.jpg"), ("sketches", "001.png"), ("photos", "002.jpg")):
        path = folder / side / name
        Image.open(path).resize((400, 500)).save(path)
    Image.open(folder / "photos" / "003.jpg").resize((250, 250)).save(folder / "photos" / "003.jpg")
    findings = found(folder)
    assert findings["unusual size"] == (["001 (400 x 500)", "002 (400 x 500)"], False)
    assert findings["photo and sketch of two shapes"] == (["003 (250 x 250, 200 x 250)"], True)


def test_the_same_picture_twice_is_wrong_across_the_split(faces):
    folder = faces(5)
    for side, suffix in (("photos", "jpg"), ("sketches", "png")):
        (folder / side / f"004.{suffix}").write_bytes((folder / side / f"000.{suffix}").read_bytes())
    assert found(folder) == {"a picture that is there twice": (["000 = 004"] * 2, False)}
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": ["003", "004"]}))
    assert found(folder, quick=True) == {"a picture that is in train and in test": (["000 = 004"] * 2, True)}
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "004"], "test": ["003"]}))
    assert found(folder)["neither in train nor in test of split.json"] == (["002"], False)


def test_a_person_on_both_sides_and_names_that_are_not_there(faces):
    folder = faces(4)
    for side, suffix in (("photos", "jpg"), ("sketches", "png")):
        for old, new in (("000", "f-001-01"), ("001", "f-001-02")):
            (folder / side / f"{old}.{suffix}").rename(folder / side / f"{new}.{suffix}")
    for train, said in ((["f-001-01", "002"], "both train and test"), (["nobody"], "nobody")):
        (folder / "split.json").write_text(json.dumps({"train": train, "test": ["f-001-02"]}))
        (where, wrong) = found(folder)["split.json does not fit"]
        assert wrong and said in where[0]
    assert check(folder).exit_code == 1


def with_wedge(sketch: Image.Image) -> Image.Image:
    wedged = sketch.copy()
    ImageDraw.Draw(wedged).polygon([(0, 250), (0, 230), (90, 250)], fill="black")
    return wedged


def with_print(sketch: Image.Image) -> Image.Image:
    written = sketch.copy()
    ImageDraw.Draw(written).text((4, 2), "m-043-01.jpg", fill=60, font=ImageFont.load_default(9))
    return written


def test_wedges_and_print_are_told_of(faces):
    folder = faces(4)
    for name, change in (("001", with_wedge), ("002", with_print)):
        path = folder / "sketches" / f"{name}.png"
        change(Image.open(path)).save(path)
    assert found(folder) == {
        "black wedges at a sketch's border": (["001"], False),
        "print at a sketch's top": (["002"], False),
    }
    assert examine(folder, quick=True) == []


@pytest.mark.parametrize("number", range(8))
def test_print_is_seen_on_any_face_and_flecks_of_hair_are_none(number):
    sketch = draw_face(number)[1]
    gray = np.array(sketch)
    assert not printed(gray) and printed(np.array(with_print(sketch)))
    hairy = np.where(np.random.default_rng(number).random(gray.shape) < 0.3, 40, gray)
    assert not printed(hairy)


def test_wedges_are_painted_and_the_drawing_is_left():
    """A black corner becomes paper; the face, and a black line that does not reach the border, stay as they are."""
    sketch = Image.new("RGB", (200, 250), (240, 240, 240))
    draw = ImageDraw.Draw(sketch)
    draw.line([(60, 100), (140, 100)], fill="black", width=3)
    wedged = with_wedge(sketch)
    painted = paint_wedges(wedged)
    assert np.abs(np.asarray(painted, int) - np.asarray(sketch, int)).max() <= 1
    assert paint_wedges(sketch).tobytes() == sketch.tobytes()
    assert wedges(np.array(wedged.convert("L"))).sum() > 800 and not wedges(np.array(sketch.convert("L"))).any()


def test_wedges_of_a_photo_become_what_lies_beside_them():
    photo = Image.new("RGB", (200, 250), (60, 160, 230))
    ImageDraw.Draw(photo).rectangle([(0, 200), (200, 250)], fill=(220, 200, 40))
    barred = photo.copy()
    ImageDraw.Draw(barred).polygon([(0, 0), (200, 0), (200, 14), (0, 6)], fill="black")
    ImageDraw.Draw(barred).rectangle([(0, 240), (200, 250)], fill="black")
    assert stretch_over_wedges(barred).tobytes() == photo.tobytes()
    assert stretch_over_wedges(photo).tobytes() == photo.tobytes()


def test_unpaired_photos_lose_their_bars_and_paired_ones_keep_them(faces):
    """Where photos are drawn as well, a bar in one would be drawn too; where they are only given, they are given so."""
    folder = faces(3)
    for path in (folder / "photos").iterdir():
        photo = Image.open(path).convert("RGB")
        ImageDraw.Draw(photo).rectangle([(0, 0), (200, 9)], fill="black")
        path.unlink()
        photo.save(path.with_suffix(".png"))
    items = [Item(pair) for pair in pairs(folder)]
    config = replace(PRESETS["cyclegan"], size=64)
    paired, unpaired = (Batches(items, config, torch.device("cpu"), paired).x[:, :, 0] for paired in (True, False))
    assert (paired == 0).all() and (unpaired > 20).any()
