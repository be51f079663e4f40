"""The page's head, and addresses that open a tab with its choices made: ?tab=live&model=pix2pix&lang=vi."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from .controls import QUIET
from .i18n import _, translate_message
from .models import Models

HEAD = "Someone you like, in pencil: choose a photo, and it is drawn at once."
TONGUES = "[English](?lang=en) · [Tiếng Việt](?lang=vi)"
PRIVACY = """A drawing is no evidence of anyone's identity. Pictures are sent to the server that draws them, are given \
to nobody else, and are deleted from it about an hour later."""


def head() -> None:
    """What stands over the tabs: few words, so that the drawing is in sight."""
    with gr.Row(elem_id="head"):
        gr.Markdown("# facesketch")
        gr.Markdown(_(HEAD))
        gr.Markdown(TONGUES)


def model_notices(page: gr.Blocks, models: Models) -> None:
    """What is amiss with the models, and what comes from the Hub."""

    def amiss() -> str:
        return "\n\n".join(f"⚠ {translate_message(problem)}" for problem in models.problems)

    def fetched() -> Iterator[str]:
        for lines in models.hub.told():
            yield "\n".join(f"- {translate_message(line.removeprefix('- '))}" for line in lines.splitlines())

    for known, tell in ((models.problems, amiss), (models.hub.notes, fetched)):
        if known:
            page.load(tell, None, gr.Markdown(), **QUIET, concurrency_limit=None)


def restore_from_url(page: gr.Blocks, tabs: gr.Tabs, choices: dict[str, dict[str, gr.components.Component]]) -> None:
    """Open what an address names; choices: tab -> name -> the radio that holds the choice. Anything else is ignored."""
    radios = [radio for named in choices.values() for radio in named.values()]

    def opened(request: gr.Request) -> list:
        asked = dict(request.query_params)
        key = asked.get("tab", "sketch")
        answers = [gr.Tabs(selected=key) if key in choices else gr.skip()]
        for tab, named in choices.items():
            for name, radio in named.items():
                known = [value for _, value in radio.choices]
                answers.append(asked[name] if tab == key and asked.get(name) in known else gr.skip())
        return answers

    page.load(opened, None, [tabs, *radios], **QUIET, concurrency_limit=None)
    gr.Markdown(_(PRIVACY))
