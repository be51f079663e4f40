"""Visiting the demo with a real browser."""

import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from threading import Event, Timer

import numpy as np
from PIL import Image

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--webgl-antialiasing-mode=none", "--webgl-msaa-sample-count=1",
]  # fmt: skip
EXAMPLES = Path(__file__).parents[2] / "examples"
PHONE, DESKTOP = (390, 844), (1280, 1000)
SLOW = 60_000  # milliseconds that a page on a busy machine may take


def browser_path() -> str | None:
    """A Chromium of the system; without one, Playwright's own."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether a condition is met before the time is up; it is polled, since the server does not report it."""
    over, moment = Event(), Event()
    limit = Timer(seconds, over.set)
    limit.start()
    while not (met := condition()) and not over.is_set():
        moment.wait(0.02)
    limit.cancel()
    return met


def wait_for(url: str, process: subprocess.Popen, seconds: float) -> None:
    """Until a demo that was started answers at its url, or has ended, or the time is up."""

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"{url}/config", timeout=5).close()
        except OSError:
            return process.poll() is not None
        return True

    wait_until(answers, seconds)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


_started = ExitStack()


@cache
def browser(more: tuple[str, ...] = ()):
    """A running browser, one for all visits that give Chromium the same more arguments, until close."""
    return _started.enter_context(playwright().chromium.launch(executable_path=browser_path(), args=[*CHROMIUM, *more]))


@cache
def playwright():
    from playwright.sync_api import sync_playwright

    return _started.enter_context(sync_playwright())


def close() -> None:
    """End the browsers; what drives them would leave its event loop in the thread."""
    browser.cache_clear()
    playwright.cache_clear()
    _started.close()


HIDDEN_PLOT = "reading 'offsetWidth'"  # in Gradio's own plot, if its tab is left while it is being drawn


@contextmanager
def visit(
    url: str, size: tuple[int, int] = DESKTOP, language: str = "en-US", more: tuple[str, ...] = (), motion: bool = False
):
    """The page in a browser of a size and a language, which must ask nobody but the demo, nor fail in a script.

    motion: whether drawings are replayed, which takes seconds.
    """
    requested, failed = [], []
    how = {"viewport": {"width": size[0], "height": size[1]}, "locale": language, "has_touch": size == PHONE}
    motions = "no-preference" if motion else "reduce"
    with browser(more).new_context(**how, reduced_motion=motions, permissions=["camera"]) as context:
        page = context.new_page()
        page.set_default_timeout(SLOW)
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(url)
        yield page
    elsewhere = [
        url for url in requested if not url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:"))
    ]
    failed = [error for error in failed if HIDDEN_PLOT not in error]
    assert not elsewhere and not failed, (elsewhere, failed)


def settle(page) -> None:
    """Wait until nothing on the page has changed for half a second; unlike evaluate, this has a time limit."""
    page.wait_for_function(STILL)


STILL = """() => new Promise(done => {
  let timer = setTimeout(done, 500, true);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 500, true); })
    .observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})"""


def choose_file(page, place: str, *paths) -> None:
    """Give files to the input in a part of the page."""
    page.locator(f"{place} input[type=file]").set_input_files([str(path) for path in paths])


def width_of(page, selector: str) -> int:
    """The true width of a picture that is shown, once it is there."""
    found = page.locator(selector).first
    found.wait_for()
    page.wait_for_function("i => i.complete && i.naturalWidth", arg=found.element_handle())
    return found.evaluate("image => image.naturalWidth")


def camera(folder: Path) -> tuple[str, ...]:
    """What Chromium needs to play a portrait that sways as its camera's picture; the video is written into folder."""
    portrait = Image.open(EXAMPLES / "grace_hopper.jpg").convert("RGB").resize((400, 471))
    with open(folder / "camera.mjpeg", "wb") as video:
        for number in range(30):
            frame = Image.new("RGB", (640, 480), "gray")
            frame.paste(portrait, (120 + round(10 * np.sin(number / 30 * 2 * np.pi)), 5))
            frame.save(video, "JPEG")
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    return *fake, f"--use-file-for-fake-video-capture={folder}/camera.mjpeg"


def start_camera(page) -> None:
    """Have what the camera sees drawn."""
    access, record = page.get_by_text("Click to Access Webcam"), page.get_by_role("button", name="capture photo")
    access.or_(record).first.wait_for()
    if access.count():
        access.click()
    record.click()


def stop_camera(page) -> None:
    """Stop the live sketch."""
    page.locator("#camera").get_by_title("stop recording").click()
    page.locator("#camera").get_by_title("stop recording").wait_for(state="detached")


def drawings(page, count: int) -> float:
    """Wait for so many new drawings of the camera's picture; how many came in a second."""
    page.evaluate(WATCH)
    page.wait_for_function("count => window.times.length > count", arg=count, timeout=SLOW * 5)
    return page.evaluate("count => 1000 * count / (window.times[count] - window.times[0])", count)


WATCH = """() => {
  window.times = [];
  window.watching?.disconnect();
  let before = document.querySelector("#live img")?.src;
  window.watching = new MutationObserver(() => {
    const image = document.querySelector("#live img");
    if (!image || image.src === before) return;
    before = image.src;
    window.times.push(performance.now());
  });
  window.watching.observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
