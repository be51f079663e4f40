"""What the deck shows, redrawn from what runs told: curves, grids of results, and its table beside ours."""

from __future__ import annotations

from pathlib import Path

from ..presets import PRESETS
from .card import TITLES, interval
from .plots import curves, grid
from .run_summary import RunSummary, keep, read

MEASURES = {"D loss": "D", "G loss": "G", "accuracy": "accuracy", "SSIM": "ssim_photo_to_sketch"}  # the table's columns
DECK = {  # what the course deck reports: measure -> (training, validation)
    "autoencoder": {"G loss": (0.033, 0.091), "accuracy": (0.92, 0.89), "SSIM": (0.8118, 0.7135)},
    "pix2pix": {"D loss": (1.1917, 1.1264), "G loss": (5.6730, 9.6808), "SSIM": (0.7002, 0.6064)},
    "cyclegan": {"D loss": (0.046, None), "G loss": (0.9478, None), "SSIM": (0.1698, 0.1624)},
}
COMPARED = {"pix2pix": 0.6606, "cyclegan": 0.7626}  # the SSIM of the paper that the deck compares itself with
WORDS = {"width": "generator width", "discriminator_width": "discriminator width", "epochs": "epochs"}
TEXT = """# Results

Drawn by `python -m train report docs/results/runs/* --out docs/results` from what the runs wrote down, which is in
[runs/](runs). `python -m train report runs/NAME --out docs/results` takes a run up, or a newer state of it. Light lines
are training, dark ones validation, dotted ones the deck's final figures; of the first epochs the frame cuts off what
lies far out. Where a preset averages its generator, SSIM is that of the average. Portraits are in the public domain.

{tables}

## Why the deck's own figures flatter, and one that looks like a fault

The deck turns each of its 188 pairs into eight and splits 8:2 afterwards. A validation picture is then without another
turn of the same pair in the training part only where all seven others fell to validation too, once in 78,000 times
(0.2 to the seventh): a network that remembers is rewarded like one that has learned. Under the split by person nobody
is on both sides. Losses do not compare across methods: Pix2Pix's G sums a cross entropy and 100 times the mean absolute
error, CycleGAN's two adversarial losses and 10 times two cycles; D is half the sum of its two terms here, as in
Pix2Pix's section 3.3, and CycleGAN's D the sum of two such. Nor do they compare with the deck's, which does not say
between what its pixels lie: here it is -1 and 1, and between 0 and 1 every mean absolute error would be half as large.
The deck does not define its accuracy; here it is Keras's, the share of pixels whose largest channel agrees, which means
little for gray pictures.
{counted}
{cyclegan}

{sections}"""
WHOLE = """All pictures are 256 x 256, as the deck's are; at native size SSIM is about 0.02 less. The table's scores
are of 32 validation pictures and 16 training ones; on the whole validation part:

"""
CYCLEGAN = """The deck's CycleGAN stands at an SSIM of {deck:.4f} on validation, and its compared paper at {paper:.4f}.
{gray}A generator that leaves the face where it is hardly falls far below its own input, so the deck's figure looks
like a fault in measuring, such as pictures of two value ranges compared. The paper's is most likely of the way back,
sketch to photo (PS2-MAN, arXiv 1710.10182), where both pictures are smooth; it is no mark for photo to sketch."""


def table(stories: list[RunSummary], deck: bool) -> str:
    """The deck's final table: what these runs wrote at the exported step, under what the deck reports where asked."""
    lines = ["| | " + " | ".join(f"{name} / val" for name in MEASURES) + " |", "|---" * (1 + len(MEASURES)) + "|"]
    for method in DECK:
        of_method = [story for story in stories if story.config["method"] == method and not story.back]
        if deck and of_method:
            lines.append(_row(f"{TITLES[method]}, the deck", DECK[method]))
            if method in COMPARED:
                lines.append(_row("... its compared paper", {"SSIM": (None, COMPARED[method])}))
        for story in of_method:
            training = {"SSIM": "train_"}
            ours = {
                name: (story.at_export(training.get(name, "") + key), story.at_export(f"val_{key}"))
                for name, key in MEASURES.items()
            }
            where = f"epoch {story.epoch(story.about['step'])} of {story.epoch(story.steps)}"
            lines.append(_row(f"`{story.name}`, {where}{native(story)}", ours))
    return "\n".join(lines) + "\n\n" if len(lines) > 2 else ""


def native(story: RunSummary) -> str:
    """Words for a run of the deck's protocol from before its pictures were squares when they are measured."""
    return ", at native size" if story.lost and story.config["split"] == "deck" else ""


def _row(label: str, figures: dict[str, tuple[float | None, float | None]]) -> str:
    cells = [figures.get(name, (None, None)) for name in MEASURES]
    shown = [" / ".join("-" if value is None else f"{value:.4f}" for value in pair) for pair in cells]
    return f"| {label} | {' | '.join('' if cell == '- / -' else cell for cell in shown)} |"


def scores(stories: list[RunSummary]) -> str:
    """What the runs' exports score on whole parts, and under the deck's protocol the gray photo itself."""
    rows = [
        (f"`{story.name}`{native(story)}", direction, score)
        for story in stories
        for direction, score in story.about.get("scores", {}).items()
    ]
    if score := gray_photo([story for story in stories if story.config["split"] == "deck"]):
        rows.append(("the photo itself, gray", "photo_to_sketch", score))
    lines = ["| run | direction | part | pictures | SSIM, of mattes IoU | 95 % |", "|---|---|---|---|---|---|"]
    for who, direction, score in rows:
        metric = "iou" if "iou" in score else "ssim"
        figures = f"{score['pictures']} | {score[metric]:.4f} | {interval(score, metric)}"
        lines.append(f"| {who} | {direction} | {score['part']} | {figures} |")
    return "\n".join(lines) if rows else "No run here has come to its end."


