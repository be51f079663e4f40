"""Relighting the two public-domain portraits, darkened and lit from one side."""

import numpy as np
import pytest
from pictures import PORTRAITS
from PIL import Image

from facesketch import align_face, find_faces, read_image
from facesketch.face.relighting import apply_relighting, estimate_relighting
from facesketch.models.config import DARKEST_SKIN

CHEEKS = np.s_[170:215, 72:108], np.s_[170:215, 148:184]  # of a 256 x 320 crop, one on each side of the nose


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem, scope="module")
def portrait(request) -> np.ndarray:
    image = read_image(request.param)
    return np.asarray(align_face(image, find_faces(image)[0], width=256).image)


@pytest.fixture
def matte() -> np.ndarray:
    """Head and shoulders, roughly: two ellipses."""
    y, x = np.mgrid[:320, :256]
    head, body = np.hypot((x - 128) / 85, (y - 165) / 120) < 1, np.hypot((x - 128) / 128, (y - 320) / 70) < 1
    return (head | body).astype(np.float32)


def relight(crop: np.ndarray, matte: np.ndarray, darkest_skin: float = DARKEST_SKIN) -> np.ndarray:
    """The crop with the light added that it lacks."""
    image = Image.fromarray(crop)
    return np.asarray(apply_relighting(image, estimate_relighting(image, matte, darkest_skin)))


def under(crop: np.ndarray, light: np.ndarray | float) -> np.ndarray:
    """The crop with its linear light (gamma 2.2) multiplied by a factor."""
    return np.rint(255 * ((crop / 255) ** 2.2 * light) ** (1 / 2.2)).astype(np.uint8)


def from_left(crop: np.ndarray) -> np.ndarray:
    """Light that falls to a tenth from the left cheek to the right one."""
    return under(crop, 0.1 + 0.9 / (1 + np.exp(14 * (np.linspace(0, 1, crop.shape[1]) - 0.5)))[None, :, None])


