"""Atomic writes, also by several writers at once, and what a killed one leaves behind."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from facesketch.files import ABANDONED_AFTER, atomic_write

WRITERS, WRITES = 8, 30


def test_concurrent_writers_never_fail_and_readers_never_see_a_mixture(tmp_path: Path):
    path = tmp_path / "file"
    atomic_write(path, b"0" * 1000)

    def write(writer: int) -> None:
        for number in range(WRITES):
            atomic_write(path, str(writer).encode() * (1000 + 997 * number))

    def read(_: int) -> list[bytes]:
        return [path.read_bytes() for _ in range(2 * WRITES)]

    with ThreadPoolExecutor(2 * WRITERS) as pool:
        writes = [pool.submit(write, writer) for writer in range(WRITERS)]
        reads = [pool.submit(read, reader) for reader in range(WRITERS)]
        assert [each.result() for each in writes] == [None] * WRITERS
        for content in (content for each in reads for content in each.result()):
            assert len(set(content)) == 1 and (len(content) - 1000) % 997 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_large_folder_is_not_listed_at_each_write(tmp_path: Path, monkeypatch):
    listed, glob = [], Path.glob

    def counted(folder: Path, pattern: str):
        listed.append(folder)
        return glob(folder, pattern)

    monkeypatch.setattr(Path, "glob", counted)
    for number in range(5):
        atomic_write(tmp_path / str(number), b"x")
    assert len(listed) == 1


def test_what_a_killed_writer_left_is_deleted_by_a_later_process_and_a_running_writers_file_stays(tmp_path: Path):
    names = set()

    def leave_behind(old: float) -> None:
        """What a writer that is killed before it replaces the file leaves in the folder."""
        atomic_write(tmp_path / "other", b"x")
        before = set(tmp_path.iterdir())
        pid = os.fork()
        if not pid:  # ends between the write and the replacement
            os.replace = lambda *_: os._exit(0)
            atomic_write(tmp_path / "file", b"half")
        os.waitpid(pid, 0)
        (left,) = set(tmp_path.iterdir()) - before
        names.add(left)
        os.utime(left, (left.stat().st_mtime - old,) * 2)

    leave_behind(0)
    leave_behind(2 * ABANDONED_AFTER)
    write = f"from pathlib import Path; from {atomic_write.__module__} import *; atomic_write(Path('file'), b'whole')"
    subprocess.run(
        [sys.executable, "-c", write], cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.getcwd()}, check=True
    )
    kept = {each for each in names if each.exists()}
    assert len(names) == 2 and len(kept) == 1 and (tmp_path / "file").read_bytes() == b"whole"
