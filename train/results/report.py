"""What the deck shows, redrawn from finished or running runs: curves, grids of results, and its table beside ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib

import facesketch

from ..hardware import TrainingError
from .card import TITLES, interval
from .portraits import sheet

matplotlib.use("Agg")
from matplotlib import pyplot

MEASURES = {"D loss": "D", "G loss": "G", "accuracy": "accuracy", "SSIM": "ssim_photo_to_sketch"}  # the table's columns
DECK = {  # what the course deck reports: measure -> (training, validation)
    "autoencoder": {"G loss": (0.033, 0.091), "accuracy": (0.92, 0.89), "SSIM": (0.8118, 0.7135)},
    "pix2pix": {"D loss": (1.1917, 1.1264), "G loss": (5.6730, 9.6808), "SSIM": (0.7002, 0.6064)},
    "cyclegan": {"D loss": (0.046, None), "G loss": (0.9478, None), "SSIM": (0.1698, 0.1624)},
}
BOTH = ["ssim_photo_to_sketch", "ssim_sketch_to_photo"]
PANELS = {  # the deck's curves of each method: title -> the names in metrics.jsonl
    "autoencoder": {"loss": ["G"], "accuracy": ["accuracy"], "SSIM": ["ssim_photo_to_sketch"]},
    "pix2pix": {"generator loss": ["G"], "discriminator loss": ["D"], "SSIM": BOTH},
    "cyclegan": {"generator loss": ["G"], "discriminator loss": ["D"], "SSIM": BOTH},
    "matte": {"loss": ["M"], "IoU": ["iou_photo_to_matte"]},
}
TEXT = """# Results

Redrawn by `python -m train report {command} --out docs/results` from what the runs
wrote down. Curves: solid for training, dashed for validation. Where a preset averages its generator, SSIM is that of
the average.

{tables}

## Why the deck's own figures flatter, and one that looks like a fault

The deck turns each of its 188 pairs into eight and splits 8:2 afterwards. A validation picture is then without another
turn of the same pair in the training part only where all seven others fell to validation too, once in 78,000 times
(0.2 to the seventh): a network that remembers is rewarded like one that has learned. Under the split by person nobody
is on both sides. Losses do not compare across methods: Pix2Pix's G sums a cross entropy and 100 times the mean absolute
error, CycleGAN's two adversarial losses and 10 times two cycles; D is half the sum of its two terms here, as in
Pix2Pix's section 3.3, and CycleGAN's D the sum of two such. The deck does not define its accuracy; here it is Keras's,
the share of pixels whose largest channel agrees, which means little for gray pictures.

The deck's CycleGAN stands at an SSIM of {deck_cyclegan}, far below the 0.53 of the untouched gray photo on the CUHK
test pairs (`python -m train evaluate` prints it). A generator that leaves the face where it is hardly falls so far
below its own input, so the figure looks like a fault in measuring, such as pictures of two value ranges compared.

{sections}"""


@dataclass(frozen=True)
class Story:
    """What a run's folder tells: its config, the lines of metrics.jsonl, and what was exported."""

    folder: Path
    config: dict
    lines: list[dict]
    about: dict

    @property
    def preset(self) -> str:
        return self.config["preset"]

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """Steps and values of one name."""
        points = [(line["step"], line[name]) for line in self.lines if name in line]
        return [step for step, _ in points], [value for _, value in points]

    def at_export(self, name: str) -> float | None:
        """A name's value at the step that was exported, or the last one before it; None where it has none."""
        values = [line[name] for line in self.lines if name in line and line["step"] <= self.about["step"]]
        return values[-1] if values else None


def read(folder: Path) -> Story:
    """The story of a run's folder. Raises TrainingError where it holds none."""
    try:
        config, about = (json.loads((folder / name).read_text()) for name in ("config.json", "export/config.json"))
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder} holds no run that has exported anything yet.") from error
    return Story(folder, config, lines, about)