def difference(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    """The mean difference of two crops, in levels of 255, on the person."""
    return np.abs(one.astype(float) - other)[where > 0.5].mean()


def log_odds(pixels: np.ndarray) -> np.ndarray:
    return np.log((pixels + 0.5) / (255.5 - pixels))


def test_portrait_in_good_light_stays(portrait, matte):
    assert difference(relight(portrait, matte), portrait, matte) < 3


@pytest.mark.parametrize("light", [0.25, 0.12])
def test_darkened_portrait_comes_closer_to_the_original(portrait, matte, light):
    dark = under(portrait, light)
    assert difference(relight(dark, matte), portrait, matte) < 0.7 * difference(dark, portrait, matte)


def test_light_from_one_side_is_balanced(portrait, matte):
    side = from_left(portrait)
    relit = relight(side, matte)
    assert difference(relit, portrait, matte) < 0.7 * difference(side, portrait, matte)
    own, was, now = (
        np.log(np.divide(*(pixels[cheek].mean() for cheek in CHEEKS))) for pixels in (portrait, side, relit)
    )
    assert abs(now - own) < 0.6 * abs(was - own)


def test_nothing_is_darkened_and_black_stays_black(portrait, matte):
    """White teeth and eyes stay white."""
    for crop in (under(portrait, 0.2), from_left(portrait)):
        relit = relight(crop, matte)
        assert (relit >= crop).all() and relit.mean() > crop.mean() + 5
        assert not relit[crop == 0].any()


def test_hair_over_one_side_is_not_taken_for_a_shadow(portrait, matte):
    lock = portrait.copy()
    lock[90:160, 140:190] = 30
    assert difference(relight(lock, matte), lock, matte) < 3


def test_no_edge_appears_or_disappears(portrait, matte):
    """The added light varies slowly: neighboring pixels gain nearly the same log odds, also at hair and matte."""
    for crop in (under(portrait, 0.2), from_left(portrait)):
        clear = (crop > 25) & (crop < 230)  # beyond, one level is too coarse a step
        added = np.where(clear, log_odds(relight(crop, matte).astype(float)) - log_odds(crop.astype(float)), np.nan)
        assert np.nanmax(added) > 0.3
        assert np.nanmax(np.abs(np.diff(added, axis=1))) < 0.12
        assert np.nanmax(np.abs(np.diff(added, axis=0))) < 0.12


def test_freckles_on_dark_skin_keep_their_contrast(portrait, matte):
    dark = under(portrait, 0.2)
    before = dark.copy()
    before[190:193, 85:88] = before[190:193, 85:88] // 2
    after = relight(before, matte).astype(float)
    plain = relight(dark, matte).astype(float)
    assert after[190:193, 85:88].mean() / plain[190:193, 85:88].mean() < 0.65


def test_skin_is_lifted_toward_the_darkest_skin_known(portrait, matte):
    dark = under(portrait, 0.12)
    skin = [np.median(relight(dark, matte, tone)[CHEEKS[0]]) for tone in (0, 100, 150, 190)]
    assert skin[0] < skin[1] < skin[2] < skin[3] <= 200


def test_crop_without_a_person_on_the_face_stays(portrait, matte):
    dark = under(portrait, 0.2)
    above_the_face = np.zeros_like(matte)
    above_the_face[:40] = 1
    for empty in (np.zeros_like(matte), above_the_face):
        assert (relight(dark, empty) == dark).all()


def synthetic_portrait(skin: int, hair: int, light: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A 256 x 320 face of one tone with hair around it and a neck, under linear light; and where the hair is."""
    y, x = np.mgrid[:320, :256]
    face, head = np.hypot((x - 128) / 62, (y - 170) / 88) < 1, np.hypot((x - 128) / 84, (y - 150) / 112) < 1
    neck = (abs(x - 128) < 40) & (y > 200)
    luma = np.where(face | neck, skin, np.where(head & (y < 220), hair, 200)).astype(np.uint8)
    is_hair = head & ~face & ~neck & (y < 220)
    return under(np.dstack([luma] * 3), light), is_hair


SIDE_LIGHT = 0.15 + 0.85 / (1 + np.exp(10 * (np.linspace(0, 1, 256) - 0.5)))[None, :, None]


def test_dark_hair_stays_dark_in_light_from_one_side_while_the_skin_becomes_even(matte):
    crop, hair = synthetic_portrait(190, 40, SIDE_LIGHT)
    hair[:, :150] = False  # on the side in shadow
    relit = relight(crop, matte)
    assert relit[hair].mean() < crop[hair].mean() + 7 and relit[hair].max() < 40
    was, now = (abs(np.log(np.divide(*(pixels[cheek].mean() for cheek in CHEEKS)))) for pixels in (crop, relit))
    assert now < 0.6 * was
    gain = estimate_relighting(Image.fromarray(crop), matte)
    assert gain.min() >= 0 and 0.3 < gain.max() <= 2.2
    assert max(np.abs(np.diff(gain, axis=axis)).max() for axis in (0, 1)) < 0.2  # log odds in 1/48 of the width


def test_dark_skin_is_lifted_and_hair_is_not(matte):
    crop, hair = synthetic_portrait(70, 25)
    relit = relight(crop, matte)
    cheeks = [np.median(relit[cheek]) for cheek in CHEEKS]
    assert min(cheeks) > 120 and abs(cheeks[0] - cheeks[1]) < 4
    assert relit[hair].mean() < crop[hair].mean() + 12 and np.median(relit[hair]) < 35


def test_result_is_deterministic_and_the_input_unchanged(portrait, matte):
    dark = from_left(portrait)
    kept = dark.copy()
    assert (relight(dark, matte) == relight(dark, matte)).all()
    assert (dark == kept).all()


@pytest.mark.parametrize("size", [(16, 16), (20, 16), (33, 47), (320, 256), (500, 400)])
def test_any_size_and_any_pixels(size):
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    crops = [np.full((*size, 3), level, np.uint8) for level in (0, 1, 128, 254, 255)]
    half = noise.copy()
    half[:, : size[1] // 2] = 0
    mattes = [np.ones(size, np.float32), np.zeros(size, np.float32), random.random(size).astype(np.float32)]
    with np.errstate(all="raise", under="ignore"):
        for crop in (*crops, noise, half, noise // 16):
            for person in mattes:
                relit = relight(crop, person)
                assert relit.shape == crop.shape and relit.dtype == np.uint8
                assert (relit >= crop).all() and (relit[crop == 255] == 255).all() and not relit[crop == 0].any()


def test_relighting_does_not_depend_on_the_size(portrait, matte):
    """A crop enlarged twice is lit like the small one."""
    dark = under(portrait, 0.2)
    twice = relight(dark.repeat(2, 0).repeat(2, 1), matte.repeat(2, 0).repeat(2, 1))
    assert np.abs(twice[::2, ::2].astype(float) - relight(dark, matte)).mean() < 1


def test_gray_guide_is_relit_like_the_crop(portrait, matte):
    """The guide of a drawing is lit like the generator's input, at any size."""
    dark = Image.fromarray(under(portrait, 0.2))
    lift = estimate_relighting(dark, matte)
    lit, gray = apply_relighting(dark, lift).convert("L"), apply_relighting(dark.convert("L"), lift)
    assert gray.mode == "L" and difference(np.asarray(gray), np.asarray(lit), matte) < 2
    large = apply_relighting(dark.convert("L").resize((1024, 1280)), lift).resize(dark.size)
    assert difference(np.asarray(large), np.asarray(lit), matte) < 3
