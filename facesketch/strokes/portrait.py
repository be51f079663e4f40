"""A portrait in strokes: from a generator's answer and the photo to a Sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial

import cv2
import numpy as np

from ..image.detail_transfer import EPSILON, MIN_CONTRAST, RADIUS, guided_filter_coefficients
from . import contours
from .canvas import deposit, deposit_of_darkness
from .flow import blend, constant_field, edge_tangent_flow, sample, trace, unit_tangent
from .sheet import Sheet
from .stroke import LAYERS, Strokes
from .styles import Contour, Hatching, Style

PLAN_WIDTH = 512  # pixels of the crop that strokes are planned on: the same strokes for every size of the drawing
STEP = 2.0  # pixels between the points of a stroke
FIT_SIGMA, FIT_FLOOR, FIT_RANGE = 0.6, 0.05, (0.4, 1.5)  # pixels at half size; deposit; of pressure in one update
MAX_PRESSURE = 1.3
EDGE = 0.06  # of the sheet's width, over which a drawing fades out at its edge
EYES = ((0.375, 0.625), (0.625, 0.625))  # of the crop's template, in units of its width


@dataclass(frozen=True)
class Scene:
    """What is drawn, as float32 arrays, H x W, 0 to 1: lead, the gray picture that lines follow (half the generator's
    answer, half the photo); dark, how dark the sheet should become; light, where white chalk belongs; person; features,
    1 at eyes, nose and mouth. flow: along hair and edges, form: along the form of larger areas (fields), each with its
    weight, H x W. tangent: of flow, H x W x 2, unit vectors.
    """

    lead: np.ndarray
    dark: np.ndarray
    light: np.ndarray
    person: np.ndarray
    features: np.ndarray
    flow: np.ndarray
    tangent: np.ndarray
    flow_weight: np.ndarray
    form: np.ndarray
    form_weight: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.lead.shape
        return width, height


def plan_strokes(
    tone: np.ndarray, guide: np.ndarray, matte: np.ndarray | None, style: Style, strength: float = 0.5, seed: int = 0
) -> Sheet:
    """Plan the strokes of a portrait.

    tone: the generator's answer, and guide: the photo, both float32, H x W, 0 (black) to 1 (white), of any size with
    the crop's aspect. matte: of the person, 0 to 1; None for 1 everywhere. strength: 0 to 1, from a few lines to a full
    tone. The same arguments give the same strokes.
    """
    scene = make_scene(tone, guide, matte, style, strength)
    amount = min(1.0, 2 * strength)  # with little tone, lines stay and chalk goes
    rng = np.random.default_rng(seed)
    lines = contour_strokes(scene, style.contour)
    drawn = Strokes.concatenate([lines, *shading_strokes(scene, lines, style, rng)])
    parts = [fit_pressure(drawn, scene, style, style.fit_lines * amount)]
    if style.highlights and amount:
        parts.append(highlight_strokes(scene, amount, rng))
    width, height = scene.size
    return Sheet(Strokes.concatenate(parts), style, height / width, seed)


def make_scene(tone: np.ndarray, guide: np.ndarray, matte: np.ndarray | None, style: Style, strength: float) -> Scene:
    """Prepare what the strokes are planned on, at PLAN_WIDTH."""
    size = PLAN_WIDTH, round(PLAN_WIDTH * guide.shape[0] / guide.shape[1])
    guide = resize(guide, size)
    person = np.ones_like(guide) if matte is None else resize(matte, size)
    tone = transfer_edges(tone, guide)
    lead = 0.5 * tone + 0.5 * guide
    features = feature_weight(size)
    coarse, contrast = edge_tangent_flow(lead, 5.0, 1.5)
    fine, _ = edge_tangent_flow(lead, 2.0, 1.0)
    flow = blend(fine, coarse, features)
    tangent, coherence = unit_tangent(flow), cv2.magnitude(*cv2.split(flow))
    quarter = cv2.resize(lead, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    form, slope = (cv2.resize(each, size) for each in edge_tangent_flow(quarter, 4.5, 1.0))
    form_coherence = cv2.magnitude(*cv2.split(form))
    return Scene(
        lead,
        target_darkness(tone, guide, person, features, tangent, style, strength),
        style.highlights * target_light(tone, guide, person) if style.highlights else np.zeros_like(tone),
        person,
        features,
        flow,
        tangent,
        np.clip((coherence - 0.35) * 3, 0, 1) * np.clip(contrast * 70, 0, 1),
        form,
        np.clip((form_coherence - 0.2) * 2, 0, 1) * np.clip(slope * 25, 0, 1),
    )


def resize(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """values at another size (width, height), limited to 0 to 1."""
    interpolation = cv2.INTER_AREA if values.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.clip(cv2.resize(values, size, interpolation=interpolation), 0, 1).astype(np.float32)


def transfer_edges(generated: np.ndarray, guide: np.ndarray) -> np.ndarray:
    """The generator's tone with the guide's edges at the guide's size: a guided filter, as in transfer_detail."""
    small = cv2.resize(guide, generated.shape[::-1], interpolation=cv2.INTER_AREA)
    slope, offset = guided_filter_coefficients(small, generated, RADIUS, EPSILON, MIN_CONTRAST)
    size = guide.shape[::-1]
    return np.clip(guide * cv2.resize(slope, size) + cv2.resize(offset, size), 0, 1)


