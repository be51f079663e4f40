"""The demo for programs and agents: without Gradio's client, over MCP, and as link previews see it."""

import json
import re
from pathlib import Path

import httpx
import pytest
from conftest import draw_face

HOPPER = Path(__file__).parents[2] / "examples" / "grace_hopper.jpg"


@pytest.fixture(scope="module")
def url(app):
    return f"{app.demo.local_url}gradio_api/"


def answer_lines(url: str, name: str, data: list, query: str = "") -> list[str]:
    """The lines of an endpoint's answer to a program without Gradio's client."""
    event = httpx.post(f"{url}call/{name}{query}", json={"data": data}).json()["event_id"]
    return httpx.get(f"{url}call/{name}/{event}", timeout=120).text.splitlines()


def error_of(lines: list[str]) -> str:
    """The sentence of an answer that is an error."""
    assert lines[0] == "event: error", lines
    return json.loads(lines[1].removeprefix("data: "))["error"]


@pytest.fixture(scope="module")
def uploaded(url):
    """The description of an uploaded portrait."""
    with HOPPER.open("rb") as file:
        path = httpx.post(f"{url}upload", files={"files": file}).json()[0]
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


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


def test_a_null_model_is_the_default(url, uploaded):
    lines = answer_lines(url, "photo_to_sketch", [uploaded, None])
    assert lines == answer_lines(url, "photo_to_sketch", [uploaded, "cyclegan"]) and lines[0] == "event: complete"


def unknown_calls(app) -> list[tuple[str, dict]]:
    """Routes and bodies of calls of what does not exist, or is not for programs."""
    scripts = [fn for fn in app.demo.get_config_file()["dependencies"] if not fn["backend_fn"]]
    assert scripts
    indexes = [9999, -1, None, "a", [1], *(fn["id"] for fn in scripts)]
    names = ["nosuch", "show", "v2/nosuch", "v2", "a%2Fb"]
    return [
        *((f"call/{name}", {"data": []}) for name in names),
        *((f"{route}/{name}", {"data": []}) for route in ("run", "api") for name in ("predict", "%2e%2e", "show")),
        *(("run/predict", {"data": [], "fn_index": index}) for index in indexes),
        *(("queue/join", {"data": [], "fn_index": index, "session_hash": "me"}) for index in indexes),
    ]


def test_a_call_of_what_does_not_exist_gets_a_sentence(app, url, capfd):
    for route, body in unknown_calls(app):
        answer = httpx.post(url + route, json=body)
        assert answer.status_code == 404 and "There is no such endpoint" in answer.json()["detail"], (route, body)
        assert "show" not in answer.text
    assert httpx.get(f"{url}call/nosuch/event").status_code == 404
    translated = httpx.post(f"{url}call/nosuch?lang=vi", json={"data": []}).json()["detail"]
    assert translated.startswith("Không có endpoint này")
    assert "Traceback" not in capfd.readouterr().err


def test_a_call_with_other_data_than_it_takes_gets_a_sentence(app, url, capfd):
    functions = [fn for fn in app.demo.get_config_file()["dependencies"] if fn["backend_fn"] and fn["inputs"]]
    join = [("queue/join", {"data": [], "fn_index": fn["id"], "session_hash": "me"}) for fn in functions]
    malformed = [(f"call/{name}", body) for name in ("compare", "v2/compare") for body in ([1], 3)]
    malformed += [("call/compare", {}), ("call/compare", {"data": 3}), ("call/compare", {"data": [None] * 3})]
    malformed += [("call/v2/compare", {"nosuch": 1}), ("queue/join", []), ("queue/join", {"fn_index": 0})]
    for route, body in [*join, *malformed]:
        answer = httpx.post(url + route, json=body)
        detail = answer.json()["detail"]
        assert answer.status_code == 422 and isinstance(detail, str) and detail.endswith("."), (route, body)
    assert "Traceback" not in capfd.readouterr().err


def test_arguments_by_name_may_be_left_out(url):
    event = httpx.post(f"{url}call/v2/compare", json={}).json()["event_id"]
    assert error_of(httpx.get(f"{url}call/compare/{event}", timeout=120).text.splitlines()) == "Choose a photo first."


@pytest.mark.parametrize("field", ["orig_name", "size", "mime_type", "is_stream", "meta"])
def test_a_malformed_description_of_a_file_gets_a_sentence(url, uploaded, field, capfd):
    body = {"data": [[{**uploaded, field: ["a"]}]]}
    answer = httpx.post(f"{url}call/photos_to_sketches", json=body)
    assert answer.status_code == 400 and answer.json()["detail"].endswith(f"has a wrong {field}."), answer.text
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "arguments", "known"),
    [
        ("photo_to_sketch", ["nosuch"], "autoencoder, pix2pix, cyclegan"),
        ("photo_to_sketch", [["a"]], "autoencoder, pix2pix, cyclegan"),
        ("photo_to_sketch", ["pix2pix", *[None] * 6, "nosuch"], "graphite, line, charcoal, soft, ink, sanguine"),
        ("sketch_to_photo", [None, None, None, "autoencoder"], "cyclegan, pix2pix"),
        ("there_and_back", ["cyclegan", "nosuch"], "photo_to_sketch, sketch_to_photo"),
    ],
)
def test_a_wrong_choice_gets_a_sentence_in_the_visitors_language(url, uploaded, name, arguments, known, capfd):
    english, translated = (
        error_of(answer_lines(url, name, [uploaded, *arguments], query)) for query in ("", "?lang=vi")
    )
    assert known in english and known in translated and english != translated
    assert "<class" not in english and "Traceback" not in capfd.readouterr().err


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
