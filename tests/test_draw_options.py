"""DrawOptions: every field is validated, described and parsed; the table in docs/api.md is the one of the code."""

import pickle
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest

from facesketch import DrawOptions, OptionError
from facesketch.options import (
    DEFAULT_STRENGTH,
    MAX_CROP_WIDTH,
    MIN_CROP_WIDTH,
    RAW_OUTPUT,
    SPECS,
    OptionSpec,
    options_table,
)

ROOT = Path(__file__).parents[1]
VALID = {
    "style": [None, "graphite", "line", "a style of another model"],
    "finish": ["strokes", "detail", "none"],
    "size": ["auto", 256, 300, 4096],
    "background": ["paper", "keep", "transparent"],
    "frame": ["crop", "paper", "photo"],
    "align": ["auto", "never"],
    "strength": [0, 0.0, 0.4, 1, 1.0],
    "skin_tone": ["auto", "light", "medium", "tan", "brown", "dark"],
    "seed": [0, 1, 2**32 - 1],
}
INVALID = {
    "style": [3, True, ("line",)],
    "finish": ["off", True, False, None, ""],
    "size": [255, 4097, 256.0, "large", "256", None, True],
    "background": ["clear", "sky", None, 0],
    "frame": ["no", None, "Crop"],
    "align": ["maybe", None, False],
    "strength": [-0.1, 1.1, float("nan"), float("inf"), "0.4", None, True],
    "skin_tone": ["green", None, 3, True],
    "seed": [-1, 2**32, 0.5, "0", None, True],
}


def test_defaults():
    options = DrawOptions()
    assert [(each.name, getattr(options, each.name)) for each in fields(options)] == [
        ("style", None),
        ("finish", "strokes"),
        ("size", "auto"),
        ("background", "paper"),
        ("frame", "crop"),
        ("align", "auto"),
        ("strength", DEFAULT_STRENGTH),
        ("skin_tone", "auto"),
        ("seed", 0),
    ]


def test_every_field_is_tested_here():
    names = [each.name for each in fields(DrawOptions)]
    assert list(VALID) == list(INVALID) == names


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in VALID.items() for value in values])
def test_valid_values(name, value):
    assert getattr(DrawOptions(**{name: value}), name) == value


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in INVALID.items() for value in values])
def test_invalid_values_are_refused_in_one_sentence(name, value):
    for make in (lambda: DrawOptions(**{name: value}), lambda: replace(DrawOptions(), **{name: value})):
        with pytest.raises(OptionError) as error:
            make()
        message = error.value.message
        assert message.code.startswith(("option.not_a_choice", "option.out_of_range", "option.not_a_style"))
        assert message.params.get("name", "style") == name
        assert str(error.value).startswith(f"{name} must be") and len(str(error.value).splitlines()) == 1


def test_options_are_immutable_and_hashable():
    options = DrawOptions(size=512)
    with pytest.raises(FrozenInstanceError):
        options.size = 256
    assert options == DrawOptions(size=512) and len({options, DrawOptions(size=512), DrawOptions()}) == 2
    assert pickle.loads(pickle.dumps(options)) == options


def test_specs_are_complete():
    assert list(SPECS) == [each.name for each in fields(DrawOptions)]
    for each in fields(DrawOptions):
        spec = SPECS[each.name]
        assert spec is each.metadata["spec"]
        assert spec.help and not spec.help.endswith(".") and "\n" not in spec.help
        assert each.default is None or spec.accepts(each.default)
        assert (spec.minimum is None) == (spec.maximum is None)
        assert each.name == "style" or spec.choices or spec.minimum is not None
        assert each.name == "style" or spec.range
        assert all(spec.accepts(choice) for choice in spec.choices)


def test_size_is_bounded_by_the_crop_widths():
    assert (SPECS["size"].minimum, SPECS["size"].maximum) == (MIN_CROP_WIDTH, MAX_CROP_WIDTH)


@pytest.mark.parametrize("name", SPECS)
def test_parse_gives_back_every_valid_value(name):
    for value in VALID[name]:
        if value is not None:
            parsed = SPECS[name].parse(str(value))
            assert (parsed == value and type(parsed) is SPECS[name].type) or value in SPECS[name].choices


@pytest.mark.parametrize(
    ("name", "text"),
    [("size", "large"), ("size", "300.5"), ("strength", "50%"), ("seed", "0x1"), ("finish", "off"), ("frame", "")],
)
def test_text_that_cannot_be_parsed_stays_text_and_is_refused(name, text):
    value = SPECS[name].parse(text)
    assert value == text
    with pytest.raises(OptionError):
        DrawOptions(**{name: value})


def test_range_in_words():
    assert OptionSpec("", int, ("auto",), 1, 3).range == "auto, 1 to 3"
    assert OptionSpec("", choices=("a", "b")).range == "a, b"
    assert OptionSpec("", float, (), 0, 0.5).range == "0 to 0.5"


def test_raw_output():
    assert DrawOptions(align="never", finish="none", background="keep") == RAW_OUTPUT
    assert RAW_OUTPUT.is_raw and not DrawOptions().is_raw
    assert not DrawOptions(finish="none").is_raw and not DrawOptions(background="keep").is_raw


def test_options_table_has_a_row_for_each_field():
    header, rule, *rows = options_table().splitlines()
    columns = [cell.strip() for cell in header.strip("|").split("|")]
    assert columns == ["option", "default", "accepts", "meaning"] and set(rule) == {"|", "-"}
    assert [row.split("`")[1] for row in rows] == list(SPECS)
    assert all(row.count("|") == len(columns) + 1 for row in rows)


def test_table_in_the_docs_is_the_one_of_the_code():
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    table = text.split("<!-- options:begin -->")[1].split("<!-- options:end -->")[0]
    assert table.strip() == options_table()
