"""PRESETS names every experiment; what is not worth a flag is a preset."""

from dataclasses import replace

from .config import Config

_MILD = {"turn": 4.0, "zoom": 0.06, "shift": 6.0, "mirror": True}
_WIDE = {"turn": 6.0, "zoom": 0.1, "shift": 14.0, "mirror": True}
_CYCLE = {"weight_cycle_sketch": 5.0, "discriminator_width": 32, "clean": True}
_DECK = {"subset": "cuhk", "split": "deck", "decay_from": 1.0, "adversarial": "bce"}

PRESETS: dict[str, Config] = {
    config.preset: config
    for config in (
        Config(
            "autoencoder",
            "autoencoder",
            "autoencoder",
            16,
            epochs=80,
            batch=4,
            learning_rate=5e-4,
            beta1=0.9,
            weight_l1=1.0,
            weight_ssim=0.5,
            ema=0.999,
            photometric=0.15,
            clean=True,
            **_MILD,
        ),
        Config(
            "pix2pix-cufs",
            "pix2pix",
            "unet-lean",
            24,
            epochs=32,
            batch=2,
            inverse=True,
            discriminator_width=24,
            skin=0.0,
            weight_adversarial=2.25,
            weight_l1=100.0,
            weight_ssim=25.0,
            weight_gradients=18.0,
            ema=0.999,
            photometric=0.2,
            grounds=0.4,
            clean=True,
            **_WIDE,
        ),
        Config(
            "matte",
            "matte",
            "matte",
            32,
            epochs=60,
            batch=8,
            learning_rate=1e-3,
            beta1=0.9,
            warmup=200,
            decay_from=0.1,
            ema=0.998,
            turn=10.0,
            zoom=0.2,
            shift=26.0,
            mirror=True,
            target="matte",
            mattes=True,
            grounds=0.6,
            empty=0.06,
            photometric=0.25,
            light=1.0,
            damage=0.3,
        ),
        Config(
            "pix2pix",
            "pix2pix",
            "unet-lean",
            24,
            epochs=20,
            inverse=True,
            styles="shaded line charcoal soft",
            discriminator_width=32,
            skin=0.0,
            weight_adversarial=2.0,
            weight_l1=100.0,
            weight_ssim=25.0,
            weight_gradients=12.0,
            weight_contrast=40.0,
            weight_wild=1.0,
            ema=0.999,
            photometric=0.2,
            mattes=True,
            grounds=0.4,
            light=0.7,
            damage=0.15,
            clean=True,
            **_WIDE,
        ),
        Config(
            "cyclegan-half",
            "cyclegan",
            "resnet-smooth",
            32,
            epochs=10,
            decay_from=1.0,
            weight_identity=5.0,
            ema=0.998,
            size=128,
            **_CYCLE,
            **{**_MILD, "shift": 3.0},
        ),
        Config(
            "cyclegan-whole",
            "cyclegan",
            "resnet-plain",
            32,
            epochs=12,
            after="cyclegan-half",
            subset="cuhk",
            ema=0.995,
            **_CYCLE,
            **_MILD,
        ),
        Config(
            "cyclegan",
            "cyclegan",
            "resnet-plain",
            32,
            epochs=2,
            after="cyclegan-whole",
            subset="cuhk",
            ema=0.98,
            back_translation=0.04,
            weight_adversarial_photo=2.0,
            weight_ssim=1.5,
            weight_gradients=2.5,
            **{**_CYCLE, "weight_cycle_sketch": 10.0},
            **_MILD,
        ),
        Config(
            "autoencoder-deck",
            "autoencoder",
            "autoencoder",
            16,
            epochs=150,
            batch=16,
            learning_rate=1e-3,
            warmup=300,  # which the deck does not speak of: at its rate from the start all turns white, and stays so
            beta1=0.9,
            weight_l1=1.0,
            ema=0.995,  # nor of this: at a rate that never falls, every step swings to another side of the mean
            **_DECK,
        ),
        Config("pix2pix-deck", "pix2pix", "unet", 64, epochs=150, weight_l1=100.0, **_DECK),
        Config("cyclegan-deck", "cyclegan", "resnet", 64, epochs=150, **_DECK),
    )
}

_NARROW = {  # what a processor's core takes in some hours: the paper's layers with fewer channels, for fewer epochs
    "pix2pix-deck": {"width": 16, "discriminator_width": 12, "epochs": 50, "ema": 0.999},
    "cyclegan-deck": {"width": 8, "discriminator_width": 8, "epochs": 15, "ema": 0.999},
}
PRESETS["cyclegan-wild"] = replace(
    PRESETS["cyclegan"],
    preset="cyclegan-wild",
    epochs=12,
    after="",
    wild=True,
    warmup=40,
    ema=0.99,
    photometric=0.1,
    **_WIDE,
)
PRESETS["pix2pix-strokes"] = replace(  # the deck's losses alone, in which nothing asks for softness
    PRESETS["pix2pix"],
    preset="pix2pix-strokes",
    epochs=45,
    adversarial="bce",
    weight_adversarial=1.0,
    weight_ssim=0.0,
    weight_gradients=0.0,
    weight_contrast=0.0,
    weight_styled=0.5,
    discriminator_width=16,
    inverse=False,
)
PRESETS["pix2pix-grain"] = replace(
    PRESETS["pix2pix"],
    preset="pix2pix-grain",
    network="unet-grain",
    epochs=28,
    weight_adversarial=3.0,
    l1_block=4,
    weight_ssim=14.0,
    weight_contrast=60.0,
    weight_strokes=3.0,
)
PRESETS |= {f"{name}-narrow": replace(PRESETS[name], preset=f"{name}-narrow", **_NARROW[name]) for name in _NARROW}
PRESETS["pix2pix-deck-short"] = replace(  # a weak judge, and an end before it knows its pictures by heart
    PRESETS["pix2pix-deck-narrow"], preset="pix2pix-deck-short", discriminator_width=4, epochs=6, decay_from=0.3
)


def changed(config: Config) -> dict:
    """What a config has otherwise than the preset that it is named after: field -> value."""
    preset = PRESETS[config.preset].as_dict()
    return {name: value for name, value in config.as_dict().items() if value != preset[name]}
