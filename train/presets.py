"""PRESETS: every experiment by name. A variant is another preset with some values changed.

Loss weights that a preset does not give are 0 or 1, the defaults in config.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .config import (
    Augmentation,
    AutoencoderLosses,
    Config,
    CycleGANLosses,
    DataConfig,
    MatteLosses,
    ModelSettings,
    OptimizerConfig,
    Pix2PixLosses,
    override,
)

# Geometric augmentation in two strengths.
MILD = Augmentation(rotate=4.0, scale=0.06, translate=6.0, hflip=True)
WIDE = Augmentation(rotate=6.0, scale=0.1, translate=14.0, hflip=True)

DECK_DATA = DataConfig(subset="cuhk", split="deck")  # the course deck's protocol

PRESETS: dict[str, Config] = {}


def add(config: Config) -> None:
    PRESETS[config.preset] = config


def add_variant(preset: str, base: str, changes: Mapping[str, Any]) -> None:
    """Add a preset that is another one with some values changed, by dotted name."""
    add(override(PRESETS[base], {"preset": preset, **changes}))


# ---- Default presets: the embedded weights -------------------------------------------------------------------------

add(
    Config(
        preset="autoencoder",
        method="autoencoder",
        epochs=80,
        batch_size=4,
        model=ModelSettings(network="autoencoder", width=16),
        data=DataConfig(inpaint_scan_borders=True, augmentation=replace(MILD, color_jitter=0.15)),
        optimizer=OptimizerConfig(learning_rate=5e-4, beta1=0.9, ema_decay=0.999),
        losses=AutoencoderLosses(l1=1.0, ssim=0.5),
    )
)
add(
    Config(
        preset="pix2pix-cufs",
        method="pix2pix",
        epochs=32,
        batch_size=2,
        model=ModelSettings(network="unet-lean", width=24, discriminator_width=24, inverse=True, darkest_skin=0.0),
        data=DataConfig(
            inpaint_scan_borders=True, augmentation=replace(WIDE, color_jitter=0.2, replace_background=0.4)
        ),
        optimizer=OptimizerConfig(ema_decay=0.999),
        losses=Pix2PixLosses(adversarial=2.25, l1=100.0, ssim=25.0, gradients=18.0),
    )
)
add(
    Config(
        preset="pix2pix",
        method="pix2pix",
        epochs=20,
        model=ModelSettings(
            network="unet-lean",
            width=24,
            discriminator_width=32,
            inverse=True,
            styles=("shaded", "line", "charcoal", "soft"),
            darkest_skin=0.0,
        ),
        data=DataConfig(
            mattes=True,
            inpaint_scan_borders=True,
            augmentation=replace(WIDE, color_jitter=0.2, lighting=0.7, degrade=0.15, replace_background=0.4),
        ),
        optimizer=OptimizerConfig(ema_decay=0.999),
        losses=Pix2PixLosses(
            adversarial=2.0,
            l1=100.0,
            ssim=25.0,
            gradients=12.0,
            contrast=40.0,
            other_styles=0.3,
            unpaired_adversarial=1.0,
        ),
    )
)
add(
    Config(
        preset="matte",
        method="matte",
        epochs=60,
        batch_size=8,
        model=ModelSettings(network="matte", width=32, size=288, direction="photo_to_matte"),
        data=DataConfig(
            mattes=True,
            augmentation=Augmentation(
                rotate=10.0,
                scale=0.2,
                translate=26.0,
                hflip=True,
                color_jitter=0.25,
                lighting=1.0,
                degrade=0.3,
                replace_background=0.7,
                remove_person=0.06,
                other_person=0.6,
                camouflage=0.25,
            ),
        ),
        optimizer=OptimizerConfig(learning_rate=1e-3, beta1=0.9, warmup_steps=200, decay_start=0.1, ema_decay=0.998),
        losses=MatteLosses(bce=1.0, iou=1.0),
    )
)

# ---- CycleGAN in three stages, each of which starts from the one before ---------------------------------------------

add(
    Config(
        preset="cyclegan-halfres",  # half of the resolution, on all pairs
        method="cyclegan",
        epochs=10,
        model=ModelSettings(network="resnet-smooth", width=32, discriminator_width=32, size=128),
        data=DataConfig(inpaint_scan_borders=True, augmentation=replace(MILD, translate=3.0)),
        optimizer=OptimizerConfig(decay_start=1.0, ema_decay=0.998),
        losses=CycleGANLosses(cycle_photo=10.0, cycle_sketch=5.0, identity=5.0),
    )
)
add(
    Config(
        preset="cyclegan-fullres",  # the whole resolution, on the sketches of one artist
        method="cyclegan",
        epochs=12,
        init_preset="cyclegan-halfres",
        model=ModelSettings(network="resnet-plain", width=32, discriminator_width=32),
        data=DataConfig(subset="cuhk", inpaint_scan_borders=True, augmentation=MILD),
        optimizer=OptimizerConfig(ema_decay=0.995),
        losses=CycleGANLosses(cycle_photo=10.0, cycle_sketch=5.0),
    )
)
add(
    Config(
        preset="cyclegan",  # noise in the cycle, so that nothing is hidden in the drawings
        method="cyclegan",
        epochs=2,
        init_preset="cyclegan-fullres",
        model=ModelSettings(network="resnet-plain", width=32, discriminator_width=32),
        data=DataConfig(subset="cuhk", inpaint_scan_borders=True, augmentation=MILD),
        optimizer=OptimizerConfig(ema_decay=0.98),
        losses=CycleGANLosses(
            adversarial_photo=2.0, cycle_photo=10.0, cycle_sketch=10.0, cycle_noise=0.04, ssim=1.5, gradients=2.5
        ),
    )
)
add_variant(
    "cyclegan-web",  # G also sees photos from the web
    "cyclegan",
    {
        "epochs": 12,
        "init_preset": "",
        "data.unpaired": True,
        "data.augmentation": replace(WIDE, color_jitter=0.1),
        "optimizer.warmup_steps": 40,
        "optimizer.ema_decay": 0.99,
    },
)

# ---- Variants of pix2pix -------------------------------------------------------------------------------------------

add_variant(
    "pix2pix-strokes",  # the deck's losses alone: SSIM and gradients reward soft drawings
    "pix2pix",
    {
        "epochs": 45,
        "model.inverse": False,
        "model.discriminator_width": 16,
        "losses": Pix2PixLosses(gan_mode="bce", l1=100.0, other_styles=0.5, unpaired_adversarial=1.0),
    },
)
add_variant(
    "pix2pix-sketch-to-photo",  # sketch to photo alone; 40 % of its sketches are drawn by the model that it starts from
    "pix2pix",
    {
        "epochs": 9,
        "export_last": True,  # validation scores of photos mostly measure blur and background
        "model.direction": "sketch_to_photo",
        "model.inverse": False,
        "data.synthetic_ratio": 0.4,
        "data.augmentation": replace(MILD, color_jitter=0.2),
        "losses": Pix2PixLosses(adversarial=2.0, l1=100.0, ssim=15.0, gradients=6.0),
    },
)
add_variant(
    "pix2pix-sketch-to-photo-fine",  # continues it; a weaker adversary, which leaves fewer dots along edges and teeth
    "pix2pix-sketch-to-photo",
    {
        "epochs": 7,
        "optimizer.learning_rate": 1e-4,
        "optimizer.decay_start": 0.3,
        "losses.adversarial": 1.25,
        "losses.ssim": 25.0,
        "losses.gradients": 10.0,
    },
)
add_variant(
    "pix2pix-grain",  # the grain of pencil strokes, judged by a discriminator of small patches
    "pix2pix",
    {
        "epochs": 28,
        "model.network": "unet-grain",
        "losses.adversarial": 3.0,
        "losses.l1_block_size": 4,
        "losses.ssim": 14.0,
        "losses.contrast": 60.0,
        "losses.stroke_adversarial": 3.0,
    },
)

add_variant(
    "pix2pix-perceptual",  # artists' strokes: features of a network instead of SSIM and gradients, which reward blur
    "pix2pix",
    {
        "select_by_texture": True,
        "model.inverse": False,
        "optimizer.learning_rate": 1e-4,
        "losses": Pix2PixLosses(
            gan_mode="bce", l1=30.0, perceptual=4.0, face_identity=3.0, stroke_adversarial=1.0, unpaired_adversarial=1.0
        ),
    },
)
add_variant(
    "pix2pix-perceptual-fine",  # continues it; more weight on strokes than on their place, and on the face instead
    "pix2pix-perceptual",
    {"losses.l1": 20.0, "losses.face_identity": 5.0, "losses.stroke_adversarial": 3.0},
)
add_variant(
    "pix2pix-sketch-to-photo-perceptual",  # sharper photos on white, also of drawings in strokes and by laymen
    "pix2pix-sketch-to-photo",
    {
        "epochs": 3,
        "data.synthetic_ratio": 0.6,
        "data.synthetic_finish": "strokes",
        "data.abstraction": 0.5,
        "data.white_background": True,
        "data.augmentation": replace(MILD, color_jitter=0.2, degrade=0.15, paper_light=0.3),
        "losses": Pix2PixLosses(gan_mode="bce", l1=50.0, perceptual=3.0, face_identity=8.0),
    },
)

# ---- The course deck's protocol ------------------------------------------------------------------------------------

add(
    Config(
        preset="autoencoder-deck",
        method="autoencoder",
        epochs=150,
        batch_size=16,
        model=ModelSettings(network="autoencoder", width=16),
        data=DECK_DATA,
        optimizer=OptimizerConfig(
            learning_rate=1e-3,
            beta1=0.9,
            warmup_steps=300,  # not in the deck: without warm-up all outputs turn white and stay so
            decay_start=1.0,
            ema_decay=0.995,  # not in the deck: at a constant rate the weights oscillate around a mean
        ),
        losses=AutoencoderLosses(l1=1.0),
    )
)
add(
    Config(
        preset="pix2pix-deck",
        method="pix2pix",
        epochs=150,
        model=ModelSettings(network="unet", width=64),
        data=DECK_DATA,
        optimizer=OptimizerConfig(decay_start=1.0),
        losses=Pix2PixLosses(gan_mode="bce", l1=100.0),
    )
)
add(
    Config(
        preset="cyclegan-deck",
        method="cyclegan",
        epochs=150,
        model=ModelSettings(network="resnet", width=64),
        data=DECK_DATA,
        optimizer=OptimizerConfig(decay_start=1.0),
        losses=CycleGANLosses(gan_mode="bce", cycle_photo=10.0, cycle_sketch=10.0),
    )
)

# The papers' layers with fewer channels and epochs: hours on one CPU core instead of weeks.
add_variant(
    "pix2pix-deck-narrow",
    "pix2pix-deck",
    {"epochs": 50, "model.width": 16, "model.discriminator_width": 12, "optimizer.ema_decay": 0.999},
)
add_variant(
    "pix2pix-deck-short",
    "pix2pix-deck",
    {
        "epochs": 6,
        "model.width": 16,
        "model.discriminator_width": 4,
        "optimizer.decay_start": 0.3,
        "optimizer.ema_decay": 0.999,
    },
)
add_variant(
    "cyclegan-deck-narrow",
    "cyclegan-deck",
    {"epochs": 15, "model.width": 8, "model.discriminator_width": 8, "optimizer.ema_decay": 0.999},
)
