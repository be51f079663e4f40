"""What a run is: one frozen Config. PRESETS names every experiment; what is not worth a flag is a preset."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace


@dataclass(frozen=True)
class Config:
    """Everything that decides a run's result, saved with it and never changed after.

    Rates are per optimizer step, weights are the factors of the terms in the method's total loss, geometry is in
    degrees, shares and pixels of the frame.
    """

    preset: str
    method: str
    network: str
    width: int
    epochs: int
    batch: int = 1
    learning_rate: float = 2e-4
    beta1: float = 0.5
    warmup: int = 0  # steps in which the rate rises linearly to itself
    decay_from: float = 0.5  # share of the steps after which the rate falls linearly to zero; 1: never
    discriminator_width: int = 64
    adversarial: str = "lsgan"
    weight_adversarial: float = 1.0
    weight_adversarial_photo: float = 1.0  # CycleGAN's, of the photos
    weight_l1: float = 0.0
    weight_ssim: float = 0.0
    weight_gradients: float = 0.0
    weight_cycle: float = 10.0  # of a photo that comes back from its sketch ...
    weight_cycle_sketch: float = 10.0  # ... and a sketch from its photo: the more, the more of its strokes hide there
    back_translation: float = 0.0  # above 0: the way back learns alone, from a picture under noise of this deviation
    weight_identity: float = 0.0
    pool: int = 50
    inverse: bool = False  # Pix2Pix: learn sketch -> photo too
    ema: float = 0.0  # decay of the exported generators' moving average; 0: none
    after: str = ""  # the preset whose run, in first/ of this one's folder, hands over its networks
    split: str = "person"  # "deck": 8:2 after the eight flips and turns
    subset: str = ""  # the folder of the data to train and validate on, where the data has it; "": all
    validation: float = 0.06  # share of the training persons kept for validation
    turn: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    mirror: bool = False
    photometric: float = 0.0
    grounds: float = 0.0  # share of the photos, of pairs, whose plain ground is replaced
    clean: bool = False  # paint the black wedges at the border of what is to be drawn
    crop: int = 256  # side of the square that is cut from the frame ...
    crop_until: float = 0.0  # ... in this first share of the steps
    size: int = 256
    seed: int = 0
    steps: int = 0  # 0: epochs times the batches of an epoch

    @classmethod
    def of(cls, about: dict) -> Config:
        """The config that a model's config.json tells it was trained with; the defaults where it tells nothing."""
        told = about.get("training", {})
        base = cls(preset="", method="", network="", width=0, epochs=0)
        return replace(base, **{field.name: told[field.name] for field in fields(cls) if field.name in told})

    def as_dict(self) -> dict:
        return asdict(self)


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
            "pix2pix",
            "pix2pix",
            "unet-lean",
            24,
            epochs=32,
            batch=2,
            inverse=True,
            discriminator_width=24,
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
            **_DECK,
        ),
        Config("pix2pix-deck", "pix2pix", "unet", 64, epochs=150, weight_l1=100.0, **_DECK),
        Config("cyclegan-deck", "cyclegan", "resnet", 64, epochs=150, **_DECK),
    )
}
