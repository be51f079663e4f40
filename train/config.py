"""What a run is: one frozen Config."""

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
    l1_block: int = 1  # pixels a side over which L1 takes means first, so that strokes within are free
    weight_ssim: float = 0.0
    weight_gradients: float = 0.0
    weight_contrast: float = 0.0
    weight_cycle: float = 10.0  # of a photo that comes back from its sketch ...
    weight_cycle_sketch: float = 10.0  # ... and a sketch from its photo: the more, the more of its strokes hide there
    back_translation: float = 0.0  # above 0: the way back learns alone, from a picture under noise of this deviation
    weight_identity: float = 0.0
    pool: int = 50
    inverse: bool = False  # Pix2Pix: learn sketch -> photo too
    styles: str = ""  # Pix2Pix: names of styles, of which all but the first are folders of the data; "": one style
    weight_styled: float = 0.3  # of L1 and SSIM in the other styles, whose pairs lie less exactly on each other
    weight_strokes: float = 0.0  # of the adversary that sees strokes alone, in small patches
    weight_wild: float = 0.0  # of the adversary that sees the other styles' photos drawn in the first style
    wild: bool = False  # CycleGAN: G draws the photos outside the subset too, those that have mattes
    ema: float = 0.0  # decay of the exported generators' moving average; 0: none
    begin: str = ""  # the model whose generators it begins with: its preset and its weights' SHA-256
    after: str = ""  # the preset whose run, in first/ of this one's folder, hands over its networks
    split: str = "person"  # "deck": 8:2 after the eight flips and turns
    target: str = "sketch"  # what a photo is to become; "matte"; "photo": what a sketch is to, the way back alone
    last: bool = False  # exported is the last step, and not the best by validation
    drawn: float = 0.0  # share of the sketches that are to become photos that the model it begins with drew itself
    subset: str = ""  # the folder of the data to train and validate on, where the data has it; "": all
    validation: float = 0.06  # share of the training persons kept for validation
    turn: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    mirror: bool = False
    photometric: float = 0.0
    grounds: float = 0.0  # share of the photos, of pairs, whose ground is replaced
    mattes: bool = (
        False  # a photo's matte, where it has one, says where its ground is; else it is found where it is plain
    )
    empty: float = 0.0  # share of the photos that show nobody: of a matte's, their ground alone
    skin: float = 150.0  # median luma of the darkest skin that it is to know: darker is lifted toward it in use
    light: float = 0.0  # how far light goes: gamma from 1 / (1 + light) to 1 + light, and from a side
    damage: float = 0.0  # share of the photos that are blurred, noisy and compressed
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

    def changed(self, preset: Config) -> dict:
        """What this has otherwise than the preset that it is named after: field -> value."""
        return {name: value for name, value in self.as_dict().items() if value != getattr(preset, name)}