def feature_weight(size: tuple[int, int]) -> np.ndarray:
    """1 at eyes, nose and mouth, where the crop's template has them, falling to 0 within the face: H x W."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32) / width
    distance = np.hypot((x - 0.5) / 0.26, (y - 0.72) / 0.28)
    return np.clip((1 - distance) * 2.5, 0, 1)


def eye_weight(size: tuple[int, int]) -> np.ndarray:
    """1 at the eyes: H x W."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32) / width
    distance = np.minimum.reduce([np.hypot((x - ex) / 0.075, (y - ey) / 0.045) for ex, ey in EYES])
    return np.clip((1.3 - distance) * 2, 0, 1)


def target_darkness(
    tone: np.ndarray,
    guide: np.ndarray,
    person: np.ndarray,
    features: np.ndarray,
    tangent: np.ndarray,
    style: Style,
    strength: float,
) -> np.ndarray:
    """How dark the sheet should become: the generator's tone, with more contrast in features and hair."""
    height, width = tone.shape
    difference = guide - tone
    if style.bare_skin:  # the photo's detail without its skin's tone
        difference -= cv2.GaussianBlur(difference, (0, 0), 12)
    led = tone + style.likeness * features * difference
    skin = np.minimum(cv2.GaussianBlur(tone, (0, 0), 20), 0.95)  # what is darker than the skin around is a feature
    raised = np.maximum(skin - style.white, 0) + (np.minimum(skin - style.white, 0) if style.bare_skin else 0)
    white = style.white + raised * 0.9 * features
    dark = np.clip((white - led) / white, 0, 1) * style.tone
    local = cv2.GaussianBlur(guide, (0, 0), 8) - guide  # positive where the photo is darker than around
    eyes = eye_weight((width, height))
    detail = np.where(np.abs(local) > 0.03, local, 0) * features * style.features * (0.4 + 0.6 * eyes)
    strands = cv2.GaussianBlur(guide, (0, 0), 5) - contours.smooth_along(guide, tangent, (2.0, 4.0, 6.0))
    detail += style.strands * strands * 2 * np.clip(dark * 3, 0, 1) * (1 - features)
    dark = np.clip(dark + detail, 0, 1)
    amount = 2 * strength
    dark = np.maximum(dark - 0.9 * (1 - amount), 0) if amount < 1 else dark ** (1 / (1 + 0.8 * (amount - 1)))
    return (dark * person * edge_fade((width, height), style.fade)).astype(np.float32)


def edge_fade(size: tuple[int, int], fade: float) -> np.ndarray:
    """1 inside, falling toward the sheet's sides, and by fade over the clothes toward its lower edge: H x W."""
    width, height = size
    x, y = np.arange(width, dtype=np.float32) / width, np.arange(height, dtype=np.float32)[:, None] / width
    sides = np.clip(np.minimum(x, 1 - x) / EDGE, 0, 1) * np.clip((height / width - y) / EDGE, 0, 1)
    return sides * (1 - fade * np.clip((y - 0.98) / 0.24, 0, 1))


