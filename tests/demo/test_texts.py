"""Every text of the page and every message of the library exists in every language, under the same code."""

import ast
import json
import re
from pathlib import Path
from string import Formatter

import gradio as gr
import pytest

from demo import i18n
from facesketch.messages import MESSAGES, Message
from facesketch.options import SPECS

ROOT = Path(__file__).parents[2]
ENGLISH = i18n.LANGUAGES["en"]
TRANSLATIONS = sorted(i18n.LANGUAGES.keys() - {"en"})
CODE = re.compile(r"[a-z_]+(\.[\w-]+)+")
FUNCTIONS = {
    "t",
    "UserError",
    "read_upload",
    "upload",
    "output_image",
    "gallery",
    "radio",
    "dropdown",
    "table",
    "upload_button",
    "upload_files",
}
NOT_SHOWN = re.compile(r"^(Mean error|Drawings| |[\W\d]*(px)?|Autoencoder|Pix2Pix|CycleGAN)$")


def codes_in_source() -> set[str]:
    """The codes that the demo's source gives to the functions that look texts up; {} where an expression stands."""
    found = set()
    for path in (ROOT / "demo").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in FUNCTIONS:
                for node in ast.walk(call):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        found.add(node.value)
                    if isinstance(node, ast.JoinedStr):
                        parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
                        found.add("".join(parts))
    return {code for code in found if CODE.fullmatch(code.replace("{}", "x"))}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_code_of_every_text_exists():
    codes = codes_in_source()
    assert len(codes) > 70
    for code in codes:
        pattern = re.compile(re.escape(code).replace(r"\{\}", r"[\w-]+"))
        assert any(pattern.fullmatch(known) for known in ENGLISH), code


def test_every_option_of_a_drawing_has_texts():
    for name, spec in SPECS.items():
        if name not in ("style", "align"):  # chosen by samples, and by a checkbox
            assert {f"control.{name}.{part}" for part in ("label", *spec.choices)} <= ENGLISH.keys()


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_every_text_and_message_and_no_other(language):
    texts, source = i18n.LANGUAGES[language], {**MESSAGES, **ENGLISH}
    assert texts.keys() == source.keys()
    for code, text in texts.items():
        assert text.strip() and placeholders(text) == placeholders(source[code]), code


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
def test_what_the_page_shows_is_in_its_language(language):
    """Every label, choice, placeholder and Markdown text of the page is one of the language's texts."""
    import app

    page = "" if language == i18n.DEFAULT else language
    ids = set(app.demo.get_config_file()["page"][page]["components"])
    texts, shown = set(i18n.LANGUAGES[language].values()), 0
    for number, block in app.demo.blocks.items():
        if number not in ids or isinstance(block, gr.State) or not is_shown(block):
            continue
        config = block.get_config()
        strings = [config.get(name) for name in ("label", "info", "placeholder")]
        strings += [choice[0] for choice in config.get("choices") or []]
        strings += [block.value] if isinstance(block, gr.Button | gr.DownloadButton) else []
        for text in strings:
            if isinstance(text, str) and not NOT_SHOWN.match(text):
                assert text in texts or text in ("Grace Hopper", "Eileen Collins"), text
                shown += 1
    assert shown > 60


def is_shown(block: gr.blocks.Block | None) -> bool:
    """Whether a block is not inside a hidden row, which is for programs only."""
    while block is not None:
        if isinstance(block, gr.Row) and not block.visible:
            return False
        block = block.parent
    return True


def test_messages_in_messages_are_translated_too():
    missing = Message("weights.missing_file", {"name": "pix2pix", "file": "model.safetensors"})
    message = Message("model.left_out", {"name": "Pix2Pix", "reason": missing})
    assert i18n.translate(message) == str(message)
    with i18n.use("vi"):
        assert i18n.translate(message) == "Pix2Pix bị bỏ qua: pix2pix: model.safetensors bị thiếu hoặc không đọc được."


@pytest.mark.parametrize(
    ("query", "browser", "language"),
    [
        ({}, "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ({}, "en-US,en;q=0.9", "en"),
        ({}, "*", "en"),
        ({}, "fr", "en"),
        ({"lang": "vi"}, "en-US", "vi"),
        ({"lang": "en"}, "vi-VN", "en"),
        ({"lang": "../en"}, "vi", "en"),
    ],
)
def test_the_url_wins_over_the_browser(query, browser, language):
    assert i18n.requested_language(query, {"accept-language": browser}) == language


def test_a_language_is_one_file():
    """No module names a language but English."""
    for path in (*(ROOT / "demo").rglob("*.py"), *(ROOT / "demo").rglob("*.css"), ROOT / "app.py"):
        assert not re.search(r"""["']vi["']|Việt""", path.read_text("utf-8")), path
    for path in (ROOT / "demo" / "i18n").glob("*.json"):
        assert list(json.loads(path.read_text("utf-8"))), path
