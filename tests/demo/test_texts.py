"""Every text of the page, and every sentence of the library's, has its Vietnamese twin."""

import ast
import json
import re
from pathlib import Path

import gradio as gr
import pytest
from gradio.i18n import I18nData

from demo import i18n

ROOT = Path(__file__).parents[2]
RAISED = {"ImageError", "NoFaceError", "WeightsError", "ChoiceError"}
BARE = re.compile(r"^(Autoencoder|Pix2Pix|CycleGAN|Mean error|Drawings| )?$")  # names, and what is never shown


def literals(node: ast.AST) -> list[str]:
    """The texts that an expression may be, {} for what varies."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value.replace("%s", "{}")]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.Dict):
        return [text for value in node.values for text in literals(value)]
    return [text for value in getattr(node, "elts", ()) for text in literals(value)]


def called(folder: str, names: set[str]) -> set[str]:
    """The texts that are given first to calls of these names in a folder's files, through their constants too."""
    found = set()
    for path in (path for path in (ROOT / folder).rglob("*.py") if path.parent.name != "command"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = [node for node in tree.body if isinstance(node, ast.Assign) and hasattr(node.targets[0], "id")]
        known = {node.targets[0].id: literals(node.value) for node in constants}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            if getattr(call.func, "id", getattr(call.func, "attr", None)) in names:
                names_in = [n.id for n in ast.walk(call.args[0]) if isinstance(n, ast.Name)]
                found |= {*literals(call.args[0]), *(text for name in names_in for text in known.get(name, ()))}
    return {text for text in found if re.search("[A-Za-z]", text.replace("{}", ""))}


def shown(value: object) -> list:
    """Every text and key in a component's settings."""
    if isinstance(value, dict) and value.get("__type__") == "translation_metadata":
        return [I18nData(value["key"])]
    if isinstance(value, dict):
        return [text for part in value.values() for text in shown(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in shown(part)]
    if isinstance(value, str) and value.startswith("__i18n__"):
        return [I18nData(json.loads(value.removeprefix("__i18n__"))["key"])]
    return [value] if isinstance(value, str | I18nData) else []


def test_what_the_page_says_has_a_twin():
    said = called("demo", {"_", "t", "table", "ImageError", "warning"})
    assert len(said) > 70
    assert not said - i18n.TABLE["page"].keys()


def test_what_the_page_shows_is_made_of_such_texts():
    import app

    for block in app.demo.blocks.values():
        if isinstance(block, gr.Markdown | gr.State) and not isinstance(block.value, I18nData):
            continue  # English by design: the repo's own files, or empty yet
        config = block.get_config()
        names = [choice[0] for choice in config.get("choices") or []]
        for text in shown([names, *(config.get(name) for name in ("label", "info", "placeholder"))]):
            if isinstance(text, I18nData):
                assert text.key in i18n.TABLE["page"], text.key
            elif not getattr(block, "visible", True) or isinstance(block, gr.Dataset):
                continue
            else:
                assert BARE.match(text), text


@pytest.mark.parametrize("sentence", sorted(called("facesketch", RAISED | {"append", "warning"})))
def test_what_the_library_says_has_a_twin(sentence):
    """Filled in as the library would, and told to someone who reads Vietnamese."""
    i18n._asked.set("vi")
    values = [f"W{number}" for number in range(sentence.count("{}"))]
    twin = i18n.translate_message(sentence.format(*values))
    i18n._asked.set("en")
    assert twin != sentence.format(*values)
    assert all(value in twin for value in values), twin


def test_twins_keep_what_varies_and_are_vietnamese():
    for table in ("page", "sentences"):
        for text, twin in i18n.TABLE[table].items():
            assert text.count("{}") == twin.count("{}"), text
            assert twin.strip() and "}" not in text.replace("{}", ""), text


def test_sentences_in_sentences_are_told_too():
    i18n._asked.set("vi")
    told = i18n.translate_message("Pix2Pix is left out: pix2pix: model.safetensors is missing or cannot be read.")
    i18n._asked.set("en")
    assert told == "Pix2Pix bị bỏ qua: pix2pix: model.safetensors bị thiếu hoặc không đọc được."
    assert i18n.translate_message("No face was found.") == "No face was found."
