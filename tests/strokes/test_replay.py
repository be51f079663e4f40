"""A sheet being drawn: order, speed, frames, video files and the data for a page."""

import base64
import io
import json
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from sheets import head

from facesketch.errors import OptionError
from facesketch.image.save import written_by_facesketch
from facesketch.strokes.replay import UNITS, frames, plan_replay, replay_data
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import LAYERS, Strokes
from facesketch.strokes.styles import STYLES
from facesketch.strokes.video import FPS, REPLAY_FORMATS, encode_replay


def test_strokes_are_drawn_layer_after_layer_and_all_of_them():
    sheet = head(200)
    replay = plan_replay(sheet)
    assert (np.diff(replay.strokes.layers.astype(int)) >= 0).all()
    assert sorted(map(tuple, replay.strokes.points)) == sorted(map(tuple, sheet.strokes.points))


def test_time_goes_on_from_0_to_1_with_time_for_every_layer():
    replay = plan_replay(head(2000))
    assert (np.diff(replay.times) >= 0).all()
    assert 0 <= replay.times[0] < 0.05 and replay.times[-1] == pytest.approx(1)
    owner = np.repeat(replay.strokes.layers, replay.strokes.lengths)
    ends = np.array([replay.times[owner == index].max() for index in range(len(LAYERS))])
    assert (np.diff(ends, prepend=0) > 0.03).all()


def test_the_features_of_the_face_come_first():
    contours = plan_replay(head(50)).strokes.layer("contour")
    middles = np.array([stroke.points.mean(0) for stroke in contours])
    is_feature = (np.abs(middles[:, 0] - 0.5) < 0.19) & (np.abs(middles[:, 1] - 0.7) < 0.19)
    count = is_feature.sum()
    assert count > 5 and is_feature[:count].all()
    assert (middles[-3:, 1] > 1).all()  # shoulders


def test_the_pencil_is_slower_where_a_stroke_bends():
    def seconds_per_length(radius: float) -> float:
        angle = np.linspace(0, 0.2 / radius, 100)
        arc = 0.5 + radius * np.stack([np.cos(angle), np.sin(angle)], 1)
        straight = np.stack([np.linspace(0.1, 0.9, 400), np.full(400, 0.2)], 1)
        both = np.concatenate([straight, arc])
        sheet = Sheet(
            Strokes.from_arrays(both, np.ones(500), np.array([400, 100]), np.full(2, 0.003), "detail"),
            STYLES["graphite"],
        )
        replay = plan_replay(sheet)
        bent = next(i for i in range(2) if replay.strokes.lengths[i] == 100)
        first, last = replay.strokes.starts[bent], replay.strokes.starts[bent + 1] - 1
        return replay.times[last] - replay.times[first]

    assert seconds_per_length(0.01) > 1.2 * seconds_per_length(0.2)


@pytest.mark.parametrize("style", ["graphite", "ink", "sanguine"])
def test_frames_begin_with_paper_and_end_with_the_drawing(style):
    sheet = head(150, style)
    drawn = list(frames(sheet, 160, 2, 10))
    assert len(drawn) == 20
    assert (drawn[0] == sheet.style.paper).all()
    assert (drawn[-1] == np.asarray(sheet.render(160))).all()


def test_what_is_drawn_stays():
    """No frame goes back on its way to the drawing, and the one before the last is almost there."""
    sheet = head(300)
    drawn = [frame.astype(int) for frame in frames(sheet, 160, 3, 10)]
    before_chalk = int(plan_replay(sheet).times[: len(sheet.strokes.points) - 16].max() * 30) - 1
    for first, second in pairwise(drawn[:before_chalk]):
        assert (second - first).max() <= 1
    assert np.abs(drawn[-1] - drawn[-2]).mean() < 1


def test_each_frame_adds_something():
    drawn = list(frames(head(300), 160, 3, 10))
    assert np.mean([(a != b).any() for a, b in pairwise(drawn)]) > 0.8


