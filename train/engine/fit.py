"""fit(): steps to the end or to Ctrl-C, a log, samples, checkpoints, a final evaluation. It knows no loss by name."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from facesketch.translator import Translator

from ..config import Config
from ..data.check import require
from ..data.pairs import Folders
from ..hardware import TrainingError, describe, first_process
from ..presets import PRESETS
from ..results import card
from ..results.evaluate import measure, summary, with_model
from . import checkpoint
from .interrupt import InterruptHandler
from .trainer import Trainer
from .warm_start import draw_sketches, init_from_model, init_from_run, keep_other_direction

FEWEST, MOST = 10, 20  # validations in a run, at ends of epochs where it has as many


def fit(
    config: Config,
    data: Folders,
    out: Path,
    device: str = "auto",
    track: str = "",
    say: Callable = print,
    model: Translator | None = None,
) -> dict:
    """Train a preset on a folder of pairs into out, or go on with the run that is there. Returns the test scores.

    track names a tracker (hardware.TRACKERS) that is told what metrics.jsonl is. model is what to begin with. Ctrl-C
    ends after the current step with everything saved. Raises DataError and TrainingError.
    """
    if model:
        config = replace(config, begin=f"{model.about['preset']} {model.about['sha256'][:12]}", after="")
    say = say if first_process() else _nothing
    for note in require(data):
        say(note)
    run = _train(config, data, out, device, track, say, model)
    if run is None:
        return {}
    scores = _score(run) if run.accelerator.is_main_process else {}
    for direction, result in scores.items():
        pictures = f"{result['pictures']} {result['part']} pictures"
        found = ", ".join(
            f"{card.METRIC_LABELS[name]} {result[name]:.4f}" for name in card.METRIC_LABELS if name in result
        )
        say(f"{direction} on {pictures}: {found}")
    for tracker in run.accelerator.trackers:
        tracker.finish()
    return scores


def _train(
    config: Config, data: Folders, out: Path, device: str, track: str, say: Callable, model: Translator | None = None
) -> Trainer | None:
    """The finished run in out, or None where Ctrl-C stopped it or the run that it starts from."""
    run = Trainer(config, data, out, device, track)
    if model:
        keep_other_direction(run, model)
    if run.accelerator.is_main_process:
        _claim(run)
    run.accelerator.wait_for_everyone()
    try:
        resumed = run.load(say)
    except KeyError as error:
        raise TrainingError(f"{out / 'state'} was saved by another version of train; go on with that one.") from error
    if config.after and not resumed:
        same = ("width", "discriminator_width", "batch", "steps", "seed")
        first = replace(PRESETS[config.after], **{name: getattr(config, name) for name in same})
        before = _train(first, data, out / "first", device, track, say)
        if before is None:
            return None
        init_from_run(run, before)
    elif model and not resumed:
        init_from_model(run, model)
    if model and run.step < run.config.steps:
        draw_sketches(run, model)
    counts = ", ".join(f"{len(items)} {part}" for part, items in run.parts.items())
    precision = {"no": "float32"}.get(run.accelerator.mixed_precision, run.accelerator.mixed_precision)
    say(
        f"{config.preset}: {counts}; {run.config.steps} steps on {describe(run.accelerator)} in {precision}"
        + (f", from step {run.step}" if resumed else "")
    )
    if _loop(run):
        return run
    say(f"Stopped at step {run.step} of {run.config.steps}; the same command goes on. So far: {out / 'export'}")
    return None


def _nothing(*_: object) -> None:
    """What a process says that is not the first."""


def _score(run: Trainer) -> dict:
    """Score what was exported, in each direction, on the test part; without one on the validation part; or not at all.

    The scores are written into export/, and stay once they are there.
    """
    part = "test" if run.parts["test"] else "val"
    model = Translator.from_pretrained(run.out / "export").to(run.accelerator.device)
    if "scores" in model.about:
        return model.about["scores"]
    model.about["seconds"] = round(run.seconds())
    model.about["scores"] = {
        direction: {
            "part": part,
            **summary(measure(with_model(model, direction), run.parts[part], direction), timed=True),
        }
        for direction in (model.directions if run.parts[part] else ())
    }
    card.export(model, run.out / "export")
    return model.about["scores"]


def _claim(run: Trainer) -> None:
    """Make out this run's folder; refuse the folder of a run of another config."""
    path = run.out / "config.json"
    if path.exists():
        here = run.config.as_dict()
        try:
            there = dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise TrainingError(f"{path} is damaged; put the run's own back, or train into another folder.") from error
        there = Config.of({"training": there}).as_dict()  # what came since has its default
        changed = [name for name in here if there[name] != here[name]]
        differ = [f"{name} {there.get(name)} there, {here[name]} here" for name in changed]
        if differ:
            raise TrainingError(f"{run.out} holds another run: {'; '.join(differ)}.")
        return
    if run.out.is_dir() and any(run.out.iterdir()):
        raise TrainingError(f"{run.out} is not empty and holds no run.")
    run.out.mkdir(parents=True, exist_ok=True)
    checkpoint.write(path, (json.dumps(run.config.as_dict() | {"changed": run.changed}, indent=2) + "\n").encode())


def _loop(run: Trainer) -> bool:
    """Step to the end, or until Ctrl-C. Returns whether the end was reached."""
    steps, epoch = run.config.steps, run.batches.per_epoch
    every = min(epoch * max(1, steps // epoch // MOST), max(1, steps // FEWEST))
    with InterruptHandler(run.accelerator) as stop, _bar(run) as bar:
        while run.step < steps and not stop():
            run.train_step()
            bar.update()
            due = run.step % every == 0 or run.step == steps
            if due or run.step % epoch == 0:
                run.log_losses()
            if due:
                scores = {
                    name.removeprefix("val_"): value
                    for name, value in run.validate().items()
                    if name.startswith(("val_ssim", "val_iou"))
                }
                bar.set_postfix(scores)
                run.save()
        if run.step < steps:
            run.save()
            if run.accelerator.is_main_process and not run.best["step"]:
                card.export(run.translator(whole=True), run.out / "export")
    return run.step >= steps


def _bar(run: Trainer) -> tqdm:
    return tqdm(
        total=run.config.steps,
        initial=run.step,
        desc=run.config.preset,
        unit="step",
        mininterval=1,
        file=sys.stderr,
        disable=not run.accelerator.is_main_process,
    )
