"""python -m demo.health exits with 0 if this machine's demo answers, else with 1: a container's health check."""

from __future__ import annotations

import os
from urllib.request import ProxyHandler, build_opener

TIMEOUT = 8  # seconds


def is_healthy(port: str) -> bool:
    """Whether the page's description is served within TIMEOUT; proxies in the environment are not used."""
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/config", timeout=TIMEOUT) as answer:
            return answer.status == 200
    except OSError:
        return False


if __name__ == "__main__":
    raise SystemExit(0 if is_healthy(os.environ.get("GRADIO_SERVER_PORT", "7860")) else 1)
