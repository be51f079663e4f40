"""The model card, README.md, that is exported with the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from facesketch import WEIGHTS_DIR, Model
from facesketch.models.config import ModelConfig, Provenance

from ..config import Config
from .card_templates import CARD, MATTE, ORIGIN, SKETCH, TEXTURE, WEB, CardTexts
from .scores import METRIC_LABELS, TEXTURE_LABEL, Score, read_scores

TITLES = {"autoencoder": "Autoencoder", "pix2pix": "Pix2Pix", "cyclegan": "CycleGAN", "matte": "Matte"}
SKETCH_COLUMNS = ("ssim", "fsim", "scoot", "rank1", "mae")
MATTE_COLUMNS = ("iou", "mae")
WITHOUT_INTERVAL = ("rank1", "mae", "texture")


def render(config: ModelConfig, repo: str = "", picture: str = "", folder: str = "FOLDER") -> str:
    """The Markdown of a model's README.md. Raises KeyError if the model's provenance lacks something.

    repo: Hub name to load the model from, else folder. picture: file name of the portraits.
    """
    texts = _texts(config)
    columns: tuple[str, ...] = MATTE_COLUMNS if texts is MATTE else SKETCH_COLUMNS
    heads = [
        head for metric in columns for head in [METRIC_LABELS[metric], *(["95 %"] * (metric not in WITHOUT_INTERVAL))]
    ]
    scores, rows = read_scores(config.scores), []
    with_texture = any(score.texture for score in scores.values())
    heads += [TEXTURE_LABEL] * with_texture
    columns += ("texture",) * with_texture
    for direction, score in scores.items():
        rows.append(row(direction, score, score.part, columns))
        rows += [row(f"*{name}*", other, score.part, columns) for name, other in score.others.items()]
    return CARD.format(
        title=TITLES[config.method],
        network=config.network,
        width=config.width,
        size=config.size,
        origins="\n\n".join(_origins(config, texts)),
        use=texts.use,
        metrics=texts.metrics + TEXTURE * with_texture,
        limits=texts.limits,
        call=texts.call.format(source=repo or folder),
        heads=" | ".join(heads),
        rules="---|" * len(heads),
        front_matter=front_matter(config, repo),
        picture=f"\n![Public-domain portraits and the model's output]({picture})\n" if picture else "",
        scores="\n".join(rows) or f"| not measured yet |{' |' * (len(heads) + 3)}",
    )


def _origins(config: ModelConfig, texts: CardTexts) -> list[str]:
    """How each direction was trained, as a paragraph; one for all if it was the same run."""
    by_direction = {name: config.provenance.get(name, config.origin) for name in config.directions}
    if all(each == config.origin for each in by_direction.values()):
        return [_origin(config.origin, texts)]
    paragraphs = []
    for name, each in by_direction.items():
        text = _origin(each, texts) if each.data else f"Preset `{each.preset}`; nothing more was recorded."
        paragraphs.append(f"**{name.replace('_', ' ').capitalize()}.** {text}")
    return paragraphs


def _origin(origin: Provenance, texts: CardTexts) -> str:
    training, data = Config.from_dict(origin.training), origin.data
    return ORIGIN.format(
        **{name: data[name] for name in ("train", "val", "test", "split")},
        preset=origin.preset,
        step=origin.step,
        steps=training.steps,
        seed=training.seed,
        hardware=origin.hardware,
        pairs=texts.pairs,
        unpaired=f" and {data['unpaired']} unpaired photos" if data.get("unpaired") else "",
        subset=f" of {training.data.subset}/" if training.data.subset else "",
        init=_init(origin, training),
        changes=_changes(origin.changed),
        time=f" in {origin.seconds / 60:.0f} minutes" if origin.seconds else "",
        commit=f", by the code of commit {origin.commit}" if origin.commit else "",
    )


def _texts(config: ModelConfig) -> CardTexts:
    if config.directions[0] == "photo_to_matte":
        return MATTE
    return WEB if config.styles or config.origin.data.get("unpaired") else SKETCH


def _init(origin: Provenance, training: Config) -> str:
    """What the networks started from, as part of a sentence."""
    if origin.parents and origin.parents[0].sha256:
        names = [f"{each.preset} {each.sha256[:12]}".rstrip() for each in origin.parents]
        return f", starting from the generators of {', which started from '.join(names)},"
    if training.init_from:
        return f", starting from the generators of {training.init_from},"
    return f", continuing the preset `{training.init_preset}`," if training.init_preset else ""


def _changes(changed: Mapping[str, Any]) -> str:
    """How the run differs from its preset, as a sentence."""
    values = ", ".join(f"{name} {value}" for name, value in changed.items() if not name.startswith("init_"))
    return f"Changed from the preset: {values}.\n" if values else ""


def row(name: str, score: Score, part: str, columns: Sequence[str] = SKETCH_COLUMNS) -> str:
    """A line of the table of scores."""
    cells = []
    for metric in columns:
        mean = score.metrics.get(metric)
        if metric == "rank1":
            cells.append(f"{mean.value:.2f} of {score.gallery_size}" if mean else "")
        elif metric == "texture":
            cells.append(str(score.texture or ""))
        else:
            cells.append(str(mean or ""))
        cells += [] if metric in WITHOUT_INTERVAL else [mean.range if mean else ""]
    return f"| {name} | {part} | {score.pictures} | {' | '.join(cells)} | {score.ms or ''} |"


def export(model: Model, folder: Path) -> None:
    """Write config.json, model.safetensors and README.md: the layout of weights/ and of a Hub repo. Raises OSError."""
    model.save_pretrained(folder)
    source = folder.name if folder.resolve().parent == WEIGHTS_DIR else folder.as_posix()
    (folder / "README.md").write_text(render(model.config, folder=source), encoding="utf-8")


def front_matter(config: ModelConfig, repo: str = "") -> str:
    """The YAML that the Hub reads from a card, with the scores as its model-index."""
    texts = _texts(config)
    results = [
        EvalResult(
            task_type="image-to-image",
            task_name=direction.replace("_", " "),
            dataset_type=texts.datasets[0],
            dataset_name=f"{texts.dataset_name}, {score.pictures} pairs",
            dataset_config=direction,
            dataset_split=score.part,
            metric_type=metric,
            metric_name=METRIC_LABELS[metric],
            metric_value=mean.value,
        )
        for direction, score in read_scores(config.scores).items()
        for metric, mean in score.metrics.items()
    ]
    return ModelCardData(
        library_name="facesketch",
        pipeline_tag="image-to-image",
        license="other",
        license_name="cufs-research-only",
        tags=["face-sketch", *(direction.replace("_", "-") for direction in config.directions), config.method],
        datasets=list(texts.datasets),
        model_name=repo.partition("/")[2] or config.origin.preset,
        eval_results=results or None,
    ).to_yaml()
