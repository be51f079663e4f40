"""VARIANTS are the presets that are another one with some things otherwise."""

from typing import Any

MILD = {"turn": 4.0, "zoom": 0.06, "shift": 6.0, "mirror": True}
WIDE = {"turn": 6.0, "zoom": 0.1, "shift": 14.0, "mirror": True}

VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {  # name -> the preset that it is made of, and what is otherwise
    # what a processor's core takes in hours: the paper's layers with fewer channels, for fewer epochs
    "pix2pix-deck-narrow": ("pix2pix-deck", {"width": 16, "discriminator_width": 12, "epochs": 50, "ema": 0.999}),
    "pix2pix-deck-short": (
        "pix2pix-deck",
        {"width": 16, "discriminator_width": 4, "epochs": 6, "decay_from": 0.3, "ema": 0.999},
    ),
    "cyclegan-deck-narrow": ("cyclegan-deck", {"width": 8, "discriminator_width": 8, "epochs": 15, "ema": 0.999}),
    # G sees photos of the web as well
    "cyclegan-wild": (
        "cyclegan",
        {"epochs": 12, "after": "", "wild": True, "warmup": 40, "ema": 0.99, "photometric": 0.1, **WIDE},
    ),
    # the deck's losses alone, in which nothing asks for softness
    "pix2pix-strokes": (
        "pix2pix",
        {
            "epochs": 45,
            "adversarial": "bce",
            "weight_adversarial": 1.0,
            "weight_ssim": 0.0,
            "weight_gradients": 0.0,
            "weight_contrast": 0.0,
            "weight_styled": 0.5,
            "discriminator_width": 16,
            "inverse": False,
        },
    ),
    # the way back alone; the model that it begins with draws for it
    "pix2pix-back": (
        "pix2pix",
        {
            "epochs": 9,
            "target": "photo",
            "drawn": 0.4,
            "last": True,  # what validation sees of the way back is mostly blur and grounds
            "inverse": False,
            "weight_ssim": 15.0,
            "weight_gradients": 6.0,
            "weight_contrast": 0.0,
            "weight_wild": 0.0,
            "grounds": 0.0,
            "light": 0.0,
            "damage": 0.0,
            **MILD,
        },
    ),
    # on from there, less of the adversary, which leaves dots along edges and between teeth
    "pix2pix-back-fine": (
        "pix2pix-back",
        {
            "epochs": 7,
            "learning_rate": 1e-4,
            "decay_from": 0.3,
            "weight_adversarial": 1.25,
            "weight_ssim": 25.0,
            "weight_gradients": 10.0,
        },
    ),
    "pix2pix-grain": (
        "pix2pix",
        {
            "network": "unet-grain",
            "epochs": 28,
            "weight_adversarial": 3.0,
            "l1_block": 4,
            "weight_ssim": 14.0,
            "weight_contrast": 60.0,
            "weight_strokes": 3.0,
        },
    ),
}
