"""python -m train: the command line of training."""

from __future__ import annotations

try:
    import json
    import sys
    from dataclasses import replace
    from pathlib import Path
    from typing import Annotated, Any

    import typer
    from accelerate import PartialState

    from facesketch import WeightsError, load_model

    from .config import override
    from .data import align as data_align
    from .data import check as data_check
    from .data.pack import pack as pack_data
    from .data.pairs import DataError, find_pairs
    from .data.split import split_of_model
    from .engine.fit import fit as fit_run
    from .hardware import TRACKERS, TrainingError
    from .presets import PRESETS
    from .results import baselines, card, identity, scores
    from .results import evaluate as evaluation
    from .results import push as hub
except KeyboardInterrupt:  # Ctrl-C while PyTorch is imported, which takes seconds
    raise SystemExit(130) from None

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Train and evaluate facesketch's models.",
)
Data = Annotated[
    list[Path],
    typer.Option(help="Folder with photos/ and sketches/ (and mattes/), or the CUFS download; can be repeated"),
]


@app.command()
def fit(
    preset: Annotated[str, typer.Argument(help="One of: " + ", ".join(PRESETS))],
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder of the run; a run that is there already is continued")],
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    steps: Annotated[int, typer.Option(min=0, help="Optimizer steps; 0: as many as the epochs have")] = 0,
    epochs: Annotated[int, typer.Option(min=0, help="Passes over the pairs; 0: the preset's")] = 0,
    width: Annotated[int, typer.Option(min=0, help="Channels of the generators' first layer; 0: the preset's")] = 0,
    batch_size: Annotated[int, typer.Option(min=0, help="Pairs per step, over all processes; 0: the preset's")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of everything random")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Fail if there is no run in OUT to continue")] = False,
    tracker: Annotated[str, typer.Option(help="Also log to a tracker: " + " or ".join(TRACKERS))] = "",
    init_from: Annotated[
        str, typer.Option(metavar="MODEL", help="Start from a model's generators: an embedded name, folder or Hub repo")
    ] = "",
    compiled: Annotated[
        bool,
        typer.Option("--compile", help="Compile the networks (torch.compile); on a CPU the autoencoder is slower so"),
    ] = False,
    score: Annotated[
        bool, typer.Option(help="Score the test part at the end; --no-score leaves it to evaluate --card")
    ] = True,
    push_to: Annotated[str, typer.Option(metavar="REPO_ID", help="Push the finished run to the Hub")] = "",
) -> None:
    """Train PRESET. Ctrl-C leaves a usable run, which the same command continues."""
    if preset not in PRESETS:
        raise typer.BadParameter(f"There is no preset {preset}; there are {', '.join(PRESETS)}.")
    if device not in ("auto", "cpu", "cuda"):
        raise typer.BadParameter("--device is auto, cpu or cuda.")
    if tracker and tracker not in TRACKERS:
        raise typer.BadParameter(f"--tracker is {' or '.join(TRACKERS)}.")
    if resume and not (out / "config.json").exists():
        raise TrainingError(f"{out} contains no run to continue.")
    if push_to and not score:
        raise typer.BadParameter("--push-to needs the scores, which --no-score leaves out.")
    if push_to:
        hub.prepare(push_to)
    changes = {"epochs": epochs, "model.width": width, "batch_size": batch_size, "steps": steps, "seed": seed}
    config = override(PRESETS[preset], {name: value for name, value in changes.items() if value})
    init_model = load_model(init_from) if init_from else None
    test_scores = fit_run(config, data, out, device, tracker, init_model=init_model, compiled=compiled, score=score)
    PartialState().destroy_process_group()
    if push_to and test_scores:  # the first process of a finished run has them
        hub.push(out, push_to)


@app.command()
def check(data: Data) -> None:
    """Look for problems in the data. Exit status 1 if there are errors that would spoil a training."""
    findings, pairs = data_check.examine(data), find_pairs(data)
    print(data_check.as_markdown(len(pairs), findings))
    if any(finding.is_error for finding in findings):
        raise typer.Exit(1)
    print(f"\n{data_check.describe_parts(pairs, data)}")


@app.command()
def align(
    source: Annotated[list[Path], typer.Argument(metavar="IN...", help="Folders of pairs, as for --data")],
    out: Annotated[Path, typer.Argument(help="New folder for photos/ and sketches/ of 200 x 250 pixels")],
) -> None:
    """Align your own pairs to the models' template, by the face in each. Exit status 1 if some have no face."""
    written, failed = data_align.align(source, out)
    print(f"{out} contains {written} pair{'s' if written != 1 else ''}.")
    if failed:
        raise typer.Exit(1)


