"""The tab of results: how the models were trained, tables and curves, limits and licence, from the repo's own files."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr

from .controls import gallery
from .i18n import _
from .models import Models

ROOT = Path(__file__).parents[1]
PICTURE = re.compile(r"^!\[(.+?)\]\((.+?)\)$", re.MULTILINE)
SECTIONS = ("Results", "How a photo becomes a drawing", "Limits", "Licence")  # of README.md


def tab(models: Models) -> None:
    """Results."""
    gr.Markdown(_("From the project's own files, which are in English."))
    for heading in SECTIONS:
        with gr.Accordion(_(heading), open=heading == "Results"):
            gr.Markdown(section(heading))
    folder = ROOT / "docs" / "results"
    told = (folder / "README.md").read_text("utf-8") if folder.is_dir() else ""
    with gr.Accordion(_("How the models were trained"), open=False):
        gr.Markdown(PICTURE.sub("", told.partition("\n")[2]))
    pictures = [(str(folder / name), Path(name).stem) for _, name in PICTURE.findall(told) if (folder / name).is_file()]
    curves = [(path, name) for path, name in pictures if name.endswith("curves")]
    gallery("Curves of the trainings", 3, "curves", value=curves, visible=bool(curves))


def section(heading: str) -> str:
    """What README.md says under a heading, links to files and pictures left out."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.sub(r"\[(.+?)\]\((?!http)[^)]*\)", r"\1", PICTURE.sub("", found[1] if found else ""))
