"""Where the embedded models are."""

from importlib.resources import files
from pathlib import Path

_package = Path(str(files(__package__)))
_installed = _package / "weights"  # in an installed package; a checkout has them next to the package
WEIGHTS_DIR = _installed if _installed.is_dir() else _package.parent / "weights"
MATTE_DIR = WEIGHTS_DIR / "matte"
