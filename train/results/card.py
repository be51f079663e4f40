"""The model card that travels with weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from facesketch.translator import Translator
from facesketch.weights_folder import WEIGHTS

from .card_templates import CARD, MATTE, TEXTS, WEB

METRIC_LABELS = {  # metrics in order, as they are written
    "iou": "IoU",
    "ssim": "SSIM",
    "fsim": "FSIM",
    "scoot": "Scoot",
    "identity": "identity",
    "distance": "own distance",
    "mae": "MAE",
}
TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN", "matte": "Matte"}

SHOWN = {"sketch": ("ssim", "fsim", "scoot", "identity", "mae"), "matte": ("iou", "mae")}  # columns of the table
PLAIN = ("identity", "mae")  # columns without an interval


def render(about: dict, repo: str = "", picture: str = "", folder: str = "FOLDER") -> str:
    """The Markdown of a model's README.md from what its config.json says.

    repo: its name on the Hub, where it is to be loaded from there, else from folder. picture: the file with what it
    draws of portraits.
    """
    data, training = about["data"], about["training"]
    texts = _texts(about)
    shown = SHOWN["matte" if texts is MATTE else "sketch"]
    heads = [
        head
        for metric in shown
        for head in ([METRIC_LABELS[metric]] if metric in PLAIN else [METRIC_LABELS[metric], "95 %"])
    ]
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
        call=texts["call"].format(where=repo or folder),
        heads=" | ".join(heads),
        rules="---|" * len(heads),
        front=front_matter(about, repo),
        picture=f"\n![Public-domain portraits, and what the model draws of them]({picture})\n" if picture else "",
        wild=f" and {data['wild']} photos alone" if data.get("wild") else "",
        subset=f" of {training['subset']}/" if training.get("subset") else "",
        after=_after(training),
        changed=_changed(about.get("changed", {})),
        title=TITLES[about["method"]],
        time=f" in {about['seconds'] / 60:.0f} minutes" if about.get("seconds") else "",
        commit=f", by the code of commit {about['commit']}" if about.get("commit") else "",
        scores="\n".join(rows) or f"| not measured yet |{' |' * (len(heads) + 3)}",
    )


def _texts(about: dict) -> dict:
    if about.get("styles") or about["data"].get("wild"):
        return WEB
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
    called = folder.name if folder.resolve().parent == WEIGHTS else folder.as_posix()
    (folder / "README.md").write_text(render(model.about, folder=called), encoding="utf-8")


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
            metric_name=METRIC_LABELS[metric],
            metric_value=score[metric],
        )
        for direction, score in about.get("scores", {}).items()
        for metric in METRIC_LABELS
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