@app.command()
def pack(
    data: Data,
    out: Annotated[Path, typer.Option(help="ZIP file to write")],
    width: Annotated[int, typer.Option(min=16, help="Width of the images, at most, in pixels")] = 320,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of photos and sketches, as WebP")] = 75,
    include: Annotated[
        list[Path] | None, typer.Option(help="Another file to pack, such as weights that a loss needs; can be repeated")
    ] = None,
) -> None:
    """Pack the data into one small file, for train/gpu.sh on another machine."""
    packed = pack_data(data, out, width, quality, include or [])
    print(f"{out} contains {packed.images} images and {packed.others} other files: {packed.size / 1e6:.1f} MB.")


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A folder of weights, a run's export/, or a Hub repo id[@revision]")],
    data: Data,
    baselines_sketch: Annotated[
        Path | None, typer.Option("--baselines", help="Folder with a folder of PNGs, sketches, for each other method")
    ] = None,
    baselines_photo: Annotated[Path | None, typer.Option(help="The same with photos, for sketch to photo")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all scores and measurements as JSON")] = False,
    inside_person: Annotated[
        bool, typer.Option("--inside-person", help="Make everything but the person white, by the data's mattes")
    ] = False,
    write_card: Annotated[bool, typer.Option("--card", help="Write the scores to MODEL's files")] = False,
) -> None:
    """Measure MODEL on the test part of the data, with trivial baselines and other methods.

    Persons that it was trained on are left out.

    SSIM (Gaussian window), FSIM, Scoot and MAE at native size, in gray, for sketches the texture distance, and with the
    extra [measure] rank-1 identification. If there is no test part, as in the deck's protocol, the validation part is
    used.
    """
    measured = load_model(model)
    if write_card and not Path(model).is_dir():
        raise typer.BadParameter(f"--card needs a folder to write to, which {model} is not.")
    if write_card and inside_person:
        raise typer.BadParameter("--card is for scores of whole pictures, without --inside-person.")
    split = split_of_model(measured, data)
    part = evaluation.part_to_measure(measured.config, split)
    items = part.items
    for note in part.notes:
        print(note, file=sys.stderr)
    if not identity.is_available():
        print(identity.MISSING, file=sys.stderr)
    name, all_scores = model.rstrip("/"), dict(measured.config.scores)
    output: dict[str, Any] = {}
    for direction in measured.config.directions:
        draws = {name: evaluation.draw_with(measured, direction)}
        draws |= baselines.trivial_baselines([*split.train, *split.val], direction)
        folder = {"photo_to_sketch": baselines_sketch, "sketch_to_photo": baselines_photo}.get(direction)
        gallery = evaluation.make_gallery(find_pairs(data), items, direction)
        comparison = baselines.compare(draws, items, direction, folder, gallery, inside_person)
        results = {who: scores.summarize(rows, timed=who == name) for who, rows in comparison.rows.items()}
        output[direction] = {
            who: {**score.to_dict(), "images": [row.to_dict() for row in comparison.rows[who]]}
            for who, score in results.items()
        }
        differences = {metric: found.to_dict() for metric, found in comparison.differences.items()}
        output[direction][name]["paired_difference"] = differences
        others = {who: score for who, score in results.items() if who != name}
        all_scores[direction] = scores.with_part(results[name], part.name, others).to_dict()
        if not as_json:
            text = f"{scores.as_markdown(results)}\n\n{scores.sentences(comparison.differences)}"
            print(f"\n{direction}\n\n{text}".rstrip())
    if as_json:
        print(json.dumps(output, indent=1))
    if write_card:
        measured.config = replace(measured.config, scores=all_scores)
        card.export(measured, Path(model))


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, finished or not")],
    out: Annotated[Path, typer.Option(help="Folder for README.md and its figures")],
) -> None:
    """Keep the records of RUNS in OUT/runs, and draw the deck's curves, grids and table from all records there."""
    from .results.report import report as write_report  # matplotlib is slow to import

    write_report(runs, out)


@app.command()
def push(
    source: Annotated[Path, typer.Argument(metavar="RUN_OR_FOLDER", help="A run, or a folder in the Hub layout")],
    repo: Annotated[str, typer.Argument(metavar="REPO_ID", help="user/name")],
    private: Annotated[bool, typer.Option("--private", help="Make a new repo private")] = False,
    revision: Annotated[str, typer.Option(metavar="BRANCH", help="A branch other than main")] = "",
) -> None:
    """Push a model to the Hub: weights, config, card and portraits in one commit, and a tag of the version."""
    hub.push(source, repo, private, revision)


def main() -> None:
    try:
        app()
    except (DataError, TrainingError, WeightsError, hub.PushError, OSError) as error:
        file = getattr(error, "filename", None)
        message = f"{file}: {error.strerror}." if file and isinstance(error, OSError) else error
        print(f"train: {message}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
