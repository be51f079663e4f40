"""What a model card says, by what the model is for and what it has seen."""

CARD = """---
{front}
---

# facesketch {title}

Preset `{preset}`: network `{network}` of width {width}, {size} x {size} pixels, step {step} of {steps}, seed {seed}.
{changed}Trained on {train} {pairs}{subset}{wild} (split: {split}; {val} more for validation, {test} for test){after} on
{hardware}{time}{commit}.
{picture}
```python
import facesketch

{call}
```

{use}

## Scores

At native size, in gray, with 95 % bootstrap intervals, measured by `python -m train fit` at its end or by
`python -m train evaluate --card`: {measures}, and the median
milliseconds of a picture on the machine that measured. In *italics*: other methods and answers without a model, on the
same pairs.

| direction | part | pictures | {heads} | ms |
|---|---|---|{rules}---|
{scores}

## Limits

{limits} The weights derive from data that its owners give for research; use them for research.
"""
SKETCH = {
    "datasets": ["cufs"],
    "dataset": "CUHK Face Sketch",
    "pairs": "photo-sketch pairs",
    "call": 'sketch = facesketch.load("{where}").translate(facesketch.read_image("photo.jpg"))',
    "use": "For play, teaching and research: a drawing in the manner of the database's artists, or a guess at the "
    "photo behind one.",
    "measures": "SSIM (Gaussian window, sigma 1.5), FSIM, Scoot, identity (the share of answers whose own photo is the "
    "nearest of so many to dlib's face network), MAE",
    "limits": "The pairs show a few hundred people from the front, under even light, before a plain ground: young "
    "East Asian students (CUHK) and people recorded in Europe (AR, XM2VTS). Other faces, light and poses are drawn "
    "less well. A drawing is no evidence of anyone's identity.",
}
WEB = SKETCH | {
    "datasets": ["cufs", "fs2k"],
    "limits": "A few hundred people are shown from the front, under even light, before a plain ground: young East "
    "Asian students (CUHK) and people recorded in Europe (AR, XM2VTS). Some thousand photos are from the web (FS2K), "
    "mostly of public figures who look into the camera. Other poses and hard light are drawn less well, and a photo "
    "made of a sketch shows nobody who lives. A drawing is no evidence of anyone's identity.",
}
MATTE = {
    "datasets": ["fs2k", "cufs"],
    "dataset": "FS2K and CUHK Face Sketch",
    "pairs": "photos with mattes",
    "call": 'matte = facesketch.load("{where}").translate(crop, "photo_to_matte", align="never")  # white: the person',
    "use": "It says for a face crop, as facesketch.align gives it, what is the person and what is ground, so that "
    "drawings lie on clean paper.",
    "measures": "IoU (intersection over union of what is at least half covered), MAE",
    "limits": "The mattes that it learned from were made by another network (MediaPipe's selfie segmentation) and "
    "sharpened along the photos' edges: right to 2 or 3 pixels of 256, now and then wrong at shoulders and loose hair. "
    "It is not better than they are.",
}
TEXTS = {"sketch": SKETCH, "photo": SKETCH, "matte": MATTE}  # by what the first direction leads to