def target_light(tone: np.ndarray, guide: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Where the light falls on the face: brighter than the area around, and light in the drawing."""
    smooth = cv2.GaussianBlur(guide, (0, 0), 3)
    return np.clip((smooth - cv2.GaussianBlur(guide, (0, 0), 30)) * 5, 0, 1) * np.clip((tone - 0.8) * 6, 0, 1) * person


def contour_strokes(scene: Scene, contour: Contour) -> Strokes:
    """The lines of the face, the hair and the clothes, and where the person ends against the paper."""
    width, _ = scene.size
    fade = edge_fade(scene.size, 0.6)
    points, pressures, widths = [], [], []
    for scale in contour.scales:
        response = contours.line_response(scene.lead, scene.tangent, scale) * np.clip(1.5 * scene.person, 0, 1)
        response *= contour.gain * fade * (1 + 0.6 * scene.features)
        widened = cv2.dilate(response, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
        for path in contours.join(contours.chains(contours.ridges(response), 8)):
            if len(path) < contour.length * (1 - 0.6 * float(sample(scene.features, path).mean())):
                continue
            line = contours.smooth_path(path, 2.0, 2.5)
            if len(line) < 4:
                continue
            strength = contours.along(widened, line, 4.0)
            taper = np.minimum(1, np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / 6 + 0.2)
            points.append(line)
            pressures.append(np.clip((0.2 + 1.6 * strength) * contour.pressure, 0, MAX_PRESSURE) * taper)
            swell = (scale / 1.5) ** 0.5 * (0.7 + 0.6 * min(1, 2 * strength.mean()))
            widths.append(contour.width * swell / PLAN_WIDTH)
    if not points:
        return Strokes.empty()
    lengths = np.array([len(line) for line in points])
    flat = (np.concatenate(points) + 0.5) / width
    return Strokes.from_arrays(flat, np.concatenate(pressures), lengths, np.array(widths), "contour")


def shading_strokes(scene: Scene, lines: Strokes, style: Style, rng: np.random.Generator) -> list[Strokes]:
    """Strokes where the sheet is still lighter than it should be, from broad to fine."""
    goal = deposit_of_darkness(scene.dark, style.grade)
    done = deposit(lines, scene.size, is_draft=True)
    parts, field_of = [], cache(partial(hatching_field, scene))
    for hatching in style.hatchings:
        field, within = field_of(hatching.slant, hatching.form, hatching.flow), stay_within(goal, hatching.width)
        for _ in range(hatching.rounds):
            need = within - cv2.GaussianBlur(done, (0, 0), max(1.0, 0.5 * hatching.spacing))
            strokes = hatch(need, scene, field, hatching, rng)
            done += deposit(strokes, scene.size, is_draft=True)
            parts.append(strokes)
    return parts


def fit_pressure(strokes: Strokes, scene: Scene, style: Style, fit_lines: float) -> Strokes:
    """Change the pressure along strokes so that together they come nearer to the tone, darker and lighter.

    The deposit is linear in the pressure, so these are the multiplicative updates of a non-negative least squares
    problem (Lee and Seung 2001), kept within bounds that leave a stroke its shape.
    """
    width, height = scene.size
    size = width // 2, height // 2
    dark = cv2.resize(scene.dark, size, interpolation=cv2.INTER_AREA)
    goal = cv2.GaussianBlur(deposit_of_darkness(dark, style.grade), (0, 0), FIT_SIGMA) + FIT_FLOOR
    points = strokes.points * np.float32(size[0]) - np.float32(0.5)
    share = 0.35 + 0.65 * sample(
        scene.features, strokes.points * np.float32(width) - np.float32(0.5)
    )  # hair keeps bolder strokes than the face
    is_line = np.repeat(strokes.layers == LAYERS.index("contour"), strokes.lengths)
    share = np.where(is_line, fit_lines * share, share)
    for _ in range(style.fit):
        done = cv2.GaussianBlur(deposit(strokes, size, is_draft=True), (0, 0), FIT_SIGMA) + FIT_FLOOR
        factor = np.clip(sample(goal / done, points), *FIT_RANGE) ** share
        strokes = replace(strokes, pressure=np.minimum(strokes.pressure * factor, MAX_PRESSURE).astype(np.float32))
    return strokes


def stay_within(goal: np.ndarray, width: float) -> np.ndarray:
    """The least goal that a mark of this width covers, so that strokes do not spill over what is to stay light."""
    side = int(width) | 1
    return goal if side < 3 else cv2.erode(goal, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def highlight_strokes(scene: Scene, amount: float, rng: np.random.Generator) -> Strokes:
    """Strokes of white chalk."""
    hatching = Hatching(6, 40, 4, 0.5, least=0.1, full=0.6, rounds=1, form=1.0, flow=0.3)
    field = hatching_field(scene, hatching.slant, hatching.form, hatching.flow)
    strokes = hatch(amount * scene.light, scene, field, hatching, rng)
    return Strokes.from_arrays(strokes.points, strokes.pressure, strokes.lengths, strokes.widths, "highlight")


def hatching_field(scene: Scene, slant: float, form: float, flow: float) -> np.ndarray:
    """Directions of shading: along hair and edges where there are some, elsewhere along the form and a slant."""
    base = blend(scene.form, constant_field(slant, scene.size), scene.form_weight * form)
    return blend(scene.flow, base, scene.flow_weight * flow)


def hatch(need: np.ndarray, scene: Scene, field: np.ndarray, hatching: Hatching, rng: np.random.Generator) -> Strokes:
    """One round of a pass. need: the deposit that is missing, H x W."""
    width, _ = scene.size
    seeds = place_seeds(scene.size, hatching, rng)
    chance = np.clip((sample(need, seeds) - hatching.least) / (hatching.full - hatching.least), 0, 1)
    if hatching.features_only:
        chance = chance * sample(scene.features, seeds)
    seeds = seeds[rng.uniform(0, 1, len(seeds)) < chance]
    inside = (need > (0.8 if hatching.regular else 0.35) * hatching.least) & (scene.person > 0.3)
    steps = max(2, round(hatching.length / 2 / STEP))
    points, valid = trace(field, inside, seeds, steps, STEP)
    from_seed = np.abs(np.arange(2 * steps + 1) - steps)
    valid &= from_seed <= steps * rng.uniform(0.5, 1.0, (len(seeds), 1))
    lengths = valid.sum(1)
    kept = lengths >= 4
    points, valid, lengths = points[kept], valid[kept], lengths[kept]
    if not len(lengths):
        return Strokes.empty()
    t = (np.cumsum(valid, 1) - 1) / (lengths - 1)[:, None]
    needed = np.maximum(sample(need, points), 0)
    mean = (needed * valid).sum(1, keepdims=True) / lengths[:, None]
    if hatching.regular:
        pressure = np.full_like(needed, hatching.pressure)
        taper = np.clip(np.minimum(t * 12, (1 - t) * 6) + 0.4, 0, 1)
    else:
        pressure = hatching.pressure * (hatching.base + 0.9 * (needed + mean))
        taper = np.clip(np.minimum(t * 5, (1 - t) * 2.2) + 0.15, 0, 1)
    pressure = pressure * taper * rng.uniform(0.8, 1.2, (len(lengths), 1))
    wobble = rng.normal(0, 0.25, (len(lengths), 1, 2))
    widths = np.full(len(lengths), hatching.width / PLAN_WIDTH)
    flat = (points + wobble + 0.5)[valid] / width
    layer = "detail" if hatching.features_only else "shading"
    return Strokes.from_arrays(flat, np.clip(pressure, 0, 1)[valid], lengths, widths, layer)


def place_seeds(size: tuple[int, int], hatching: Hatching, rng: np.random.Generator) -> np.ndarray:
    """Where strokes may begin: N x 2 in pixels, on a jittered grid or on parallel lines."""
    width, height = size
    if not hatching.regular:
        y, x = np.mgrid[
            hatching.spacing / 2 : height : hatching.spacing, hatching.spacing / 2 : width : hatching.spacing
        ]
        seeds = np.stack([x.ravel(), y.ravel()], 1) + rng.uniform(-0.5, 0.5, (x.size, 2)) * hatching.spacing
    else:
        reach = np.hypot(width, height)
        along = np.arange(-reach, reach, hatching.length * 0.8)
        across = np.arange(-reach, reach, hatching.spacing)
        u, v = (grid.ravel() for grid in np.meshgrid(along, across))
        u = u + rng.uniform(-0.5, 0.5, len(u)) * hatching.length * 0.8
        v = v + rng.normal(0, 0.08, len(v)) * hatching.spacing
        angle = np.radians(-hatching.slant)
        seeds = np.stack([u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)], 1)
    inside = (seeds >= 0).all(1) & (seeds[:, 0] < width) & (seeds[:, 1] < height)
    return seeds[inside].astype(np.float32)
