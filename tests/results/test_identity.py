"""Rank-1 identification by dlib's face recognition network."""

import numpy as np
import pytest
from PIL import ImageEnhance, ImageFilter

from facesketch import read_image
from facesketch.face.align import crop_face
from train.data.pairs import Item, find_pairs
from train.results import identity
from train.results.evaluate import make_gallery
from train.results.portraits import PORTRAITS

pytestmark = pytest.mark.skipif(not identity.is_available(), reason="the packages of the extra [measure] are missing")


@pytest.fixture(scope="module")
def portraits():
    return {path.stem: crop_face(read_image(path))[0] for path in PORTRAITS}


def test_images_of_a_person_are_close_and_those_of_another_are_not(portraits):
    """dlib's threshold is 0.6."""
    first, second = (identity.embed(portrait) for portrait in portraits.values())
    assert first.shape == (128,) and np.linalg.norm(first - second) > 0.6
    for name, portrait in portraits.items():
        own = identity.embed(portrait)
        for other in (
            portrait.resize((200, 250)),
            portrait.convert("L"),
            ImageEnhance.Brightness(portrait).enhance(0.6),
            portrait.filter(ImageFilter.GaussianBlur(1)),
        ):
            assert np.linalg.norm(identity.embed(other) - own) < 0.4, name


def test_a_gallery_identifies_a_person(portraits):
    gallery = identity.Gallery(portraits.items())
    one, other = portraits
    gray = portraits[one].convert("L")
    right, wrong = gallery.identify(gray, one), gallery.identify(gray, other)
    assert right["rank1"] == 1 and wrong["rank1"] == 0
    assert 0 < right["distance"] < 0.4 and wrong["distance"] > 0.6
    distance = np.linalg.norm(identity.embed(gray) - identity.embed(portraits[one]))
    assert right["distance"] == pytest.approx(distance, abs=1e-4)


def test_generated_photos_are_searched_among_all_photos_of_the_folder(faces):
    pairs = find_pairs(faces(4))
    evaluated = [Item(pair) for pair in pairs[:2]]
    assert make_gallery(pairs, evaluated, "photo_to_sketch").names == ["000", "001"]
    assert make_gallery(pairs, evaluated, "sketch_to_photo").names == ["000", "001", "002", "003"]


def test_rotated_images_and_mattes_have_no_gallery(faces):
    pairs = find_pairs(faces(2))
    assert make_gallery(pairs, [Item(pair, 1) for pair in pairs], "photo_to_sketch") is None
    assert make_gallery(pairs, [Item(pair) for pair in pairs], "photo_to_matte") is None
