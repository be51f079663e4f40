"""Norms made constants: what a network that normalises hands to one of the same layers that does not."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.optim.swa_utils import update_bn


def fuse_instance_norms(network: nn.Module, pictures: Iterable[Tensor], kept: Iterable[str]) -> dict[str, Tensor]:
    """network's state with each instance norm that kept does not name as the constant it is on average on pictures.

    The mean and the variance over all pictures, B x 3 x H x W each, take the place of each picture's own, and are
    fused with the scale and shift into the convolution before (a bias more, and no norm). network has its layers in
    `network.layers`, and stays as it is.
    """
    twin, kept = deepcopy(network), set(kept)
    norms = (i for i, layer in enumerate(twin.layers) if isinstance(layer, nn.InstanceNorm2d))
    loose = [i for i in norms if f"layers.{i}.weight" not in kept]
    for i in loose:
        layer = nn.BatchNorm2d(twin.layers[i].num_features).to(twin.layers[i].weight.device)
        layer.load_state_dict(twin.layers[i].state_dict(), strict=False)
        twin.layers[i] = layer
    update_bn(pictures, twin)
    twin.eval()
    with torch.no_grad():
        for i in loose:
            twin.layers[i - 1] = fuse_conv_bn_eval(twin.layers[i - 1], twin.layers[i])
            twin.layers[i] = nn.Identity()
    return twin.state_dict()
