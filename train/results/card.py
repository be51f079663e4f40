"""The model card that travels with weights."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from facesketch.translator import Translator

HEADS = {"iou": "IoU", "ssim": "SSIM", "fsim": "FSIM", "scoot": "Scoot", "mae": "MAE"}  # metrics as they are written
TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN", "matte": "Matte"}

CARD = """---
{front}
---

# facesketch {title}

Preset `{preset}`: network `{network}` of width {width}, {size} x {size} pixels, step {step} of {steps}, seed {seed}.
Trained on {train} photo-sketch pairs{subset} (split: {split}; {val} more for validation, {test} for test){after} on
{hardware}{time}{commit}.
{picture}
```python
import facesketch

sketch = facesketch.load("{where}").translate(facesketch.read_image("photo.jpg"))
```

For play, teaching and research: a drawing in the manner of the database's artists, or a guess at the photo behind one.

## Scores

At native size, in gray, with 95 % bootstrap intervals, measured by `python -m train fit` at its end or by
`python -m train evaluate --card`: SSIM (Gaussian window, sigma 1.5), FSIM, Scoot, MAE, and the median milliseconds of
a picture on the machine that measured. In *italics*: other methods and answers without a model, on the same pairs.

| direction | part | pictures | SSIM | 95 % | FSIM | 95 % | Scoot | 95 % | MAE | ms |
|---|---|---|---|---|---|---|---|---|---|---|
{scores}

## Limits

The pairs show a few hundred people from the front, under even light, before a plain ground: young East Asian students
(CUHK) and people recorded in Europe (AR, XM2VTS). Other faces, light and poses are drawn less well. A drawing is no
evidence of anyone's identity. The weights derive from data that its owners give for research; use them for research.
"""


def render(about: dict, repo: str = "", picture: str = "") -> str:
    """The Markdown of a model's README.md from what its config.json says.

    repo: its name on the Hub, where it is to be loaded from there. picture: the file with what it draws of portraits.
    """
    data, training = about["data"], about["training"]
    rows = [
        row(name, score | {"part": own["part"]})
        for direction, own in about.get("scores", {}).items()
        for name, score in [(direction, own), *((f"*{who}*", other) for who, other in own.get("others", {}).items())]
    ]
    return CARD.format(
        **{name: about[name] for name in ("method", "preset", "network", "width", "size", "step", "hardware")},
        **{name: data[name] for name in ("train", "val", "test", "split")},
        **{name: training[name] for name in ("steps", "seed")},
        front=front_matter(about, repo),
        where=repo or about["preset"],
        picture=f"\n![Public-domain portraits, and what the model draws of them]({picture})\n" if picture else "",
        subset=f" of {training['subset']}/" if training.get("subset") else "",
        after=f", going on from the preset `{training['after']}`," if training.get("after") else "",
        title=TITLES[about["method"]],
        time=f" in {about['seconds'] / 60:.0f} minutes" if about.get("seconds") else "",
        commit=f", by the code of commit {about['commit']}" if about.get("commit") else "",
        scores="\n".join(rows) or "| not measured yet | | | | | | | | | | |",
    )


def row(name: str, score: dict) -> str:
    """A line of the table of scores."""
    cells = [f"{number(score, metric)} | {interval(score, metric)}" for metric in ("ssim", "fsim", "scoot")]
    cells += [number(score, "mae"), str(score.get("ms", ""))]
    return f"| {name} | {score['part']} | {score['pictures']} | {' | '.join(cells)} |"


def export(model: Translator, folder: Path) -> None:
    """Write config.json, model.safetensors and the card: the layout of weights/ and of a Hub repo. Raises OSError."""
    model.save_pretrained(folder)
    (folder / "README.md").write_text(render(model.about))


def front_matter(about: dict, repo: str = "") -> str:
    """What the Hub reads of a card, as YAML, with the measured scores as its model-index."""
    measured = [
        EvalResult(
            task_type="image-to-image",
            task_name=direction.replace("_", " "),
            dataset_type="cufs",
            dataset_name=f"CUHK Face Sketch, {score['pictures']} pairs",
            dataset_config=direction,
            dataset_split=score["part"],
            metric_type=metric,
            metric_name=HEADS[metric],
            metric_value=score[metric],
        )
        for direction, score in about.get("scores", {}).items()
        for metric in HEADS
        if metric in score
    ]
    return ModelCardData(
        library_name="facesketch",
        pipeline_tag="image-to-image",
        license="other",
        license_name="cufs-research-only",
        tags=["face-sketch", *(direction.replace("_", "-") for direction in about["directions"]), about["method"]],
        datasets=["cufs"],
        model_name=repo.partition("/")[2] or about["preset"],
        eval_results=measured or None,
    ).to_yaml()


def number(score: dict, metric: str) -> str:
    """A mean, or nothing where it was not measured."""
    return f"{score[metric]:.4f}" if metric in score else ""


def interval(score: dict, metric: str) -> str:
    """A metric's 95 % interval, or nothing where one picture gives none."""
    low_high = score.get(f"{metric}_95")
    return "{:.4f} to {:.4f}".format(*low_high) if low_high else ""
