"""The page in every language: what is on it besides the tabs, its theme, and how it is served."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import Headers, QueryParams
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from . import i18n
from .handlers import event_settings, handler
from .html_parts import language_links
from .i18n import t, translate
from .model_catalog import ModelCatalog
from .request_limits import RequestLimitMiddleware
from .shared_photo import SharedPhoto
from .startup import loopback_without_proxies
from .uploads import MAX_AGE, PICTURES, sweep

SWEEP_EVERY = 600  # seconds
MAX_WAITING = 64  # requests in the queue; more get HTTP status 503
MAX_SESSIONS = 500  # visitors whose state is remembered, of about half a MiB each
MORE = "more"  # the tab around the inner ones
HERE = Path(__file__).parent
CARD = HERE / "card.jpg"
gr.set_static_paths([PICTURES, CARD])


class Page(gr.Blocks):
    """A gr.Blocks that is always served with limits."""

    def __init__(self, **settings: Any):
        super().__init__(delete_cache=(SWEEP_EVERY, MAX_AGE), **settings)

    def launch(self, **settings: Any) -> Any:  # type: ignore[override]
        """Serve the page, with limits on the queue, on requests and on how long files are kept."""
        own = {"state_session_capacity": MAX_SESSIONS, "favicon_path": HERE / "favicon.png"}
        with loopback_without_proxies():
            return super().launch(**{**self._settings(), **own, **settings})

    def mount(self, app: FastAPI, path: str, **settings: Any) -> FastAPI:
        """Serve the page in another app, at a path such as "/sketch", as launch serves it. Returns the app.

        settings: of gr.mount_gradio_app.
        """
        self.state_session_capacity = MAX_SESSIONS
        return gr.mount_gradio_app(app, self, path, **{**self._settings(), **settings})

    def _settings(self) -> dict[str, Any]:
        """How the page is served, wherever it is."""
        self.queue(max_size=MAX_WAITING, api_open=False)
        endpoints = {
            name.removeprefix("/"): [parameter["parameter_name"] for parameter in info["parameters"]]
            for name, info in self.get_api_info()["named_endpoints"].items()
        }
        functions = self.get_config_file()["dependencies"]
        counts = {each["id"]: len(each["inputs"]) for each in functions if each["backend_fn"]}
        limits = Middleware(RequestLimitMiddleware, endpoints=endpoints, input_counts=counts)
        return {
            "max_file_size": "50mb",
            "run_history": None if "GRADIO_RUN_HISTORY" in os.environ else False,
            "enable_monitoring": False,
            "show_error": False,
            "ssr_mode": None if "GRADIO_SSR_MODE" in os.environ else False,
            "mcp_server": None if "GRADIO_MCP_SERVER" in os.environ else find_spec("mcp") is not None,
            "pwa": True,
            "i18n": gr.I18n(**{code: gradio_texts(texts) for code, texts in i18n.LANGUAGES.items()}),
            "head": head(),
            "theme": theme(),
            "css_paths": HERE / "page.css",
            "app_kwargs": {"middleware": [limits, Middleware(LanguageRedirect)], "lifespan": sweeping},
        }


@asynccontextmanager
async def sweeping(_app: Any) -> AsyncIterator[None]:
    """Delete old files now and then while the page is served."""

    async def sweep_forever() -> None:
        while True:
            await asyncio.to_thread(sweep)
            await asyncio.sleep(SWEEP_EVERY)

    task = asyncio.create_task(sweep_forever())
    yield
    task.cancel()


class LanguageRedirect:
    """Middleware: redirects visitors to the page in their language; each language has a page, English at /."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect a request for the page in another language than the visitor's; pass on all else."""
        root = scope.get("root_path", "")
        page = scope["path"].removeprefix(root).strip("/") if scope["type"] == "http" else None
        if page == "" or page in i18n.LANGUAGES:
            query = scope["query_string"]
            language = i18n.requested_language(QueryParams(query), Headers(scope=scope))
            if language != (page or i18n.DEFAULT):
                url = f"{root}/{language if language != i18n.DEFAULT else ''}"
                response = RedirectResponse(f"{url}?{query.decode('latin-1')}" if query else url)
                response.headers["Vary"] = "Accept-Language"
                return await response(scope, receive, send)
        await self.app(scope, receive, send)


def gradio_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """A language's words for what Gradio says itself, by Gradio's keys; it goes by the browser's language alone."""
    prefix = "gradio."
    return {code.removeprefix(prefix): text for code, text in texts.items() if code.startswith(prefix)}


def head() -> str:
    """Meta tags for search engines and link previews that run scripts; Gradio adds them in the browser.

    A reader that runs none sees Gradio's own tags, which cannot be changed; a Space's preview comes from README.md.
    """
    title, description = t("page.title"), t("page.description")
    return f"""<meta name="description" content="{description}" />
<meta property="og:title" content="{title}" /><meta property="og:description" content="{description}" />
<meta property="og:type" content="website" /><meta property="og:image" content="gradio_api/file={CARD}" />"""


