"""Many pictures from a list: nothing lost, nothing twice, nothing kept in memory."""

import json
import os
import subprocess
import sys
import tracemalloc
from collections import Counter, deque
from pathlib import Path

import pytest
from conftest import draw_face
from hub_models import tiny

from facesketch.__main__ import main
from facesketch.command import manifest
from facesketch.command.manifest import Shard, entries

ROOT = Path(__file__).parents[2]
RAW = ("--align", "never", "--finish", "none", "--background", "keep")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny(tmp_path_factory.mktemp("model")))


@pytest.fixture
def run(model, tmp_path, monkeypatch, capsys):
    """run(manifest, arguments) in tmp_path into out/ returns the exit status, the JSON lines and standard error."""
    monkeypatch.chdir(tmp_path)

    def run(listed: object, *arguments: object) -> tuple[int, list[dict], str]:
        capsys.readouterr()
        given = ["--manifest", listed, *(() if "--out" in arguments else ("--out", "out")), *arguments, *RAW]
        status = main([*map(str, given), *(() if "--model" in arguments else ("--model", model))])
        output = capsys.readouterr()
        return status, [json.loads(line) for line in output.out.splitlines()], output.err

    return run


def photos(folder: str, count: int) -> list[str]:
    """Drawn faces in files of a folder; their paths."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    paths = [f"{folder}/{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        draw_face(number)[0].save(path)
    return paths


def statuses(lines: list[dict]) -> Counter:
    return Counter(line["status"] for line in lines)


def test_list_of_files_from_everywhere(run, tmp_path):
    inside, outside = photos("in/a", 2), photos(f"{tmp_path}-more", 1)
    Path("in/a/0.png").rename("in/a/with space é.png")
    Path("-").write_bytes(Path("in/a/1.png").read_bytes())
    listed = ["in/a/with space é.png", inside[1], "./in/../in/a/1.png", "-", *outside, "", "in/none.png"]
    Path("list.txt").write_text("\n".join(listed))
    status, lines, errors = run("list.txt")
    assert status == 1 and errors == "facesketch: 4 drawn, 1 unchanged, 1 failed.\n"
    assert [line["in"] for line in lines if line["status"] == "failed"] == ["in/none.png"]
    assert "in/none.png: No such file" in lines[-1]["error"]
    drawn = {line["in"]: line["out"] for line in lines if line["status"] == "drawn"}
    elsewhere = f"out/elsewhere{outside[0]}.png"
    assert drawn == {
        listed[0]: ["out/in/a/with space é.png.png"],
        listed[1]: ["out/in/a/1.png.png"],
        "-": ["out/-.png"],
        outside[0]: [elsewhere],
    }
    assert all(Path(path).is_file() for paths in drawn.values() for path in paths)


def test_folder_with_its_subfolders(run):
    photos("in", 2), photos("in/b/c", 1)
    draw_face(3)[0].save("in/0.jpg")
    Path("in/notes.txt").write_text("none")
    Path("in/again").symlink_to(Path("in").resolve())
    Path("in/broken.jpg").write_bytes(b"\xff\xd8\xff")
    status, lines, _ = run("in", "--out", "in/drawn")
    assert status == 1 and statuses(lines) == Counter(drawn=4, failed=1)
    names = {path.relative_to("in/drawn").as_posix() for path in Path("in/drawn").rglob("*.png")}
    assert names == {"0.png.png", "1.png.png", "0.jpg.png", "b/c/0.png.png"}
    assert statuses(run("in", "--out", "in/drawn")[1]) == Counter(unchanged=4, failed=1)


def test_only_changed_pictures_are_drawn_again(run):
    paths = photos("in", 4)
    assert run("in")[0] == 0
    before = {path: Path(f"out/{Path(path).name}.png").read_bytes() for path in paths}
    draw_face(9)[0].save(paths[1])
    old = Path(paths[2]).stat().st_mtime - 1000
    draw_face(8)[0].save(paths[2])
    os.utime(paths[2], (old, old))  # also one that is older than its drawing
    Path(f"out/{Path(paths[3]).name}.png").unlink()
    status, lines, _ = run("in")
    assert status == 0 and {line["in"]: line["status"] for line in lines} == {
        paths[0]: "unchanged", paths[1]: "drawn", paths[2]: "drawn", paths[3]: "drawn",
    }  # fmt: skip
    changed = [path for path in paths if Path(f"out/{Path(path).name}.png").read_bytes() != before[path]]
    assert changed == paths[1:3]


def test_drawing_that_was_written_but_not_finished_is_made_again(run, monkeypatch):
    """As when the process is killed before the last of a picture's files is written."""
    [path] = photos("in", 1)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest.os, "utime", killed)
        assert run("in")[0] == 130
    assert Path("out/0.png.png").exists() and statuses(run("in")[1]) == Counter(drawn=1)
    assert statuses(run("in")[1]) == Counter(unchanged=1) and path == "in/0.png"


