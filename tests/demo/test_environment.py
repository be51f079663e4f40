"""The environment of a Space; apart from test_space.py, so that both can run at the same time."""

import re
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_the_environment_that_a_space_builds_resolves(tmp_path):
    """requirements.txt and what the Space's builder adds to it, resolved in a fresh environment without installing."""
    version = re.search(r"^sdk_version: (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)[1]
    venv.create(tmp_path / "venv", with_pip=True)
    more = [f"gradio[oauth,mcp]=={version}", "uvicorn", "websockets", "spaces"]
    command = [tmp_path / "venv" / "bin" / "pip", "install", "--dry-run", "-r", "requirements.txt", *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    chosen = next(line for line in done.stdout.splitlines() if line.startswith("Would install")).split()
    versions = dict(package.lower().rsplit("-", 1) for package in chosen[2:])
    assert versions["gradio"] == version and {"spaces", "safetensors", "opencv-python-headless"} <= versions.keys()
    assert tuple(map(int, versions["torch"].split(".")[:2])) >= (2, 8)
