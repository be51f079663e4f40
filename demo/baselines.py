"""What is published elsewhere, and what the course deck states, beside the embedded models: read from their cards."""

from __future__ import annotations

import facesketch
from facesketch import WeightsError
from facesketch.hub.checked import read_about

from .controls import table
from .i18n import t
from .models import title

PLACES = {"ans-gda": "ANS-GDA, 2019", "ca-gan": "CA-GAN, 2018", "cgan": "conditional GAN", "pcf": "PCF, 2018"}
PLACES |= {"sca-gan": "SCA-GAN, 2018", "the photo itself": "The gray photo itself"}
DECK = {"Autoencoder": 0.7135, "Pix2Pix": 0.6064, "CycleGAN": 0.1624}  # SSIM, validation, as its final table has it
HEADS = ("Method", "SSIM", "95 %", "FSIM", "MAE")


def rows_of() -> dict:
    """The table, the best SSIM first, in the language of the request."""
    rows, others = [], {}
    for name in facesketch.available():
        try:
            about = read_about(facesketch.WEIGHTS_FOLDER / name, name)
        except WeightsError:
            continue
        scores = about.get("scores", {}).get("photo_to_sketch", {})
        if scores.get("pictures") == 100:  # of the CUHK test faces; more are of other sets too
            rows.append(row(title(name), scores))
            others |= scores.get("others", {})
    rows += [row(t(PLACES[key]), scores) for key, scores in others.items() if key in PLACES]
    rows.sort(key=lambda cells: -cells[1])
    deck = t("the deck, on its own split, where a person stands on both sides")
    return table(HEADS, [*rows, *([f"{name}: {deck}", ssim, "", "", ""] for name, ssim in DECK.items())])


def row(name: str, scores: dict) -> list:
    """A method's cells."""
    low, high = scores.get("ssim_95", ("", ""))
    return [name, scores["ssim"], f"{low} – {high}", scores.get("fsim", ""), scores.get("mae", "")]
