"""The photo that stays with a visitor from tab to tab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from .handlers import event_settings


@dataclass(frozen=True)
class SharedPhoto:
    """The photo as one tab sees it.

    path: of the photo's uploaded file, or None. opened: the event after which the tab is shown. opened_around: the same
    of the tab around it, if it is inside another one.
    """

    path: gr.State
    opened: Callable[..., Any]
    opened_around: Callable[..., Any] | None = None

    def follow(self, picture: gr.Image) -> None:
        """Share the photo that is chosen in an input, and show the shared one in it when the tab is opened.

        Nothing happens in a tab before it is opened; one inside another tab is opened when it is chosen there.
        """
        settings: dict[str, Any] = {**event_settings(None), "concurrency_limit": None, "show_progress": "hidden"}
        gr.on(picture.change, share, picture, self.path, **settings)
        self.opened(show, [picture, self.path], picture, **settings)
        if self.opened_around:
            self.opened_around(show_again, [picture, self.path], picture, **settings)


def share(picture: Any) -> Any:
    """The path of a picture that was uploaded; what is refused, and no picture, leave the shared one."""
    return picture if isinstance(picture, str) else gr.skip()


def show(picture: Any, path: str | None) -> Any:
    """The shared photo, unless it is shown already, or deleted."""
    return path if path and path != picture and Path(path).is_file() else gr.skip()


def show_again(picture: Any, path: str | None) -> Any:
    """The same where another photo was shown before."""
    return show(picture, path) if picture else gr.skip()
