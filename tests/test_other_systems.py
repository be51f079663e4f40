"""Other systems, simulated: Windows' folders and locale, full disks, a Mac's GPU, a second CUDA device."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import facesketch
from facesketch.files import atomic_write

ROOT = Path(__file__).parents[1]
FOLDERS = ("facesketch", "train/data", "train/engine", "demo")
SOURCES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize("error", [PermissionError, IsADirectoryError, OSError])
def test_write_succeeds_where_a_folder_cannot_be_opened_or_synced(tmp_path, monkeypatch, error):
    def refuse(*_: object) -> None:
        raise error(13, "Permission denied")

    monkeypatch.setattr("facesketch.files.os.open", refuse)
    atomic_write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new" and [each.name for each in tmp_path.iterdir()] == ["a"]
    monkeypatch.undo()
    real, synced = os.fsync, []

    def sync_files_only(opened: int) -> None:
        synced.append(opened)
        if len(synced) > 1:
            raise OSError(22, "Invalid argument")
        real(opened)

    monkeypatch.setattr("facesketch.files.os.fsync", sync_files_only)
    atomic_write(tmp_path / "a", b"again")
    assert (tmp_path / "a").read_bytes() == b"again" and len(synced) == 2


def test_failed_write_names_the_target_file(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "a temporary name")

    monkeypatch.setattr("facesketch.files.os.fsync", full)
    with pytest.raises(OSError) as error:
        atomic_write(tmp_path / "a", b"new")
    assert error.value.filename == str(tmp_path / "a") and list(tmp_path.iterdir()) == []


def test_interrupted_write_leaves_the_old_content(tmp_path, monkeypatch):
    atomic_write(tmp_path / "a", b"before")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("facesketch.files.os.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "a", b"after")
    assert (tmp_path / "a").read_bytes() == b"before" and list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_text_is_utf_8_in_any_locale():
    """Python warns about text that is opened in the locale's encoding."""
    code = "import facesketch, facesketch.__main__, facesketch.export; print(facesketch.available_models())"
    for more in ({"PYTHONWARNDEFAULTENCODING": "1"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = subprocess.run(
            [sys.executable, "-W", "error::EncodingWarning:facesketch", "-c", code],
            cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    for path in SOURCES:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert ".read_text()" not in line and (".write_text(" not in line or "encoding=" in line), (path, line)


def test_get_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert facesketch.get_device() == torch.device("cpu") == facesketch.get_device("cpu")
    for name in ("cuda", "mps", "tpu", "", "cpu:x"):
        with pytest.raises(facesketch.DeviceError) as error:
            facesketch.get_device(name)
        assert str(error.value).endswith(".") and "\n" not in str(error.value)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert facesketch.get_device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert facesketch.get_device().type == "cuda" and facesketch.get_device("cuda:1").index == 1
    with pytest.raises(facesketch.DeviceError, match="There is no device cuda:2"):
        facesketch.get_device("cuda:2")
