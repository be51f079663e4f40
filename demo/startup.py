"""What the machine that the page is started on must offer, and what of its settings must not stop the page."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

PORT = 7860
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class StartError(Exception):
    """The page cannot be served here; one sentence."""


@contextmanager
def loopback_without_proxies() -> Iterator[None]:
    """Requests to this machine, some of which Gradio makes, go through no proxy while the block runs.

    A proxy that the HTTP client cannot use, as of an unknown kind, is used for no request.
    """
    if not any(name.lower() in PROXIES and value for name, value in os.environ.items()):
        yield  # a variable without the others would replace the proxies that macOS and Windows have set
        return
    before = {name: os.environ.get(name) for name in ("no_proxy", "NO_PROXY")}
    hosts = (before["no_proxy"] or before["NO_PROXY"], *LOOPBACK, os.environ.get("GRADIO_SERVER_NAME"))
    os.environ.update(dict.fromkeys(before, ",".join(filter(None, hosts)) if _are_usable() else "*"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _are_usable() -> bool:
    """Whether Gradio's HTTP client can be created with the proxies of the environment."""
    import httpx

    try:
        httpx.Client().close()
    except Exception:  # ImportError, ValueError and the client's own, depending on what is wrong
        return False
    return True


def requested_port() -> int | None:
    """The port that GRADIO_SERVER_PORT asks for; None if any will do. Raises StartError where it cannot be had."""
    text = os.environ.get("GRADIO_SERVER_PORT", "")
    if not text:
        return None
    if not (text.isdecimal() and int(text) < 2**16):
        raise StartError(f"GRADIO_SERVER_PORT must be a number up to 65535, not {text}.")
    if problem := port_problem(int(text)):
        raise StartError(f"{problem} GRADIO_SERVER_PORT sets another.")
    return int(text)


def port_problem(port: int) -> str | None:
    """Why the page cannot be served at a port of GRADIO_SERVER_NAME, in a sentence; None where it can."""
    host = os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    try:
        address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        socket.create_server(address[4], family=address[0]).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        return f"Port {port} of {host} cannot be used ({reason})."
    return None
