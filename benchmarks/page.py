"""The speed of the page in a real browser and for programs; run it on an idle machine.

`python -m benchmarks.page [--short]` starts app.py and prints the median latency relative to the model's own time, and
the milliseconds beyond 1.3 times that; the first paint in a browser; each model's live drawings a second, with
Chromium's fake camera; and how much longer eight users who upload wait while another is drawn live.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from .serving import DEMO, ROOT, call, crowd, library_seconds, served

sys.path.append(str(ROOT / "tests" / "demo"))  # for the browser of the tests
from visiting import camera, close, drawings, start_camera, visit

MODELS = ("autoencoder", "pix2pix", "cyclegan")


def answers(url: str, times: int) -> None:
    """Print a program's latency and the model's own time."""
    print("| | model, ms | latency p50, ms | ratio | ms beyond 1.3 times |\n|---|---|---|---|---|")
    for name in MODELS:
        model = 1000 * library_seconds(name, times)
        call(url, 2, arguments=(name, False))
        latency = 1000 * median(call(url, times, arguments=(name, False))[0])
        over = latency - 1.3 * model
        print(f"| {name} | {model:.0f} | {latency:.0f} | {latency / model:.2f} | {over:.0f} |", flush=True)


def paint(url: str) -> float:
    """Seconds from requesting the page to its first contentful paint, with an empty browser cache."""
    with visit(url) as page:
        page.get_by_role("tab", selected=True).first.wait_for()
        return page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000


@contextmanager
def live(url: str, folder: str, model: str) -> Iterator:
    """The page of a visitor drawn live, whose camera shows a portrait."""
    with visit(f"{url}?tab=live&model={model}", more=camera(Path(folder))) as page:
        start_camera(page)
        drawings(page, 5)
        yield page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a quarter of the calls")
    short = parser.parse_args().short
    times, frames, uploads = (6, 30, 2) if short else (30, 150, 6)
    with tempfile.TemporaryDirectory() as folder, served(DEMO, folder) as (url, _):
        answers(url, times)
        print(f"\nFirst paint: {median(paint(url) for _ in range(3)):.2f} s\n", flush=True)
        for model in MODELS:
            with live(url, folder, model) as page:
                print(f"Live, {model}: {drawings(page, frames):.1f} drawings a second", flush=True)
        alone = median(crowd(url, 8, uploads)[0])
        with live(url, folder, "pix2pix") as page:
            with_live = median(crowd(url, 8, uploads)[0])
            rate = drawings(page, 5)
        print(f"\nEight users who upload wait {with_live / alone:.2f} times as long while another is drawn live: "
              f"{1000 * alone:.0f} ms, {1000 * with_live:.0f} ms; live: {rate:.1f} drawings a second")  # fmt: skip
    close()


if __name__ == "__main__":
    main()
