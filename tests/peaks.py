"""Print as JSON the peak memory, in MiB above what was in use before, that large pictures take.

Run in a process of its own, from the repo's root: python tests/peaks.py FOLDER. Linux records a process's peak and can
reset it.
"""

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
from PIL import Image

import facesketch
from demo.components import MAX_PIXELS

PORTRAIT = facesketch.read_image("examples/grace_hopper.jpg")
TURNED = Image.Exif()
TURNED[0x0112] = 6


def read_for_page(path: Path) -> Image.Image:
    return facesketch.read_image(path, MAX_PIXELS)


def megabytes(name: str) -> float:
    """VmRSS, what is in use now, or VmHWM, the peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def peak(work: Callable) -> float:
    """How far the memory rises while work runs."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = megabytes("VmRSS")
    work()
    return round(megabytes("VmHWM") - before)


def saved(path: Path, mode: str, width: int, height: int, **options) -> Path:
    """A file with a large white picture that has a portrait on it."""
    sheet = Image.new("RGB", (width, height), "white")
    sheet.paste(PORTRAIT.resize((2 * PORTRAIT.width, 2 * PORTRAIT.height)), (200, 300))
    sheet.convert(mode).save(path, **options)
    return path


def main() -> None:
    """Measure the page's reading and the library's."""
    folder = Path(sys.argv[1])
    files = [
        saved(folder / "bits.png", "1", 9990, 9990, compress_level=1),
        saved(folder / "colours.png", "RGB", 7000, 7000, compress_level=1),
        saved(folder / "clear.png", "RGBA", 5600, 5700, compress_level=3),
        saved(folder / "turned.jpg", "RGB", 5600, 5700, exif=TURNED, subsampling=2),
        saved(folder / "many.jpg", "RGB", 8000, 7900, subsampling=2),
        saved(folder / "scans.jpg", "RGB", 8000, 7900, subsampling=2, progressive=True),
        saved(folder / "frame.webp", "RGB", 3500, 3500, method=0),
        saved(folder / "strip.tiff", "RGB", 4600, 4600, compression="tiff_lzw"),
    ]
    pipeline, whole = facesketch.load("pix2pix"), facesketch.DrawOptions(frame="photo")
    pipeline(PORTRAIT, whole)
    found = {path.name: peak(lambda path=path: pipeline(read_for_page(path), whole)) for path in files}
    large = saved(folder / "large.jpg", "RGB", 9990, 9990)
    found["read"] = peak(lambda: facesketch.read_image(large))
    found["crop"] = peak(lambda: pipeline(facesketch.read_image(large)))
    image = facesketch.read_image(large)
    found["photo"] = peak(lambda: pipeline(image, whole))
    print(json.dumps(found))


main()