def curves(story: Story, path: Path) -> None:
    """Draw the deck's curves of a run's method side by side."""
    panels = PANELS[story.config["method"]]
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.2), layout="constrained")
    for axis, (title, names) in zip(axes, panels.items(), strict=True):
        for number, name in enumerate(names):
            training = name if title not in ("SSIM", "IoU") else f"train_{name}"
            for label, style, key in (("training", "-", training), ("validation", "--", f"val_{name}")):
                steps, values = story.curve(key)
                direction = f" {name.removeprefix('ssim_').replace('_', ' ')}" if len(names) > 1 else ""
                if steps:
                    axis.plot(steps, values, style, color=f"C{number}", label=f"{label}{direction}")
        axis.set(title=title, xlabel="step")
        if axis.lines:
            axis.legend(fontsize=7)
    figure.suptitle(story.preset)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def portraits(story: Story, photos: list[Path], path: Path) -> None:
    """Draw the public-domain portraits and what a run's export makes of them."""
    sheet(facesketch.Translator.from_pretrained(story.folder / "export"), photos).save(path, optimize=True)


def table(stories: list[Story]) -> str:
    """The deck's final table: what it reports of each method, above what these runs wrote at the exported step."""
    lines = ["| | " + " | ".join(f"{name} / val" for name in MEASURES) + " |", "|---" * (1 + len(MEASURES)) + "|"]
    for story in (story for story in stories if story.config["method"] in DECK):
        method, steps = story.config["method"], f"step {story.about['step']} of {story.config['steps']}"
        training = {"SSIM": "train_"}
        ours = {
            name: (story.at_export(training.get(name, "") + key), story.at_export(f"val_{key}"))
            for name, key in MEASURES.items()
        }
        lines += [_row(f"{TITLES[method]}, the deck", DECK[method]), _row(f"`{story.preset}`, {steps}", ours)]
    return "\n".join(lines)


def _row(label: str, figures: dict[str, tuple[float | None, float | None]]) -> str:
    cells = [figures.get(name, (None, None)) for name in MEASURES]
    shown = [" / ".join("-" if value is None else f"{value:.4f}" for value in pair) for pair in cells]
    return f"| {label} | {' | '.join('' if cell == '- / -' else cell for cell in shown)} |"


def scores(stories: list[Story]) -> str:
    """What the runs' exports score on whole parts, as written at the end of fit."""
    lines = ["| run | direction | part | pictures | SSIM, of mattes IoU | 95 % |", "|---|---|---|---|---|---|"]
    for story in stories:
        for direction, score in story.about.get("scores", {}).items():
            metric = "iou" if "iou" in score else "ssim"
            figures = f"{score['pictures']} | {score[metric]:.4f} | {interval(score, metric)}"
            lines.append(f"| `{story.preset}` | {direction} | {score['part']} | {figures} |")
    return "\n".join(lines) if len(lines) > 2 else "No run here has come to its end."


def report(folders: list[Path], photos: list[Path], out: Path) -> None:
    """Write README.md and its pictures into out. Raises TrainingError where a folder holds no run."""
    stories = [read(folder) for folder in folders]
    out.mkdir(parents=True, exist_ok=True)
    tables, sections = [], []
    for split, title in (("deck", "The deck's protocol"), ("person", "Split by person")):
        if of_split := [story for story in stories if story.config["split"] == split]:
            tables.append(f"## {title}\n\n{table(of_split)}\n\n{scores(of_split)}")
    for story in stories:
        curves(story, out / f"{story.preset}-curves.png")
        portraits(story, photos, out / f"{story.preset}-portraits.png")
        trained = f"Step {story.about['step']} of {story.config['steps']}, on {story.about['hardware']}."
        sections.append(
            f"## {story.preset}\n\n{trained}\n\n![Curves]({story.preset}-curves.png)\n\n"
            f"![Public-domain portraits]({story.preset}-portraits.png)\n"
        )
    text = TEXT.format(
        command=" ".join(f"runs/{folder.name}" for folder in folders),
        tables="\n\n".join(tables),
        deck_cyclegan=DECK["cyclegan"]["SSIM"][0],
        sections="\n".join(sections),
    )
    (out / "README.md").write_text(text)
