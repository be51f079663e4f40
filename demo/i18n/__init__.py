"""The page's texts: one JSON file for each language, code -> text with {named} placeholders.

A language is added by adding its file. The library's messages have codes too; their English is in facesketch.messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from facesketch.messages import MESSAGES, Message

DEFAULT = "en"
LANGUAGES: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("*.json"))
}
_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


class UserError(Exception):
    """Something that a visitor can fix; its text is looked up by code."""

    def __init__(self, code: str, **params: object):
        super().__init__(code)
        self.message = Message(code, params)

    def __str__(self) -> str:
        return translate(self.message)


def current() -> str:
    """The code of the language in use."""
    return _current.get()


@contextmanager
def use(language: str) -> Iterator[None]:
    """Texts are in this language inside the with block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def t(code: str, **params: object) -> str:
    """The text of a code in the language in use, or in English if the language lacks it."""
    texts = (LANGUAGES[current()], LANGUAGES[DEFAULT], MESSAGES)
    template = next(found[code] for found in texts if code in found)
    return template.format(
        **{name: translate(value) if isinstance(value, Message) else value for name, value in params.items()}
    )


def translate(message: Message) -> str:
    """A message in the language in use."""
    return t(message.code, **message.params)


def requested_language(query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """The language that a request asks for: ?lang= of its URL, or its browser's first, or English."""
    wanted = query.get("lang") or headers.get("accept-language") or DEFAULT
    language = re.split(r"[-_,;]", wanted.strip().lower())[0]
    return language if language in LANGUAGES else DEFAULT
