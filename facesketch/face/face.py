"""A detected face, and what will make its drawing worse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..messages import Message

SMALL_WIDTH = 60  # pixels of a face; chosen by eye
SIDEWAYS_YAW = 30.0  # degrees; the training photos are frontal

Box = tuple[float, float, float, float]  # x, y, width, height


@dataclass(frozen=True)
class Face:
    """A face in pixels of its picture.

    box: x, y, width, height, measured along the face where it is rotated. landmarks: right eye, left eye, nose, right
    and left corner of the mouth, each x, y (the person's own right, so the first is on the left of an upright picture).
    score: the detector's, 0 to 1; 0 for an average face in a box drawn by hand. is_truncated: the picture's edge cuts
    it.
    """

    box: Box
    landmarks: tuple[tuple[float, float], ...]
    score: float
    is_truncated: bool = False

    @property
    def center(self) -> np.ndarray:
        """The center of the box: x, y."""
        return np.array(self.box[:2]) + np.array(self.box[2:]) / 2

    @property
    def roll(self) -> float:
        """Degrees that the line through the eyes is rotated clockwise, -180 to 180."""
        (a, b), (c, d) = self.landmarks[:2]
        return float(np.degrees(np.arctan2(d - b, c - a)))

    @property
    def yaw(self) -> float:
        """Degrees that the head is turned, positive where the nose points to the right of the upright picture.

        An estimate: the tip of the nose stands about as far in front of the eyes as each eye is from the point midway
        between them, so its shift along their line over half their distance is the tangent.
        """
        right, left, nose = (np.array(point) for point in self.landmarks[:3])
        half = (left - right) / 2
        return float(np.degrees(np.arctan2((nose - (right + left) / 2) @ half, half @ half)))

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What will make the drawing worse."""
        found = []
        if self.box[2] < SMALL_WIDTH:
            found.append(Message("warning.face_small", {"width": round(self.box[2])}))
        if abs(self.yaw) > SIDEWAYS_YAW:
            found.append(Message("warning.face_sideways"))
        if self.score == 0:
            found.append(Message("warning.face_assumed"))
        if self.is_truncated:
            found.append(Message("warning.face_truncated"))
        return tuple(found)
