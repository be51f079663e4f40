"""The demo in public: bounded, tidy, and never without a sentence."""

import json
import os
import re
import shutil
import socket
import stat
from pathlib import Path
from threading import Event

import httpx
import pytest
from conftest import draw_face
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from visiting import wait_until

import facesketch


@pytest.fixture(scope="module")
def url(app):
    return f"{app.demo.local_url}gradio_api/"


@pytest.fixture
def photo(tmp_path):
    draw_face(0)[0].save(tmp_path / "face.png")
    return handle_file(str(tmp_path / "face.png"))


def files(app) -> set[Path]:
    return {path for path in Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*") if path.is_file()}


def test_responses_forbid_sniffing_and_foreign_frames(app):
    headers = httpx.get(app.demo.local_url).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "https://huggingface.co" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["process_recording", "component_server", "vibe-code", "deep_link?session_hash=a"])
def test_routes_that_the_page_does_not_need_are_closed(url, path):
    assert httpx.get(url + path).status_code == httpx.post(url + path).status_code == 404


def test_a_file_of_the_machine_is_not_served(url):
    for path in ("/etc/passwd", Path(__file__).resolve()):
        assert httpx.get(f"{url}file={path}").status_code == 403


def test_camera_frames_are_accepted_and_no_stream_is_served(url):
    assert httpx.get(f"{url}stream/session/run/1/playlist.m3u8").status_code == 404
    assert httpx.post(f"{url}stream/unknown", json={"data": []}).status_code == 404


def test_nothing_bypasses_the_queue(url):
    body = {"data": [None, "pix2pix"], "session_hash": "me"}
    assert httpx.post(f"{url}run/photo_to_sketch", json=body).status_code == 404


def test_a_full_queue_says_so(monkeypatch):
    from demo import ui
    from demo.handlers import on

    monkeypatch.setattr(ui, "MAX_WAITING", 1)
    started, ends = Event(), Event()

    def work() -> None:
        started.set()
        ends.wait(60)

    with ui.Page() as page:
        on(None, work)
    page.launch(prevent_thread_lock=True, quiet=True)
    try:
        join = f"{page.local_url}gradio_api/queue/join"
        bodies = [{"data": [], "fn_index": 0, "session_hash": f"visitor{number}"} for number in range(3)]
        assert httpx.post(join, json=bodies[0]).status_code == 200 and started.wait(60)
        assert [httpx.post(join, json=body).status_code for body in bodies[1:]] == [200, 503]
    finally:
        ends.set()
        page.close()


def test_all_heavy_work_waits_in_one_queue(app):
    from demo.components import UploadedImage

    functions = app.demo.fns.values()
    with_picture = [fn for fn in functions if any(isinstance(block, UploadedImage) for block in fn.inputs)]
    heavy = [fn for fn in with_picture if fn.concurrency_limit is not None]  # handing on a photo's path is not
    assert {fn.name for fn in with_picture} - {fn.name for fn in heavy} <= {"share", "show", "show_again"}
    assert len(heavy) > 5 and {fn.concurrency_id for fn in heavy} == {"draw"}


def body_of(length: int, has_length: bool):
    return {"content": b"[" * length} if has_length else {"content": iter([b"["] * 20 + [b"[" * length])}


@pytest.mark.parametrize("has_length", [True, False], ids=["with-length", "chunked"])
def test_a_large_body_is_refused(url, has_length):
    json_type = {"content-type": "application/json"}
    answer = httpx.post(f"{url}queue/join", headers=json_type, **body_of(2**21, has_length))
    assert answer.status_code == 413 and "larger than 1 MiB" in answer.text
    deep = httpx.post(f"{url}queue/join", headers=json_type, **body_of(2**19, has_length))
    assert deep.status_code in (400, 422), "arrays in arrays are no bug"


def test_an_upload_of_too_many_bytes_is_refused_and_nothing_is_left(app, url, monkeypatch):
    from demo import request_limits

    monkeypatch.setattr(request_limits, "MAX_UPLOAD", 2**20)
    before = files(app)
    form = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    head = {"content-type": "multipart/form-data; boundary=b"}
    answer = httpx.post(f"{url}upload", headers=head, content=iter([form, b"x" * 2**20, b"x" * 100]))
    assert answer.status_code == 400 and "larger than 1 MiB" in answer.text
    assert files(app) == before


def test_a_refusal_speaks_the_visitors_language(url):
    body = {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "fn_index": 0, "session_hash": "a"}
    sentences = {"": "Upload the picture itself", "?lang=vi": "Hãy tải chính ảnh lên"}
    for query, sentence in sentences.items():
        answer = httpx.post(f"{url}queue/join{query}", json=body)
        assert answer.status_code == 400 and answer.json()["detail"].startswith(sentence)


