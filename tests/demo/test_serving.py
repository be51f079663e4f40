"""The demo before everyone: bounded, tidy, and never without a sentence."""

import json
import os
import re
import shutil
import socket
import stat
import time
from pathlib import Path

import httpx
import pytest
from conftest import draw_face
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

import facesketch


@pytest.fixture(scope="module")
def address(app):
    return f"{app.demo.local_url}gradio_api/"


@pytest.fixture
def photo(tmp_path):
    draw_face(0)[0].save(tmp_path / "face.png")
    return handle_file(str(tmp_path / "face.png"))


def files(app) -> set[Path]:
    return {path for path in Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*") if path.is_file()}


def test_answers_forbid_sniffing_and_strange_frames(app):
    headers = httpx.get(app.demo.local_url).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "https://huggingface.co" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["process_recording", "component_server", "vibe-code", "deep_link?session_hash=a"])
def test_what_the_page_does_not_need_is_shut(address, path):
    assert httpx.get(address + path).status_code == httpx.post(address + path).status_code == 404


def test_frames_may_come_and_no_stream_is_sent(address):
    assert httpx.get(f"{address}stream/session/run/1/playlist.m3u8").status_code == 404
    assert httpx.post(f"{address}stream/unknown", json={"data": []}).status_code == 404


def test_nothing_goes_round_the_queue(address):
    body = {"data": [None, "pix2pix"], "session_hash": "me"}
    assert httpx.post(f"{address}run/photo_to_sketch", json=body).status_code == 404


def test_a_full_queue_says_so(app, address, monkeypatch):
    monkeypatch.setattr(app.demo._queue, "max_size", 0)
    assert httpx.post(f"{address}queue/join", json={"data": [], "fn_index": 0, "session_hash": "a"}).status_code == 503


def test_all_heavy_work_waits_in_one_queue(app):
    from demo.components import Picture

    heavy = [fn for fn in app.demo.fns.values() if any(isinstance(block, Picture) for block in fn.inputs)]
    assert len(heavy) > 5 and {fn.concurrency_id for fn in heavy} == {"draw"}


def body_of(length: int, told: bool):
    return {"content": b"[" * length} if told else {"content": iter([b"["] * 20 + [b"[" * length])}


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_a_large_body_is_refused(address, told):
    answer = httpx.post(f"{address}queue/join", headers={"content-type": "application/json"}, **body_of(2**21, told))
    assert answer.status_code == 413 and "larger than 1 MiB" in answer.text


def test_too_many_files_are_refused_and_none_is_left(app, address):
    before = files(app)
    many = [("files", (f"{number}.png", b"x", "image/png")) for number in range(201)]
    assert httpx.post(f"{address}upload", files=many).status_code == 400
    assert files(app) == before


def test_an_upload_that_is_broken_off_leaves_nothing(app, address):
    head = "POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    mark = os.urandom(16).hex().encode() * 1_500

    def came() -> bool:
        return any(begins(path, mark[:32]) for path in files(app))

    with socket.create_connection(("127.0.0.1", app.demo.server_port)) as line:
        line.sendall(f"{head}Content-Length: 90000\r\n\r\n{part}".encode() + mark)
        assert until(came)
    assert until(lambda: not came())


def begins(path: Path, mark: bytes) -> bool:
    """Whether a file begins so; one that is deleted meanwhile does not."""
    try:
        with path.open("rb") as file:
            return file.read(len(mark)) == mark
    except FileNotFoundError:
        return False


def until(true) -> bool:
    end = time.monotonic() + 20
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_old_files_are_deleted_and_what_the_page_begins_with_never(app, tmp_path, monkeypatch):
    from demo import uploads
    from demo.controls import EXAMPLES

    named = set(re.findall(rf"{os.environ['GRADIO_TEMP_DIR']}/[^\"']*", json.dumps(app.demo.config, default=str)))
    names = {Path(path).name for path in named}
    assert {
        "before.jpg",
        "after.jpg",
        *(path.name for path in EXAMPLES),
    } <= names  # the slider, and the little portraits
    assert named <= app.demo._kept()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for path in (one := tmp_path / "a" / "face.png", two := tmp_path / "b" / "example.jpg"):
        path.parent.mkdir()
        path.touch()
    uploads.sweep({str(two)})
    assert one.exists() and two.exists()
    uploads.sweep({str(two)}, age=-1)
    assert two.exists() and not one.parent.exists()


def test_the_folder_is_this_users_alone(tmp_path, monkeypatch):
    from demo import uploads

    monkeypatch.setattr(uploads.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    folder = uploads.prepare()
    assert folder.parent == tmp_path and stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    assert stat.S_IMODE(uploads.prepare().stat().st_mode) == 0o700


def test_an_upload_that_is_gone_gets_a_sentence_without_a_path(app, address, tmp_path):
    draw_face(0)[0].save(tmp_path / "face.png")
    with (tmp_path / "face.png").open("rb") as file:
        path = httpx.post(f"{address}upload", files={"files": file}).json()[0]
    Path(path).unlink()
    from demo.components import named

    with pytest.raises(facesketch.ImageError, match="deleted after an hour") as error:
        named(path, None)
    assert path not in str(error.value)


def test_an_unforeseen_error_is_logged_under_what_the_person_is_told(app, photo, monkeypatch, caplog):
    from demo import models

    def fails(*_):
        raise ZeroDivisionError("/secret/path")

    monkeypatch.setattr(models, "_load", fails)
    with pytest.raises(AppError, match="Something went wrong with this picture; it is logged as") as error:
        Client(app.demo.local_url, verbose=False).predict(photo, "pix2pix", True, api_name="/photo_to_sketch")
    assert "secret" not in str(error.value)
    assert re.search(r"logged as (\w+)\.", str(error.value))[1] in caplog.text and "ZeroDivisionError" in caplog.text


def test_a_model_damaged_while_running_is_left_out_by_name(app, photo, tmp_path, monkeypatch, caplog):
    from demo import models

    shutil.copytree(facesketch.WEIGHTS_FOLDER, tmp_path / "weights")
    monkeypatch.setattr(facesketch, "WEIGHTS_FOLDER", tmp_path / "weights")
    (tmp_path / "weights" / "pix2pix" / "model.safetensors").write_bytes(b"damaged")
    client = Client(app.demo.local_url, verbose=False)
    drawn = client.predict(photo, True, api_name="/photo_to_sketches")
    assert {picture["caption"] for picture in drawn} == {"Autoencoder", "CycleGAN"}
    assert "Pix2Pix is left out" in caplog.text and str(tmp_path) not in caplog.text
    with pytest.raises(AppError, match="damaged"):
        client.predict(photo, "pix2pix", True, api_name="/photo_to_sketch")
    models._load.cache_clear()
