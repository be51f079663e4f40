"""No picture takes more memory than the server has for it, however many pixels its few bytes say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE, LIBRARY = 300, 600  # MiB above what stood before


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a peak and forgets it")
def test_peaks_stay_bounded(tmp_path):
    done = subprocess.run([sys.executable, "tests/peaks.py", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    library = {name: found.pop(name) for name in ("read", "crop", "photo")}
    assert max(library.values()) < LIBRARY, library
    assert len(found) > 6 and max(found.values()) < PAGE, found
