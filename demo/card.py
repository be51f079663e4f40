"""What the page's address looks like where it is sent on: title, words and a picture, in the page as it is served.

Gradio writes its own into the page, which a reader of cards, who runs no script, would take.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.datastructures import Headers, MutableHeaders

PICTURE = Path(__file__).with_name("card.jpg")
TITLE, WORDS = "facesketch", "A face photo becomes a pencil drawing, and a drawing becomes a photo."
META = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
CARD = """<meta name="description" content="{words}" />
<meta property="og:title" content="{title}" /><meta property="og:type" content="website" />
<meta property="og:description" content="{words}" /><meta property="og:url" content="{base}/" />
<meta property="og:image" content="{base}/gradio_api/file={picture}" /><meta property="og:image:width" content="1200" />
<meta property="og:image:height" content="630" /><meta name="twitter:card" content="summary_large_image" />
"""
gr.set_static_paths([PICTURE])


class Card:
    """An ASGI middleware."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Put the card into the page itself; all else passes."""
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) not in ("", "/"):
            return await self.app(scope, receive, send)
        start, parts = None, []

        async def gathered(message: dict) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                page = dressed(b"".join(parts), address(Headers(scope=scope), scope))
                MutableHeaders(scope=start)["content-length"] = str(len(page))
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, gathered)


def address(headers: Headers, scope: dict) -> str:
    """The page's own address as its visitor has it."""
    scheme = headers.get("x-forwarded-proto", scope.get("scheme", "http")).split(",")[0]
    host = re.sub(r"[^\w.:\[\]-]", "", headers.get("x-forwarded-host") or headers.get("host", "localhost"))
    return f"{'https' if scheme == 'https' else 'http'}://{host}{scope.get('root_path', '')}"


def dressed(page: bytes, base: str) -> bytes:
    """The page with the card in place of Gradio's; what is no such page as it is."""
    card = CARD.format(title=TITLE, words=WORDS, base=base, picture=PICTURE)
    return META.sub(b"", page).replace(b"</head>", card.encode() + b"</head>", 1) if b"</head>" in page else page
