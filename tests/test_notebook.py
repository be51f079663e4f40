"""notebooks/train.ipynb: it is committed without outputs, and a short form of it runs from the data to the table."""

import base64
import io
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "train.ipynb"
PRESETS = ("autoencoder-deck", "pix2pix-deck", "cyclegan-deck")
BADGES = {
    "Open in Colab": "https://colab.research.google.com/github/{path}/blob/main/notebooks/train.ipynb",
    "Open in Kaggle": "https://kaggle.com/kernels/welcome?src={address}/blob/main/notebooks/train.ipynb",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone, as far as the notebook uses it."""
    copy = tmp_path / "facesketch"
    for name in ("facesketch", "train", "weights", "examples", "notebooks"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def read() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def tagged(notebook: nbformat.NotebookNode, tag: str) -> int:
    """The index of the only cell with a tag."""
    (index,) = (i for i, cell in enumerate(notebook.cells) if tag in cell.metadata.get("tags", ()))
    return index


def with_parameters(notebook: nbformat.NotebookNode, text: str) -> nbformat.NotebookNode:
    """The notebook with a cell after its settings, which replaces some of them."""
    notebook.cells.insert(tagged(notebook, "parameters") + 1, nbformat.v4.new_code_cell(text))
    return notebook


def execute(notebook: nbformat.NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all cells with folder as the working directory."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()


def outputs(cell: nbformat.NotebookNode, kind: str) -> list[str]:
    """What a cell displayed, as text or encoded, by MIME type."""
    return [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_valid_and_has_no_outputs():
    nbformat.validate(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    for cell in read().cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.source


def test_badges_and_the_notebook_have_the_address_of_the_project():
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = project["urls"]["Repository"]
    notebook, readme = read(), (ROOT / "README.md").read_text(encoding="utf-8")
    assert f'REPOSITORY = "{address}"' in notebook.cells[tagged(notebook, "parameters")].source
    for text in (readme, notebook.cells[0].source):
        for title, target in BADGES.items():
            link = target.format(address=address, path=address.removeprefix("https://github.com/"))
            assert re.search(rf"\[!\[{title}\]\(\S+\)\]\({re.escape(link)}\)", text), title
    assert project["license"].replace("-", "--") in re.search(r"!\[License\]\((\S+)\)", readme)[1]
    assert project["requires-python"].removeprefix(">=") in re.search(r"!\[Python\]\((\S+)\)", readme)[1]


@pytest.mark.long
def test_it_runs_from_the_data_to_the_table(checkout, tmp_path, monkeypatch):
    """On drawn pairs, from the folder notebooks/; the checkout stays as it was."""
    before, work = files(checkout), tmp_path / "work"
    notebook = with_parameters(read(), f"STEPS, WORK = 2, Path({str(work)!r})")
    execute(notebook, checkout / "notebooks", monkeypatch)
    assert files(checkout) == before

    (table,) = outputs(notebook.cells[tagged(notebook, "table")], "text/markdown")
    rows = re.findall(r"^\| `([\w-]+)`, epoch .* \| (\S+) / (\S+) \|$", table, re.MULTILINE)
    assert tuple(name for name, _, _ in rows) == PRESETS
    assert all(-1 < float(ssim) < 1 for _, *values in rows for ssim in values)

    pictures = [data for cell in notebook.cells if "outputs" in cell for data in outputs(cell, "image/png")]
    sizes = [Image.open(io.BytesIO(base64.b64decode(data))).size for data in pictures]
    assert len(sizes) == 2 + 3 * 3 + 2 and min(map(min, sizes)) >= 200  # pairs; samples and curves; two at the end
    for name in PRESETS:
        assert (work / "results" / f"{name}-curves.png").is_file()
        assert (work / "keep" / name / "model.safetensors").is_file()
    assert Image.open(work / "my-drawing.png").width >= 256
    assert (work / "facesketch-course.zip").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["", "notebooks"])
def test_it_finds_the_clone_and_the_data_that_are_given(folder, checkout, faces, tmp_path, monkeypatch):
    """Up to the table of what was found in the data, of which other folders are not read."""
    data, work = faces(3), tmp_path / "work"
    shutil.copytree(data / "photos", data / "photo")
    notebook = with_parameters(read(), f"DATA, WORK = {str(data)!r}, Path({str(work)!r})")
    checked = next(i for i, cell in enumerate(notebook.cells) if "examine(FOLDER)" in cell.source)
    del notebook.cells[checked + 1 :]
    execute(notebook, checkout / folder, monkeypatch)
    assert f"The code is in {checkout}," in notebook.cells[tagged(notebook, "install")].outputs[0].text
    (table,) = outputs(notebook.cells[checked], "text/markdown")
    assert "| pairs | 3 |" in table and "error" not in table
