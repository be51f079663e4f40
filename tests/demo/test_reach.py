"""No request reaches anything that was not uploaded, whatever it names and to whichever input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.long), pytest.param(10, marks=pytest.mark.slow)])
def test_nothing_is_opened_that_was_not_uploaded(tmp_path, every):
    """Watched by the interpreter itself (an audit hook), which lasts as long as its process."""
    command = [sys.executable, ROOT / "tests" / "demo" / "reach.py", tmp_path, str(every)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["asked"] > 2000 / every and result["control"].startswith("No face was found.")
    assert result["opened"] == []
    sentences = [answer for answer in result["answers"] if answer]  # a photo's path that is refused is not handed on
    assert sentences
    for sentence in sentences:
        assert sentence.endswith(".") and "Error" not in sentence and str(tmp_path) not in sentence, sentence
