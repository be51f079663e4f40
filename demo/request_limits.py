"""ASGI middleware in front of Gradio: limits on requests, which files a request may name, and response headers."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gradio import FileData
from pydantic import ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .i18n import UserError, requested_language, t, use
from .uploads import camera_frame, uploaded_file

API = "/gradio_api/"
# Routes that the page does not need. Gradio itself answers /file=PATH with 403 unless PATH is a static path of the page
# or in GRADIO_TEMP_DIR; file=http is closed because Gradio would fetch the URL.
CLOSED_ROUTES = ("process_recording", "vibe", "undo-vibe", "component_server", "proxy=", "file=http", "deep_link")
MAX_FILES, MAX_UPLOAD, MAX_BODY = 200, 200 * 2**20, 2**20  # files and bytes of one upload; bytes of any other request
FRAME_ANCESTORS = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": FRAME_ANCESTORS,
    "Referrer-Policy": "same-origin",
}
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CALL = re.compile(r"call/(v2/)?([^/]+)(/.*)?", re.DOTALL)  # an endpoint called by its name
UNQUEUED = ("run/", "api/")  # calls without the queue, which everything on the page needs


class RefusedCall(UserError):
    """A call of what does not exist, or with other data than it takes; status is the answer's."""

    def __init__(self, status: int, code: str, **params: object):
        super().__init__(code, **params)
        self.status = status


class RequestLimitMiddleware:
    """Refuses what Gradio should not see.

    endpoints: the names of the arguments of each named endpoint; input_counts: how many inputs each function of the
    page has, by its fn_index.
    """

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Sequence[str]], input_counts: Mapping[int, int]):
        self.app, self.endpoints, self.input_counts = app, endpoints, input_counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with an error that is one sentence."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        path = scope["path"].removeprefix(scope.get("root_path", ""))
        route = path.removeprefix(API) if path.startswith(API) else ""
        with use(requested_language(QueryParams(scope["query_string"]), Headers(scope=scope))):
            if route.startswith(CLOSED_ROUTES) or (route.startswith("stream/") and scope["method"] != "POST"):
                return await PlainTextResponse("Not found.", 404)(scope, receive, send)
            is_upload = route.partition("?")[0].strip("/") == "upload"
            limit = MAX_UPLOAD if is_upload else MAX_BODY
            length = Headers(scope=scope).get("content-length", "0")
            if not length.isdecimal() or int(length) > limit:
                return await too_large(limit)(scope, receive, send)
            if is_upload:
                return await self.upload(scope, receive, send_with_headers)
            try:
                self.check_name(route)
                if scope["method"] in ("GET", "HEAD", "OPTIONS"):
                    return await self.app(scope, receive, send_with_headers)
                body = await read_body(receive)
                if body is None:
                    return await too_large(limit)(scope, receive, send)
                body = self.checked(route, body)
            except UserError as error:
                status = error.status if isinstance(error, RefusedCall) else 400
                return await JSONResponse({"detail": str(error)}, status)(scope, receive, send)
            return await self.app(with_length(scope, body), replayed(body, receive), send_with_headers)

    def check_name(self, route: str) -> None:
        """Refuse calls by a name that programs are not offered. Raises RefusedCall."""
        called = CALL.fullmatch(route)
        if route.startswith(UNQUEUED) or (called and called[2] not in self.endpoints):
            raise RefusedCall(404, "error.call.unknown")

    def checked(self, route: str, body: bytes) -> bytes:
        """The body of a request after its files were checked, with null for arguments left out. Raises UserError."""
        try:
            content = json.loads(body)
        except ValueError:
            return body  # Gradio refuses it, or it is no JSON by design
        except RecursionError as error:
            raise UserError("error.upload.only") from error
        check_files(content)
        if called := CALL.fullmatch(route):
            with_nulls = named_arguments if called[1] else listed_arguments
            return json.dumps(with_nulls(content, self.endpoints[called[2]])).encode()
        if route == "queue/join":
            self.check_function(content)
        return body

    def check_function(self, content: Any) -> None:
        """Refuse a call of an unknown function of the page, or with another number of inputs. Raises RefusedCall."""
        data = list_of_data(content)
        fn_index = content.get("fn_index")
        if not isinstance(fn_index, int) or fn_index not in self.input_counts:
            raise RefusedCall(404, "error.call.unknown")
        if len(data) != self.input_counts[fn_index]:
            raise RefusedCall(422, "error.call.data", count=self.input_counts[fn_index])

    async def upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an upload on while counting its bytes and files; a full disk is one sentence."""
        try:
            await self.app(scope, UploadLimit(scope, receive), send)
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            await PlainTextResponse(t("error.disk_full"), 507)(scope, receive, send)


def list_of_data(content: Any) -> list[Any]:
    """What a call's JSON, {"data": [...]}, lists. Raises RefusedCall."""
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, list):
        raise RefusedCall(422, "error.call.malformed")
    return data


