"""The page's frame: what comes in is checked, what goes wrong is a sentence, and what is served is bounded."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import secrets
from collections.abc import Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
from gradio_client.utils import is_file_obj, traverse
from starlette.middleware import Middleware

from facesketch import ImageError, NoFaceError, WeightsError
from facesketch.look import ChoiceError

from .card import Card
from .components import check
from .i18n import CHOOSE, I18N, set_language, t, translate_message
from .request_limits import FULL, NO_ROOM, RequestLimitMiddleware
from .uploads import KEPT, sweep

EVERY = 600  # seconds between looks for old files
WAITING = 64  # requests in the queue; more are told to try again
SESSIONS = 1000  # visitors whose choices are remembered
NO_FACE = 'Tick "The picture is the face already: use all of it", or set a box around it.'
UNFORESEEN = "Something went wrong with this picture; it is logged as {}."
HERE = Path(__file__).parent
log = logging.getLogger("facesketch.demo")


def user_message(error: Exception) -> str:
    """What a person is told of an error; an unforeseen one is logged, under an identity that is told."""
    if isinstance(error, NoFaceError):
        return f"{translate_message(str(error))} {t(NO_FACE)}"
    if isinstance(error, ImageError | WeightsError | ChoiceError):
        return translate_message(str(error))
    if any(isinstance(cause, OSError) and cause.errno in NO_ROOM for cause in causes(error)):
        return translate_message(FULL)
    identity = secrets.token_hex(4)
    log.error("%s:", identity, exc_info=error)
    return t(UNFORESEEN, identity)


def theme() -> gr.themes.Base:
    """Fonts that are on every machine, so none is fetched, and words that stand out enough to be read by everyone."""
    soft = gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    label = {"block_label_text_color": "*primary_700", "block_title_text_color": "*primary_700"}
    dark = {f"{name}_dark": "*primary_100" for name in label}
    return soft.set(
        **label,
        **dark,
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        checkbox_label_background_fill_selected="*primary_600",
        checkbox_background_color_selected="*primary_700",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        color_accent="*primary_600",
        body_background_fill="#faf8f4",  # paper
        block_border_width="1px",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_700",
        block_shadow="none",
        checkbox_border_color="*neutral_400",
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of: Gradio wraps what happens as an answer is written."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class Page(gr.Blocks):
    """A gr.Blocks that is open to everyone."""

    def __init__(self, **how: Any):
        super().__init__(delete_cache=(EVERY, KEPT), **how)

    def validate_inputs(self, block_fn, inputs: list) -> None:
        """Called first for every request, of any endpoint. Raises ImageError."""
        inputs += [None] * (len(block_fn.inputs) - len(inputs))
        for at, block in enumerate(block_fn.inputs):
            if inputs[at] is None and not hasattr(block, "admit") and not block.stateful:
                inputs[at] = getattr(block, "value", None)  # what is missing takes its default
        super().validate_inputs(block_fn, inputs)
        for block, value in zip(block_fn.inputs, inputs, strict=False):
            check(block, value)

    async def process_api(self, *args: Any, **how: Any) -> dict[str, Any]:
        """Answer a request. Raises gr.Error, always with a sentence."""
        set_language(how.get("request", args[3] if len(args) > 3 else None))
        try:
            return await super().process_api(*args, **how)
        except gr.Error as error:
            error.message = translate_message(error.message)
            raise
        except Exception as error:
            raise gr.Error(user_message(error), print_exception=False) from error

    def queue(self, **how: Any):
        """As Gradio's, with one place for each visitor's camera: who starts it again gives up the place before."""
        super().queue(**how)
        line = self._queue
        push = line.push

        async def anew(body: Any, **given: Any) -> Any:
            if getattr(self.fns.get(body.fn_index), "connection", "") == "stream":
                for event in line.event_ids_to_events.values():
                    if event.streaming and event.session_hash == body.session_hash:
                        event.closed, event.run_time = True, math.inf  # as where the page says that it has stopped
                        event.signal.set()
            return await push(body=body, **given)

        line.push = anew
        return self

    def launch(self, **how: Any):
        """Serve, with bounds: to the number who wait, to what one sends, and to how long a picture is kept."""
        self.queue(max_size=WAITING, api_open=False)
        bounds = {
            "max_file_size": "50mb",
            "state_session_capacity": SESSIONS,
            "run_history": None if "GRADIO_RUN_HISTORY" in os.environ else False,
            "enable_monitoring": False,
            "show_error": False,
            "ssr_mode": None if "GRADIO_SSR_MODE" in os.environ else False,
            "mcp_server": None if "GRADIO_MCP_SERVER" in os.environ else find_spec("mcp") is not None,
            "pwa": True,
            "i18n": I18N,
            "head": CHOOSE,
            "theme": theme(),
            "css_paths": HERE / "page.css",
            "favicon_path": HERE / "favicon.png",
            "app_kwargs": {
                "middleware": [*RequestLimitMiddleware.stack(), Middleware(Card)],
                "lifespan": self._sweeping,
            },
        }
        return super().launch(**{**bounds, **how})

    @asynccontextmanager
    async def _sweeping(self, _app):
        """While the page is served, delete old files now and then."""

        async def on() -> None:
            while True:
                await asyncio.to_thread(sweep, self._kept())
                await asyncio.sleep(EVERY)

        task = asyncio.create_task(on())
        yield
        task.cancel()

    def _kept(self) -> set[str]:
        """The files that are never deleted: those that the page itself names, as it is before anyone does anything."""
        found = []
        traverse(self.config, lambda file: found.append(file["path"]), is_file_obj)
        return set(found)
