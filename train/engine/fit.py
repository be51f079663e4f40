"""fit: train a preset into a folder, or continue the run there, and score what it exported."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from facesketch import Model
from facesketch.files import atomic_write

from ..config import Config
from ..data.check import check_before_training
from ..data.pairs import Folders, as_paths
from ..data.split import belongs_to
from ..hardware import TrainingError, describe, is_first_process
from ..results import card
from ..results.evaluate import draw_with, measure
from ..results.portraits import PORTRAITS
from ..results.scores import Score, as_markdown, read_scores, summarize, with_part
from .trainer import Trainer
from .warm_start import ancestry_of, draw_sketches, first_stage, init_from_model, init_from_run, keep_other_directions

Log = Callable[[str], object]
LOCK = ".lock"  # file in a run's folder


def fit(
    config: Config,
    folders: Folders,
    out: Path,
    device: str = "auto",
    tracker: str = "",
    log: Log = print,
    init_model: Model | None = None,
    compiled: bool = False,
    score: bool = True,
) -> dict[str, Score]:
    """Train a preset on folders of pairs into out, or continue the run there. Returns the test scores by direction.

    tracker: a name in hardware.TRACKERS, which gets the lines of metrics.jsonl. init_model: a model whose generators
    the run starts from. compiled: train with compiled networks. score: whether to score the test part at the end; if
    not, returns {}. Ctrl-C ends the run after the current step with everything saved, and returns {}. Raises DataError
    and TrainingError.
    """
    if init_model:
        theirs = init_model.config
        preset = theirs.provenance.get(config.model.direction, theirs.origin).preset
        init_from = f"{preset} {theirs.sha256[:12]}"
        config = replace(config, init_from=init_from, init_preset="")
    log = log if is_first_process() else _discard
    for note in check_before_training(folders):
        log(note)
    trainer = _train(config, folders, out, device, tracker, log, init_model, compiled)
    if trainer is None:
        return {}
    scores = _score(trainer) if score and trainer.accelerator.is_main_process else {}
    log(_closing_text(trainer, folders, scores))
    for each in trainer.accelerator.trackers:
        each.finish()
    return scores


def _train(
    config: Config,
    folders: Folders,
    out: Path,
    device: str,
    tracker: str,
    log: Log,
    init_model: Model | None = None,
    compiled: bool = False,
) -> Trainer | None:
    """The finished run in out, or None if Ctrl-C stopped it or the run that it continues."""
    trainer = Trainer(config, folders, out, device, tracker, ancestry_of(config, folders, init_model))
    if init_model:
        keep_other_directions(trainer, init_model)
    if compiled:
        trainer.compile_networks()
    with _claimed_folder(trainer) if trainer.accelerator.is_main_process else nullcontext():
        reached_end = _train_claimed(trainer, config, folders, device, tracker, log, init_model, compiled)
    return trainer if reached_end else None


def _train_claimed(
    trainer: Trainer,
    config: Config,
    folders: Folders,
    device: str,
    tracker: str,
    log: Log,
    init_model: Model | None,
    compiled: bool,
) -> bool:
    """Train to the end, from where the folder's run stands. Returns whether the end was reached."""
    out = trainer.out
    trainer.accelerator.wait_for_everyone()
    resumed = trainer.resume(log)
    if config.init_preset and not resumed:
        finished = _train(first_stage(config), folders, out / "first", device, tracker, log, compiled=compiled)
        if finished is None:
            return False
        init_from_run(trainer, finished)
    elif init_model and not resumed:
        init_from_model(trainer, init_model)
    learns_mattes = config.model.direction == "photo_to_matte"
    if not (init_model or learns_mattes or all(item.pair.sketch for item in trainer.split.train)):
        raise TrainingError("Photos without sketches need a model that draws them: name one with --init-from.")
    if init_model and trainer.step < trainer.config.steps:
        draw_sketches(trainer, init_model, log)
    subset = trainer.config.data.subset
    if not all(belongs_to(item.pair, subset) for item in trainer.split.train):
        log(f"{config.preset} is limited to {subset}/, which the data do not have, so all pairs are used.")
    counts = ", ".join(f"{count} {part}" for part, count in trainer.split.counts.items())
    precision = {"no": "float32"}.get(trainer.accelerator.mixed_precision, trainer.accelerator.mixed_precision)
    steps = trainer.config.steps
    log(
        f"{config.preset}: {counts}; {steps} steps on {describe(trainer.accelerator)} in {precision}"
        + (f", from step {trainer.step}" if resumed else "")
    )
    if str(trainer.left_out):
        log(f"{config.preset}: {trainer.left_out}")
    if not trainer.split.val:
        log(f"{config.preset}: nobody is in the validation part, so training images stand in for it.")
    if not trainer.split.test:
        scored = "scores are of the validation part" if trainer.split.val else "there are no scores"
        log(f"{config.preset}: nobody is in the test part, so {scored}.")
    if not trainer.train(log):
        log(f"Stopped at step {trainer.step} of {steps}; run the same command to continue. Exported: {out / 'export'}")
    return trainer.step >= steps