def listed_arguments(content: Any, names: Sequence[str]) -> dict[str, Any]:
    """A call's JSON, {"data": [...]}, with null for each argument that was left out. Raises RefusedCall."""
    data = list_of_data(content)
    if len(data) > len(names):
        raise RefusedCall(422, "error.call.arguments", names=", ".join(names))
    return {**content, "data": [*data, *[None] * (len(names) - len(data))]}


def named_arguments(content: Any, names: Sequence[str]) -> dict[str, Any]:
    """The same of a call whose JSON is the arguments by name."""
    if not isinstance(content, dict) or not content.keys() <= set(names):
        raise RefusedCall(422, "error.call.arguments", names=", ".join(names))
    return {name: content.get(name) for name in names}


def check_files(value: Any) -> None:
    """Refuse a request's value that names anything but uploaded files and camera frames. Raises UserError.

    To be called before Gradio sees the request, since Gradio would fetch URLs.
    """
    if isinstance(value, dict):
        if value.get("path") is not None:
            uploaded_file(value)
            try:
                FileData.model_validate(value)
            except ValidationError as error:
                raise UserError("error.upload.malformed", field=error.errors()[0]["loc"][0]) from error
        elif value.get("url") is not None:
            camera_frame(value["url"])
        for part in value.values():
            check_files(part)
    elif isinstance(value, list):
        for part in value:
            check_files(part)


class UploadLimit:
    """receive() of an upload. Gradio deletes what it has written so far where this raises MultiPartException."""

    def __init__(self, scope: Scope, receive: Receive):
        _, parameters = parse_options_header(Headers(scope=scope).get("content-type"))
        self.delimiter = b"--" + parameters.get(b"boundary", b"")
        self.receive, self.tail, self.bytes, self.parts = receive, b"", 0, 0

    async def __call__(self) -> Message:
        """The next message. Raises MultiPartException beyond the limits or if the visitor has left."""
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise MultiPartException("The upload was broken off.")
        body = message.get("body", b"")
        self.bytes += len(body)
        seen = self.tail + body
        self.parts += seen.count(self.delimiter)
        self.tail = seen[len(seen) - len(self.delimiter) + 1 :]  # a delimiter may lie across two messages
        if self.bytes > MAX_UPLOAD:
            raise MultiPartException(t("error.request_too_large", limit=MAX_UPLOAD // 2**20))
        if self.parts > MAX_FILES + 1:  # the last delimiter ends the form
            raise MultiPartException(t("error.too_many_files", limit=MAX_FILES))
        return message


async def read_body(receive: Receive) -> bytes | None:
    """The body of a request; None if it is larger than MAX_BODY."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body"):
            return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """receive() that gives a body that was read already, and then what follows."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message


def with_length(scope: Scope, body: bytes) -> Scope:
    """The scope with the content length of this body."""
    headers = [
        (name, value) for name, value in scope["headers"] if name not in (b"content-length", b"transfer-encoding")
    ]
    return {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}


def too_large(limit: int) -> Response:
    """The answer to a request of more bytes."""
    return PlainTextResponse(t("error.request_too_large", limit=limit // 2**20), 413)
