"""Drawings as people make them, from a sheet in strokes and from a photo."""

from dataclasses import replace

import numpy as np
import pytest

from facesketch import align_face, find_faces, read_image
from facesketch.image.pixels import luma
from facesketch.strokes.portrait import plan_strokes
from facesketch.strokes.styles import STYLES
from train.data.abstraction import abstracted, schematic


@pytest.fixture(scope="module")
def crop():
    image = read_image("examples/eileen_collins.jpg")
    return align_face(image, find_faces(image)[0], 256).image


@pytest.fixture(scope="module")
def sheet(crop):
    return plan_strokes(luma(crop), luma(crop), None, STYLES["graphite"])


def drawn(sheet) -> np.ndarray:
    return np.asarray(sheet.render(128).convert("L"))


def test_an_abstracted_sheet_has_fewer_strokes_in_other_places_and_follows_from_its_generator(sheet):
    sheets = [abstracted(sheet, np.random.default_rng(seed)) for seed in range(12)]
    assert all(len(each.strokes) <= len(sheet.strokes) for each in sheets)
    assert len({len(each.strokes) for each in sheets}) > 6
    contours = len(sheet.strokes.layer("contour"))
    alone = [len(each.strokes) <= contours and set(each.strokes.layers) == {0} for each in sheets]
    assert 2 <= sum(alone) <= 10, "about half of them have contours alone"
    again = abstracted(sheet, np.random.default_rng(0))
    assert np.array_equal(drawn(again), drawn(sheets[0])) and not np.array_equal(drawn(again), drawn(sheets[1]))
    for each in sheets:
        assert np.isfinite(each.strokes.points).all()
        assert 20 < drawn(each).mean() < 254.5, "neither black nor blank"


def test_a_schematic_face_is_lines_around_eyes_mouth_and_outline_of_the_photos_person(crop):
    face, matte = find_faces(crop)[0], np.zeros((320, 256), np.float32)
    y, x = np.mgrid[:320, :256]
    matte[np.hypot((x - 128) / 85, (y - 150) / 110) < 1] = 1
    sheets = [schematic(luma(crop), matte, face, np.random.default_rng(seed)) for seed in range(6)]
    for each in sheets:
        ink = drawn(each) < 160
        assert 0.01 < ink.mean() < 0.4
        for ex, ey in np.array(face.landmarks[:2]) / 2:
            assert ink[int(ey) - 6 : int(ey) + 7, int(ex) - 8 : int(ex) + 9].any(), "an eye"
        assert ink[140:160].sum() < ink[20:140].sum()
    assert not np.array_equal(drawn(sheets[0]), drawn(sheets[1]))
    again = schematic(luma(crop), matte, face, np.random.default_rng(0))
    assert np.array_equal(drawn(again), drawn(sheets[0]))


def test_a_sheet_without_contours_is_abstracted_too(sheet):
    shading = replace(sheet, strokes=sheet.strokes.layer("shading"))
    assert len(abstracted(shading, np.random.default_rng(0)).strokes) > 0
