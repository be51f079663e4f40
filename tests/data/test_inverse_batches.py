"""What a generator from sketch to photo learns from: sketches, some drawn by a model, and photos on one background."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import draw_face, matte_of, put

from facesketch import Model
from facesketch.image.compositing import STUDIO_BACKGROUND
from facesketch.image.pixels import normalize, to_tensor
from facesketch.models.config import ModelConfig
from train.config import Augmentation, Config, override
from train.data.drawn_sketches import number_of_processes
from train.data.inverse_batches import InverseBatches, make_batches
from train.data.pairs import Item, find_pairs

CPU = torch.device("cpu")
PLAIN = override(
    Config(),
    {
        "model.size": 64,
        "model.direction": "sketch_to_photo",
        "model.styles": ("shaded", "line"),
        "data.validation_fraction": 0.0,
    },
)


@pytest.fixture
def items(tmp_path):
    """Three persons shaded, without mattes, and one as a line drawing on gray paper, with a matte."""
    for folder, numbers in (("cuhk", (1, 2, 3)), ("line", (4,))):
        for number in numbers:
            photo, sketch = draw_face(number)
            put(tmp_path / folder / "photos" / f"{number}.png", photo)
            gray = sketch.point(lambda value: value * 0.7) if folder == "line" else sketch
            put(tmp_path / folder / "sketches" / f"{number}.png", gray)
    put(tmp_path / "line" / "mattes" / "4.png", matte_of(draw_face(4)[0]))
    return [Item(pair) for pair in find_pairs(tmp_path)]


def test_every_folder_is_drawn_from_equally_often(items):
    batches = make_batches(items, PLAIN, CPU, True)
    assert isinstance(batches, InverseBatches)
    forward = override(PLAIN, {"model.direction": "photo_to_sketch"})
    assert not isinstance(make_batches(items, forward, CPU, True), InverseBatches)
    drawn = Counter(batches.items_at(step)[0].pair.id for step in range(batches.per_epoch))
    assert drawn == {"cuhk/1": 1, "cuhk/2": 1, "cuhk/3": 1, "line/4": 3}


def test_source_is_a_sketch_on_white_paper_and_target_its_photo_on_the_studio_background(items):
    batch = InverseBatches([item for item in items if item.pair.matte], PLAIN, CPU)(0, 10)
    sketch, photo = batch.source, batch.target
    assert sketch.shape == photo.shape == (1, 3, 64, 64) and torch.equal(sketch[:, 0], sketch[:, 2])
    assert (sketch > 0.95).float().mean() > 0.15
    studio = torch.tensor(STUDIO_BACKGROUND).view(3, 1, 1) / 127.5 - 1
    assert ((photo[0] - studio).abs().amax(0)[:, :4] < 0.02).all()
    original = to_tensor(draw_face(4)[0].resize((64, 64)))
    assert (photo[0] - original)[:, 30:40, 28:36].abs().mean() < 0.05, "the person is unchanged"


def test_photos_without_mattes_keep_their_background(items):
    photo = InverseBatches([item for item in items if not item.pair.matte], PLAIN, CPU)(0, 10).target
    assert any(torch.allclose(photo[0, :, 1, 1], to_tensor(draw_face(n)[0])[:, 1, 1], atol=0.02) for n in (1, 2, 3))


@pytest.mark.parametrize("styles", [(), ("shaded", "line")])
def test_a_share_of_the_sketches_of_photos_with_mattes_is_drawn_by_a_model(items, styles):
    torch.manual_seed(0)
    model = Model(ModelConfig(network="unet-lean", width=4, size=256, directions=("photo_to_sketch",), styles=styles))
    config = override(PLAIN, {"data.synthetic_ratio": 0.5})
    synthetic, original = InverseBatches(items, config, CPU), InverseBatches(items, config, CPU)
    synthetic.draw_sketches(model)
    unchanged = {"cuhk": [], "line": []}
    for step in range(60):
        torch.manual_seed(step)
        a = synthetic(step, 60)
        torch.manual_seed(step)
        b = original(step, 60)
        assert torch.equal(a.target, b.target)
        folder = synthetic.items_at(step)[0].pair.id.partition("/")[0]
        unchanged[folder].append(torch.equal(a.source, b.source))
    assert all(unchanged["cuhk"]) and 0.2 < np.mean(unchanged["line"]) < 0.8


def test_sketches_are_drawn_in_strokes_in_all_styles_by_the_runs_seed(items):
    """One photo four times: each in another style, with a strength and a seed that the run's seed decides."""
    torch.manual_seed(0)
    model = Model(ModelConfig(network="unet-lean", width=4, size=256, directions=("photo_to_sketch",)))
    pair = next(item.pair for item in items if item.pair.matte)
    same = [Item(replace(pair, id=f"line/{number}")) for number in range(4)]
    changes = {"data.synthetic_ratio": 1.0, "data.synthetic_finish": "strokes"}

    def drawn(seed: int, count: int) -> torch.Tensor:
        batches = InverseBatches(same[:count], override(PLAIN, {**changes, "seed": seed}), CPU)
        batches.draw_sketches(model)
        assert batches.drawn is not None and batches.drawn.shape == (count, 1, 64, 64)
        return batches.drawn

    first = drawn(0, 4)
    assert torch.equal(first[:2], drawn(0, 2)) and not torch.equal(first[:1], drawn(1, 1))
    assert all(not torch.equal(first[i], first[j]) for i in range(4) for j in range(i))
    detail = InverseBatches(same[:1], override(PLAIN, {"data.synthetic_ratio": 1.0}), CPU)
    detail.draw_sketches(model)
    assert not torch.equal(first[:1], detail.drawn)


