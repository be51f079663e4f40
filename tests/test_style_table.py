"""The table of styles, which training data, models and the page share."""

import json

import facesketch
from facesketch.styles import STYLES


def test_names_are_the_keys():
    assert all(style.name == name for name, style in STYLES.items())


def test_base_style_comes_first_and_has_no_folder():
    base, *others = STYLES.values()
    assert base.name == "shaded" and base.dataset_folder is None
    folders = [style.dataset_folder for style in others]
    assert all(folders) and len(set(folders)) == len(folders)


def test_styles_of_the_embedded_models_are_in_the_table():
    for path in facesketch.WEIGHTS_DIR.glob("*/config.json"):
        assert set(json.loads(path.read_text(encoding="utf-8")).get("styles", [])) <= set(STYLES)
