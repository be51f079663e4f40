"""Memory is bounded for pictures of any number of pixels."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_PAGE, MAX_LIBRARY = 300, 600  # MiB above the memory before


@pytest.mark.long  # gives every input pictures of many sizes
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux reports a peak that can be reset")
def test_peaks_stay_bounded(tmp_path):
    done = subprocess.run([sys.executable, "tests/peaks.py", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    peaks = json.loads(done.stdout)
    library = {name: peaks.pop(name) for name in ("read", "crop", "photo")}
    assert max(library.values()) < MAX_LIBRARY, library
    assert len(peaks) > 6 and max(peaks.values()) < MAX_PAGE, peaks
