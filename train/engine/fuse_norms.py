"""Turn instance norms into constants: the weights of a network with norms for the same layers without them."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.optim.swa_utils import update_bn


def fuse_instance_norms(network: nn.Module, images: Iterable[Tensor], keep: Iterable[str]) -> dict[str, Tensor]:
    """The state dict of network with every instance norm that keep does not name fused into the convolution before it.

    images: batches, B x 3 x H x W. The mean and the variance within an image, each averaged over all images, replace
    those of each image. Instance norm divides by the deviation within an image, so the average keeps the contrast of
    images. The variance over the pixels of all images also has the variance of their means, and would lower it.

    network has its layers in network.layers, and is not changed; keep: the keys of the state dict that the result is
    for.
    """
    fused, keys = deepcopy(network), set(keep)
    layers = fused.layers
    assert isinstance(layers, nn.Sequential)
    dropped = [
        i for i, layer in enumerate(layers) if isinstance(layer, nn.InstanceNorm2d) and f"layers.{i}.weight" not in keys
    ]
    for i in dropped:
        norm = layers[i]
        assert isinstance(norm, nn.InstanceNorm2d)
        layers[i] = nn.BatchNorm2d(norm.num_features).to(norm.weight.device)
        layers[i].load_state_dict(norm.state_dict(), strict=False)
    update_bn((image for batch in images for image in batch.split(1)), fused)  # averages what it finds in each batch
    fused.eval()
    with torch.no_grad():
        for i in dropped:
            convolution, norm = layers[i - 1], layers[i]
            assert isinstance(convolution, nn.Conv2d | nn.ConvTranspose2d) and isinstance(norm, nn.BatchNorm2d)
            layers[i - 1] = fuse_conv_bn_eval(convolution, norm)
            layers[i] = nn.Identity()
    return fused.state_dict()
