"""benchmarks/portraits.py on drawn faces, by an untrained model."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from hub_models import small_model
from PIL import Image, ImageDraw

from benchmarks import portraits
from facesketch import DrawOptions, OptionError, metrics
from facesketch.options import RAW_OUTPUT
from train.results import identity


@pytest.fixture
def data(faces):
    """Six faces with mattes, of which the last three are the test part."""
    root = faces(6)
    matte = Image.new("L", (200, 250))
    ImageDraw.Draw(matte).ellipse((25, 25, 175, 240), fill=255)
    for number in range(6):
        matte.save(root / "mattes" / f"{number:03d}.png")
    names = [f"{number:03d}" for number in range(6)]
    (root / "split.json").write_text(json.dumps({"train": names[:3], "test": names[3:]}))
    return root


@pytest.fixture
def model():
    return small_model(width=2, size=64, directions=("photo_to_sketch",))


def test_only_the_test_part_is_read_and_its_paper_is_white(data):
    scan = Image.open(data / "sketches" / "004.png")
    scan.point(lambda value: value * 4 // 5).save(data / "sketches" / "004.png")
    found = portraits.read_portraits(data)
    assert [face.id for face in found] == ["003", "004", "005"]
    for face in found:
        assert face.matte.shape == (250, 200) and set(np.unique(face.matte)) == {0, 1}
        assert np.median(np.asarray(face.sketch)[:20]) == 255


def test_background_ink_is_what_is_drawn_outside_the_matte():
    matte = np.zeros((8, 8))
    matte[:, 4:] = 1
    drawing = Image.new("L", (8, 8), 255)
    drawing.paste(0, (4, 0, 8, 8))
    assert portraits.background_ink(drawing, matte) == 0
    drawing.paste(55, (0, 0, 1, 8))
    assert portraits.background_ink(drawing, matte) == pytest.approx(200 / 4)
    assert np.isnan(portraits.background_ink(drawing, np.ones((8, 8))))


@pytest.mark.parametrize("size", [(200, 250), (256, 320)])
def test_skin_lightness_is_that_of_the_cheeks(size):
    """White is 100, black 0; the background does not count."""
    photo, matte = Image.new("RGB", size, "white"), np.ones(size[::-1])
    assert portraits.skin_lightness(photo, matte) == pytest.approx(100)
    scale = size[0] / 200
    photo.paste("black", tuple(round(value * scale) for value in (55, 140, 90, 170)))
    matte[:, size[0] // 2 :] = 0
    assert portraits.skin_lightness(photo, matte) == pytest.approx(0)
    assert portraits.skin_lightness(photo, 1 - matte) == pytest.approx(100)


def test_thirds_by_lightness(data):
    found = portraits.read_portraits(data)
    parts = portraits.thirds(found)
    darkest, middle, lightest = (next(face for face in found if {face.id} == part) for part in parts.values())
    assert darkest.lightness <= middle.lightness <= lightest.lightness


@pytest.mark.parametrize("options", [RAW_OUTPUT, DrawOptions(size=256), DrawOptions()])
def test_a_model_is_measured_with_each_options(data, model, options):
    found = portraits.read_portraits(data)
    gallery = identity.Gallery((face.id, face.photo) for face in found) if identity.is_available() else None
    results = portraits.measure(model, found, options, gallery)
    assert [row.id for row in results.rows] == ["003", "004", "005"]
    for row, drawing, face in zip(results.rows, results.pictures, found, strict=True):
        assert row.values["ink"] == portraits.background_ink(drawing, face.matte) and 0 < row.values["scoot"] < 1
        assert row.values["correlation"] == metrics.correlation(drawing, face.photo, face.matte)
        assert drawing.size == face.photo.size
        assert gallery is None or row.values["rank1"] in (0, 1)
    assert set(results.textures) == {"all"}


def test_a_styles_drawings_are_compared_with_the_artists_of_that_style(data):
    """Every picture has a texture distance to them, but only theirs have a sketch for Scoot."""
    styles = ("shaded", "line")
    model = small_model("unet", directions=("photo_to_sketch",), styles=styles)
    found = portraits.read_portraits(data)
    found = [
        replace(face, id=f"{folder}/{face.id}") for folder, face in zip(("cuhk", "line", "line"), found, strict=True)
    ]
    assert [face.id for face in portraits.artists_of("line", found)] == ["line/004", "line/005"]
    assert portraits.artists_of("shaded", found) == portraits.artists_of(None, found) == []
    drawn = [portraits.measure(model, found, replace(RAW_OUTPUT, style=style), None) for style in styles]
    assert [["scoot" in row.values for row in each.rows] for each in drawn] == [[True] * 3, [False, True, True]]
    assert [set(each.textures) for each in drawn] == [{"all"}, {"all", "own"}]
    pairs = zip(drawn[0].pictures, drawn[1].pictures, found, strict=True)
    expected = np.mean([metrics.correlation(a, b, face.matte) for a, b, face in pairs])
    assert portraits.correlation_of_styles(drawn, found) == pytest.approx(expected)


def test_a_style_that_the_model_lacks_is_refused(data, model):
    with pytest.raises(OptionError):
        portraits.measure(model, portraits.read_portraits(data), DrawOptions(style="line", finish="detail"), None)


def test_the_photo_and_half_of_the_artists_are_what_drawings_are_compared_with(data):
    found = portraits.read_portraits(data)
    artists, photos = portraits.references(found).values()
    assert [row.id for row in artists.rows] == ["003", "005"] and len(photos.rows) == 3
    assert all(-1 <= row.values["correlation"] < 1 for row in artists.rows)


def test_table_lines_are_means_of_the_whole_and_its_parts():
    measured = (("a", 1, 8), ("b", 2, 4), ("c", 9, 0))
    rows = [portraits.Row(name, {"ms": ms, "ink": ink}) for name, ms, ink in measured]
    rows[0].values["scoot"] = 0.5
    results = portraits.Results(rows, textures={"all": metrics.TextureDistance(0.5, 0.25, 1)})
    whole, first, second = portraits.table_lines("mine, raw", results, {"darkest": {"a"}, "lightest": {"b", "c"}})
    assert whole == "| mine, raw | 4.0 |  |  | 0.500 |  | 0.500 / 0.250 / 1.000 |  | 2.0 |"
    assert first == "| darkest third | 8.0 |  |  | 0.500 |  |  |  | 1.0 |"
    assert second == "| lightest third | 2.0 |  |  |  |  |  |  | 5.5 |"


@pytest.mark.parametrize("back", [False, True])
def test_the_command_prints_a_table_and_writes_sheets(back, data, model, tmp_path, monkeypatch, capsys):
    if back:
        model = small_model(width=2, size=64, directions=("photo_to_sketch", "sketch_to_photo"))
    model.save_pretrained(tmp_path / "mine")
    command = ["portraits", "--data", str(data), "--models", str(tmp_path / "mine"), "--sheets", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", [*command, "--size", "256"])
    portraits.main()
    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    variants = ["raw", *portraits.FINISHES]
    assert len(table) == 2 + 2 + (len(variants) + back) * 4 and len({line.count("|") for line in table}) == 1
    pages = sorted(path.name for path in (tmp_path / "out").iterdir())
    default = DrawOptions().finish
    assert pages == sorted(
        [*[f"mine-{default}-back-to-photo-1.png"] * back, *(f"mine-{name}-1.png" for name in variants)]
    )
    assert Image.open(tmp_path / "out" / pages[0]).size == (2400, 1000)


def test_the_command_draws_the_styles_and_finishes_that_are_asked_for(data, tmp_path, monkeypatch, capsys):
    styles = ("shaded", "line", "soft")
    model = small_model("unet", directions=("photo_to_sketch",), styles=styles)
    model.save_pretrained(tmp_path / "mine")
    command = ["portraits", "--data", str(data), "--models", str(tmp_path / "mine"), "--finishes"]
    monkeypatch.setattr(sys, "argv", [*command, "--styles", "line", "soft", "charcoal"])
    portraits.main()
    out = capsys.readouterr().out
    assert "| mine, line, raw |" in out and "| mine, soft, raw |" in out
    assert "shaded" not in out and "charcoal" not in out and "detail" not in out
    assert out.splitlines()[-1].startswith("mine, raw: ")
