"""Take the README's screenshots of the page: on a desktop in English, and on a phone in Vietnamese.

python docs/page.py
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path += [str(ROOT), str(ROOT / "tests" / "demo")]

from visiting import DESKTOP, EXAMPLES, PHONE, choose_file, close, settle, visit, width_of

from benchmarks.serving import DEMO, served


def screenshot(url: str, name: str, size: tuple[int, int], language: str, photo: str) -> None:
    """Draw a portrait and save what is visible as docs/NAME.png."""
    with visit(url, size, language) as page:
        choose_file(page, "#photo", EXAMPLES / photo)
        width_of(page, "#sketch img")
        page.locator("#styles img").nth(5).wait_for()
        settle(page)
        page.screenshot(path=ROOT / "docs" / f"{name}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, served(DEMO, folder) as (url, _):
        screenshot(f"{url}?model=pix2pix", "page-desk", (DESKTOP[0], 900), "en-US", "grace_hopper.jpg")
        screenshot(url, "page-phone", PHONE, "vi-VN", "eileen_collins.jpg")
    close()