@pytest.mark.parametrize(
    ("query", "sentence"), [("", "Choose at most 200 photos."), ("?lang=vi", "Hãy chọn nhiều nhất 200 ảnh.")]
)
def test_a_refusal_by_a_component_speaks_the_visitors_language(url, tmp_path, query, sentence):
    (tmp_path / "face.png").write_bytes(b"x")
    with (tmp_path / "face.png").open("rb") as file:
        path = httpx.post(f"{url}upload", files={"files": file}).json()[0]
    data = [[{"path": path, "meta": {"_type": "gradio.FileData"}}] * 201]
    event = httpx.post(f"{url}call/photos_to_sketches{query}", json={"data": data}).json()["event_id"]
    lines = httpx.get(f"{url}call/photos_to_sketches/{event}", timeout=120).text.splitlines()
    assert lines[0] == "event: error" and json.loads(lines[1].removeprefix("data: "))["error"] == sentence


def test_too_many_files_are_refused_and_none_is_left(app, url):
    before = files(app)
    many = [("files", (f"{number}.png", b"x", "image/png")) for number in range(201)]
    assert httpx.post(f"{url}upload", files=many).status_code == 400
    assert files(app) == before


def test_an_upload_that_is_broken_off_leaves_nothing(app, url):
    head = "POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    mark = os.urandom(16).hex().encode() * 1_500

    def arrived() -> bool:
        return any(begins(path, mark[:32]) for path in files(app))

    with socket.create_connection(("127.0.0.1", app.demo.server_port)) as line:
        line.sendall(f"{head}Content-Length: 90000\r\n\r\n{part}".encode() + mark)
        assert wait_until(arrived)
    assert wait_until(lambda: not arrived())


def begins(path: Path, mark: bytes) -> bool:
    """Whether a file begins with mark; one that was deleted meanwhile does not."""
    try:
        with path.open("rb") as file:
            return file.read(len(mark)) == mark
    except FileNotFoundError:
        return False


def test_old_files_are_deleted_and_the_pages_own_pictures_are_not_among_them(app, tmp_path, monkeypatch):
    from demo import uploads
    from demo.components import EXAMPLES

    page = httpx.get(f"{app.demo.local_url}config").text
    assert os.environ["GRADIO_TEMP_DIR"] not in page
    served = {url for url in re.findall(r"/gradio_api/file=([^\"\\\\]+)", page) if "/demo/" in url}
    names = {"imagined-cyclegan.jpg", *(path.name for path in EXAMPLES)}  # the example of Draw, and the small portraits
    assert names <= {Path(url).name for url in served}
    for url in served:
        assert httpx.get(f"{app.demo.local_url}gradio_api/file={url}").status_code == 200
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    path = tmp_path / "a" / "face.png"
    path.parent.mkdir()
    path.touch()
    uploads.sweep()
    assert path.exists()
    uploads.sweep(max_age=-1)
    assert not path.parent.exists()


def test_the_folder_is_private(tmp_path, monkeypatch):
    from demo import uploads

    monkeypatch.setattr(uploads.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    folder = uploads.prepare_folder()
    assert folder.parent == tmp_path and stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    assert stat.S_IMODE(uploads.prepare_folder().stat().st_mode) == 0o700


def test_an_upload_that_is_gone_gets_a_sentence_without_a_path(app, url, tmp_path):
    draw_face(0)[0].save(tmp_path / "face.png")
    with (tmp_path / "face.png").open("rb") as file:
        path = httpx.post(f"{url}upload", files={"files": file}).json()[0]
    Path(path).unlink()
    body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, "pix2pix"]}
    answer = httpx.post(f"{url}call/photo_to_sketch", json=body)
    assert "deleted after an hour" in answer.json()["detail"] and path not in answer.text


def test_an_unexpected_error_is_logged_under_the_id_that_the_visitor_sees(app, photo, monkeypatch, caplog):
    from demo import model_catalog

    def fails(*_):
        raise ZeroDivisionError("/secret/path")

    monkeypatch.setattr(model_catalog, "cached_model", fails)
    with pytest.raises(AppError, match=r"Something went wrong with this picture\. It is logged as") as error:
        Client(app.demo.local_url, verbose=False).predict(photo, "pix2pix", True, api_name="/photo_to_sketch")
    assert "secret" not in str(error.value)
    assert re.search(r"logged as (\w+)\.", str(error.value))[1] in caplog.text and "ZeroDivisionError" in caplog.text


def test_a_model_damaged_while_running_is_left_out_by_name(app, photo, tmp_path, monkeypatch, caplog):
    from demo import model_catalog

    shutil.copytree(facesketch.WEIGHTS_DIR, tmp_path / "weights")
    monkeypatch.setattr(facesketch, "WEIGHTS_DIR", tmp_path / "weights")
    (tmp_path / "weights" / "pix2pix" / "model.safetensors").write_bytes(b"damaged")
    client = Client(app.demo.local_url, verbose=False)
    drawn = client.predict(photo, True, api_name="/photo_to_sketches")
    assert {picture["caption"] for picture in drawn} == {"Autoencoder", "CycleGAN"}
    assert "Pix2Pix is left out" in caplog.text and str(tmp_path) not in caplog.text
    with pytest.raises(AppError, match="damaged"):
        client.predict(photo, "pix2pix", True, api_name="/photo_to_sketch")
    model_catalog.cached_model.cache_clear()
