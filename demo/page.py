"""The page's frame: what comes in is checked, what goes wrong is a sentence, and what is served is bounded."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import gradio as gr

from facesketch import ImageError, NoFaceError, WeightsError
from facesketch.look import ChoiceError

from .door import FULL, NO_ROOM, Door
from .picture import check
from .uploads import KEPT, sweep

EVERY = 600  # seconds between looks for old files
WAITING = 64  # requests in the queue; more are told to try again
SESSIONS = 1000  # visitors whose choices are remembered
NO_FACE = 'Tick "The picture is the face already: use all of it", or set a box around it.'
log = logging.getLogger("facesketch.demo")


def sentence(error: Exception) -> str:
    """What a person is told of an error; an unforeseen one is logged, under an identity that is told."""
    if isinstance(error, NoFaceError):
        return f"{error} {NO_FACE}"
    if isinstance(error, ImageError | WeightsError | ChoiceError):
        return str(error)
    if any(isinstance(cause, OSError) and cause.errno in NO_ROOM for cause in causes(error)):
        return FULL
    identity = secrets.token_hex(4)
    log.error("%s:", identity, exc_info=error)
    return f"Something went wrong with this picture; it is logged as {identity}."


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of: Gradio wraps what happens as an answer is written."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class Page(gr.Blocks):
    """A gr.Blocks that is open to everyone."""

    def __init__(self, **how: Any):
        super().__init__(analytics_enabled=False, delete_cache=(EVERY, KEPT), **how)

    def validate_inputs(self, block_fn, inputs: list) -> None:
        """Called first for every request, of any endpoint. Raises ImageError."""
        super().validate_inputs(block_fn, inputs)
        for block, value in zip(block_fn.inputs, inputs, strict=False):
            check(block, value)

    async def process_api(self, *args: Any, **how: Any) -> dict[str, Any]:
        """Answer a request. Raises gr.Error, always with a sentence."""
        try:
            return await super().process_api(*args, **how)
        except gr.Error:
            raise
        except Exception as error:
            raise gr.Error(sentence(error), print_exception=False) from error

    def launch(self, **how: Any):
        """Serve, with bounds: to the number who wait, to what one sends, and to how long a picture is kept."""
        self.queue(max_size=WAITING, api_open=False, default_concurrency_limit=1)
        bounds = {
            "max_file_size": "50mb",
            "state_session_capacity": SESSIONS,
            "run_history": False,
            "enable_monitoring": False,
            "show_error": False,
            "share": False,
            "ssr_mode": False,
            "app_kwargs": {"middleware": Door.stack(), "lifespan": self._sweeping},
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
        """The files that are never deleted."""
        return {path for block in list(self.blocks.values()) for path in getattr(block, "keep_in_cache", ())}
