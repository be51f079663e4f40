"""The skin of a photo made from a sketch in a tone that somebody chose."""

import cv2
import numpy as np
import pytest
from PIL import Image

from facesketch import DrawOptions, OptionError
from facesketch.face.skin_tone import TARGETS, change_skin_tone
from facesketch.options import SPECS


@pytest.fixture(scope="module")
def crop():
    """An oval face of tan skin under a light from above, dark hair on top, a blue shirt, on white."""
    y, x = np.mgrid[:320, :256].astype(np.float32)
    pixels = np.full((320, 256, 3), 255, np.float32)
    pixels[(np.hypot(x - 128, (y - 150) * 0.8) < 100)] = (35, 28, 25)
    face = np.hypot((x - 128) / 62, (y - 175) / 85) < 1
    pixels[face] = (np.array([205, 150, 125]) * (1.1 - y[..., None] / 1200))[face]
    pixels[(y > 290)] = (40, 60, 150)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def lab(image: Image.Image, box: tuple[int, int, int, int]) -> np.ndarray:
    region = np.asarray(image.crop(box), np.float32) / 255
    return np.median(cv2.cvtColor(region, cv2.COLOR_RGB2Lab).reshape(-1, 3), axis=0)


CHEEK, HAIR, SHIRT, PAPER = (80, 185, 95, 200), (110, 55, 150, 70), (60, 300, 190, 315), (0, 0, 20, 20)


@pytest.mark.parametrize("tone", TARGETS)
def test_the_cheeks_get_the_tone_and_hair_clothes_and_paper_stay(crop, tone):
    changed = change_skin_tone(crop, tone)
    assert np.abs(lab(changed, CHEEK) - TARGETS[tone]).max() < 4
    for box in (HAIR, SHIRT, PAPER):
        assert np.abs(lab(changed, box) - lab(crop, box)).max() < 6, box


def test_tones_are_ordered_from_light_to_dark_and_light_on_the_face_is_kept(crop):
    lightness = [lab(change_skin_tone(crop, tone), CHEEK)[0] for tone in TARGETS]
    assert lightness == sorted(lightness, reverse=True)
    dark = change_skin_tone(crop, "dark")
    assert lab(dark, (120, 110, 136, 120))[0] > lab(dark, (120, 240, 136, 250))[0]


def test_auto_changes_nothing_and_what_is_outside_the_matte_keeps_its_color(crop):
    assert change_skin_tone(crop, "auto") is crop
    matte = np.zeros((320, 256), np.float32)
    matte[:, :128] = 1
    changed = np.asarray(change_skin_tone(crop, "dark", matte), int)
    assert np.abs(changed[:, 140:] - np.asarray(crop, int)[:, 140:]).max() <= 2
    assert np.abs(changed[185:200, 80:95] - np.asarray(crop, int)[185:200, 80:95]).mean() > 20


def test_an_unknown_tone_is_refused():
    assert SPECS["skin_tone"].choices == ("auto", *TARGETS)
    with pytest.raises(OptionError, match="skin_tone must be one of"):
        DrawOptions(skin_tone="green")
