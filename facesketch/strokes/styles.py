"""The styles that a drawing can have. A new style is one entry here."""

from __future__ import annotations

from dataclasses import dataclass

Color = tuple[int, int, int]  # RGB, 0 to 255


@dataclass(frozen=True)
class Hatching:
    """One pass of shading; lengths in pixels of a crop that is 512 wide.

    spacing: between strokes. length: of the longest stroke. width: of the mark. pressure: 0 to 1, and base: its share
    that does not depend on the darkness that is missing. least: how much darkness must be missing for a stroke to be
    drawn, and full: for all strokes to be drawn, 0 to 1. rounds: how often the pass is repeated. slant: of strokes on
    flat areas, in degrees, counterclockwise from the right. form and flow: 0 to 1, how much strokes follow the form,
    and hair and edges, instead of the slant. features_only: drawn at eyes, nose and mouth alone. regular: parallel
    lines at equal distances.
    """

    spacing: float
    length: float
    width: float
    pressure: float
    base: float = 0.2
    least: float = 0.05
    full: float = 0.5
    rounds: int = 2
    slant: float = 50.0
    form: float = 0.8
    flow: float = 1.0
    features_only: bool = False
    regular: bool = False


@dataclass(frozen=True)
class Contour:
    """The lines. gain: how strong edges must be. width: in pixels of a crop that is 512 wide. pressure: about 1.

    scales: half the widths of the lines that are looked for, in pixels. length: of the shortest line.
    """

    pressure: float = 1.0
    width: float = 1.5
    gain: float = 10.0
    scales: tuple[float, ...] = (1.2, 2.4)
    length: float = 18.0


@dataclass(frozen=True)
class Style:
    """A way of drawing in strokes.

    label: the style that a generator with styles is asked for. dataset_folder: the outermost folder that holds sketches
    of this style in training data; None for the base style, which all other folders show, and for styles that no
    generator learned.

    The medium: paper, pencil, highlight: colors. grade: the darkest value, 0 to 1. rough: 0 to 1, how much of the
    paper's tooth shows. crisp: ink, black or not there.

    The tone: white: the generator's value, 0 to 1, from which on the paper stays white. tone: factor of the darkness.
    bare_skin: skin stays white however dark it is. features: contrast of eyes, nose and mouth.
    likeness: 0 to 1, how much of the photo's detail there replaces the generator's. strands: contrast of strands of
    hair. fade: how much of the clothes fades out toward the lower edge. highlights: 0 to 1, white chalk where the light
    falls. fit: how often the pressure of strokes is fitted to the tone, and fit_lines: 0 to 1, how much of that is done
    to contours.
    """

    name: str
    label: str = "shaded"
    dataset_folder: str | None = None
    paper: Color = (255, 255, 255)
    pencil: Color = (24, 24, 26)
    highlight: Color = (255, 252, 244)
    grade: float = 0.92
    rough: float = 0.6
    white: float = 0.95
    tone: float = 1.0
    features: float = 2.0
    likeness: float = 0.3
    fit: int = 0
    fit_lines: float = 1.0
    strands: float = 1.0
    bare_skin: bool = False
    fade: float = 0.7
    highlights: float = 0.0
    crisp: bool = False
    contour: Contour = Contour()
    hatchings: tuple[Hatching, ...] = ()


