"""How quick the page is, in a real browser and to programs, on this machine as it is: run it on an idle one.

`python -m benchmarks.page [--short]` starts app.py and prints an answer's median as a ratio to the model's own time,
and the milliseconds beyond 1.3 times that; the first paint in a browser; the drawings a second of the live tab by each
model, where the camera is Chromium's fake one; and how many times as long eight who upload wait beside one who is drawn
live.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from .serving import DEMO, ROOT, asked, crowd, own, served

sys.path.append(str(ROOT / "tests" / "demo"))  # the visitor of the tests
from visiting import camera, close, drawings, start_camera, visit

MODELS = ("autoencoder", "pix2pix", "cyclegan")


def answers(address: str, times: int) -> None:
    """Print what a program waits for a drawing, beside the model's own time."""
    print("| | its own ms | answer's p50, ms | ratio | ms beyond 1.3 times |\n|---|---|---|---|---|")
    for name in MODELS:
        alone = 1000 * own(name, times)
        asked(address, 2, how=(name, False))
        waited = 1000 * median(asked(address, times, how=(name, False))[0])
        over = waited - 1.3 * alone
        print(f"| {name} | {alone:.0f} | {waited:.0f} | {waited / alone:.2f} | {over:.0f} |", flush=True)


def paint(address: str) -> float:
    """Seconds from asking for the page to its first words, the browser's files not kept yet."""
    with visit(address) as page:
        page.get_by_role("tab", selected=True).first.wait_for()
        return page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000


@contextmanager
def live(address: str, folder: str, model: str) -> Iterator:
    """A visitor who is drawn as a fake camera shows a portrait: the page."""
    with visit(f"{address}?tab=live&model={model}", more=camera(Path(folder))) as page:
        start_camera(page)
        drawings(page, 5)
        yield page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a quarter of it")
    short = parser.parse_args().short
    times, frames, uploads = (6, 30, 2) if short else (30, 150, 6)
    with tempfile.TemporaryDirectory() as folder, served(DEMO, folder) as (address, _):
        answers(address, times)
        print(f"\nFirst paint: {median(paint(address) for _ in range(3)):.2f} s\n", flush=True)
        for model in MODELS:
            with live(address, folder, model) as page:
                print(f"Live, {model}: {drawings(page, frames):.1f} drawings a second", flush=True)
        alone = median(crowd(address, 8, uploads)[0])
        with live(address, folder, "pix2pix") as page:
            beside = median(crowd(address, 8, uploads)[0])
            rate = drawings(page, 5)
        print(f"\nEight who upload wait {beside / alone:.2f} times as long beside one who is drawn live: "
              f"{1000 * alone:.0f} ms, {1000 * beside:.0f} ms; then live {rate:.1f} a second")  # fmt: skip
    close()


if __name__ == "__main__":
    main()
