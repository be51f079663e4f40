"""python -m train: the command line of training."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from accelerate import PartialState

from facesketch import WeightsError, load

from .config import Config
from .data import align as align_pairs
from .data import check as doctor
from .data.pairs import DataError, pairs
from .data.split import split
from .engine.fit import fit as run_fit
from .hardware import TRACKERS, TrainingError
from .presets import PRESETS
from .results import baselines, card, identity
from .results import evaluate as ev
from .results import push as hub

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Train facesketch's models, and measure them.",
)
Data = Annotated[
    list[Path],
    typer.Option(help="A folder with photos/ and sketches/ (and mattes/), or the CUFS download; may be repeated"),
]


@app.command()
def fit(
    preset: Annotated[str, typer.Argument(help="One of: " + ", ".join(PRESETS))],
    data: Data,
    out: Annotated[Path, typer.Option(help="The run's folder; where it holds this run already, it goes on.")],
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    steps: Annotated[int, typer.Option(min=0, help="Optimizer steps; 0: the preset's epochs")] = 0,
    epochs: Annotated[int, typer.Option(min=0, help="Times through the pairs; 0: the preset's")] = 0,
    width: Annotated[int, typer.Option(min=0, help="Channels of the generators' first layer; 0: the preset's")] = 0,
    batch: Annotated[int, typer.Option(min=0, help="Pairs a step, over all processes; 0: the preset's")] = 0,
    seed: Annotated[int, typer.Option(help="What is random follows from it")] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in OUT, and fail where there is none")
    ] = False,
    track: Annotated[str, typer.Option(help="Tell a tracker as well: " + " or ".join(TRACKERS))] = "",
    begin: Annotated[
        str,
        typer.Option("--from", metavar="MODEL", help="Begin with the generators of a model: weights/NAME, a repo id"),
    ] = "",
    push_to: Annotated[str, typer.Option(metavar="REPO_ID", help="Push the finished run to the Hub")] = "",
) -> None:
    """Train PRESET. Ctrl-C leaves a usable run, and the same command goes on with it."""
    if preset not in PRESETS:
        raise typer.BadParameter(f"There is no preset {preset}; there are {', '.join(PRESETS)}.")
    if device not in ("auto", "cpu", "cuda"):
        raise typer.BadParameter("--device is auto, cpu or cuda.")
    if track and track not in TRACKERS:
        raise typer.BadParameter(f"--track is {' or '.join(TRACKERS)}.")
    if resume and not (out / "config.json").exists():
        raise TrainingError(f"{out} holds no run to go on with.")
    if push_to:
        hub.ready(push_to)
    given = {"epochs": epochs, "width": width, "batch": batch}
    config = replace(PRESETS[preset], steps=steps, seed=seed, **{name: value for name, value in given.items() if value})
    scores = run_fit(config, data, out, device, track, model=load(begin) if begin else None)
    PartialState().destroy_process_group()
    if push_to and scores:  # the first process of a finished run has some
        hub.push(out, push_to)


@app.command()
def check(data: Data) -> None:
    """Look through the data: what would make training wrong (exit 1), and what is good to know."""
    findings = doctor.examine(data)
    print(doctor.table(len(pairs(data)), findings))
    if any(finding.wrong for finding in findings):
        raise typer.Exit(1)


@app.command()
def align(
    source: Annotated[list[Path], typer.Argument(metavar="IN...", help="Folders of pairs, as --data takes them")],
    out: Annotated[Path, typer.Argument(help="A new folder, for photos/ and sketches/ of 200 x 250 pixels")],
) -> None:
    """Bring your own pairs into the frame that the models know, by the face in each. Exit 1 where some have none."""
    done, failed = align_pairs.align(source, out)
    print(f"{out} holds {done} pair{'s' if done != 1 else ''}.")
    if failed:
        raise typer.Exit(1)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A folder of weights, a run's export/, or a Hub repo id[@revision]")],
    data: Data,
    peers: Annotated[Path | None, typer.Option(help="A folder with a folder of PNGs for each other method")] = None,
    peers_photo: Annotated[Path | None, typer.Option(help="The same for the way back: their photos")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything, picture by picture, as JSON")] = False,
    write: Annotated[bool, typer.Option("--card", help="Write the scores into MODEL's config.json and card")] = False,
) -> None:
    """Measure MODEL on the test part of the split it was trained with, beside trivial answers and other methods.

    SSIM (Gaussian window), FSIM, Scoot and MAE at native size, in gray, and with the extra [measure] identity: how many
    answers a face network finds first among the photos. Without a test part (the deck has none) on validation.
    """
    translator = load(model)
    if write and not Path(model).is_dir():
        raise typer.BadParameter(f"--card writes into a folder, which {model} is not.")
    found = pairs(data)
    parts = split(found, data, Config.of(translator.about))
    part = "test" if parts["test"] else "val"
    if not parts[part]:
        raise DataError(f"{data[0]} leaves no pictures to measure on.")
    if not identity.available():
        print(identity.MISSING, file=sys.stderr)
    mine, everything = model.rstrip("/"), {}
    for direction in translator.directions:
        draws = {mine: ev.with_model(translator, direction)}
        draws |= baselines.trivial(parts["train"] + parts["val"], direction)
        folder = {"photo_to_sketch": peers, "sketch_to_photo": peers_photo}.get(direction)
        rows, ahead = baselines.compare(
            draws, parts[part], direction, folder, ev.gallery(found, parts[part], direction)
        )
        results = {who: ev.summary(each, timed=who == mine) for who, each in rows.items()}
        everything[direction] = {who: {**results[who], "images": rows[who]} for who in rows}
        everything[direction][mine]["ahead"] = ahead
        others = {who: result for who, result in results.items() if who != mine}
        translator.about.setdefault("scores", {})[direction] = {"part": part, **results[mine], "others": others}
        if not as_json:
            print(f"\n{direction}\n\n{ev.table(results)}\n\n{ev.sentences(ahead)}".rstrip())
    if as_json:
        print(json.dumps(everything, indent=1))
    if write:
        card.export(translator, Path(model))


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, finished or not")],
    out: Annotated[Path, typer.Option(help="Where README.md and its pictures go")],
) -> None:
    """Keep what RUNS tell in OUT/runs, and draw the deck's curves, grids and table from all that is there."""
    from .results.report import report as write_report  # matplotlib is slow to import

    write_report(runs, out)


@app.command()
def push(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_FOLDER", help="A run, or a folder in the Hub layout")],
    repo: Annotated[str, typer.Argument(metavar="REPO_ID", help="user/name")],
    private: Annotated[bool, typer.Option("--private", help="Where the repo is made, for your eyes only")] = False,
    revision: Annotated[str, typer.Option(metavar="BRANCH", help="A branch other than main")] = "",
) -> None:
    """Push a model to the Hub: weights, description, card and portraits in one commit, and a tag of the version."""
    hub.push(source, repo, private, revision)


def main() -> None:
    try:
        app()
    except (DataError, TrainingError, WeightsError, hub.PushError, OSError) as error:
        file = getattr(error, "filename", None)
        print(f"train: {f'{file}: {error.strerror}.' if file else error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
