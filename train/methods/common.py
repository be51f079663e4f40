"""What the steps of all methods have in common."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.optim import Optimizer


def optimizer_step(optimizer: Optimizer, loss: Tensor) -> None:
    """Update the optimizer's parameters by the gradient of loss."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def frozen(net: nn.Module) -> nn.Module:
    """A discriminator for the generator's update: without gradients, and outside of DDP, which would wait for them."""
    unwrapped: nn.Module = getattr(net, "module", net)
    return unwrapped.requires_grad_(False)


def detached(terms: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Scalars for the log, without their graph."""
    return {name: value.detach() for name, value in terms.items()}