def test_shards_are_a_partition_whatever_the_order(run):
    paths = photos("in", 12)
    Path("list.txt").write_text("\n".join(reversed(paths)))
    drawn = Counter()
    for number in (1, 2, 3):
        status, lines, _ = run("list.txt", "--shard", f"{number}/3")
        assert status == 0 and statuses(lines) == Counter(drawn=len(lines))
        drawn += Counter(line["in"] for line in lines)
    assert drawn == Counter(paths)
    assert statuses(run("list.txt", "--shard", "2/2")[1] + run("list.txt", "--shard", "1/2")[1]) == {"unchanged": 12}


def test_files_that_facesketch_did_not_write_stay(run):
    photos("in", 2)
    Path("out").mkdir()
    Path("out/0.png.png").write_bytes(b"thesis")
    status, lines, _ = run("in")
    assert status == 1 and Path("out/0.png.png").read_bytes() == b"thesis"
    assert "was not written by facesketch" in next(line["error"] for line in lines if line["status"] == "failed")
    assert run("in", "--force")[0] == 0 and Path("out/0.png.png").read_bytes() != b"thesis"


def test_folder_of_other_settings_is_refused(run, model, tmp_path, capsys):
    photos("in", 1)
    assert run("in")[0] == 0
    other = str(tiny(tmp_path / "other", seed=1))
    for arguments, what in ((("--seed", 1), "seed"), (("--to", "sketch", "--model", other), "model")):
        with pytest.raises(SystemExit) as end:
            run("in", *arguments)
        assert end.value.code == 2 and f"another {what}; use another folder" in capsys.readouterr().err
    Path("out/facesketch.json").write_text("[")
    with pytest.raises(SystemExit):
        run("in")
    assert "damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--manifest", "none.txt", "--out", "out"], "none.txt: No such file or folder."),
        (["--manifest", ".", "--out", "."], "is the folder of the pictures"),
        (["--manifest", ".", "--out", "-"], "--out must be a folder"),
        (["--manifest", ".", "--out", "file"], "--out must be a folder"),
        (["--manifest", ".", "a.jpg", "--out", "out"], "other pictures do not apply"),
        (["--manifest", ".", "--out", "out", "--box", "1,2,3,4"], "--box does not apply"),
        (["--manifest", ".", "--out", "out", "--shard", "0/3"], "such as 3/64"),
        (["--manifest", ".", "--out", "out", "--shard", "4/3"], "such as 3/64"),
        (["--manifest", ".", "--out", "out", "--shard", "3"], "such as 3/64"),
        (["--manifest", ".", "--out", "out", "--pen", "1", "--finish", "none"], "Only drawings in strokes"),
        (["a.jpg", "--out", "out.png", "--shard", "1/2"], "--shard is a part of a --manifest"),
        (["--out", "out"], "required: IN"),
    ],
)
def test_wrong_usage(arguments, text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x")
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2 and text in capsys.readouterr().err and not Path("out").exists()


def test_standard_input_is_drawn_as_it_arrives(model, tmp_path):
    photos(str(tmp_path / "in"), 2)
    command = [sys.executable, "-m", "facesketch", "--manifest", "-", "--out", "out", "--model", model, *RAW]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        for number in (0, 1):
            process.stdin.write(f"in/{number}.png\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["in"] == f"in/{number}.png"
        process.stdin.close()
    assert process.returncode == 0


def test_memory_does_not_grow_with_the_list(tmp_path):
    """Neither for a long text nor for a shard in which nothing is left to do."""
    with (tmp_path / "list.txt").open("w") as file:
        file.writelines(f"photos/{number:07d}.jpg\n" for number in range(50_000))
    shard, found = Shard(1, 1000), 0
    deque(entries(str(tmp_path / "list.txt"), tmp_path / "out"), maxlen=0)  # pathlib's table of names may grow once
    tracemalloc.start()
    for entry in entries(str(tmp_path / "list.txt"), tmp_path / "out"):
        found += shard.has(entry.relative)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 20 < found < 80 and peak < 2**20