def theme() -> gr.themes.Base:
    """Fonts that every machine has, so that none is fetched, and enough contrast for everyone."""
    soft = gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    label = {"block_label_text_color": "*neutral_700", "block_title_text_color": "*neutral_800"}
    dark = {f"{name}_dark": "*neutral_100" for name in label}
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
        block_title_background_fill="transparent",
        block_title_background_fill_dark="transparent",
        block_title_padding="0",
        block_title_text_weight="600",
        block_label_text_weight="600",
        checkbox_border_color="*neutral_400",
    )


# Builds a tab; returns the radios that URL parameters can set
Tab = Callable[[ModelCatalog, SharedPhoto], Mapping[str, gr.Radio]]


def build(models: ModelCatalog, tabs: Mapping[str, Tab], inner: Sequence[str] = ()) -> Page:
    """The page in every language. inner: the names of the tabs that are inside the last one."""
    page = Page(title=t("page.title"))
    with page:
        build_language(page, models, tabs, inner)
    for language in i18n.LANGUAGES:
        if language != i18n.DEFAULT:
            with i18n.use(language), page.route(t("language.name"), language, show_in_navbar=False):
                build_language(page, models, tabs, inner)
    return page


def build_language(page: Page, models: ModelCatalog, tabs: Mapping[str, Tab], inner: Sequence[str]) -> None:
    """The page in the language in use."""
    page.load(None, js=page_settings(), api_visibility="private")
    with gr.Row(elem_id="head"):
        gr.Markdown(f"# {t('page.title')}")
        language_links()
    model_notices(page, models)
    if models.names:
        build_tabs(page, models, tabs, inner)
    gr.Markdown(t("page.privacy"))


def build_tabs(page: Page, models: ModelCatalog, tabs: Mapping[str, Tab], inner: Sequence[str]) -> None:
    """The tabs, which share one photo, and those inside the last one."""
    path, choices = gr.State(), {}
    with gr.Tabs(selected=None, overflow_behavior="wrap") as selector:
        for name, build_tab in tabs.items():
            if name not in inner:
                with gr.Tab(t(f"{name}.tab"), id=name) as tab:
                    choices[name] = build_tab(models, SharedPhoto(path, tab.select))
        with (
            gr.Tab(t("more.tab"), id=MORE, visible=bool(inner)) as more,
            gr.Tabs(selected=None, overflow_behavior="wrap") as inner_selector,
        ):
            for name in inner:
                with gr.Tab(t(f"{name}.tab"), id=name) as tab:
                    choices[name] = tabs[name](models, SharedPhoto(path, tab.select, more.select))
    restore_from_url(page, selector, inner_selector, choices, inner)


def page_settings() -> str:
    """JavaScript that names the page's language, and gives page.css texts that Gradio has in English alone."""
    codes = ("live.camera.start", "toast.error", "toast.warning", "toast.info")
    texts = {f"--{code.replace('.', '-')}": json.dumps(t(code), ensure_ascii=False) for code in codes}  # CSS strings
    return f"""() => {{
        document.documentElement.lang = "{i18n.current()}";
        for (const [name, text] of Object.entries({json.dumps(texts, ensure_ascii=False)}))
            document.documentElement.style.setProperty(name, text);
    }}"""


def model_notices(page: Page, models: ModelCatalog) -> None:
    """Which models are left out, and what happens with those from the Hub."""

    def problems() -> str:
        return "\n\n".join(f"⚠ {translate(problem)}" for problem in models.problems)

    def hub_status() -> Iterator[str]:
        for messages in models.hub.status_updates():
            yield "\n".join(f"- {translate(message)}" for message in messages)

    for shown, fn in ((models.problems, problems), (models.hub.repos, hub_status)):
        if shown:
            page.load(handler(fn), None, gr.Markdown(), **event_settings(None), concurrency_limit=None)


def restore_from_url(
    page: Page,
    selector: gr.Tabs,
    inner_selector: gr.Tabs,
    choices: Mapping[str, Mapping[str, gr.Radio]],
    inner: Sequence[str],
) -> None:
    """Open the tab and set the radios that the URL names: ?tab=live&model=pix2pix. Anything unknown is ignored."""
    radios = [radio for named in choices.values() for radio in named.values()]

    def restore(request: gr.Request) -> list[Any]:
        query = dict(request.query_params)
        wanted = query.get("tab", next(iter(choices), ""))
        is_inner = wanted in inner
        is_named = "tab" in query and (wanted in choices or wanted == MORE)  # else the visitor may have chosen one
        updates: list[Any] = [
            gr.Tabs(selected=MORE if is_inner else wanted) if is_named else gr.skip(),
            gr.Tabs(selected=wanted) if is_inner else gr.skip(),
        ]
        for tab, named in choices.items():
            for name, radio in named.items():
                known = [value for _, value in radio.choices]
                updates.append(query[name] if tab == wanted and query.get(name) in known else gr.skip())
        return updates

    outputs = [selector, inner_selector, *radios]
    page.load(handler(restore), None, outputs, **event_settings(None), concurrency_limit=None)
