"""A face in a picture: where it is, and what will make its drawing bad."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMALL, SIDEWAYS = 60, 30.0  # face widths in pixels, yaw in degrees


class NoFaceError(ValueError):
    """No face was found that can be drawn; the message is one sentence for a person."""


@dataclass(frozen=True)
class Face:
    """A face in pixels of its picture.

    box: x, y, width, height, measured along the face where that is turned. points: right eye, left eye, nose, right and
    left corner of the mouth (the person's own right, so the first is the left one in an upright picture), each x, y.
    score: the detector's, 0 to 1; 0 for a box drawn by hand with no face found in it. cut: the picture ends within it.
    """

    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]
    score: float
    cut: bool = False

    @property
    def middle(self) -> np.ndarray:
        """The middle of the box."""
        return np.array(self.box[:2]) + np.array(self.box[2:]) / 2

    @property
    def roll(self) -> float:
        """Degrees that the line of the eyes is turned clockwise, -180 to 180."""
        (a, b), (c, d) = self.points[:2]
        return float(np.degrees(np.arctan2(d - b, c - a)))

    @property
    def yaw(self) -> float:
        """Degrees that the head is turned, positive where the nose points to the right of the upright picture.

        An estimate: the nose's tip stands about as far before the eyes as each eye is from the middle between them, so
        its shift along their line over half their distance is the tangent.
        """
        right, left, nose = (np.array(p) for p in self.points[:3])
        half = (left - right) / 2
        return float(np.degrees(np.arctan2((nose - (right + left) / 2) @ half, half @ half)))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What will make the drawing bad, each a sentence for a person."""
        said = []
        if self.box[2] < SMALL:
            said.append(f"The face is only {self.box[2]:.0f} pixels wide, so the drawing will be blurred.")
        if abs(self.yaw) > SIDEWAYS:
            said.append("The head is turned far to the side; the models know faces from the front.")
        if self.score == 0:
            said.append("No face was found in the box, so one of average shape was taken to be there.")
        if self.cut:
            said.append("The picture ends within the face; what lies outside cannot be drawn.")
        return tuple(said)
