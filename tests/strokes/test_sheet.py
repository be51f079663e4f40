"""Sheet: one drawing at any number of pixels, on paper or on none."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sheets import head

from facesketch.strokes.save import save_drawing
from facesketch.strokes.sheet import STRIP_ROWS, Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES


def difference(first: Image.Image, second: Image.Image) -> np.ndarray:
    return np.abs(np.asarray(first, float) - np.asarray(second, float))


@pytest.mark.parametrize("width", [512, 1024])
@pytest.mark.parametrize("of", ["portrait", "head"])
def test_more_pixels_show_the_same_drawing(of, width, portrait):
    sheet = portrait.sheet if of == "portrait" else head()
    small = sheet.render(256).convert("L")
    large = sheet.render(width).convert("L")
    assert large.size == (width, width * 5 // 4)
    reduced = large.resize(small.size, Image.Resampling.BOX)
    assert difference(reduced, small).mean() < 4
    assert np.corrcoef(np.asarray(reduced).ravel(), np.asarray(small).ravel())[0, 1] > 0.97


@pytest.mark.parametrize("style", STYLES)
def test_transparent_drawing_on_the_styles_paper_is_the_opaque_one(style):
    sheet = head(style=style)
    transparent = sheet.render(300, transparent=True)
    assert transparent.mode == "RGBA"
    paper = Image.new("RGBA", transparent.size, STYLES[style].paper)
    composite = Image.alpha_composite(paper, transparent).convert("RGB")
    assert difference(composite, sheet.render(300)).max() <= 2


@pytest.mark.parametrize("style", STYLES)
def test_paper_without_strokes_is_exactly_the_papers_color(style):
    sheet = head(style=style)
    image, alpha = np.asarray(sheet.render(256)), np.asarray(sheet.render(256, transparent=True))[..., 3]
    pencil, chalk = sheet.deposits(256)
    bare = (pencil == 0) & (chalk == 0)
    assert bare.mean() > 0.1 and (image[bare] == STYLES[style].paper).all() and not alpha[bare].any()
    assert (image[~bare] != STYLES[style].paper).any()
    blank = Sheet(Strokes.empty(), STYLES[style])
    assert blank.render(64).getcolors() == [(64 * 80, STYLES[style].paper)]
    assert blank.render(64, transparent=True).getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    ("name", "options"), [("a.svg", {}), ("a.svg", {"pen_mm": 0.4}), ("a.gif", {"replay": True}), ("a.png", {})]
)
def test_sheet_without_strokes_is_written_in_every_format(name, options, tmp_path):
    blank = Sheet(Strokes.empty(), STYLES["graphite"])
    save_drawing(blank.render(64), blank, tmp_path / name, **options)
    assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize("style", ["graphite", "sanguine"])
def test_sheet_of_several_strips_is_rendered_like_one(style):
    sheet = replace(head(style=style), aspect=4.0)
    width = STRIP_ROWS // 4 + 1  # the last strip has 4 rows
    assert sheet.size(width) == (161, STRIP_ROWS + 4)
    whole = sheet.colorize(*sheet.deposits(width))
    assert np.array_equal(np.asarray(sheet.render(width)), whole)


def test_rendering_again_gives_the_same_bytes_and_another_seed_another_paper():
    sheet = head()
    assert sheet.render(200).tobytes() == sheet.render(200).tobytes() == head().render(200).tobytes()
    other = replace(sheet, seed=1).render(200)
    assert other.tobytes() != sheet.render(200).tobytes()
    assert difference(other, sheet.render(200)).mean() < 8


@pytest.mark.parametrize(("aspect", "size"), [(1.25, (100, 125)), (0.4, (100, 40)), (0.001, (100, 1)), (7, (100, 700))])
def test_shape_of_the_sheet(aspect, size):
    assert Sheet(head(20).strokes, STYLES["graphite"], aspect).render(100).size == size


def test_ink_is_black_or_not_there():
    gray = np.asarray(head(style="ink").render(1024).convert("L"))
    assert ((gray < 40) | (gray > 215)).mean() > 0.97 and gray.min() == 0


def test_chalk_lightens_toned_paper():
    sheet = head(style="sanguine")
    with_chalk, without = (
        np.asarray(each.render(256).convert("L"), int)
        for each in (sheet, replace(sheet, strokes=sheet.strokes.select(sheet.strokes.layers != 3)))
    )
    changed = with_chalk != without
    assert 0 < changed.mean() < 0.05 and (with_chalk[changed] > without[changed]).mean() > 0.9
