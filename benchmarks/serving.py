"""The demo under load, over the loopback: errors, latency, and the server's memory, threads and open files.

`python -m benchmarks.serving [--short]` starts app.py and asks it for drawings: as one user, as 16 users at once 20
times, as 50 at once 4 times; it sends 500 requests that join the queue and are never fetched, 200 pictures with random
bytes changed, and 3,000 calls one after another. It prints errors, the median and the 95th percentile of the latency
relative to one user's, and the server's memory; and one user's latency relative to the sum of Gradio's time to echo a
picture and the library's to draw it. --short sends a hundredth, for CI, and exits with status 1 after any error.
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
from typing import Any

import httpx
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

import facesketch

ROOT = Path(__file__).parents[1]
PORTRAIT = ROOT / "examples" / "grace_hopper.jpg"
WARM_UP = 500  # calls after which growth of memory counts
TIMEOUT = 120  # seconds of one request
DEMO = ("app.py",)
ECHO = ("-c", "import gradio as g; g.Interface(lambda x: x.resize(x.size), g.Image(type='pil'), g.Image(format='png'), "
        "api_name='echo').launch()")  # fmt: skip


@contextmanager
def served(app: tuple[str, ...], folder: str) -> Iterator[tuple[str, int]]:
    """An app in a process of its own: its url and its process ID."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_TEMP_DIR": folder}
    with open(Path(folder) / "log.txt", "wb") as log:
        started = [sys.executable, *app]
        process = subprocess.Popen(started, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                httpx.get(f"{url}/config", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield url, process.pid
    finally:
        process.kill()
        process.wait()


def process_state(pid: int) -> dict[str, float]:
    """MiB in use, threads and open files of a process."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return {"MiB": int(lines["VmRSS"].split()[0]) / 1024, "threads": int(lines["Threads"]), "files": files}


def call(
    url: str, times: int, path: Path = PORTRAIT, name: str = "photo_to_sketch", arguments: tuple = ("pix2pix", True)
) -> tuple[list[float], Counter]:
    """The seconds of each of a user's calls that succeeded, and the errors of the others."""
    seconds, failed = [], Counter()
    with tempfile.TemporaryDirectory() as own:  # users must not download one answer to one place
        try:
            client = Client(url, verbose=False, download_files=own, httpx_kwargs={"timeout": TIMEOUT})
        except Exception as error:
            return seconds, Counter({repr(error): times})
        for _ in range(times):
            start = time.perf_counter()
            try:
                client.predict(handle_file(str(path)), *arguments, api_name=f"/{name}")
                seconds.append(time.perf_counter() - start)
            except AppError as error:
                failed[str(error)] += 1
            except Exception as error:
                failed["full" if "503" in str(error) or "full" in str(error) else repr(error)] += 1
        client.close()
    return seconds, failed


def library_seconds(name: str, times: int, **options: Any) -> float:
    """The median seconds that the library takes to read the portrait's file and draw it."""
    pipeline, seconds = facesketch.load(name), []
    for _ in range(times + 2):
        start = time.perf_counter()
        pipeline(facesketch.read_image(PORTRAIT), facesketch.DrawOptions(**options))
        seconds.append(time.perf_counter() - start)
    return median(seconds[2:])


def parts(times: int) -> tuple[float, float]:
    """The median seconds of Gradio's echo of the portrait, and of the library's drawing of it."""
    with tempfile.TemporaryDirectory() as folder, served(ECHO, folder) as (url, _):
        call(url, 2, name="echo", arguments=())
        echo = median(call(url, times, name="echo", arguments=())[0])
    return echo, library_seconds("pix2pix", times, align="never")


def crowd(url: str, users: int, times: int) -> tuple[list[float], Counter]:
    """The same for several users at once."""
    with ThreadPoolExecutor(users) as pool:
        answers = list(pool.map(lambda _: call(url, times), range(users)))
    return [second for seconds, _ in answers for second in seconds], sum((failed for _, failed in answers), Counter())


def joins(url: str, count: int) -> Counter:
    """The HTTP statuses of requests that join the queue and whose answers are never fetched."""
    with httpx.Client(timeout=60) as http:
        config = http.get(f"{url}/config").json()
        endpoint = next(each for each in config["dependencies"] if each["api_name"] == "photo_to_sketch")
        call = {"data": [None] * len(endpoint["inputs"]), "fn_index": endpoint["id"]}
        bodies = ({**call, "session_hash": f"joins{i}"} for i in range(count))
        return Counter(http.post(f"{url}/gradio_api/queue/join", json=body).status_code for body in bodies)


def mutated(url: str, count: int, folder: Path) -> Counter:
    """The errors for pictures with random bytes changed, and how many are drawn."""
    dice, outcomes = random.Random(0), Counter()
    whole = PORTRAIT.read_bytes()
    for number in range(count):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path = folder / f"{number}.jpg"
        path.write_bytes(data)
        drawn, failed = call(url, 1, path)
        outcomes += Counter(drawn=len(drawn)) + failed
    return outcomes


def line(what: str, seconds: list[float], failed: Counter, solo: float) -> str:
    """A row of the table."""
    ends = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else 0
    return f"| {what} | {len(seconds)} | {dict(failed) or 0} | {median(seconds) / solo:.2f} | {ends / solo:.2f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="send a hundredth of the requests")
    short = parser.parse_args().short
    crowds = ((4, 2), (8, 1)) if short else ((16, 20), (50, 4))
    calls, wrong = 10 if short else 3000, Counter()
    times = 4 if short else 20
    echo, drawing = parts(times)
    with tempfile.TemporaryDirectory() as folder, served(DEMO, folder) as (url, pid):
        call(url, 2)
        solo = median(call(url, times)[0])
        print(f"One user: {1000 * solo:.0f} ms, {solo / (echo + drawing):.2f} times Gradio's echo ({1000 * echo:.0f}) "
              f"and the library's drawing ({1000 * drawing:.0f}); {process_state(pid)}\n\n"
              "| | drawn | errors | p50, relative | p95, relative |\n|---|---|---|---|---|")  # fmt: skip
        for users, times in crowds:
            seconds, failed = crowd(url, users, times)
            wrong += Counter({what: n for what, n in failed.items() if what != "full"})
            print(line(f"{users} users x {times}", seconds, failed, solo), flush=True)
        outcomes = mutated(url, 5 if short else 200, Path(folder))
        wrong += Counter({what: n for what, n in outcomes.items() if "went wrong" in what or what.endswith(")")})
        memory, warmed_up = [], {}
        for done in range(0, calls, 100):
            seconds, failed = call(url, min(100, calls - done))
            wrong += failed
            memory.append(process_state(pid)["MiB"])
            warmed_up = process_state(pid) if done <= WARM_UP else warmed_up
        now, status = process_state(pid), joins(url, 20 if short else 500)
        wrong += Counter({str(code): n for code, n in status.items() if code not in (200, 503)})
        print(f"\nChanged bytes: {dict(outcomes)}\nJoins by status: {dict(status)}\nErrors: {dict(wrong) or 0}")
        print(f"After {calls} calls {now}; since call {min(WARM_UP, calls)} memory is "
              f"{100 * (now['MiB'] / warmed_up['MiB'] - 1):+.1f} %: {[round(mib) for mib in memory]}")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
