"""Light evened on the two public-domain portraits, darkened and lit from one side here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facesketch import align, find_faces, read_image
from facesketch.faces import light

PORTRAITS = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))
CHEEKS = np.s_[170:215, 72:108], np.s_[170:215, 148:184]  # of a 256 x 320 crop, each beside the nose


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem, scope="module")
def portrait(request) -> np.ndarray:
    image = read_image(request.param)
    return np.asarray(align(image, find_faces(image)[0], size=256)[0])


@pytest.fixture
def matte() -> np.ndarray:
    """The head and the shoulders, roughly: two ellipses."""
    y, x = np.mgrid[:320, :256]
    head, body = np.hypot((x - 128) / 85, (y - 165) / 120) < 1, np.hypot((x - 128) / 128, (y - 320) / 70) < 1
    return (head | body).astype(np.float32)


def even(crop: np.ndarray, matte: np.ndarray, tone: float = light.KNOWN) -> np.ndarray:
    """The crop with the light added that it lacks."""
    image = Image.fromarray(crop)
    return np.asarray(light.even(image, light.fill(image, matte, tone)))


def relit(crop: np.ndarray, light: np.ndarray | float) -> np.ndarray:
    """The crop under so much light, a factor on linear light (a gamma of 2.2)."""
    return np.rint(255 * ((crop / 255) ** 2.2 * light) ** (1 / 2.2)).astype(np.uint8)


def from_left(crop: np.ndarray) -> np.ndarray:
    """Light that falls to a tenth from the left cheek to the right one."""
    return relit(crop, 0.1 + 0.9 / (1 + np.exp(14 * (np.linspace(0, 1, crop.shape[1]) - 0.5)))[None, :, None])


def away(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    """The mean difference of two crops in levels, where there is a person."""
    return np.abs(one.astype(float) - other)[where > 0.5].mean()


def log_odds(pixels: np.ndarray) -> np.ndarray:
    return np.log((pixels + 0.5) / (255.5 - pixels))


def test_a_portrait_in_good_light_stays(portrait, matte):
    assert away(even(portrait, matte), portrait, matte) < 3


@pytest.mark.parametrize("light", [0.25, 0.12])
def test_a_darkened_portrait_comes_nearer_to_itself(portrait, matte, light):
    dark = relit(portrait, light)
    assert away(even(dark, matte), portrait, matte) < 0.7 * away(dark, portrait, matte)


def test_light_from_one_side_is_filled_up(portrait, matte):
    side = from_left(portrait)
    evened = even(side, matte)
    assert away(evened, portrait, matte) < 0.7 * away(side, portrait, matte)
    own, was, now = (
        np.log(np.divide(*(pixels[cheek].mean() for cheek in CHEEKS))) for pixels in (portrait, side, evened)
    )
    assert abs(now - own) < 0.6 * abs(was - own)


def test_nothing_is_darkened_and_black_stays_black(portrait, matte):
    """White teeth and eyes are as white as before."""
    for crop in (relit(portrait, 0.2), from_left(portrait)):
        evened = even(crop, matte)
        assert (evened >= crop).all() and evened.mean() > crop.mean() + 5
        assert not evened[crop == 0].any()


def test_hair_over_one_side_is_no_shadow(portrait, matte):
    lock = portrait.copy()
    lock[90:160, 140:190] = 30
    assert away(even(lock, matte), lock, matte) < 3


def test_no_edge_is_made_or_lost(portrait, matte):
    """What is added is slow: the log odds of neighbours, across hair and matte too, move by nearly the same."""
    for crop in (relit(portrait, 0.2), from_left(portrait)):
        clear = (crop > 25) & (crop < 230)  # whole levels are too coarse beyond
        added = np.where(clear, log_odds(even(crop, matte).astype(float)) - log_odds(crop.astype(float)), np.nan)
        assert np.nanmax(added) > 0.3
        assert np.nanmax(np.abs(np.diff(added, axis=1))) < 0.12
        assert np.nanmax(np.abs(np.diff(added, axis=0))) < 0.12


def test_freckles_on_dark_skin_keep_their_contrast(portrait, matte):
    dark = relit(portrait, 0.2)
    before = dark.copy()
    before[190:193, 85:88] = before[190:193, 85:88] // 2
    after = even(before, matte).astype(float)
    plain = even(dark, matte).astype(float)
    assert after[190:193, 85:88].mean() / plain[190:193, 85:88].mean() < 0.65


def test_skin_is_lifted_as_far_as_the_tone_says(portrait, matte):
    dark = relit(portrait, 0.12)
    skin = [np.median(even(dark, matte, tone)[CHEEKS[0]]) for tone in (0, 100, 150, 190)]
    assert skin[0] < skin[1] < skin[2] < skin[3] <= 200


def test_a_crop_without_its_person_stays(portrait, matte):
    dark = relit(portrait, 0.2)
    away_from_face = np.zeros_like(matte)
    away_from_face[:40] = 1
    for nobody in (np.zeros_like(matte), away_from_face):
        assert (even(dark, nobody) == dark).all()


def test_the_same_again_and_the_input_untouched(portrait, matte):
    dark = from_left(portrait)
    kept = dark.copy()
    assert (even(dark, matte) == even(dark, matte)).all()
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
                evened = even(crop, person)
                assert evened.shape == crop.shape and evened.dtype == np.uint8
                assert (evened >= crop).all() and (evened[crop == 255] == 255).all() and not evened[crop == 0].any()


def test_a_larger_crop_is_lit_alike(portrait, matte):
    """A crop twice as large is lit as the small one: the light does not hang on the size."""
    dark = relit(portrait, 0.2)
    twice = even(dark.repeat(2, 0).repeat(2, 1), matte.repeat(2, 0).repeat(2, 1))
    assert np.abs(twice[::2, ::2].astype(float) - even(dark, matte)).mean() < 1


def test_in_gray_the_light_is_that_of_the_colours(portrait, matte):
    """What a drawing is traced from is lit as what it is drawn from, at any size."""
    dark = Image.fromarray(relit(portrait, 0.2))
    lift = light.fill(dark, matte)
    lit, gray = light.even(dark, lift).convert("L"), light.even(dark.convert("L"), lift)
    assert gray.mode == "L" and away(np.asarray(gray), np.asarray(lit), matte) < 2
    large = light.even(dark.convert("L").resize((1024, 1280)), lift).resize(dark.size)
    assert away(np.asarray(large), np.asarray(lit), matte) < 3
