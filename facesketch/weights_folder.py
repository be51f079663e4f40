"""Where the embedded models lie."""

from importlib.resources import files
from pathlib import Path

_package = Path(str(files(__package__)))
_inside = _package / "weights"
WEIGHTS = _inside if _inside.is_dir() else _package.parent / "weights"  # in an installed package; in a checkout
