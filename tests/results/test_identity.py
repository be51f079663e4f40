"""Persons found among photos by dlib's face network."""

import numpy as np
import pytest
from PIL import ImageEnhance, ImageFilter

from facesketch import read_image
from facesketch.faces.crop import crop_face
from train.data.pairs import Item, pairs
from train.results import evaluate as ev
from train.results import identity
from train.results.portraits import PORTRAITS

pytestmark = pytest.mark.skipif(not identity.available(), reason="the packages of the extra [measure] are missing")


@pytest.fixture(scope="module")
def portraits():
    return {path.stem: crop_face(read_image(path))[0] for path in PORTRAITS}


def test_a_person_is_near_herself_and_far_from_another(portraits):
    """0.6 is where dlib draws the line between one person and two."""
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


def test_the_gallery_knows_who_it_is(portraits):
    people = identity.Gallery(portraits.items())
    one, other = portraits
    gray = portraits[one].convert("L")
    found, wrong = people.find(gray, one), people.find(gray, other)
    assert found["identity"] == 1 and wrong["identity"] == 0 and found["among"] == 2
    assert 0 < found["distance"] < 0.4 and wrong["distance"] > 0.6
    assert found["distance"] == pytest.approx(
        np.linalg.norm(identity.embed(gray) - identity.embed(portraits[one])), abs=1e-4
    )


def test_the_way_back_looks_among_all_photos_beside_the_judged(faces):
    found = pairs(faces(4))
    judged = [Item(pair) for pair in found[:2]]
    assert ev.gallery(found, judged, "photo_to_sketch").names == ["000", "001"]
    assert ev.gallery(found, judged, "sketch_to_photo").names == ["000", "001", "002", "003"]


def test_pictures_that_lie_on_their_sides_have_no_gallery(faces):
    found = pairs(faces(2))
    assert ev.gallery(found, [Item(pair, 1) for pair in found], "photo_to_sketch") is None
