"""How the models were trained, tables and curves, limits and license: from the repo's own files."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr

from ..components import gallery
from ..i18n import t
from ..model_catalog import ModelCatalog
from ..shared_photo import SharedPhoto

ROOT = Path(__file__).parents[2]
PICTURE = re.compile(r"^!\[(.+?)\]\((.+?)\)$", re.MULTILINE)
SECTIONS = {  # heading in README.md -> code of the text
    "Results": "results.results",
    "How it works": "results.method",
    "Limits": "results.limits",
    "License": "results.license",
}


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. No URL parameters."""
    gr.Markdown(t("results.source"))
    for heading, code in SECTIONS.items():
        if text := section(heading):
            with gr.Accordion(t(code), open=heading == "Results"):
                gr.Markdown(text)
    folder = ROOT / "docs" / "results"
    report = (folder / "README.md").read_text("utf-8") if folder.is_dir() else ""
    with gr.Accordion(t("results.training"), open=False):
        gr.Markdown(PICTURE.sub("", report.partition("\n")[2]))
    paths = [folder / name for _, name in PICTURE.findall(report)]
    curves = [path for path in paths if path.stem.endswith("curves") and path.is_file()]
    gr.set_static_paths(curves)
    shown = [(str(path), path.relative_to(folder).with_suffix("").as_posix().removeprefix("runs/")) for path in curves]
    gallery("results.curves", 3, "curves", value=shown, visible=bool(shown))
    return {}


def section(heading: str) -> str:
    """The text of README.md under a heading, without links to files and pictures; empty if there is none."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.sub(r"\[(.+?)\]\((?!http)[^)]*\)", r"\1", PICTURE.sub("", found[1] if found else ""))