def _discard(_: str) -> None:
    """The log of all processes but the first."""


def _score(trainer: Trainer) -> dict[str, Score]:
    """Score the exported model in each direction on the test part, or the validation part if there is no test part.

    Scores are stored in export/ and not measured again.
    """
    part, items = ("test", trainer.split.test) if trainer.split.test else ("val", trainer.split.val)
    model = Model.from_pretrained(trainer.out / "export").to(trainer.accelerator.device)
    if model.config.scores:
        return read_scores(model.config.scores)
    scores = {}
    for direction in model.config.directions if items else ():
        scores[direction] = with_part(
            summarize(measure(draw_with(model, direction), items, direction), timed=True), part
        )
    seconds = round(trainer.seconds())
    provenance = {
        direction: each if direction in trainer.extra_generators else replace(each, seconds=seconds)
        for direction, each in model.config.provenance.items()
    }
    stored = {direction: score.to_dict() for direction, score in scores.items()}
    model.config = replace(model.config, provenance=provenance, scores=stored)
    card.export(model, trainer.out / "export")
    return scores


def _closing_text(trainer: Trainer, folders: Folders, scores: Mapping[str, Score]) -> str:
    """The scores as a table for each direction, where the export is, and a command that uses it."""
    export, preset = trainer.out / "export", trainer.config.preset
    tables = [
        f"\n{direction}, {score.part} pictures:\n\n{as_markdown({preset: score})}\n"
        for direction, score in scores.items()
    ]
    if "photo_to_sketch" in trainer.method.generators and PORTRAITS:
        photo = os.path.relpath(PORTRAITS[0])
        command = ["python", "-m", "facesketch", photo, "--model", str(export), "--out", "sketch.png"]
    else:
        data = [argument for folder in as_paths(folders) for argument in ("--data", str(folder))]
        command = ["python", "-m", "train", "evaluate", str(export), *data]
    return "\n".join([*tables, f"Exported: {export}", f"Next: {shlex.join(command)}"])


@contextmanager
def _claimed_folder(trainer: Trainer) -> Iterator[None]:
    """Keep a run's folder for this process, with config.json in it.

    The lock is the operating system's, so it ends with the process, however that ends. Raises TrainingError if another
    process trains there, or the folder has another run, a run on other data, or other files.
    """
    path = trainer.out / "config.json"
    if not path.exists() and trainer.out.is_dir() and any(each.name != LOCK for each in trainer.out.iterdir()):
        raise TrainingError(f"{trainer.out} is not empty and contains no run.")
    trainer.out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(trainer.out / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise TrainingError(f"{trainer.out} is in use by another training process.") from error
    try:
        data = trainer.split.sha256()
        if path.exists():
            _compare(path, trainer.config, data)
        else:
            content = trainer.config.to_dict() | {"changed": trainer.changed, "data_sha256": data}
            atomic_write(path, (json.dumps(content, indent=2) + "\n").encode())
        yield
    finally:
        lock.release()


def _compare(path: Path, config: Config, data: str) -> None:
    """Raise TrainingError if a run's config.json is that of another run, or of a run on other data."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        there = Config.from_dict(content)
    except ValueError as error:
        raise TrainingError(f"{path} is damaged; restore it, or train into another folder.") from error
    here = config.flat()
    changes = there.changes_from(config).items()
    differences = [f"{name} is {value} there and {here.get(name)} here" for name, value in changes]
    if differences:
        raise TrainingError(f"{path.parent} contains another run: {'; '.join(differences)}.")
    if content.get("data_sha256", data) != data:
        raise TrainingError(f"{path.parent} contains a run on other data: pairs, their parts or their files differ.")
