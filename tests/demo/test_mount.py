"""The page mounted in another app: as private and as bounded as when it is launched."""

from threading import Event

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo import i18n, ui
from demo.handlers import endpoint
from demo.request_limits import MAX_FILES


def upper(text: str) -> str:
    """The text in capital letters."""
    return text.upper()


@pytest.fixture(scope="module")
def client():
    swept = Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ui, "sweep", swept.set)
        with ui.Page() as page:
            text = gr.Textbox(label="text")
            endpoint(upper, [text], text, "upper")
        app = FastAPI()
        app.get("/")(lambda: "the host's")
        page.mount(app, "/sketch")
        with TestClient(app) as client:
            assert swept.wait(60)  # old files are deleted while the page is served
            yield client


def test_the_page_is_served_with_its_headers_and_the_app_around_it_without(client):
    headers = client.get("/sketch/").headers
    assert headers["x-content-type-options"] == "nosniff" and "frame-ancestors" in headers["content-security-policy"]
    assert client.get("/").text == '"the host\'s"' and "content-security-policy" not in client.get("/").headers


def test_each_language_is_found_under_the_path(client):
    other = next(code for code in i18n.LANGUAGES if code != i18n.DEFAULT)
    answer = client.get(f"/sketch/?lang={other}", follow_redirects=False)
    assert answer.headers["location"] == f"/sketch/{other}?lang={other}"


def test_requests_have_the_same_limits(client):
    api = "/sketch/gradio_api/"
    assert client.get(f"{api}component_server").status_code == client.get(f"{api}deep_link").status_code == 404
    assert client.post(f"{api}queue/join", content=b"[" * 2**21).status_code == 413
    assert client.post(f"{api}call/lower", json={"data": ["a"]}).status_code == 404
    assert client.post(f"{api}run/upper", json={"data": ["a"]}).status_code == 404
    assert client.post(f"{api}call/upper", json={"data": [{"path": "/etc/passwd"}]}).status_code == 400
    assert client.post(f"{api}call/upper", json={"data": ["a"]}).status_code == 200
    files = [("files", (f"{number}.txt", b"x")) for number in range(MAX_FILES + 1)]
    assert client.post(f"{api}upload", files=files).status_code == 400
    assert client.get(f"{api}file=/etc/passwd").status_code == 403


def test_a_closed_page_of_runs_is_closed_here_too(client):
    config = client.get("/sketch/config").json()
    assert not config.get("show_error") and "runs" not in str(config.get("footer_links"))
