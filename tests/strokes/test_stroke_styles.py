"""The table of styles, which the strokes, training data, models and the page share."""

import json

import pytest

import facesketch
from facesketch.strokes.styles import DEFAULT_STYLE, STYLES, style_of_label


def test_names_are_the_keys():
    assert all(style.name == name for name, style in STYLES.items())


def test_default_style_comes_first_and_is_drawn_from_the_base_label_which_has_no_folder():
    assert next(iter(STYLES.values())) is DEFAULT_STYLE
    assert DEFAULT_STYLE.label == "shaded"
    assert all(style.dataset_folder is None for style in STYLES.values() if style.label == DEFAULT_STYLE.label)


def test_each_folder_of_data_has_one_label():
    learned = [style for style in STYLES.values() if style.dataset_folder]
    assert len({style.dataset_folder for style in learned}) == len({style.label for style in learned}) == len(learned)


def test_labels_of_the_embedded_models_are_those_of_styles():
    for path in facesketch.WEIGHTS_DIR.glob("*/config.json"):
        labels = json.loads(path.read_text(encoding="utf-8")).get("styles", [])
        assert [style_of_label(label).label for label in labels] == labels


def test_a_label_that_no_style_has_is_drawn_in_the_default_style():
    assert style_of_label("a label of another model") is DEFAULT_STYLE


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_numbers_are_in_their_ranges(style):
    assert all(0 <= value <= 255 for color in (style.paper, style.pencil, style.highlight) for value in color)
    assert sum(style.pencil) < sum(style.paper) <= sum(style.highlight) or not style.highlights
    assert sum(style.pencil) < sum(style.paper)
    for name in ("grade", "white"):
        assert 0 < getattr(style, name) <= 1
    for name in ("rough", "fade", "highlights"):
        assert 0 <= getattr(style, name) <= 1
    for hatching in style.hatchings:
        assert 0 < hatching.least < hatching.full <= 1 and 0 < hatching.pressure <= 1 and hatching.rounds >= 1
        assert hatching.spacing > 0 and hatching.width > 0 and hatching.length > hatching.width
