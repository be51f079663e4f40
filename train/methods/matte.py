"""Portrait matting: which pixels of a photo belong to the person, learned from the data's mattes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from facesketch.models import create_generator

from ..config import Config, MatteLosses
from ..data.batch import Batch
from . import losses
from .common import detached, optimizer_step


class MatteMethod:
    """M: photo -> matte. The network's forward has the argument logits, as MatteNet's."""

    paired = True

    def __init__(self, config: Config):
        assert isinstance(config.losses, MatteLosses)
        self.weights = config.losses
        M = create_generator(config.model.network, config.model.width)
        optimizer = config.optimizer
        self.nets: dict[str, nn.Module] = {"M": M}
        self.optimizers: dict[str, Optimizer] = {
            "M": torch.optim.AdamW(M.parameters(), optimizer.learning_rate, (optimizer.beta1, 0.999), fused=True)
        }
        self.generators = {"photo_to_matte": "M"}
        self.pools: dict = {}

    def train_step(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch, update=True)

    @torch.no_grad()
    def validation_losses(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch, update=False)

    def _step(self, batch: Batch, update: bool) -> dict[str, Tensor]:
        logits, y = self.nets["M"](batch.source, logits=True), batch.target[:, :1]
        y_hat = torch.tanh(logits / 2)  # 2 sigmoid(logits) - 1: what the network gives without logits=True
        terms = {"coverage": losses.matte_bce(logits, y), "overlap": losses.soft_iou_loss(y_hat, y)}
        loss_M = self.weights.bce * terms["coverage"] + self.weights.iou * terms["overlap"]
        if update:
            optimizer_step(self.optimizers["M"], loss_M)
        return detached({"M": loss_M, **terms})
