"""Warm starts: a run begins with the networks of another run, or with the generators of a model."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as nnf
from safetensors.torch import load_file, save

from facesketch import Model
from facesketch.files import atomic_write
from facesketch.models.config import DIRECTIONS, ParentModel, Provenance

from ..config import Config, override
from ..data.inverse_batches import InverseBatches
from ..data.overlap import Ancestry, record
from ..data.pairs import Folders, find_pairs
from ..data.split import make_split
from ..hardware import TrainingError
from ..presets import PRESETS
from .fuse_norms import fuse_instance_norms
from .trainer import ExtraGenerator, Trainer

SKETCHES = "sketches.safetensors"  # in a run's folder: what a model has drawn for it
# What the preset that a run continues takes from it.
SHARED_WITH_INIT_PRESET = ("model.width", "model.discriminator_width", "batch_size", "steps", "seed")


def ancestry_of(config: Config, folders: Folders, init_model: Model | None) -> Ancestry:
    """What a run starts from: a model, or the preset that it trains first on the same folders. Raises DataError.

    Persons count as learned from whatever the direction was, because one direction may learn from drawings by another,
    and both are measured on the same persons.
    """
    if init_model:
        theirs = init_model.config
        parents = {
            name: (ParentModel(each.preset, theirs.sha256), *each.parents) for name, each in theirs.provenance.items()
        }
        return Ancestry(parents, theirs.trained_on)
    if not config.init_preset:
        return Ancestry()
    first = first_stage(config)
    before = ancestry_of(first, folders, None)
    learned = record(make_split(find_pairs(folders), folders, first), before).trained_on
    parents = {name: (ParentModel(first.preset), *before.parents.get(name, ())) for name in DIRECTIONS}
    return Ancestry(parents, learned)


def first_stage(config: Config) -> Config:
    """The run of the preset that a run continues."""
    values = config.flat()
    return override(PRESETS[config.init_preset], {name: values[name] for name in SHARED_WITH_INIT_PRESET})


def init_from_run(trainer: Trainer, finished: Trainer) -> None:
    """Copy the networks of a finished run of the same method, as it exports them.

    Norms that this run's networks do not have are fused, with their statistics over one epoch of images.
    """
    torch.manual_seed(trainer.config.seed)
    names = list(trainer.method.generators.values())  # the one that sees photos, then the one that sees sketches
    for name, net in trainer.nets.items():
        state = finished.exported_net(name).state_dict()
        if state.keys() != net.state_dict().keys():
            batches = (
                trainer.batches.global_batch(step, trainer.config.steps) for step in range(trainer.batches.per_epoch)
            )
            images = (batch.target if names.index(name) else batch.source for batch in batches)
            state = fuse_instance_norms(finished.exported_net(name), images, net.state_dict())
        net.load_state_dict(state)


def init_from_model(trainer: Trainer, model: Model) -> None:
    """Copy a model's generators in the directions that both have; weights of new input channels become 0.

    If the run's network class derives from the model's, the layers that both have are copied. Raises TrainingError if
    the networks differ.
    """
    for direction, name in trainer.method.generators.items():
        if direction not in model.config.directions:
            continue
        theirs, ours = model.generators[direction], trainer.nets[name]
        state, own = theirs.state_dict(), ours.state_dict()
        for key in state.keys() & own.keys():
            if state[key].dim() == 4 and own[key].shape[1] > state[key].shape[1]:
                state[key] = nnf.pad(state[key], (0, 0, 0, 0, 0, own[key].shape[1] - state[key].shape[1]))
        is_derived = isinstance(ours, type(theirs)) and type(ours) is not type(theirs)
        if is_derived and model.config.width == trainer.config.model.width:
            shared = {key for key in own if key in state and state[key].shape == own[key].shape}
            state = own | {key: state[key] for key in shared}
        try:
            ours.load_state_dict(state)
        except RuntimeError as error:
            raise TrainingError(
                f"The run cannot start from {model.config.network} of width {model.config.width}: "
                "its networks have other layers."
            ) from error


def keep_other_directions(trainer: Trainer, model: Model) -> None:
    """Export a model's other directions with the run's, if the networks are of the same kind.

    Raises TrainingError if the model is to draw sketches for the run and cannot.
    """
    theirs, ours = model.config, trainer.config.model
    if trainer.config.data.synthetic_ratio and "photo_to_sketch" not in theirs.directions:
        raise TrainingError(
            f"{theirs.origin.preset} cannot draw sketches, which this run from sketch to photo learns from."
        )
    others = [direction for direction in theirs.directions if direction not in trainer.method.generators]
    same_kind = (theirs.network, theirs.width, theirs.size) == (ours.network, ours.width, ours.size)
    if same_kind and ("photo_to_sketch" not in others or theirs.styles == ours.styles):
        trainer.extra_generators = {
            name: ExtraGenerator(model.generators[name], theirs.provenance.get(name, Provenance())) for name in others
        }


def draw_sketches(trainer: Trainer, model: Model, log: Callable[[str], object]) -> None:
    """Draw the training photos of a run from sketch to photo with a model, if the run wants synthetic sketches.

    Takes minutes, which log says first. The first process keeps them in the run's folder for when it is continued.
    """
    batches, data = trainer.batches, trainer.config.data
    if not (isinstance(batches, InverseBatches) and data.synthetic_ratio):
        return
    path = trainer.out / SKETCHES
    if path.exists():
        batches.drawn = load_file(path)["sketches"].to(batches.sources.device)
        return
    count = sum(pair.matte is not None for pair in batches.row_of)
    log(f"{trainer.config.preset}: drawing {count} photos with finish {data.synthetic_finish} takes minutes.")
    batches.draw_sketches(model)
    if trainer.accelerator.is_main_process and batches.drawn is not None:
        atomic_write(path, save({"sketches": batches.drawn.cpu()}))
