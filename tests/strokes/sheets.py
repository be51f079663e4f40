"""A drawing in strokes for tests: a head in contours, hatching, hair and highlights."""

import numpy as np

from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import LAYERS, Strokes
from facesketch.strokes.styles import STYLES

N_POINTS = 20


def taper(n: int) -> np.ndarray:
    """Pressure along one stroke of n points: light at both ends."""
    return np.sin(np.linspace(0.15, np.pi - 0.15, n))


def bundle(curves: list[np.ndarray], pressure: np.ndarray, width: float, layer: str) -> Strokes:
    """Strokes of one layer and width; pressure: one number per stroke."""
    lengths = np.array([len(curve) for curve in curves])
    each = np.concatenate([p * taper(n) for p, n in zip(pressure, lengths, strict=True)])
    return Strokes.from_arrays(np.concatenate(curves), each, lengths, np.full(len(curves), width), layer)


def arcs(center: tuple[float, float], radius: tuple[float, float], n: int, turn: float = 2 * np.pi) -> list[np.ndarray]:
    """An ellipse as n strokes, each beginning where the previous one ends."""
    angle = np.linspace(0, turn, n * (N_POINTS - 1) + 1)
    curve = np.array(center) + np.stack([np.cos(angle) * radius[0], np.sin(angle) * radius[1]], 1)
    return [curve[i * (N_POINTS - 1) : (i + 1) * (N_POINTS - 1) + 1] for i in range(n)]


def hatching(n: int, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
    """n slightly bent strokes inside the head, and how hard they are pressed: more to the right."""
    at = rng.uniform(-1, 1, (4 * n + 50, 2))
    at = at[(at**2).sum(1) < 0.9][:n]
    middle = np.array([0.5, 0.62]) + at * [0.27, 0.38]
    t = np.linspace(-0.5, 0.5, N_POINTS)[:, None]
    curves = [m + t * [0.07, -0.05] + (t**2 - 0.08) * [0.02, 0.03] for m in middle]
    return curves, 0.08 + 0.3 * (at[:, 0] / 2 + 0.5) ** 2


def head(n_hatches: int = 300, style: str = "graphite", seed: int = 0) -> Sheet:
    """A sheet with strokes in all layers, n_hatches of them in the shading."""
    rng = np.random.default_rng(seed)
    contours = arcs((0.5, 0.62), (0.28, 0.4), 12)
    for x in (3 / 8, 5 / 8):
        contours += arcs((x, 0.625), (0.055, 0.025), 3) + arcs((x, 0.56), (0.07, 0.02), 2, -np.pi)
    contours += arcs((0.5, 0.85), (0.08, 0.02), 3) + arcs((0.5, 1.45), (0.42, 0.4), 6, -np.pi)
    hatches, pressure = hatching(n_hatches, rng)
    hair = []
    for x in rng.uniform(-1, 1, max(n_hatches // 10, 20)):
        t = np.linspace(0, 1, N_POINTS)
        reach = 0.30 + 0.05 * rng.random()
        hair.append(np.stack([0.5 + x * reach * np.sin(t * 1.5), 0.2 + 0.45 * t**1.5 * abs(x) + 0.03 * t], 1))
    light = [np.array([x, 0.62]) + 0.01 * np.stack([t, t**2], 1) for x in (0.38, 0.63) for t in [np.linspace(0, 1, 8)]]
    parts = (
        bundle(contours, np.full(len(contours), 0.9), 0.0045, "contour"),
        bundle(hatches, pressure, 0.004, "shading"),
        bundle(hair, rng.uniform(0.4, 0.9, len(hair)), 0.0025, "detail"),
        bundle(light, np.ones(len(light)), 0.006, "highlight"),
    )
    assert len(parts) == len(LAYERS)
    return Sheet(Strokes.concatenate(parts), STYLES[style])
