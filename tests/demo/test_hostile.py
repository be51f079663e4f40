"""Malicious files through the command line and the page: a picture or one sentence, never a traceback."""

import os

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from hostile import corpus
from PIL import Image

import facesketch
from facesketch.__main__ import main

IN_STROKES = ("wide-png", "thin-png", "minimum-bmp", "float-tiff", "cut-jpeg")  # the others differ only in reading


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for name, data in corpus().items():
        (folder / name.replace(".", "-", 1)).with_suffix(f".{name.split('.')[1]}").write_bytes(data)
    return sorted(folder.iterdir())


def assert_sentence(text: str) -> None:
    assert text[0].isupper() and text.endswith(".") and "\n" not in text and os.sep not in text, text
    assert "Something went wrong" not in text and "Error" not in text, text


@pytest.mark.parametrize("max_pixels", [None, 32_000_000])
def test_the_library_reads_a_file_or_raises_a_sentence(files, max_pixels):
    read = 0
    for path in files:
        try:
            image = facesketch.read_image(path.read_bytes(), max_pixels)
        except facesketch.ImageError as error:
            assert_sentence(str(error))
        else:
            assert image.mode == "RGB" and (max_pixels is None or image.width * image.height <= max_pixels)
            read += 1
    assert len(files) > 60 and 20 < read < 40


def test_the_command_line_reports_each_failure_in_a_line(files, tmp_path, capfd):
    how = ["--model", "autoencoder", "--align", "never", "--finish", "none", "--background", "keep"]
    small = [path for path in files if "hundred" not in path.name and "tall" not in path.name]  # slow to draw
    assert main([*map(str, small), "--out", str(tmp_path), *how]) == 1
    output = capfd.readouterr()
    assert all(line.startswith("facesketch: ") for line in output.err.splitlines()), output.err
    assert len(output.err.splitlines()) + len(list(tmp_path.iterdir())) == len(small)


@pytest.mark.slow
def test_the_page_answers_each_with_a_picture_or_a_sentence(files, capfd):
    import app

    app.demo.launch(prevent_thread_lock=True, quiet=True)
    try:
        client = Client(app.demo.local_url, verbose=False)
        for path in files:
            try:
                finish = "strokes" if path.stem in IN_STROKES else "none"
                call = (handle_file(str(path)), "autoencoder", True)
                answer = client.predict(*call, finish=finish, api_name="/photo_to_sketch")
            except AppError as error:
                assert_sentence(str(error))
            else:
                with Image.open(answer) as drawn:
                    assert drawn.format == "PNG"
    finally:
        app.demo.close()
    assert "Traceback" not in capfd.readouterr().err
