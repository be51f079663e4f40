"""Parts of the page that Gradio has no component for: each is a gr.HTML with a template here and a script in scripts/.

A script is the body of a function; Gradio runs it when the part is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from facesketch.strokes.styles import Color

from .i18n import LANGUAGES, t

SCRIPTS = Path(__file__).with_name("scripts")
STAGE = """<div class="stage{{#if beside}} beside{{/if}}" data-state="finished">
<img class="drawing" alt="{{words.drawing}}"><img class="photo" alt="{{words.photo}}">
<canvas class="strokes" aria-hidden="true"></canvas>
<input class="range" type="range" value="0" aria-label="{{words.compare}}"><span class="handle"></span>
<button type="button" class="skip" data-action="skip">{{words.skip}}</button>
<div class="tools">{{#each tools}}<button type="button" class="{{@key}}" data-action="{{@key}}" title="{{this.text}}"
aria-label="{{this.text}}">{{this.icon}}</button>{{/each}}</div></div>"""
DROP = """<button type="button" class="drop"><b>{{words.title}}</b><span>{{words.hint}}</span>
<small role="status"></small></button>
<input type="file" accept="image/*,.heic,.heif,.avif" multiple hidden aria-label="{{words.title}}">"""
CHOICE = """<div class="choice" role="group" aria-label="{{words.title}}">{{#each value}}
<button type="button" data-value="{{this.value}}" aria-pressed="{{this.chosen}}">{{#if this.url}}<img src="{{this.url}}"
alt="">{{else}}<i></i>{{/if}}<span>{{this.text}}</span></button>{{/each}}</div>"""
TOOLS = {"again": "↻", "full": "⛶", "copy": "⧉", "share": "⇪"}


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
    buttons = {name: {"icon": TOOLS[name], "text": t(f"stage.{name}")} for name in tools}
    value = scene.value() if scene else None
    return html(STAGE, "stage", value, words, tools=buttons, beside=beside, **settings)


def photo_drop(title: str, **settings: Any) -> gr.HTML:
    """A place to drop, paste or choose a photo; title is the code of its text. Its event is upload."""
    words = {"title": t(title), "hint": t("drop.hint")}
    messages = {"uploading": t("drop.uploading"), "failed": t("drop.failed")}
    return html(DROP, "drop", None, words, **messages, **settings)


def picture_choice(title: str, options: Iterable[Option] = (), **settings: Any) -> gr.HTML:
    """Pictures of which one can be chosen; title is the code of its text. Its event is select."""
    return html(CHOICE, "choice", options_value(options), {"title": t(title)}, **settings)


def language_links() -> gr.HTML:
    """Links to the page in every language."""
    links = (f'<a href="?lang={code}" lang="{code}">{texts["language.name"]}</a>' for code, texts in LANGUAGES.items())
    return html(f"<nav>{' '.join(links)}</nav>", "languages", None, {}, elem_id="languages")


def html(template: str, script: str, value: Any, words: Mapping[str, str], **settings: Any) -> gr.HTML:
    """A gr.HTML with a script from scripts/."""
    code = (SCRIPTS / f"{script}.js").read_text("utf-8")
    return gr.HTML(value, html_template=template, js_on_load=code, apply_default_css=False, words=words, **settings)
