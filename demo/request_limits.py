"""What stands before the page: how much a request may bring, which of Gradio's routes it needs, and headers."""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from gradio import route_utils
from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

API = "/gradio_api/"
UNUSED = ("process_recording", "vibe", "undo-vibe", "component_server", "proxy=", "file=http", "deep_link")
MOST_FILES, MOST_UPLOADED, MOST_SENT = 200, 200 * 2**20, 2**20  # of one request: files, bytes with files, bytes without
FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": FRAMES, "Referrer-Policy": "same-origin"}
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL = "The server's disk is full; try again later."


class RequestLimitMiddleware:
    """An ASGI middleware."""

    def __init__(self, app: Any):
        self.app = app

    @classmethod
    def stack(cls) -> list[Middleware]:
        """As an app takes it."""
        return [Middleware(cls)]

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Let a request in, its body counted as it comes."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        asked = path.removeprefix(API) if path.startswith(API) else ""
        if asked.startswith(UNUSED) or (asked.startswith("stream/") and scope["method"] != "POST"):  # frames come so
            return await PlainTextResponse("Not found.", 404)(scope, receive, send)
        most = MOST_UPLOADED if path.startswith(f"{API}upload") else MOST_SENT
        told = Headers(scope=scope).get("content-length", "0")
        if not told.isdecimal() or int(told) > most:
            return await PlainTextResponse(too_large(most), 413)(scope, receive, send)
        came = 0

        async def limited_receive() -> dict:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:  # it had told less, or nothing
                raise HTTPException(413, too_large(most))
            return message

        async def with_headers(message: dict) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, limited_receive, with_headers)


def too_large(most: int) -> str:
    """The sentence for a body of more bytes."""
    return f"The request is larger than {most // 2**20} MiB."


class Parser(route_utils.GradioMultiPartParser):
    """Gradio's reader of uploads, with fewer files, and nothing left of what did not come whole."""

    def __init__(self, *args: Any, **how: Any):
        super().__init__(*args, **{**how, "max_files": MOST_FILES, "max_fields": MOST_FILES})

    async def parse(self) -> Any:
        """The form. Raises MultiPartException, where a disk is full or the visitor left too."""
        try:
            return await super().parse()
        except MultiPartException:
            raise  # Gradio has deleted the files
        except BaseException as error:
            for file in self._files_to_close_on_error:
                with contextlib.suppress(OSError):
                    file.close()
                Path(file.name).unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                raise MultiPartException(FULL) from error
            raise


route_utils.GradioMultiPartParser = Parser  # it has no setting for either
