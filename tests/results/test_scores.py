"""Means with intervals, paired differences, and their formats."""

import numpy as np
import pytest
from conftest import draw_face
from PIL import ImageFilter

from facesketch.metrics import TextureDistance, texture_distance
from train.results.scores import (
    Mean,
    Measurement,
    Score,
    as_markdown,
    mean_of,
    paired_difference,
    sentences,
    summarize,
    with_part,
)


def row(pair_id: str = "a", ms: float = 0.0, **metrics: float) -> Measurement:
    return Measurement(pair_id, metrics, ms)


def test_the_interval_contains_the_mean():
    values = [0.1, 0.4, 0.5, 0.9, 0.3]
    mean = mean_of(values)
    low, high = mean.interval
    assert min(values) <= low < mean.value < high <= max(values)
    assert mean.value == pytest.approx(np.mean(values), abs=1e-4)
    assert mean_of(values) == mean  # without chance


def test_one_image_has_no_interval():
    score = summarize([row(ssim=0.5, mae=0.25)])
    assert score == Score(1, {"ssim": Mean(0.5), "mae": Mean(0.25)})
    assert score.to_dict() == {"pictures": 1, "ssim": 0.5, "mae": 0.25}


def test_the_time_of_a_score_is_the_median_in_milliseconds():
    rows = [row(ms=ms, ssim=0.5) for ms in (20.04, 1000.0, 10.0)]
    assert summarize(rows, timed=True).ms == 20.0 and summarize(rows).ms is None


def test_a_score_survives_json():
    metrics = {"ssim": Mean(0.5, (0.4, 0.6)), "rank1": Mean(0.9)}
    other = Score(2, {"ssim": Mean(0.25)})
    score = with_part(Score(3, metrics, gallery_size=100, ms=12.5), "test", {"other": other})
    assert score.to_dict() == {
        "part": "test",
        "pictures": 3,
        "ssim": 0.5,
        "ssim_95": [0.4, 0.6],
        "rank1": 0.9,
        "gallery_size": 100,
        "ms": 12.5,
        "others": {"other": {"pictures": 2, "ssim": 0.25}},
    }
    assert Score.from_dict(score.to_dict()) == score


def test_the_difference_is_paired_and_compares_with_the_best_by_each_metric():
    """Images vary far more than the difference between methods, which pairing shows all the same."""
    difficulty = np.linspace(0, 0.5, 20)
    ours = [row(str(x), ssim=0.5 + x, fsim=0.4 + x, mae=0.1 + x) for x in difficulty]
    others = {
        "soft": [row(str(x), ssim=0.48 + x, fsim=0.1 + x, mae=0.3 + x) for x in difficulty],
        "crisp": [row(str(x), ssim=0.2 + x, fsim=0.45 + x, mae=0.05 + x) for x in difficulty],
    }
    found = paired_difference(ours, others)
    assert {name: each.other for name, each in found.items()} == {"ssim": "soft", "fsim": "crisp", "mae": "crisp"}
    assert found["ssim"].mean.value == pytest.approx(0.02)
    assert found["ssim"].mean.interval == pytest.approx((0.02, 0.02))
    assert found["fsim"].mean.value == pytest.approx(-0.05) and found["mae"].mean.value == pytest.approx(-0.05)
    assert sentences(found).splitlines()[0] == (
        "SSIM: +0.0200 (95 % 0.0200 to 0.0200) compared with soft, the best other method."
    )


def test_methods_with_some_images_are_compared_on_these():
    """The best is the one with the smallest difference on its own images."""
    ours = [row(pair_id, ssim=ssim) for pair_id, ssim in (("a", 0.9), ("b", 0.5), ("c", 0.4))]
    others = {
        "whole": [row(pair_id, ssim=0.5) for pair_id in "abc"],  # behind by 0.1 on average
        "hard": [row("b", ssim=0.45), row("c", ssim=0.45)],  # by nothing, though its mean is lower
    }
    found = paired_difference(ours, others)["ssim"]
    assert found.other == "hard" and found.mean.value == pytest.approx(0)
    assert found.mean.interval == pytest.approx((-0.05, 0.05))


def test_the_table_has_the_best_first():
    scores = {
        "worse": Score(3, {"ssim": Mean(0.25, (0.2, 0.3)), "mae": Mean(0.5, (0.4, 0.6))}),
        "better": Score(3, {"ssim": Mean(0.75, (0.7, 0.8)), "mae": Mean(0.125, (0.1, 0.2))}, ms=12.5),
    }
    lines = as_markdown(scores).splitlines()
    assert len(lines) == 4 and len({line.count("|") for line in lines}) == 1
    assert lines[2] == "| better | 3 | 0.7500 | 0.7000 to 0.8000 | 0.1250 | 0.1000 to 0.2000 | 12.5 |"
    assert lines[3].startswith("| worse | 3 | 0.2500 |")


def drawn(number: int, blur: float, size: tuple[int, int] = (200, 250)) -> Measurement:
    sketch = draw_face(number, size)[1]
    return Measurement("a", {"ssim": 0.5}, drawing=sketch.filter(ImageFilter.GaussianBlur(blur)), sketch=sketch)


def test_texture_is_measured_between_all_drawings_and_all_sketches():
    rows = [drawn(number, 1.5) for number in range(4)]
    texture = summarize(rows).texture
    expected = texture_distance([row.drawing for row in rows], [row.sketch for row in rows])
    assert texture.fine == pytest.approx(expected.fine, abs=1e-4) and texture.coarse < texture.fine
    assert summarize([drawn(number, 0) for number in range(4)]).texture.fine < texture.fine
    assert summarize([row(ssim=0.5)]).texture is None and summarize([drawn(0, 1, (32, 40))]).texture is None
    assert "drawing" not in rows[0].to_dict()


def test_texture_survives_json_and_is_a_column_if_any_score_has_it():
    score = Score(3, {"ssim": Mean(0.5)}, texture=TextureDistance(0.25, 0.125, 0.0625))
    assert score.to_dict()["texture"] == {"fine": 0.25, "middle": 0.125, "coarse": 0.0625}
    assert Score.from_dict(score.to_dict()) == score
    lines = as_markdown({"mine": score, "other": Score(3, {"ssim": Mean(0.25)})}).splitlines()
    assert "| texture distance: fine / middle / coarse | ms |" in lines[0]
    assert lines[2] == "| mine | 3 | 0.5000 |  | 0.250 / 0.125 / 0.062 |  |" and len({x.count("|") for x in lines}) == 1
