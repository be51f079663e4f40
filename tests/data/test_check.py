"""The check of data: each problem is found, and sound data have none."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_face
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from train.__main__ import app, main
from train.config import override
from train.data.batches import Batches
from train.data.check import check_before_training, examine
from train.data.pairs import DataError, Item, find_pairs
from train.data.scans import fill_border_from_nearest, fill_border_with_paper, has_print, scan_border
from train.presets import PRESETS


def found(folder: Path, quick: bool = False) -> dict[str, tuple[list[str], bool]]:
    return {finding.problem: (finding.examples, finding.is_error) for finding in examine(folder, quick)}


def check(folder: Path):
    return CliRunner().invoke(app, ["check", "--data", str(folder)])


def test_sound_data_have_no_findings(faces):
    assert examine(faces(5)) == []
    result = check(faces(4, "others"))
    assert result.exit_code == 0 and "| pairs | 4 |" in result.stdout
    assert "3 pairs are for training and validation, 1 for testing." in result.stdout


def test_no_data_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train", "check", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1 and "CUHK" in capsys.readouterr().err


def test_images_without_a_partner(faces):
    folder = faces(5)
    (folder / "sketches" / "001.png").unlink()
    (folder / "photos" / "003.jpg").unlink()
    assert found(folder) == {"photo without its sketch": (["001"], False), "sketch without its photo": (["003"], False)}
    assert check(folder).exit_code == 0 and check_before_training(folder) == [
        "photo without its sketch: 001",
        "sketch without its photo: 003",
    ]


def test_unreadable_files_stop_a_training_before_it_starts(faces):
    folder = faces(5)
    (folder / "photos" / "002.jpg").write_bytes(b"no picture")
    (examples, is_error) = found(folder)["unreadable files"]
    assert is_error and len(examples) == 1 and "002.jpg" in examples[0]
    result = check(folder)
    assert result.exit_code == 1 and "| unreadable files | 1 | error |" in result.stdout
    with pytest.raises(DataError, match=r"unreadable files: .*002\.jpg"):
        check_before_training(folder)


def test_sizes(faces):
    folder = faces(5)
    for side, name in (("photos", "001.jpg"), ("sketches", "001.png"), ("photos", "002.jpg")):
        path = folder / side / name
        Image.open(path).resize((400, 500)).save(path)
    Image.open(folder / "photos" / "003.jpg").resize((250, 250)).save(folder / "photos" / "003.jpg")
    findings = found(folder)
    assert findings["unusual size"] == (["001 (400 x 500)", "002 (400 x 500)"], False)
    assert findings["photo and sketch of different shape"] == (["003 (250 x 250, 200 x 250)"], True)


def test_a_duplicate_image_is_an_error_across_the_split(faces):
    folder = faces(5)
    for side, suffix in (("photos", "jpg"), ("sketches", "png")):
        (folder / side / f"004.{suffix}").write_bytes((folder / side / f"000.{suffix}").read_bytes())
    assert found(folder) == {"duplicate image": (["000 = 004"] * 2, False)}
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": ["003", "004"]}))
    assert found(folder, quick=True) == {"image in both train and test": (["000 = 004"] * 2, True)}
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "004"], "test": ["003"]}))
    assert found(folder)["in neither part of split.json"] == (["002"], False)


def test_a_person_in_both_parts_and_unknown_names(faces):
    folder = faces(4)
    for side, suffix in (("photos", "jpg"), ("sketches", "png")):
        for old, new in (("000", "f-001-01"), ("001", "f-001-02")):
            (folder / side / f"{old}.{suffix}").rename(folder / side / f"{new}.{suffix}")
    for train, message in ((["f-001-01", "002"], "both train and test"), (["nobody"], "nobody")):
        (folder / "split.json").write_text(json.dumps({"train": train, "test": ["f-001-02"]}))
        (examples, is_error) = found(folder)["split.json does not fit"]
        assert is_error and message in examples[0]
    assert check(folder).exit_code == 1


def with_border(sketch: Image.Image) -> Image.Image:
    changed = sketch.copy()
    ImageDraw.Draw(changed).polygon([(0, 250), (0, 230), (90, 250)], fill="black")
    return changed


def with_print(sketch: Image.Image) -> Image.Image:
    changed = sketch.copy()
    ImageDraw.Draw(changed).text((4, 2), "m-043-01.jpg", fill=60, font=ImageFont.load_default(9))
    return changed


def test_scan_borders_and_print_are_found(faces):
    folder = faces(4)
    for name, change in (("001", with_border), ("002", with_print)):
        path = folder / "sketches" / f"{name}.png"
        change(Image.open(path)).save(path)
    assert found(folder) == {
        "sketches with black scan borders": (["001"], False),
        "sketches with print at the top": (["002"], False),
    }
    assert examine(folder, quick=True) == []


@pytest.mark.parametrize("number", range(8))
def test_print_is_found_on_any_face_and_hair_is_not_print(number):
    sketch = draw_face(number)[1]
    gray = np.array(sketch)
    assert not has_print(gray) and has_print(np.array(with_print(sketch)))
    hair = np.where(np.random.default_rng(number).random(gray.shape) < 0.3, 40, gray)
    assert not has_print(hair)


def test_scan_borders_of_a_sketch_become_paper():
    """The face, and a black line that does not touch the side, stay as they are."""
    sketch = Image.new("RGB", (200, 250), (240, 240, 240))
    draw = ImageDraw.Draw(sketch)
    draw.line([(60, 100), (140, 100)], fill="black", width=3)
    scanned = with_border(sketch)
    filled = fill_border_with_paper(scanned)
    assert np.abs(np.asarray(filled, int) - np.asarray(sketch, int)).max() <= 1
    assert fill_border_with_paper(sketch).tobytes() == sketch.tobytes()
    assert scan_border(np.array(scanned.convert("L"))).sum() > 800
    assert not scan_border(np.array(sketch.convert("L"))).any()


def test_scan_borders_of_a_photo_take_the_nearest_color():
    photo = Image.new("RGB", (200, 250), (60, 160, 230))
    ImageDraw.Draw(photo).rectangle([(0, 200), (200, 250)], fill=(220, 200, 40))
    scanned = photo.copy()
    ImageDraw.Draw(scanned).polygon([(0, 0), (200, 0), (200, 14), (0, 6)], fill="black")
    ImageDraw.Draw(scanned).rectangle([(0, 240), (200, 250)], fill="black")
    assert fill_border_from_nearest(scanned).tobytes() == photo.tobytes()
    assert fill_border_from_nearest(photo).tobytes() == photo.tobytes()


def test_unpaired_photos_lose_scan_borders_and_paired_photos_keep_them(faces):
    """CycleGAN also generates photos, and must not generate borders; paired photos are only given."""
    folder = faces(3)
    for path in (folder / "photos").iterdir():
        photo = Image.open(path).convert("RGB")
        ImageDraw.Draw(photo).rectangle([(0, 0), (200, 9)], fill="black")
        path.unlink()
        photo.save(path.with_suffix(".png"))
    items = [Item(pair) for pair in find_pairs(folder)]
    config = override(PRESETS["cyclegan"], {"model.size": 64})
    paired, unpaired = (
        Batches(items, config, torch.device("cpu"), paired).sources[:, :, 0] for paired in (True, False)
    )
    assert (paired == 0).all() and (unpaired > 20).any()
