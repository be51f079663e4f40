"""How the demo bears many visitors, on the loopback: errors, waiting, and what memory, threads and files come to.

`python -m benchmarks.serving [--short]` starts app.py and asks it for drawings: by one user, by 16 at once 20 times, by
50 at once 4 times; 500 requests that join the queue and are never fetched; 200 pictures with bytes thrown; and 3,000
calls one after another. It prints errors, the median and the 95th percentile of an answer's seconds as ratios to one
user's, and the server's memory; and one user's answer over what it is made of, the time that Gradio takes to give a
picture back as it came and the library's to draw it. --short asks a hundredth, for CI, and exits with 1 where anything
was an error.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import httpx
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

import facesketch

ROOT = Path(__file__).parents[1]
PORTRAIT = ROOT / "examples" / "grace_hopper.jpg"
SETTLED = 500  # calls after which memory is counted from
PATIENCE = 120  # seconds that a visitor waits for the page
DEMO = ("app.py",)
ECHO = ("-c", "import gradio as g; g.Interface(lambda x: x.resize(x.size), g.Image(type='pil'), g.Image(format='png'), "
        "api_name='echo').launch()")  # fmt: skip


@contextmanager
def served(app: tuple[str, ...], folder: str) -> Iterator[tuple[str, int]]:
    """An app in a process of its own: its address, and its number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_TEMP_DIR": folder}
    with open(Path(folder) / "log.txt", "wb") as log:
        started = [sys.executable, *app]
        process = subprocess.Popen(started, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                httpx.get(f"{address}/config", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield address, process.pid
    finally:
        process.kill()
        process.wait()


def state(pid: int) -> dict[str, float]:
    """MiB held, threads and open files of a process."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return {"MiB": int(lines["VmRSS"].split()[0]) / 1024, "threads": int(lines["Threads"]), "files": files}


def asked(
    address: str, times: int, path: Path = PORTRAIT, name: str = "photo_to_sketch", how: tuple = ("pix2pix", True)
) -> tuple[list[float], Counter]:
    """A user who asks for a drawing that many times: the seconds of each answer, and what was no drawing."""
    seconds, failed = [], Counter()
    with tempfile.TemporaryDirectory() as own:  # two who download one answer to one place disturb each other
        try:
            client = Client(address, verbose=False, download_files=own, httpx_kwargs={"timeout": PATIENCE})
        except Exception as error:
            return seconds, Counter({repr(error): times})
        for _ in range(times):
            began = time.perf_counter()
            try:
                client.predict(handle_file(str(path)), *how, api_name=f"/{name}")
                seconds.append(time.perf_counter() - began)
            except AppError as error:
                failed[str(error)] += 1
            except Exception as error:
                failed["full" if "503" in str(error) or "full" in str(error) else repr(error)] += 1
        client.close()
    return seconds, failed


def own(name: str, times: int, **how) -> float:
    """The median of a model's own seconds for the portrait, read from its file."""
    model, seconds = facesketch.load(name), []
    for _ in range(times + 2):
        began = time.perf_counter()
        model.translate(facesketch.read_image(PORTRAIT), **how)
        seconds.append(time.perf_counter() - began)
    return median(seconds[2:])


def parts(times: int) -> tuple[float, float]:
    """The seconds, in the median, of Gradio's own echo of the portrait, and of the library's drawing of it."""
    with tempfile.TemporaryDirectory() as folder, served(ECHO, folder) as (address, _):
        asked(address, 2, name="echo", how=())
        echo = median(asked(address, times, name="echo", how=())[0])
    return echo, own("pix2pix", times, align="never")


def crowd(address: str, users: int, times: int) -> tuple[list[float], Counter]:
    """The same of several users at once."""
    with ThreadPoolExecutor(users) as pool:
        answers = list(pool.map(lambda _: asked(address, times), range(users)))
    return [second for seconds, _ in answers for second in seconds], sum((failed for _, failed in answers), Counter())


def joins(address: str, count: int) -> Counter:
    """The status of requests that join the queue and whose answers nobody fetches."""
    with httpx.Client(timeout=60) as http:
        config = http.get(f"{address}/config").json()
        number = next(d["id"] for d in config["dependencies"] if d["api_name"] == "photo_to_sketch")
        bodies = ({"data": [], "fn_index": number, "session_hash": f"joins{i}"} for i in range(count))
        return Counter(http.post(f"{address}/gradio_api/queue/join", json=body).status_code for body in bodies)


def mutated(address: str, count: int, folder: Path) -> Counter:
    """What is said of pictures with bytes thrown, and how many are drawn."""
    dice, said = random.Random(0), Counter()
    whole = PORTRAIT.read_bytes()
    for number in range(count):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path = folder / f"{number}.jpg"
        path.write_bytes(data)
        drawn, failed = asked(address, 1, path)
        said += Counter(drawn=len(drawn)) + failed
    return said


def line(what: str, seconds: list[float], failed: Counter, solo: float) -> str:
    """A row of the table."""
    ends = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else 0
    return f"| {what} | {len(seconds)} | {dict(failed) or 0} | {median(seconds) / solo:.2f} | {ends / solo:.2f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a hundredth of it")
    short = parser.parse_args().short
    crowds = ((4, 2), (8, 1)) if short else ((16, 20), (50, 4))
    calls, wrong = 10 if short else 3000, Counter()
    times = 4 if short else 20
    echo, drawing = parts(times)
    with tempfile.TemporaryDirectory() as folder, served(DEMO, folder) as (address, pid):
        asked(address, 2)
        solo = median(asked(address, times)[0])
        print(f"One user: {1000 * solo:.0f} ms, {solo / (echo + drawing):.2f} of Gradio's echo ({1000 * echo:.0f}) and "
              f"the library's drawing ({1000 * drawing:.0f}); {state(pid)}\n\n"
              "| | drawn | not | p50 / one's | p95 / one's |\n|---|---|---|---|---|")  # fmt: skip
        for users, times in crowds:
            seconds, failed = crowd(address, users, times)
            wrong += Counter({what: n for what, n in failed.items() if what != "full"})
            print(line(f"{users} users x {times}", seconds, failed, solo), flush=True)
        said = mutated(address, 5 if short else 200, Path(folder))
        wrong += Counter({what: n for what, n in said.items() if "went wrong" in what or what.endswith(")")})
        held, settled = [], {}
        for done in range(0, calls, 100):
            seconds, failed = asked(address, min(100, calls - done))
            wrong += failed
            held.append(state(pid)["MiB"])
            settled = state(pid) if done <= SETTLED else settled
        now, status = state(pid), joins(address, 20 if short else 500)
        wrong += Counter({str(code): n for code, n in status.items() if code not in (200, 503)})
        print(f"\nThrown bytes: {dict(said)}\nJoins by status: {dict(status)}\nErrors: {dict(wrong) or 0}")
        print(f"After {calls} calls {now}; since call {min(SETTLED, calls)} memory is "
              f"{100 * (now['MiB'] / settled['MiB'] - 1):+.1f} %: {[round(mib) for mib in held]}")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
