"""The model card that travels with weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from facesketch.translator import Translator

HEADS = {  # metrics in order, as they are written
    "iou": "IoU",
    "ssim": "SSIM",
    "fsim": "FSIM",
    "scoot": "Scoot",
    "identity": "identity",
    "distance": "own distance",
    "mae": "MAE",
}
TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN", "matte": "Matte"}

CARD = """---
{front}
---

# facesketch {title}

Preset `{preset}`: network `{network}` of width {width}, {size} x {size} pixels, step {step} of {steps}, seed {seed}.
{changed}Trained on {train} {pairs}{subset} (split: {split}; {val} more for validation, {test} for test){after} on
{hardware}{time}{commit}.
{picture}
```python
import facesketch

{call}
```

{use}

## Scores

At native size, in gray, with 95 % bootstrap intervals, measured by `python -m train fit` at its end or by
`python -m train evaluate --card`: {measures}, and the median
milliseconds of a picture on the machine that measured. In *italics*: other methods and answers without a model, on the
same pairs.

| direction | part | pictures | {heads} | ms |
|---|---|---|{rules}---|
{scores}

## Limits

{limits} The weights derive from data that its owners give for research; use them for research.
"""
SKETCH = {
    "datasets": ["cufs"],
    "dataset": "CUHK Face Sketch",
    "pairs": "photo-sketch pairs",
    "call": 'sketch = facesketch.load("{where}").translate(facesketch.read_image("photo.jpg"))',
    "use": "For play, teaching and research: a drawing in the manner of the database's artists, or a guess at the "
    "photo behind one.",
    "measures": "SSIM (Gaussian window, sigma 1.5), FSIM, Scoot, identity (the share of answers whose own photo is the "
    "nearest of so many to dlib's face network), MAE",
    "limits": "The pairs show a few hundred people from the front, under even light, before a plain ground: young "
    "East Asian students (CUHK) and people recorded in Europe (AR, XM2VTS). Other faces, light and poses are drawn "
    "less well. A drawing is no evidence of anyone's identity.",
}
MATTE = {
    "datasets": ["fs2k", "cufs"],
    "dataset": "FS2K and CUHK Face Sketch",
    "pairs": "photos with mattes",
    "call": 'matte = facesketch.load("{where}").translate(crop, "photo_to_matte", align="never")  # white: the person',
    "use": "It says for a face crop, as facesketch.align gives it, what is the person and what is ground, so that "
    "drawings lie on clean paper.",
    "measures": "IoU (intersection over union of what is at least half covered), MAE",
    "limits": "The mattes that it learned from were made by another network (MediaPipe's selfie segmentation) and "
    "sharpened along the photos' edges: right to 2 or 3 pixels of 256, now and then wrong at shoulders and loose hair. "
    "It is not better than they are.",
}
TEXTS = {"sketch": SKETCH, "photo": SKETCH, "matte": MATTE}  # by what the first direction leads to
SHOWN = {"sketch": ("ssim", "fsim", "scoot", "identity", "mae"), "matte": ("iou", "mae")}  # columns of the table
PLAIN = ("identity", "mae")  # columns without an interval


def render(about: dict, repo: str = "", picture: str = "") -> str:
    """The Markdown of a model's README.md from what its config.json says.

    repo: its name on the Hub, where it is to be loaded from there. picture: the file with what it draws of portraits.
    """
    data, training = about["data"], about["training"]
    texts = _texts(about)
    shown = SHOWN["matte" if texts is MATTE else "sketch"]
    heads = [head for metric in shown for head in ([HEADS[metric]] if metric in PLAIN else [HEADS[metric], "95 %"])]
    rows = [
        row(name, score | {"part": own["part"]}, shown)
        for direction, own in about.get("scores", {}).items()
        for name, score in [(direction, own), *((f"*{who}*", other) for who, other in own.get("others", {}).items())]
    ]
    return CARD.format(
        **{name: about[name] for name in ("method", "preset", "network", "width", "size", "step", "hardware")},
        **{name: data[name] for name in ("train", "val", "test", "split")},
        **{name: training[name] for name in ("steps", "seed")},
        **{name: texts[name] for name in ("pairs", "use", "measures", "limits")},
        call=texts["call"].format(where=repo or about["preset"]),
        heads=" | ".join(heads),
        rules="---|" * len(heads),
        front=front_matter(about, repo),
        picture=f"\n![Public-domain portraits, and what the model draws of them]({picture})\n" if picture else "",
        subset=f" of {training['subset']}/" if training.get("subset") else "",
        after=_after(training),
        changed=_changed(about.get("changed", {})),
        title=TITLES[about["method"]],
        time=f" in {about['seconds'] / 60:.0f} minutes" if about.get("seconds") else "",
        commit=f", by the code of commit {about['commit']}" if about.get("commit") else "",
        scores="\n".join(rows) or f"| not measured yet |{' |' * (len(heads) + 3)}",
    )


def _texts(about: dict) -> dict:
    return TEXTS[about["directions"][0].partition("_to_")[2]]


def _after(training: dict) -> str:
    """What a run began with, in words."""
    if training.get("begin"):
        return f", beginning with the generators of {training['begin']},"
    return f", going on from the preset `{training['after']}`," if training.get("after") else ""


def _changed(fields: dict) -> str:
    """What a run has otherwise than its preset, in words."""
    told = ", ".join(f"{name} {value}" for name, value in fields.items() if name not in ("begin", "after"))
    return f"Otherwise than the preset: {told}.\n" if told else ""


def row(name: str, score: dict, shown: Sequence[str] = SHOWN["sketch"]) -> str:
    """A line of the table of scores."""
    cells = []
    for metric in shown:
        if metric == "identity":
            cells.append(f"{score['identity']:.2f} of {score['among']}" if "identity" in score else "")
        else:
            cells.append(number(score, metric))
        cells += [] if metric in PLAIN else [interval(score, metric)]
    return f"| {name} | {score['part']} | {score['pictures']} | {' | '.join(cells)} | {score.get('ms', '')} |"


def export(model: Translator, folder: Path) -> None:
    """Write config.json, model.safetensors and the card: the layout of weights/ and of a Hub repo. Raises OSError."""
    model.save_pretrained(folder)
    (folder / "README.md").write_text(render(model.about), encoding="utf-8")


def front_matter(about: dict, repo: str = "") -> str:
    """What the Hub reads of a card, as YAML, with the measured scores as its model-index."""
    texts = _texts(about)
    measured = [
        EvalResult(
            task_type="image-to-image",
            task_name=direction.replace("_", " "),
            dataset_type=texts["datasets"][0],
            dataset_name=f"{texts['dataset']}, {score['pictures']} pairs",
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
        datasets=texts["datasets"],
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
