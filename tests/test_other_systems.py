"""What cannot run here, by what stands in for it: Windows' folders and locale, a Mac's GPU, a second CUDA device."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import facesketch
from facesketch.files import beside, write

ROOT = Path(__file__).parents[1]
SOURCES = [
    path for room in ("facesketch", "train/data", "train/engine", "demo") for path in (ROOT / room).rglob("*.py")
]


@pytest.mark.parametrize("error", [PermissionError, IsADirectoryError, OSError])
def test_a_folder_that_cannot_be_opened_or_synced_fails_no_write(tmp_path, monkeypatch, error):
    def refuse(*_: object) -> None:
        raise error(13, "Permission denied")

    monkeypatch.setattr("facesketch.files.os.open", refuse)
    write(tmp_path / "a", b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole" and not beside(tmp_path / "a").exists()
    monkeypatch.undo()
    real, synced = os.fsync, []

    def files_alone(opened: int) -> None:
        synced.append(opened)
        if len(synced) > 1:
            raise OSError(22, "Invalid argument")
        real(opened)

    monkeypatch.setattr("facesketch.files.os.fsync", files_alone)
    write(tmp_path / "a", b"again")
    assert (tmp_path / "a").read_bytes() == b"again" and len(synced) == 2


def test_a_write_that_fails_names_the_file_that_was_meant(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "the name in between")

    monkeypatch.setattr("facesketch.files.os.fsync", full)
    with pytest.raises(OSError) as error:
        write(tmp_path / "a", b"whole")
    assert error.value.filename == str(tmp_path / "a") and list(tmp_path.iterdir()) == []


def test_what_stops_a_write_leaves_what_was_there(tmp_path, monkeypatch):
    write(tmp_path / "a", b"before")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("facesketch.files.os.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a", b"after")
    assert (tmp_path / "a").read_bytes() == b"before" and list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_text_is_utf_8_whatever_the_locale():
    """Python itself tells of text that is opened in the locale's encoding."""
    code = "import facesketch, facesketch.__main__, facesketch.export; print(facesketch.available())"
    for more in ({"PYTHONWARNDEFAULTENCODING": "1"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = subprocess.run(
            [sys.executable, "-W", "error::EncodingWarning:facesketch", "-c", code],
            cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    for path in SOURCES:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert ".read_text()" not in line and (".write_text(" not in line or "encoding=" in line), (path, line)


def test_every_kind_of_device_is_found_by_one_function(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert facesketch.device() == torch.device("cpu") == facesketch.device("cpu")
    for name in ("cuda", "mps", "tpu", "", "cpu:x"):
        with pytest.raises(facesketch.DeviceError) as error:
            facesketch.device(name)
        assert str(error.value).endswith(".") and "\n" not in str(error.value)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert facesketch.device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert facesketch.device().type == "cuda" and facesketch.device("cuda:1").index == 1
    with pytest.raises(facesketch.DeviceError, match="no device cuda:2"):
        facesketch.device("cuda:2")
