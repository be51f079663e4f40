"""The text of model cards, by what a model makes and which data it was trained on."""

from dataclasses import dataclass, replace

CARD = """---
{front_matter}
---

# facesketch {title}

Network `{network}` of width {width}, {size} x {size} pixels.

{origins}
{picture}
```python
import facesketch

{call}
```

{use}

## Scores

At native size, in gray, with 95 % bootstrap intervals, as measured at the end of `python -m train fit` or by
`python -m train evaluate --card`: {metrics}, and the median milliseconds of an image on
the machine that measured. In *italics*: other methods and trivial baselines on the same pairs.

| direction | part | pictures | {heads} | ms |
|---|---|---|{rules}---|
{scores}

## Limits

{limits} The weights derive from data that their owners provide for research only; use them for research only.
"""

ORIGIN = """Preset `{preset}`, step {step} of {steps}, seed {seed}.
{changes}Trained on {train} {pairs}{subset}{unpaired} (split: {split}; {val} for validation, {test} for testing){init}
on {hardware}{time}{commit}."""

TEXTURE = ", texture distance (of all drawings to all sketches, lower is closer)"


@dataclass(frozen=True)
class CardTexts:
    datasets: tuple[str, ...]  # ids on the Hub
    dataset_name: str
    pairs: str  # what the training data are counted in
    call: str  # Python; {source} is the model's name or folder
    use: str
    metrics: str
    limits: str


SKETCH = CardTexts(
    datasets=("cufs",),
    dataset_name="CUHK Face Sketch",
    pairs="photo-sketch pairs",
    call='sketch = facesketch.load("{source}")(facesketch.read_image("photo.jpg")).image',
    use="For play, teaching and research: a drawing in the style of the database's artists, or a guess at the photo "
    "behind one.",
    metrics="SSIM (Gaussian window, sigma 1.5), FSIM, Scoot, rank-1 (how often dlib's face recognition network ranks "
    "the right photo first among so many), MAE",
    limits="The pairs show a few hundred people from the front, in even light, in front of a plain background: young "
    "East Asian students (CUHK) and people recorded in Europe (AR, XM2VTS). Other faces, light and poses are drawn "
    "less well. A drawing is not evidence of anyone's identity.",
)
WEB = replace(
    SKETCH,
    datasets=("cufs", "fs2k"),
    limits="A few hundred people are shown from the front, in even light, in front of a plain background: young East "
    "Asian students (CUHK) and people recorded in Europe (AR, XM2VTS). Some thousand photos are from the web (FS2K), "
    "mostly of public figures who look into the camera. Other poses and hard light are drawn less well, and a photo "
    "made from a sketch shows no real person. A drawing is not evidence of anyone's identity.",
)
MATTE = CardTexts(
    datasets=("fs2k", "cufs"),
    dataset_name="FS2K and CUHK Face Sketch",
    pairs="photos with mattes",
    call='matte = facesketch.load("{source}", target="matte")(crop, facesketch.DrawOptions(align="never")).image  '
    "# white: the person",
    use="Separates the person from the background in an aligned face crop, so that drawings are on clean paper.",
    metrics="IoU (intersection over union of what is at least half covered), MAE",
    limits="The training mattes were made by another network (MediaPipe's selfie segmentation) and refined along the "
    "photos' edges: accurate to 2 or 3 pixels of 256, sometimes wrong at shoulders and loose hair. The model is not "
    "better than they are.",
)
