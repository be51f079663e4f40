"""Similarity metrics of two pictures, and of two sets of pictures, compared in gray at their own size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

SCOOT_BLOCKS, SCOOT_LEVELS = 4, 6  # blocks along a side, gray levels
PATCH, PATCHES_PER_PICTURE = 7, 96  # of the texture distance: a patch's side in pixels, and how many are drawn
PYRAMID_LEVELS, PROJECTIONS = 3, 256
MIN_TEXTURE_SIDE = (PATCH + 2) * 2 ** (PYRAMID_LEVELS - 1)  # pixels
PERSON_MATTE = 0.9  # above it a pixel belongs to the person; the soft outline does not


def gray(image: Image.Image) -> np.ndarray:
    """Luma (ITU-R BT.601) as float64, H x W, 0 to 255."""
    return np.asarray(image.convert("L"), dtype=np.float64)


def _pair(a: Image.Image, b: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    if a.size != b.size:
        raise ValueError(f"The pictures differ in size: {a.width} x {a.height} and {b.width} x {b.height}.")
    return gray(a), gray(b)


def ssim_map(a: Image.Image, b: Image.Image) -> tuple[float, np.ndarray]:
    """Structural similarity (Wang et al. 2004) as (mean, map), the map H x W, values -1 to 1.

    Gaussian window with sigma 1.5, biased covariances, L = 255: the settings of the original paper and of most
    published face-sketch tables. The mean leaves out a border of 5 pixels, where the window does not fit.
    Raises ValueError where the sizes differ or a side is under 11 pixels.
    """
    score, local = structural_similarity(
        *_pair(a, b), data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )
    return float(score), local


def ssim(a: Image.Image, b: Image.Image) -> float:
    """The mean of ssim_map."""
    return ssim_map(a, b)[0]


def mae(a: Image.Image, b: Image.Image) -> float:
    """Mean absolute error of the gray pictures, as a share of the full range: 0 to 1 (the course deck's Eq. 1)."""
    first, second = _pair(a, b)
    return float(np.abs(first - second).mean() / 255)


def iou(a: Image.Image, b: Image.Image) -> float:
    """Intersection over union of the pixels above half white, 0 to 1; 1 where neither has any."""
    first, second = (z > 127.5 for z in _pair(a, b))
    return float((first & second).sum() / max(1, (first | second).sum())) if (first | second).any() else 1.0


def scoot(a: Image.Image, b: Image.Image) -> float:
    """Structure co-occurrence texture of the gray pictures, 0 to 1 (Fan et al., ICCV 2019).

    1 / (1 + d), with d the Euclidean distance between the pictures' texture features. Unlike SSIM it punishes blur, and
    tolerates lines that are a pixel off. Raises ValueError where the sizes differ or a side is under 8 pixels.
    """
    first, second = _pair(a, b)
    if min(first.shape) < 2 * SCOOT_BLOCKS:
        raise ValueError(f"Each side must have at least {2 * SCOOT_BLOCKS} pixels for Scoot.")
    return float(1 / (1 + np.linalg.norm(_texture(first) - _texture(second))))


def _texture(pixels: np.ndarray) -> np.ndarray:
    """Contrast and energy of the co-occurrence matrices of 4 x 4 blocks: 16 x 2 floats, of gray pixels H x W, 0 to 255.

    As in the authors' program: 6 levels over 0 to 255, and one matrix per block over the neighbors on the right, above,
    and above on either side. It rounds mean counts, which changes Scoot by less than 0.001 and is left out here.
    """
    levels = np.minimum(pixels * SCOOT_LEVELS // 255, SCOOT_LEVELS - 1).astype(np.intp)
    apart = np.subtract.outer(np.arange(SCOOT_LEVELS), np.arange(SCOOT_LEVELS)) ** 2
    found = []
    for rows in _block_slices(levels.shape[0]):
        for columns in _block_slices(levels.shape[1]):
            q = levels[rows, columns]
            here, there = (q[:, :-1], q[1:, :-1], q[1:], q[1:, 1:]), (q[:, 1:], q[:-1, 1:], q[:-1], q[:-1, :-1])
            codes = [(x * SCOOT_LEVELS + y).ravel() for x, y in zip(here, there, strict=True)]
            share = np.bincount(np.concatenate(codes), minlength=SCOOT_LEVELS**2).reshape(SCOOT_LEVELS, SCOOT_LEVELS)
            share = share / share.sum()
            found.append(((apart * share).sum(), (share**2).sum()))
    return np.array(found)


def _block_slices(length: int) -> list[slice]:
    """A side in SCOOT_BLOCKS slices."""
    ends = [length * i // SCOOT_BLOCKS for i in range(SCOOT_BLOCKS + 1)]
    return [slice(*pair) for pair in pairwise(ends)]


def correlation(a: Image.Image, b: Image.Image, matte: np.ndarray | None = None) -> float:
    """Pearson's correlation of the gray values inside the person, where the matte (H x W, 0 to 1) is above 0.9.

    -1 to 1; without a matte, of all pixels. nan where one of the pictures has a single value there. Raises ValueError
    where the sizes differ.
    """
    first, second = _pair(a, b)
    inside = np.ones(first.shape, bool) if matte is None else matte > PERSON_MATTE
    x, y = (z[inside] - z[inside].mean() if inside.any() else z[inside] for z in (first, second))
    norm = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / norm) if norm > 0 else float("nan")


@dataclass(frozen=True)
class TextureDistance:
    """How far two sets of pictures are apart at each level of the pyramid: 0 and up, lower is closer.

    fine: strokes and grain of 1 to 2 pixels; middle: 2 to 4 pixels; coarse: 4 to 8 pixels.
    """

    fine: float
    middle: float
    coarse: float

    def __str__(self) -> str:
        return f"{self.fine:.3f} / {self.middle:.3f} / {self.coarse:.3f}"


def texture_distance(
    drawings: Sequence[Image.Image],
    sketches: Sequence[Image.Image],
    drawing_mattes: Sequence[np.ndarray] | None = None,
    sketch_mattes: Sequence[np.ndarray] | None = None,
    seed: int = 0,
) -> TextureDistance:
    """How far a set of drawings is from artists' sketches in texture, wherever in the picture and of whatever person.

    The sliced Wasserstein distance (Rabin et al. 2012) of 7 x 7 patches from the levels of a Laplacian pyramid, as
    Karras et al. (2018, section 5) compare sets of pictures. Both sets are of any length and need not show the same
    people, but their scale must be the same: resize both to one size first. Mattes, H x W in [0, 1], limit the patches
    to those whose center is in the person, above 0.9. The seed chooses patches and projections.

    Departs from Karras et al.: in gray; 96 patches per picture instead of 128, and 256 projections instead of 512; the
    unit is the standard deviation of the sketches' patches instead of each set's own, so that contrast counts; the
    low-pass level, which shows tones and not texture, is left out. Two halves of the same set are not at 0, since their
    patches differ: see docs/quality.md. Raises ValueError for a set without patches, or with a picture too small.
    """
    random = np.random.default_rng(seed)
    ours = _patches(drawings, drawing_mattes, random)
    theirs = _patches(sketches, sketch_mattes, random)
    return TextureDistance(*(_sliced_wasserstein(a, b, random) for a, b in zip(ours, theirs, strict=True)))


def _patches(
    pictures: Sequence[Image.Image], mattes: Sequence[np.ndarray] | None, random: np.random.Generator
) -> list[np.ndarray]:
    """Random patches of a set, for each level of the pyramid: N x PATCH ** 2 float32."""
    found: list[list[np.ndarray]] = [[] for _ in range(PYRAMID_LEVELS)]
    masks = [np.ones((p.height, p.width)) for p in pictures] if mattes is None else mattes
    for picture, matte in zip(pictures, masks, strict=True):
        if matte.shape != (picture.height, picture.width):
            raise ValueError("A matte and its picture differ in size.")
        if min(matte.shape) < MIN_TEXTURE_SIDE:
            raise ValueError(f"Each side must have at least {MIN_TEXTURE_SIDE} pixels for texture.")
        for level, band in enumerate(_laplacian_pyramid(gray(picture).astype(np.float32) / 255)):
            inside = cv2.resize(matte.astype(np.float32), band.shape[::-1], interpolation=cv2.INTER_AREA) > PERSON_MATTE
            margin = PATCH // 2 + 1  # patches leave out the outermost pixels, where scans and networks have an edge
            rows, columns = np.nonzero(inside[margin:-margin, margin:-margin])
            if rows.size:
                chosen = random.integers(0, rows.size, PATCHES_PER_PICTURE)
                windows = np.lib.stride_tricks.sliding_window_view(band[1:-1, 1:-1], (PATCH, PATCH))
                found[level].append(windows[rows[chosen], columns[chosen]].reshape(-1, PATCH**2))
    if not all(found):
        raise ValueError("No picture shows a person to compare the texture of.")
    return [np.concatenate(level) for level in found]


def _laplacian_pyramid(pixels: np.ndarray) -> list[np.ndarray]:
    """The band-pass levels (Burt and Adelson 1983) from fine to coarse, each half as large as the one before."""
    bands = []
    for _ in range(PYRAMID_LEVELS):
        low = cv2.pyrDown(pixels)
        bands.append(pixels - cv2.pyrUp(low, dstsize=pixels.shape[::-1]))
        pixels = low
    return bands


def _sliced_wasserstein(a: np.ndarray, b: np.ndarray, random: np.random.Generator) -> float:
    """Mean Wasserstein-1 distance of the sets' projections on random directions, N x D each, in units of b's deviation.

    The larger set is thinned at random to the length of the smaller.
    """
    n = min(len(a), len(b))
    a, b = (x[random.permutation(len(x))[:n]] for x in (a, b))
    directions = random.standard_normal((a.shape[1], PROJECTIONS)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    first, second = (np.sort((x @ directions).T, axis=1) for x in (a, b))  # in rows, which sort faster than columns
    unit = max(float(b.std()), 1e-6)  # blank paper has no deviation
    return float(np.abs(first - second).mean() / unit)
