"""Another skin tone for a generated photo: a drawing on white paper says nothing about it."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

# CIELAB (L 0 to 100) of skin in soft studio light, chosen by eye between the lightest and the darkest of portraits:
TARGETS = {
    "light": (76.0, 11.0, 15.0),
    "medium": (67.0, 13.0, 20.0),
    "tan": (57.0, 15.0, 24.0),
    "brown": (48.0, 15.0, 22.0),
    "dark": (38.0, 13.0, 17.0),
}
CHEEKS = ((0.34, 0.76), (0.66, 0.76))  # centers of the areas that the tone is measured in, in crop widths
CHEEK_RADIUS = 0.07
# CIELAB by which skin differs from the cheeks, in highlights, shadows and color; hair and clothes differ more:
LIGHTER, DARKER, COLOR = 45.0, 30.0, 16.0
BLUR = 0.012  # of the crop's width, over which the change fades


def change_skin_tone(photo: Image.Image, tone: str, matte: np.ndarray | None = None) -> Image.Image:
    """An aligned RGB face crop with its skin in another tone, a name in TARGETS; "auto" changes nothing.

    Skin is what is near the cheeks' color. Lightness is scaled, so that shadows and highlights keep their contrast, and
    the color is shifted. matte: H x W in [0, 1], 1 on the person, whose background keeps its color.
    """
    if tone == "auto":
        return photo
    lab = cv2.cvtColor(np.asarray(photo.convert("RGB"), np.float32) / 255, cv2.COLOR_RGB2Lab)
    height, width = lab.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32) / width
    inside = np.minimum.reduce([np.hypot(x - cx, y - cy) for cx, cy in CHEEKS]) < CHEEK_RADIUS
    cheeks = np.median(lab[inside], axis=0)
    difference = lab - cheeks
    distance = (difference[..., 0] / np.where(difference[..., 0] > 0, LIGHTER, DARKER)) ** 2
    distance += (difference[..., 1] ** 2 + difference[..., 2] ** 2) / COLOR**2
    skin = cv2.GaussianBlur(np.exp(-np.maximum(distance - 0.4, 0)), (0, 0), BLUR * width)
    if matte is not None:
        skin *= matte
    target = np.array(TARGETS[tone], np.float32)
    lightness = np.clip(lab[..., 0] * target[0] / max(cheeks[0], 1.0), 0, 100)
    lab[..., 0] += skin * (lightness - lab[..., 0])
    lab[..., 1:] += skin[..., None] * (target[1:] - cheeks[1:])
    rgb = np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), 0, 1)
    return Image.fromarray(np.round(rgb * 255).astype(np.uint8))