def test_an_empty_sheet_is_replayed_as_paper():
    drawn = list(frames(Sheet(Strokes.empty(), STYLES["sanguine"]), 64, 1, 5))
    assert len(drawn) == 5 and all((frame == STYLES["sanguine"].paper).all() for frame in drawn)


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_animations_play_once_and_end_with_the_drawing(format, tmp_path):
    sheet = head(100)
    data = encode_replay(sheet, format, 160, 3)
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == format and image.is_animated and image.size == (160, 200)
        assert image.info.get("loop", 1) == 1
        seconds, first = 0.0, np.asarray(image.convert("RGB"), int)
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            seconds += image.info["duration"] / 1000
        last = np.asarray(image.convert("RGB"), float)
    assert seconds == pytest.approx(3, abs=0.1)
    assert np.abs(first - sheet.style.paper).max() <= (0 if format == "GIF" else 2)
    assert np.abs(last - np.asarray(sheet.render(160), float)).mean() < 6
    assert data == encode_replay(sheet, format, 160, 3)
    path = tmp_path / f"replay.{format.lower()}"
    path.write_bytes(data)
    assert written_by_facesketch(path)


@pytest.mark.parametrize("width", [160, 161])
def test_mp4_plays_to_the_drawing(width, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    sheet, path = head(100, "sanguine"), tmp_path / "replay.mp4"
    data = encode_replay(sheet, "MP4", width, 3)
    path.write_bytes(data)
    reader = imageio_ffmpeg.read_frames(path)
    about = next(reader)
    size = tuple(about["size"])
    shown = [np.frombuffer(frame, np.uint8).reshape(size[1], size[0], 3) for frame in reader]
    height = round(width * 1.25)
    assert size == (width + width % 2, height + height % 2)
    assert about["codec"] == "h264" and about["pix_fmt"].startswith("yuv420p") and about["fps"] == FPS
    assert len(shown) == 3 * FPS
    difference = shown[-1][:height, :width].astype(float) - np.asarray(sheet.render(width))
    assert np.abs(difference).mean() < 8 and np.abs(difference.mean((0, 1))).max() < 3
    assert data == encode_replay(sheet, "MP4", width, 3)
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it loads
    assert written_by_facesketch(path)


@pytest.mark.parametrize("format", REPLAY_FORMATS)
def test_replays_are_small(format):
    if format == "MP4":
        pytest.importorskip("imageio_ffmpeg")
    assert len(encode_replay(head(3000), format)) < 2e6


def test_other_formats_are_refused():
    with pytest.raises(OptionError, match="MP4, GIF, WEBP, not as PNG"):
        encode_replay(head(20), "PNG")


def test_mp4_names_the_package_that_it_needs(monkeypatch):
    monkeypatch.setattr("facesketch.strokes.video.find_spec", lambda name: None)
    with pytest.raises(OptionError, match="pip install"):
        encode_replay(head(20), "MP4")


def read(data: dict[str, str], name: str, type: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(data[name]), type)


def test_data_for_a_page_holds_the_strokes_in_drawing_order():
    sheet = head(200, "sanguine")
    data = json.loads(json.dumps(replay_data(sheet)))
    strokes = plan_replay(sheet).strokes
    assert (data["width"], data["height"]) == (UNITS, UNITS * 5 // 4)
    assert data["layers"] == list(LAYERS) and data["counts"] == [len(sheet.strokes.layer(name)) for name in LAYERS]
    assert data["paper"] == list(sheet.style.paper)
    lengths, points = read(data, "lengths", "<u2"), read(data, "points", "<i2").reshape(-1, 2)
    assert len(lengths) == len(strokes) and lengths.sum() == len(points)
    firsts = np.cumsum(lengths) - lengths
    assert points[firsts] / UNITS == pytest.approx(strokes.points[strokes.starts[:-1]], abs=1 / UNITS)
    assert read(data, "widths", "<u2") / UNITS == pytest.approx(strokes.widths, abs=1 / UNITS)
    ends = read(data, "ends", "<u2").astype(int)
    assert (np.diff(ends) >= 0).all() and ends[-1] == 65535
    assert len(read(data, "pressure", "u1")) == len(strokes)


def test_data_for_a_page_is_compact():
    assert len(json.dumps(replay_data(head(8000)))) < 0.4e6


def test_data_of_an_empty_sheet():
    data = replay_data(Sheet(Strokes.empty(), STYLES["graphite"]))
    assert data["counts"] == [0, 0, 0, 0] and data["points"] == ""
