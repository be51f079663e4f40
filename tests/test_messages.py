"""Messages and errors: a code with parameters for each sentence, and none of them unused."""

import ast
import copy
import pickle
import string
from pathlib import Path

import pytest

import facesketch
from facesketch import errors
from facesketch.errors import FacesketchError
from facesketch.messages import MESSAGES, Message

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "facesketch"
ERRORS = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, FacesketchError)]
MAKERS = {"Message", *(error.__name__ for error in ERRORS)}


def calls() -> list[tuple[str, str | None, set[str] | None]]:
    """Where, the literal code and the names of the literal parameters of each Message or error that is made."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in MAKERS:
                continue
            if not node.args:
                continue
            where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            for code in literals(node.args[0]):
                found.append((where, code, params(node)))
    return found


def literals(node: ast.expr) -> list[str]:
    """The strings that an expression may be: a literal, or a choice between literals."""
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def params(call: ast.Call) -> set[str] | None:
    """The names of a call's parameters; None where they are not literal."""
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    if len(call.args) > 1:
        given = call.args[1]
        if not isinstance(given, ast.Dict) or any(not isinstance(key, ast.Constant) for key in given.keys):
            return None
        return {key.value for key in given.keys}
    return {keyword.arg for keyword in call.keywords}


def placeholders(code: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(MESSAGES[code]) if name is not None}


def strings_in_use() -> set[str]:
    """All string literals of the library and the demo but those of messages.py."""
    return {
        node.value
        for folder in (PACKAGE, ROOT / "demo")
        for path in folder.rglob("*.py")
        if path.name != "messages.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_the_search_finds_calls():
    assert len(calls()) > 40 and {code.partition(".")[0] for _, code, _ in calls()} >= {"image", "face", "option"}


def test_every_code_in_the_source_has_a_sentence():
    assert [call for call in calls() if call[1] not in MESSAGES] == []


def test_every_sentence_is_used():
    """As a literal, or for hub.reason.* as the last part."""
    used = strings_in_use()
    unused = {code for code in MESSAGES if code not in used}
    assert {code for code in unused if not code.startswith("hub.reason.")} == set()
    assert {code for code in unused if code.rpartition(".")[2] not in used} == set()


def test_literal_parameters_are_the_placeholders():
    wrong = [
        (where, code, given, placeholders(code))
        for where, code, given in calls()
        if given is not None and given != placeholders(code)
    ]
    assert wrong == []


@pytest.mark.parametrize("code", MESSAGES)
def test_sentences_can_be_formatted(code):
    message = Message(code, dict.fromkeys(placeholders(code), "X"))
    text = str(message)
    assert text and "\n" not in text and "{" not in text
    assert text.endswith((".", "X")) or code.startswith("hub.reason.")
    assert all(name.isidentifier() for name in placeholders(code))


def test_parameter_may_be_a_message():
    reason = Message("hub.reason.deadline", {"seconds": 3})
    message = Message("hub.fetch_failed", {"repo": "user/name", "reason": reason})
    assert str(message) == "user/name could not be fetched from the Hub: it did not arrive within 3 s."


def test_messages_can_be_compared_and_kept_in_a_dict():
    first, second = (Message("face.too_small", {"width": width, "minimum": 24}) for width in (12, 13))
    assert first == Message("face.too_small", {"width": 12, "minimum": 24}) != second
    assert list(dict.fromkeys([first, second, first])) == [first, second]


@pytest.mark.parametrize("error", ERRORS)
def test_errors_survive_pickling_and_copying(error):
    """As where a data loader's worker raises them."""
    reason = Message("hub.reason.deadline", {"seconds": "3"})
    raised = error("hub.fetch_failed", repo="user/name", reason=reason)
    for again in (pickle.loads(pickle.dumps(raised)), copy.copy(raised), copy.deepcopy(raised)):
        assert type(again) is error and str(again) == str(raised)
        assert again.message == raised.message and again.message.params == {"repo": "user/name", "reason": reason}


def test_errors_are_value_errors_with_a_sentence():
    error = facesketch.NoFaceError("face.too_small", width=12, minimum=24)
    assert isinstance(error, ValueError) and str(error) == str(error.message)
    assert str(error) == "The face is only 12 pixels wide; it needs at least 24."
    assert issubclass(facesketch.ModelNotFoundError, facesketch.WeightsError)
    assert {error.__name__ for error in ERRORS} <= set(facesketch.__all__)
