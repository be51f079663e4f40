"""The demo for programs and agents: without Gradio's client, over MCP, and as link previews see it."""

import re

import httpx
import pytest
from conftest import draw_face


@pytest.fixture(scope="module")
def url(app):
    return f"{app.demo.local_url}gradio_api/"


def answer_lines(url: str, name: str, data: list) -> list[str]:
    """The lines of an endpoint's answer to a program without Gradio's client."""
    event = httpx.post(f"{url}call/{name}", json={"data": data}).json()["event_id"]
    return httpx.get(f"{url}call/{name}/{event}", timeout=120).text.splitlines()


@pytest.mark.parametrize("more", [[], [None], ["autoencoder", None, None, None, None, None, None, None]], ids=len)
def test_what_is_left_out_or_null_takes_its_default(url, tmp_path, more):
    draw_face(0)[0].save(tmp_path / "face.png")
    with (tmp_path / "face.png").open("rb") as file:
        path = httpx.post(f"{url}upload", files={"files": file}).json()[0]
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    lines = answer_lines(url, "photo_to_sketch", [file, *more])
    assert lines[0] in ("event: complete", "event: error") and "null" not in lines[1], lines
    assert "image.png" in lines[1] or "No face was found" in lines[1]
    assert '"error": "Choose a photo first."' in answer_lines(url, "photo_to_sketch", [])[1]


def test_the_page_has_a_title_a_description_and_a_picture_for_link_previews(app):
    """In the browser: Gradio adds them there, after its own, which it serves."""
    head = httpx.get(f"{app.demo.local_url}config").json()["head"]
    assert head.count("og:title") == 1 and 'content="facesketch"' in head and "pencil drawing" in head
    picture = re.search(r'og:image" content="([^"]+)"', head)[1]
    answer = httpx.get(f"{app.demo.local_url}{picture}")
    assert answer.headers["content-type"] == "image/jpeg" and len(answer.content) > 10_000
    manifest = httpx.get(f"{app.demo.local_url}manifest.json").json()
    assert manifest["name"] == "facesketch"


def test_an_agent_finds_every_endpoint_as_a_documented_tool(url):
    pytest.importorskip("mcp", reason="gradio[mcp] is not installed")
    tools = {tool["name"]: tool for tool in httpx.get(f"{url}mcp/schema").json()}
    names = {
        "photo_to_sketch",
        "photo_to_sketches",
        "sketch_to_photo",
        "there_and_back",
        "compare",
        "photos_to_sketches",
    }
    assert {name.removeprefix("facesketch_") for name in tools} == names | {"photos_to_sketches"}
    assert all(len(tool["description"]) > 40 for tool in tools.values())