STYLES = {
    style.name: style
    for style in (
        Style(
            "graphite",
            rough=0.4,
            white=0.99,
            features=1.0,
            strands=1.5,
            likeness=0.5,
            fit=4,
            fit_lines=0.5,
            hatchings=(
                Hatching(7, 40, 7, 0.04, base=0, least=0.02, full=0.1, rounds=1),
                Hatching(4.5, 80, 1.4, 0.5, base=0.1, least=0.05, full=0.25, rounds=1, form=0.8, flow=0.9),
                Hatching(7, 100, 2.2, 0.7, base=0.3, least=0.12),
                Hatching(4.6, 64, 1.5, 0.8, base=0.3, least=0.1),
                Hatching(2.2, 18, 0.9, 1.0, least=0.06, full=0.22, rounds=4, features_only=True),
            ),
        ),
        Style(
            "line",
            label="line",
            dataset_folder="line",
            white=0.86,
            bare_skin=True,
            rough=0.5,
            strands=2.0,
            features=3.5,
            likeness=0.7,
            fit=3,
            fit_lines=0.2,
            contour=Contour(1.1, 1.6, 13, (1.2, 2.2), 14),
            hatchings=(
                Hatching(6.5, 110, 1.5, 0.8, least=0.1),
                Hatching(7, 40, 7, 0.1, base=0, least=0.05, full=0.2, features_only=True),
                Hatching(2.2, 14, 0.9, 1.0, least=0.06, full=0.3, rounds=4, features_only=True),
            ),
        ),
        Style(
            "charcoal",
            label="charcoal",
            dataset_folder="charcoal",
            pencil=(16, 15, 15),
            grade=1.0,
            rough=1.0,
            features=2.0,
            strands=7.0,
            fit=3,
            fit_lines=0.2,
            contour=Contour(1.5, 2.4, 15, (1.4, 2.6)),
            hatchings=(
                Hatching(10, 60, 12, 0.08, base=0, least=0.04, full=0.2),
                Hatching(6, 90, 2.0, 0.6, base=0.1, least=0.08, full=0.3, rounds=1, form=0.5, flow=0.7),
                Hatching(8, 110, 3.0, 1.0, base=0.5, least=0.14, full=0.4),
                Hatching(5.5, 50, 1.8, 1.0, base=0.4, least=0.16, full=0.4),
                Hatching(7, 40, 6, 0.1, base=0, least=0.05, full=0.2, features_only=True),
                Hatching(2.2, 14, 1.1, 0.9, least=0.06, full=0.4, rounds=4, features_only=True),
            ),
        ),
        Style(
            "soft",
            label="soft",
            dataset_folder="soft",
            paper=(247, 241, 229),
            pencil=(66, 62, 60),
            grade=0.85,
            rough=0.8,
            white=0.94,
            features=2.5,
            likeness=0.15,
            strands=4.0,
            fit=3,
            fit_lines=0.2,
            contour=Contour(1.1, 1.3, 12, (1.2, 2.2)),
            hatchings=(
                Hatching(4.5, 80, 1.2, 0.5, base=0.1, least=0.05, full=0.25, rounds=1, form=0.8, flow=0.9),
                Hatching(6, 100, 1.5, 0.7, base=0.4, least=0.1),
                Hatching(2.4, 16, 0.9, 0.8, least=0.06, full=0.3, rounds=4, features_only=True),
            ),
        ),
        Style(
            "ink",
            label="line",
            pencil=(0, 0, 0),
            grade=1.0,
            rough=0.0,
            crisp=True,
            bare_skin=True,
            tone=1.2,
            strands=2.5,
            features=3.0,
            likeness=0.6,
            contour=Contour(1.4, 1.7, 14, (1.2, 2.2), 14),
            hatchings=(
                Hatching(5.5, 120, 1.0, 1.0, least=0.16, full=0.28, rounds=1, slant=45, form=0.3, regular=True),
                Hatching(5.5, 120, 1.0, 1.0, least=0.45, full=0.6, rounds=1, slant=-40, form=0.3, regular=True),
                Hatching(4.5, 80, 1.2, 1.0, least=0.3, full=0.6),
                Hatching(2.2, 10, 0.9, 1.0, least=0.12, full=0.4, rounds=3, features_only=True),
            ),
        ),
        Style(
            "sanguine",
            paper=(222, 204, 178),
            pencil=(122, 40, 24),
            grade=0.95,
            rough=0.9,
            white=0.97,
            features=1.5,
            strands=2.0,
            fit=2,
            fit_lines=0.4,
            highlights=0.9,
            contour=Contour(1.1, 2.0, 11, (1.3, 2.4)),
            hatchings=(
                Hatching(8, 50, 8, 0.1, base=0, least=0.03, full=0.12),
                Hatching(7, 100, 2.8, 0.6, least=0.1),
                Hatching(5, 50, 1.8, 0.7, least=0.1),
                Hatching(2.4, 14, 1.0, 0.9, least=0.06, full=0.3, rounds=3, features_only=True),
            ),
        ),
    )
}
DEFAULT_STYLE = STYLES["graphite"]


def style_of_label(label: str) -> Style:
    """The style in which the drawings of a generator with this label are drawn; graphite for a label of its own."""
    return next((style for style in STYLES.values() if style.label == label), DEFAULT_STYLE)
