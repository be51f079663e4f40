"""What a run begins with, where that is not chance: another run's networks, or a model's generators."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf

from facesketch.models import GENERATORS
from facesketch.translator import Translator

from ..data.inverse_batches import InverseBatches
from ..hardware import TrainingError
from .fuse_norms import fuse_instance_norms
from .trainer import Trainer


def init_from_run(run: Trainer, other: Trainer) -> None:
    """Take over the networks of a finished run of the same method, averaged where it averages them.

    Norms of theirs that these do not have are frozen at what they are on one epoch's pictures.
    """
    torch.manual_seed(run.config.seed)
    sources = list(run.method.generators.values())  # of photos, and of sketches
    for name, net in run.nets.items():
        state = other.averaged(name).state_dict()
        if state.keys() != net.state_dict().keys():
            side, steps = sources.index(name), range(run.batches.per_epoch)
            pictures = (run.batches.global_batch(step, run.config.steps)[side] for step in steps)
            state = fuse_instance_norms(other.averaged(name), pictures, net.state_dict())
        net.load_state_dict(state)


def init_from_model(run: Trainer, model: Translator) -> None:
    """Take over a model's generators in the directions that it has; maps that it does not know begin with no weight.

    A network that builds on the model's begins with the layers that both have. Raises TrainingError where the networks
    differ.
    """
    theirs, ours = (GENERATORS[told["network"]] for told in (model.about, run.config.as_dict()))
    builds_on = theirs is not ours and issubclass(ours, theirs) and model.about["width"] == run.config.width
    for direction, name in run.method.generators.items():
        if direction in model.directions:
            state, own = getattr(model, direction).state_dict(), run.nets[name].state_dict()
            for key in state.keys() & own.keys():
                if state[key].dim() == 4 and own[key].shape[1] > state[key].shape[1]:
                    state[key] = nnf.pad(state[key], (0, 0, 0, 0, 0, own[key].shape[1] - state[key].shape[1]))
            if builds_on:
                state = own | {key: state[key] for key in own if key in state and state[key].shape == own[key].shape}
            try:
                run.nets[name].load_state_dict(state)
            except RuntimeError as error:
                told = f"{model.about['network']} of width {model.about['width']}"
                raise TrainingError(f"The run cannot begin with a {told}: its networks are others.") from error


def keep_other_direction(run: Trainer, model: Translator) -> None:
    """Let run export a model's other direction, too, where it learns one alone and the networks are alike.

    Raises TrainingError where the model is to draw for the run and cannot.
    """
    if run.config.drawn and "photo_to_sketch" not in model.directions:
        raise TrainingError(f"{model.about['preset']} cannot draw, and the way back learns from its drawings.")
    others = [name for name in model.directions if name not in run.method.generators]
    alike = all(model.about[name] == getattr(run.config, name) for name in ("network", "width", "size"))
    if alike and ("photo_to_sketch" not in others or list(model.styles) == run.config.styles.split()):
        run.kept = {name: getattr(model, name) for name in others}


def draw_sketches(run: Trainer, model: Translator) -> None:
    """Let the model draw the photos of a run that learns the way back alone, where that asks for drawings: minutes."""
    if isinstance(run.batches, InverseBatches) and run.config.drawn:
        run.batches.draw(model)
