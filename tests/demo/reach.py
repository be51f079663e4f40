"""Give every input of the demo values that name files and URLs; print as JSON what was opened because of them.

Run in a process of its own, from the repo's root, with a folder to write to: python tests/demo/reach.py FOLDER EVERY.
EVERY: 1 gives each input all values, n each nth of them.
"""

import json
import os
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
OWN = (sys.prefix, sys.base_prefix, "/usr/lib", "/usr/share", "/etc/mime", "/etc/localtime", "/dev/urandom")
PUBLIC = tuple(str(Path.cwd() / name) for name in ("weights", "demo/pictures", "demo/card.jpg"))
FILE = {"_type": "gradio.FileData"}
PICTURE_TYPES = ("image", "imageeditor", "file")
seen, watched = [], threading.Event()


def hook(event: str, args: tuple) -> None:
    """Note and stop every connection and every file opened outside the upload folder, Python and the weights."""
    if not watched.is_set():
        return
    if event == "open" and isinstance(args[0], str | bytes):
        path = os.path.realpath(os.fsdecode(args[0]))
        known = path.startswith((*OWN, *PUBLIC)) or path.endswith((".py", ".pyc"))
        known = known or (path.startswith(uploads) and (not os.path.exists(path) or os.path.isfile(path)))
        if not known:
            seen.append(path)
            raise PermissionError(path)
    if event in ("socket.connect", "socket.getaddrinfo"):
        address = args[1][:2] if event == "socket.connect" else args[:2]
        if address != ("127.0.0.1", port):
            seen.append(f"{event} {address}")
            raise PermissionError(seen[-1])


def targets(folder: Path, inside: Path) -> list[str]:
    """What a picture's path may say and must not mean: files of the machine, URLs, links, devices, pipes."""
    from PIL import Image

    secret = folder / "secret.png"
    Image.new("RGB", (64, 64), "red").save(secret)
    (inside / "links").mkdir()
    (inside / "links" / "link.png").symlink_to(secret)
    (inside / "links" / "folder").symlink_to(folder)
    os.mkfifo(inside / "links" / "pipe")
    up = "../" * 20
    return [
        str(secret), f"{inside}/../{secret.name}", f"{up}{secret}"[: len(up) + 99], secret.as_uri(), "/etc/passwd",
        f"{inside}/{up}etc/passwd", "/proc/self/environ", "/proc/kmsg", "/dev/zero", "/dev/stdin", "/proc/self/fd/0",
        f"{inside}/links/link.png", f"{inside}/links/folder/secret.png", f"{inside}/links/pipe", f"{inside}/links",
        f"{secret}\0.png", "README.md", f"{Path.cwd()}/examples/grace_hopper.jpg", "~/.bashrc", "file:///etc/passwd",
        "http://127.0.0.1:9/a.png", "https://example.com/a.png", "ftp://127.0.0.1/a.png", "//127.0.0.1/a.png",
        "data:image/png;base64,iVBORw0KGgo=", "data:image/jpeg;base64,AAAA", "", "x" * 5000,
    ]  # fmt: skip


def shapes(target: str) -> list:
    """The ways in which a request can name it: a file, by its URL, in a gallery, an editor, a list, as text."""
    bare, file = {"path": target}, {"path": target, "meta": FILE}
    return [
        bare, file, {"path": None, "url": target, "meta": FILE}, {"path": target, "url": target}, target, [file, bare],
        {**file, "is_stream": True}, [{"image": bare, "caption": None}], {"value": file},
        {"path": target, "meta": None}, {"background": bare, "layers": [file], "composite": bare},
    ]  # fmt: skip


class Visitor:
    """A program that calls the page's functions by number, as a browser does."""

    def __init__(self, url: str):
        import httpx

        self.url = f"{url}gradio_api"
        self.http = httpx.Client(timeout=60)

    def ask(self, number: int, inputs: list) -> str:
        """The error that a call is answered with; "" if there is none."""
        body = {"data": inputs, "fn_index": number, "session_hash": "visitor"}
        joined = self.http.post(f"{self.url}/queue/join", json=body)
        if joined.status_code != 200:
            return str(joined.json().get("detail"))
        with self.http.stream("GET", f"{self.url}/queue/data?session_hash=visitor") as lines:
            for line in lines.iter_lines():
                if '"process_completed"' in line or '"close_stream"' in line or '"process_streaming"' in line:
                    output = json.loads(line.removeprefix("data:")).get("output") or {}
                    self.http.post(f"{self.url}/stream/{joined.json()['event_id']}/close")
                    return str(output["error"]) if "error" in output else ""
        return ""


def main() -> None:
    """Ask every function of the page; print what was opened and what was answered."""
    global uploads, port
    folder, every = Path(sys.argv[1]), int(sys.argv[2])
    uploads = os.environ["GRADIO_TEMP_DIR"] = os.path.realpath(folder / "uploads")
    import httpx
    from PIL import Image

    import app

    app.demo.launch(prevent_thread_lock=True, quiet=True)
    port = app.demo.server_port
    config = httpx.get(f"{app.demo.local_url}config").json()
    types = {component["id"]: component["type"] for component in config["components"]}
    Image.new("RGB", (64, 64), "gray").save(folder / "good.png")
    with open(folder / "good.png", "rb") as file:
        upload = httpx.post(f"{app.demo.local_url}gradio_api/upload", files={"files": file})
    good = {"path": upload.json()[0], "meta": FILE}
    values = {"image": good, "imageeditor": {"background": None, "layers": [good], "composite": None}, "file": [good]}
    numbers = {each["api_name"]: each["id"] for each in config["dependencies"] if each["api_name"]}
    payloads = []
    for number, target in enumerate(targets(folder, Path(uploads))):
        ways = shapes(target)
        payloads += [ways[(number + step) % len(ways)] for step in (0, 3, 6)]
    visitor = Visitor(app.demo.local_url)
    mine = [good, False, "", "crop", "cyclegan"]
    visitor.ask(numbers["sketch_to_photo"], mine)  # what Gradio imports at the first request
    tempfile.gettempdir()  # which tries folders once
    sys.addaudithook(hook)
    watched.set()
    asked, answers = 0, set()
    pictures, others = payloads[::every], payloads[:: 9 * every]
    for function in config["dependencies"]:
        if not function["backend_fn"]:
            continue
        for at, attacked in enumerate(function["inputs"]):
            is_picture = types[attacked] in PICTURE_TYPES
            inputs = [values.get(types[component]) for component in function["inputs"]]
            for payload in pictures if is_picture else others:
                answer = visitor.ask(function["id"], [*inputs[:at], payload, *inputs[at + 1 :]])
                asked += 1
                if is_picture:
                    answers.add(answer)
    control = visitor.ask(numbers["sketch_to_photo"], mine)
    print(json.dumps({"asked": asked, "opened": sorted(set(seen)), "answers": sorted(answers), "control": control}))
    sys.stdout.flush()
    os._exit(0)


main()