def test_with_abstraction_a_photo_has_drawings_as_people_make_them(items):
    """Three drawings of each photo with a matte, of which a batch has one; none of a photo without a matte."""
    torch.manual_seed(0)
    model = Model(ModelConfig(network="unet-lean", width=4, size=256, directions=("photo_to_sketch",)))
    changes = {"data.synthetic_ratio": 1.0, "data.synthetic_finish": "strokes", "data.abstraction": 0.5}
    item = next(item for item in items if item.pair.matte)
    batches = InverseBatches([item], override(PLAIN, changes), CPU)
    batches.draw_sketches(model)
    assert batches.drawn is not None and batches.drawn.shape == (1, 3, 64, 64)
    assert len({variant.numpy().tobytes() for variant in batches.drawn[0]}) == 3
    seen = Counter()
    for step in range(60):
        torch.manual_seed(step)
        sketch = batches(step, 60).source[0, 0]
        seen[int(np.argmin([(normalize(variant) - sketch).abs().mean() for variant in batches.drawn[0]]))] += 1
    assert 20 < seen[0] < 40 and min(seen[1], seen[2]) > 5


def test_photos_that_nobody_drew_are_always_drawn_by_the_model_and_can_be_on_white(items):
    torch.manual_seed(0)
    model = Model(ModelConfig(network="unet-lean", width=4, size=256, directions=("photo_to_sketch",)))
    changes = {"data.synthetic_ratio": 0.01, "data.synthetic_finish": "strokes", "data.white_background": True}
    item = next(item for item in items if item.pair.matte)
    batches = InverseBatches([Item(replace(item.pair, sketch=None))], override(PLAIN, changes), CPU)
    batches.draw_sketches(model)
    for step in range(5):
        batch = batches(step, 10)
        assert batch.source.min() < 0.9, "never a blank sheet"
        assert batch.target[0, :, :4, :4].min() > 0.98


def test_unpaired_every_sketch_is_a_drawing_by_the_model_and_artists_sketches_are_of_anybody(items):
    torch.manual_seed(0)
    model = Model(ModelConfig(network="unet-lean", width=4, size=256, directions=("photo_to_sketch",)))
    with_matte, artists = items[-1], items
    items = [with_matte, *(Item(replace(item.pair, matte=with_matte.pair.matte)) for item in artists[:2]), artists[2]]
    batches = InverseBatches(items, override(PLAIN, {"data.synthetic_finish": "strokes"}), CPU, paired=False)
    batches.draw_sketches(model)
    assert batches.drawn is not None and {item.pair for item in batches.items} == {item.pair for item in items[:3]}
    with_sketches = 0
    for step in range(40):
        torch.manual_seed(step)
        batch = batches(step, 40)
        row = batches.row_of[batches.items_at(step)[0].pair]
        assert torch.allclose(batch.source[0, 0], normalize(batches.drawn[row, 0]), atol=0.01)
        if batch.unpaired is not None:
            with_sketches += 1
            known = [normalize(sketch[0]) for sketch in batches.sources]
            assert any(torch.allclose(batch.unpaired[0, 0], sketch, atol=0.01) for sketch in known)
    assert 3 < with_sketches < 20


def test_sketches_are_lit_unevenly_and_degraded_as_photographed_paper_is(items):
    torch.manual_seed(0)
    augmentation = {"data.augmentation": Augmentation(paper_light=1.0)}
    item = next(item for item in items if item.pair.matte)
    lit, plain = (InverseBatches([item], config, CPU) for config in (override(PLAIN, augmentation), PLAIN))
    a, b = lit(0, 10), plain(0, 10)
    assert torch.equal(a.target, b.target) and not torch.allclose(a.source, b.source, atol=0.02)
    assert torch.equal(a.source[:, 0], a.source[:, 2])


@pytest.mark.slow
def test_several_processes_draw_the_same_sketches_as_one_and_leave_the_runs_random_numbers_alone(items):
    torch.manual_seed(0)
    model = Model(ModelConfig(network="unet-lean", width=4, size=256, directions=("photo_to_sketch",)))
    changes = {"data.synthetic_ratio": 1.0, "data.synthetic_finish": "strokes", "data.abstraction": 0.5}
    by_processes = []
    for processes in (1, 2):
        batches = InverseBatches(items, override(PLAIN, changes), CPU)
        torch.manual_seed(7)
        batches.draw_sketches(model, processes)
        by_processes.append((batches.drawn, torch.rand(4)))
    (one, random_after_one), (two, random_after_two) = by_processes
    assert one.shape == (4, 3, 64, 64) and one.any() and torch.equal(one, two)
    assert torch.equal(random_after_one, random_after_two)


def test_one_process_draws_on_one_or_two_cores_or_few_photos(monkeypatch):
    def with_cores(cores: int, photos: int, sharing: int = 1) -> int:
        monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)), raising=False)
        return number_of_processes(photos, sharing)

    assert with_cores(1, 2000) == with_cores(2, 2000) == with_cores(16, 4) == 1
    assert with_cores(16, 2000) == 16 and with_cores(16, 2000, sharing=4) == 4 and with_cores(16, 100) == 4
