"""Every input of the demo is given what names files and addresses; told as JSON is what was opened of them.

Run in a process of its own, from the repo's root, with a folder to put things in: python tests/demo/reach.py FOLDER.
"""

import asyncio
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
OWN = (sys.prefix, sys.base_prefix, "/usr/lib", "/usr/share", "/etc/mime", "/etc/localtime", "/dev/urandom")
MODELS, FIRST = (str(Path.cwd() / name) for name in ("weights", "demo/pictures"))  # the page shows FIRST by itself
FILE = {"_type": "gradio.FileData"}
seen, watched = [], threading.Event()


def is_picture(path: str) -> bool:
    """Whether it is a file in the upload folder."""
    return path.startswith(uploads) and os.path.isfile(path)


def hook(event: str, args: tuple) -> None:
    """Note, and stop, what is opened outside the upload folder, Python and the weights, and all connections."""
    if not watched.is_set():
        return
    if event == "open" and isinstance(args[0], str | bytes):
        path = os.path.realpath(os.fsdecode(args[0]))
        known = path.startswith((*OWN, MODELS, FIRST)) or path.endswith((".py", ".pyc"))
        known = known or (path.startswith(uploads) and not os.path.exists(path)) or is_picture(path)
        if not known:
            seen.append(path)
            raise PermissionError(path)
    if event in ("socket.connect", "socket.getaddrinfo"):
        address = args[1][:2] if event == "socket.connect" else args[:2]
        if address != ("127.0.0.1", port):
            seen.append(f"{event} {address}")
            raise PermissionError(seen[-1])


def targets(folder: Path, inside: Path) -> list[str]:
    """What a picture's path may say and must not mean: files of the machine, addresses, links, devices, pipes."""
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
        "data:image/png;base64,iVBORw0KGgo=", "", "x" * 5000,
    ]  # fmt: skip


def shapes(target: str) -> list:
    """The ways in which a request can name it: a file, by its address, in a gallery, an editor, a list, as text."""
    bare, file = {"path": target}, {"path": target, "meta": FILE}
    return [
        bare, file, {"path": None, "url": target, "meta": FILE}, {"path": target, "url": target}, target, [file, bare],
        {**file, "is_stream": True}, [{"image": bare, "caption": None}], {"value": file},
        {"path": target, "meta": None}, {"background": bare, "layers": [file], "composite": bare},
    ]  # fmt: skip


def ask(demo, fn, inputs: list, state) -> str:
    """What a person would be told; state is that of a visit, which takes longer to make than most answers."""
    import gradio

    try:
        asyncio.run(demo.process_api(fn, inputs, state=state))
    except gradio.Error as error:
        return str(error.message)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def post(address: str, number: int, inputs: list) -> str:
    """What the same is told over HTTP."""
    import httpx

    body = {"data": inputs, "fn_index": number, "session_hash": "visitor"}
    httpx.post(f"{address}gradio_api/queue/join", json=body).raise_for_status()
    with httpx.stream("GET", f"{address}gradio_api/queue/data?session_hash=visitor", timeout=60) as lines:
        for line in lines.iter_lines():
            if '"process_completed"' in line:
                return str(json.loads(line.removeprefix("data:"))["output"].get("error"))
    return "nothing"


def main() -> None:
    """Ask every endpoint as the queue does, one also over HTTP; print what was opened and was said."""
    global uploads, port
    os.environ["GRADIO_TEMP_DIR"] = str(Path(sys.argv[1]) / "uploads")
    import httpx
    from gradio.state_holder import SessionState
    from gradio.utils import get_upload_folder
    from PIL import Image

    import app
    from demo.components import Picture

    folder = Path(sys.argv[1])
    app.demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    uploads, port = os.path.realpath(get_upload_folder()), app.demo.server_port
    Image.new("RGB", (64, 64), "gray").save(folder / "good.png")
    with open(folder / "good.png", "rb") as file:
        address = f"{app.demo.local_url}gradio_api/upload"
        good = {"path": httpx.post(address, files={"files": file}).json()[0], "meta": FILE}
    by_name = {fn.api_name: fn for fn in app.demo.fns.values()}
    payloads = []
    for number, target in enumerate(targets(folder, Path(uploads))):
        ways = shapes(target)
        payloads += [ways[(number + step) % len(ways)] for step in (0, 3, 6)]
    mine = [good, False, "", "crop", "cyclegan"]
    post(app.demo.local_url, by_name["sketch_to_photo"]._id, mine)  # what Gradio first imports at a request
    tempfile.gettempdir()  # which tries folders once
    sys.addaudithook(hook)
    watched.set()
    asked, said = 0, set()
    for fn in app.demo.fns.values():
        visit = SessionState(app.demo)
        for at, attacked in enumerate(fn.inputs):
            picture = hasattr(attacked, "admit")
            inputs = [good if isinstance(block, Picture) and picture else None for block in fn.inputs]
            for payload in payloads if picture else payloads[::9]:
                answer = ask(app.demo, fn, [*inputs[:at], payload, *inputs[at + 1 :]], visit)
                asked, said = asked + 1, said | {answer} if picture else said
    for payload in payloads[::4]:
        said.add(post(app.demo.local_url, by_name["sketch_to_photo"]._id, [payload, *mine[1:]]))
    control = ask(app.demo, by_name["sketch_to_photo"], mine, SessionState(app.demo))
    opened = sorted(set(seen))
    print(json.dumps({"asked": asked, "opened": opened, "said": sorted(said), "control": control[:18]}), flush=True)
    os._exit(0)


main()
