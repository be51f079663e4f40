"""Parts of the page that Gradio has no component for: each is a gr.HTML with a template here and a script in scripts/.

A script is the body of a function; Gradio runs it when the part is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import gradio as gr

from facesketch.strokes.styles import Color

from .i18n import LANGUAGES, current, t

SCRIPTS = Path(__file__).with_name("scripts")
STAGE = """<div class="stage $layout" data-state="finished">
<img class="drawing" alt="$drawing"><img class="photo" alt="$photo"><canvas class="strokes" aria-hidden="true"></canvas>
<input class="range" type="range" value="0" aria-label="$compare"><span class="handle"></span>
<button type="button" class="skip" data-action="skip">$skip</button><div class="tools">$tools</div></div>"""
TOOL = """<button type="button" class="$name" data-action="$name" title="$text" aria-label="$text">
<svg viewBox="0 0 24 24"><path d="$icon"/></svg></button>"""
DROP = """<button type="button" class="drop" data-uploading="$uploading" data-failed="$failed"><b>$title</b>
<span>$hint</span><small role="status"></small></button>
<input type="file" accept="image/*,.heic,.heif,.avif" multiple hidden aria-label="$title">"""
CHOICE = """<div class="choice" role="group" aria-label="$title">{{#each value}}
<button type="button" data-value="{{this.value}}" aria-pressed="{{this.chosen}}">{{#if this.url}}<img src="{{this.url}}"
alt="">{{else}}<i></i>{{/if}}<span>{{this.text}}</span></button>{{/each}}</div>"""
TOOLS = {  # icon as an SVG path
    "again": "M4 12a8 8 0 1 1 2.5 5.8M4 19v-5h5",
    "full": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "share": "M12 15V3M7 8l5-5 5 5M5 13v8h14v-8",
}


@dataclass(frozen=True)
class Scene:
    """What a stage shows. drawing, photo, replay: paths of files, replay that of replay_data as JSON, or empty.

    width, height: of the drawing in pixels. paper: its color. seconds: of the replay. clear: the paper is transparent.
    """

    drawing: str
    photo: str
    width: int
    height: int
    paper: Color
    replay: str = ""
    seconds: float = 4.0
    clear: bool = False

    def value(self) -> dict[str, Any]:
        """The value of a stage."""
        urls = {name: file_url(getattr(self, name)) for name in ("drawing", "photo", "replay")}
        return {**asdict(self), **urls}


@dataclass(frozen=True)
class Option:
    """A picture that can be chosen. value: what it stands for. path: of its file; empty until there is one."""

    value: str
    text: str
    path: str = ""
    chosen: bool = False


def file_url(path: str) -> str:
    """The address of a file that the page may show, relative to the page."""
    return f"gradio_api/file={quote(path)}" if path else ""


def options_value(options: Iterable[Option]) -> list[dict[str, Any]]:
    """The value of a choice of pictures."""
    return [
        {"value": o.value, "text": o.text, "url": file_url(o.path), "chosen": str(o.chosen).lower()} for o in options
    ]


def stage(scene: Scene | None = None, tools: Iterable[str] = TOOLS, beside: bool = False, **settings: Any) -> gr.HTML:
    """A drawing that is replayed and then compared with its photo by a slider, or shown beside it."""
    words = {name: t(f"stage.{name}") for name in ("drawing", "photo", "compare", "skip")}
    buttons = "".join(filled(TOOL, name=name, text=t(f"stage.{name}"), icon=TOOLS[name]) for name in tools)
    template = filled(STAGE, layout="beside" if beside else "").replace("$tools", buttons)
    return html(template, "stage", scene.value() if scene else None, words, **settings)


def photo_drop(title: str, **settings: Any) -> gr.HTML:
    """A place to drop, paste or choose a photo; title is the code of its text. Its event is upload."""
    words = {name: t(f"drop.{name}") for name in ("hint", "uploading", "failed")}
    return html(DROP, "drop", None, {"title": t(title), **words}, **settings)


def picture_choice(title: str, options: Iterable[Option] = (), **settings: Any) -> gr.HTML:
    """Pictures of which one can be chosen; title is the code of its text. Its event is select."""
    return html(CHOICE, "choice", options_value(options), {"title": t(title)}, **settings)


def language_links() -> gr.HTML:
    """Links to the page in every language."""
    links = (
        f'<a href="?lang={code}" lang="{code}" aria-current="{str(code == current()).lower()}">'
        f"{texts['language.name']}</a>"
        for code, texts in LANGUAGES.items()
    )
    return html(f"<nav>{' '.join(links)}</nav>", "languages", None, {}, elem_id="languages")


def html(template: str, script: str, value: Any, words: Mapping[str, str], **settings: Any) -> gr.HTML:
    """A gr.HTML with words in the template and a script from scripts/."""
    code = (SCRIPTS / f"{script}.js").read_text("utf-8")
    template = filled(template, **words)
    return gr.HTML(value, html_template=template, js_on_load=code, apply_default_css=False, **settings)


def filled(template: str, **words: str) -> str:
    """The template with words for its $names. They are not props of gr.HTML, which loses them with the first update."""
    return Template(template).safe_substitute({name: escape(text, quote=True) for name, text in words.items()})
