"""The page in two languages: English, which the code and the library speak, and the twin of every text in vi.json.

vi.json holds three tables: page, the texts of this folder; sentences, what the library says, with {} for what varies;
gradio, the component's own words, under Gradio's keys, as Gradio has no Vietnamese.
"""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

TABLE = json.loads((Path(__file__).parent / "vi.json").read_text("utf-8"))
I18N = gr.I18n(en={text: text for text in TABLE["page"]}, vi={**TABLE["gradio"], **TABLE["page"]})
# Gradio chooses among its own languages alone, so the page asks it for Vietnamese before anything is drawn.
# ?lang= goes before the browser's.
CHOOSE = """<script>
  const asked = new URLSearchParams(location.search).get("lang") || navigator.language;
  const files = performance.getEntriesByType("resource").map((entry) => entry.name);
  const core = files.find((name) => /\\/assets\\/core-[^/]+\\.js$/.test(name));
  if (asked.startsWith("vi")) import(core).then((gradio) => gradio.changeLocale("vi"));
</script>"""
_asked: ContextVar[str] = ContextVar("language", default="en")


def _(text: str) -> I18nData:
    """A text of the page itself, which the browser shows in its language."""
    return I18N(text)


def t(text: str, *values: object) -> str:
    """A text in the language of the request that is answered, with values in the place of each {}."""
    return (TABLE["page"].get(text, text) if _asked.get() == "vi" else text).format(*values)


def translate_message(sentence: str) -> str:
    """A sentence of the library's in the language of the request; one that is not in the table stays English."""
    if _asked.get() != "vi":
        return sentence
    for pattern, twin in _patterns():
        if found := pattern.fullmatch(sentence):
            return twin.format(*map(translate_message, found.groups()))
    return sentence


@cache
def _patterns() -> list[tuple[re.Pattern, str]]:
    """What each template of the library's matches, the longest first, and its twin.

    What varies holds no colon but at the end, where it may be a sentence itself.
    """
    known = {**TABLE["page"], **TABLE["sentences"]}
    patterns = []
    for template in sorted(known, key=lambda text: -len(text.replace("{}", ""))):
        parts = r"((?:(?!: ).)+?)".join(map(re.escape, template.split("{}")))
        whole = parts.removesuffix(r"((?:(?!: ).)+?)") + "(.+)" if template.endswith("{}") else parts
        patterns.append((re.compile(whole, re.DOTALL), known[template]))
    return patterns


def set_language(request: object) -> None:
    """Take the language of a request: that of its page's address, else of its browser. None is English."""
    asked = ""
    if isinstance(request, gr.Request) and request.request is not None:
        asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    _asked.set("vi" if asked.lower().startswith("vi") else "en")


def language() -> str:
    """The language of the request that is answered."""
    return _asked.get()