def gray_photo(stories: list[RunSummary]) -> dict | None:
    """What the untouched gray photos of the part score, by the first run that was measured beside them."""
    for story in stories:
        score = story.about.get("scores", {}).get("photo_to_sketch", {})
        if "the photo itself" in score.get("others", {}):
            return {"part": score["part"], **score["others"]["the photo itself"]}
    return None


def narrow(stories: list[RunSummary]) -> str:
    """What the deck's presets do that it does not speak of; what the others have less of, and whether they ran."""
    whole = PRESETS["autoencoder-deck"]
    lines = [
        f"- `{whole.preset}`: the rate rises to the deck's over {whole.warmup} steps, or all turns white; exported is "
        f"the moving average ({whole.ema})."
    ]
    ran = {story.config["preset"] for story in stories}
    for preset in (preset for name, preset in PRESETS.items() if name.endswith(("-narrow", "-short"))):
        base = PRESETS[preset.preset.rpartition("-")[0]]
        new = preset.changed(base)
        less = [f"{words} {new[name]} instead of {getattr(base, name)}" for name, words in WORDS.items() if name in new]
        less += [f"the rate falls from {preset.decay_from:.0%} of the steps on"] * ("decay_from" in new)
        missing = "" if preset.preset in ran else " Not here yet."
        average = f"exported is the moving average ({preset.ema})"
        lines.append(f"- `{preset.preset}`: {', '.join(less)}; {average}.{missing}")
    return "What is not as in the deck or its papers:\n\n" + "\n".join(lines) + "\n\n"


def page(stories: list[RunSummary]) -> str:
    """The text of README.md."""
    deck, person = ([story for story in stories if story.config["split"] == split] for split in ("deck", "person"))
    parts = []
    if deck:
        parts.append(f"## The deck's protocol\n\n{table(deck, True)}{narrow(deck)}{WHOLE}{scores(deck)}")
    if person:
        parts.append(f"## Split by person\n\n{table(person, False)}{scores(person)}")
    gray = gray_photo(deck)
    said = f"The untouched gray photo has {gray['ssim']:.4f} on that part.\n" if gray else ""
    cyclegan = CYCLEGAN.format(deck=DECK["cyclegan"]["SSIM"][1], paper=COMPARED["cyclegan"], gray=said)
    return TEXT.format(
        tables="\n\n".join(parts), counted=counted(deck), cyclegan=cyclegan, sections="\n".join(map(section, stories))
    )


def counted(stories: list[RunSummary]) -> str:
    """Pix2Pix's losses with both terms of D summed and pixels from 0 to 1, which halves its L1: a sentence, or none."""
    (d, val_d), (g, val_g) = DECK["pix2pix"]["D loss"], DECK["pix2pix"]["G loss"]
    for story in stories:
        told = [story.at_export(part + name) for name in ("D", "G", "l1") for part in ("", "val_")]
        known = [value for value in told if value is not None]
        if len(known) == len(told):
            (D, val_D, G, val_G, l1, val_l1), half = known, story.config["weight_l1"] / 2
            return (
                f"\nCounted so, and with both terms of D, `{story.name}` has D {2 * D:.2f} / {2 * val_D:.2f} and "
                f"G {G - half * l1:.2f} / {val_G - half * val_l1:.2f};\n"
                f"the deck has {d:.2f} / {val_d:.2f} and {g:.2f} / {val_g:.2f}. Most likely it counted like that.\n"
            )
    return ""


def section(story: RunSummary) -> str:
    """A run's own part of the page."""
    config, about, epochs = story.config, story.about, story.epoch(story.steps)
    done = "" if story.lost or story.step >= story.steps else f" It stands at step {story.step:,}, or was stopped."
    text = (
        f"## {story.name}\n\nPreset `{config['preset']}`: network `{config['network']}` of width {config['width']}, "
        f"batches of {config['batch']}, {epochs} epochs, {story.steps:,} steps, on {about['hardware']}.{done} "
        f"Exported: step {about['step']:,}, {'the last' if config.get('last') else 'the best on validation'}.\n\n"
    )
    if story.lost:
        text += (
            "Of its figures those of the exported step alone were kept; the curves were drawn while it was there.\n\n"
            f"![Curves](runs/{story.name}/curves.png)\n\n"
        )
    else:
        text += f"![Curves]({story.name}-curves.png)\n\n"
    return text + (f"![Portraits as training went on]({story.name}-portraits.png)\n" if story.portraits() else "")


def report(folders: list[Path], out: Path) -> None:
    """Keep the runs in out/runs, and write README.md and its pictures from all that is there.

    Pictures of runs that are no longer there are removed. Raises TrainingError where a folder holds no run.
    """
    for folder in folders:
        kept = out / "runs" / folder.resolve().name
        if kept.resolve() != folder.resolve():
            keep(folder, kept)
    stories = [read(folder) for folder in sorted((out / "runs").iterdir()) if folder.is_dir()]
    for picture in [*out.glob("*-curves.png"), *out.glob("*-portraits.png")]:
        picture.unlink()
    for story in stories:
        deck = DECK.get(story.config["method"], {}) if story.config["split"] == "deck" else {}
        if not story.lost:
            curves(story, deck, out / f"{story.name}-curves.png")
        grid(story, out / f"{story.name}-portraits.png")
    (out / "README.md").write_text(page(stories))
