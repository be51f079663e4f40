"""The decorator around every handler, and how handlers are attached to the page's events and offered to programs."""

from __future__ import annotations

import functools
import inspect
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import gradio as gr
from gradio.events import Dependency

from facesketch import DrawOptions, FacesketchError, Message, NoFaceError
from facesketch.options import SPECS

from . import i18n
from .components import DEFAULTS
from .i18n import UserError, t, translate
from .request_limits import DISK_FULL

DRAW_QUEUE = "draw"  # one drawing at a time, whichever event asks for it
log = logging.getLogger("facesketch.demo")


class ActiveCount:
    """How many calls are inside with blocks now."""

    def __init__(self) -> None:
        self.value, self._lock = 0, Lock()

    @contextmanager
    def count(self) -> Iterator[None]:
        """Count one call while it runs."""
        with self._lock:
            self.value += 1
        try:
            yield
        finally:
            with self._lock:
                self.value -= 1


active_drawings = ActiveCount()  # of visitors who wait for a drawing; the live tab slows down for them


def handler(fn: Callable[..., Any], options: Sequence[str] = (), queue: str | None = None) -> Callable[..., Any]:
    """fn as Gradio calls it: in the language of the request, with one clear sentence for every error.

    A parameter of fn named options gets a DrawOptions and becomes one parameter for each of these field names. A null
    argument is replaced by its default. fn may also have a parameter named request. Calls in DRAW_QUEUE are counted in
    active_drawings while they run.
    """
    parameters = _public_parameters(fn, options)
    counted = active_drawings if queue == DRAW_QUEUE else ActiveCount()
    wants_request, wants_options = (name in inspect.signature(fn).parameters for name in ("request", "options"))

    def arguments(request: gr.Request, values: tuple[Any, ...]) -> dict[str, Any]:
        given = {}
        for (name, parameter), value in zip(parameters.items(), values, strict=False):
            if isinstance(value, UserError):  # from a component's preprocess
                raise value
            is_default = value is None and parameter.default is not parameter.empty
            given[name] = parameter.default if is_default else value
        if wants_options:
            given["options"] = DrawOptions(**{name: parsed_option(name, given.pop(name)) for name in options})
        return {**given, "request": request} if wants_request else given

    @contextmanager
    def answering(request: gr.Request) -> Iterator[None]:
        with i18n.use(language_of(request)), counted.count():
            try:
                yield
            except gr.Error:
                raise
            except Exception as error:
                raise gr.Error(user_message(error), print_exception=False) from error

    def call(request: gr.Request, *values: Any) -> Any:
        with answering(request):
            return fn(**arguments(request, values))

    def generate(request: gr.Request, *values: Any) -> Iterator[Any]:
        with answering(request):
            results = fn(**arguments(request, values))
        while True:  # Gradio may resume a generator in another context, so each step sets the language again
            with answering(request):
                try:
                    result = next(results)
                except StopIteration:
                    return
            yield result

    wrapper: Any = generate if inspect.isgeneratorfunction(fn) else call
    functools.update_wrapper(wrapper, fn)
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    wrapper.__signature__ = inspect.Signature([request, *parameters.values()])
    hints = {name: hint for name, hint in fn.__annotations__.items() if name in parameters}
    wrapper.__annotations__ = {**hints, "request": gr.Request}
    return wrapper


def parsed_option(name: str, value: Any) -> Any:
    """An option's value from a request: programs send widths as text, since the API's schema lists them as text."""
    return SPECS[name].parse(value) if isinstance(value, str) else value


def _public_parameters(fn: Callable[..., Any], options: Sequence[str]) -> dict[str, inspect.Parameter]:
    """fn's parameters as Gradio and the API documentation see them."""
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found: dict[str, inspect.Parameter] = {}
    for name, parameter in inspect.signature(fn).parameters.items():
        if name == "options":
            found |= {each: inspect.Parameter(each, positional, default=DEFAULTS[each]) for each in options}
        elif name != "request":
            found[name] = parameter.replace(kind=positional)
    return found


def on(
    triggers: Sequence[Callable[..., Any]] | Dependency | None,
    fn: Callable[..., Any],
    inputs: Any = None,
    outputs: Any = None,
    options: Sequence[str] = (),
    queue: str | None = DRAW_QUEUE,
    **settings: Any,
) -> Any:
    """Run fn on the page's own events; None: when the page loads; what on() returned: after that event succeeded."""
    settings = {**event_settings(queue), "show_progress": "hidden", **settings}
    attach = triggers.success if isinstance(triggers, Dependency) else functools.partial(gr.on, triggers)
    return attach(handler(fn, options, queue), inputs, outputs, **settings)


def event_settings(queue: str | None = DRAW_QUEUE) -> dict[str, Any]:
    """What all events of the page have in common."""
    return {"api_visibility": "private", "concurrency_id": queue} if queue else {"api_visibility": "private"}


def endpoint(
    fn: Callable[..., Any],
    inputs: Sequence[gr.components.Component],
    outputs: Any,
    name: str,
    options: Sequence[str] = (),
    queue: str = DRAW_QUEUE,
    **settings: Any,
) -> None:
    """Offer fn to programs under a name; once, not in every language."""
    if i18n.current() != i18n.DEFAULT:
        return
    with gr.Row(visible=False):
        click = gr.Button().click
        click(handler(fn, options, queue), list(inputs), outputs, api_name=name, concurrency_id=queue, **settings)


def language_of(request: gr.Request | None) -> str:
    """The language of the page that a request comes from."""
    if request is None or request.request is None:
        return i18n.DEFAULT
    return i18n.requested_language(request.query_params, request.headers)


def user_message(error: Exception) -> str:
    """The sentence that a visitor reads about an error; an unexpected one is logged under the ID in it."""
    if isinstance(error, NoFaceError):
        return f"{translate(error.message)} {t('error.no_face.hint')}"
    if isinstance(error, FacesketchError | UserError):
        return translate(error.message)
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return t("error.disk_full")
    error_id = secrets.token_hex(4)
    log.error("%s:", error_id, exc_info=error)
    return t("error.unexpected", id=error_id)


def show_warnings(messages: Iterable[Message]) -> None:
    """Show each warning of a drawing once."""
    for text in dict.fromkeys(map(translate, messages)):
        gr.Warning(text)


def show_info(text: str) -> None:
    """Show a note for some seconds."""
    gr.Info(text)
