"""Drawing the pictures of the command line, several at once on a GPU, each with its own errors."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image

from ..drawing import Drawing
from ..face.face import Box, Face
from ..face.select import select_faces
from ..image.io import MAX_BYTES, read_image
from ..options import DrawOptions
from ..pipeline import Pipeline
from .jobs import STREAM, FileJob, OutputNamer


@dataclass(frozen=True)
class FaceChoice:
    """Which faces are drawn: the one in a box, the largest or all; by default, what the frame needs."""

    box: Box | None = None
    which: str | None = None  # "largest", "all"

    def per_drawing(self, faces: list[Face], frame: str) -> list[list[Face]]:
        """The faces of each drawing that is made of a picture."""
        draw_all = self.which == "all" or (self.which is None and frame != "crop")
        chosen = faces if draw_all else faces[:1]
        return [[face] for face in chosen] if frame == "crop" else [chosen]


@dataclass
class JobResult:
    """What became of one picture. n_faces: how many it shows, None where they are not looked for."""

    job: FileJob
    drawings: list[Drawing] = field(default_factory=list)
    n_faces: int | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    error: Exception | None = None

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Add the time spent, and keep an error: pictures make decoders, detectors and networks raise anything."""
        start = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.error = error
        self.seconds += time.perf_counter() - start


@dataclass(frozen=True)
class Request:
    """A drawing to be made: the picture, its faces (None with align="never"), and the result that it is for."""

    result: JobResult
    image: Image.Image
    faces: list[Face] | None


def draw_jobs(
    pipeline: Pipeline,
    jobs: Sequence[FileJob],
    options: DrawOptions,
    choice: FaceChoice,
    names: OutputNamer,
    batch_size: int | None = None,
) -> Iterator[JobResult]:
    """Draw all jobs in their order, batch_size pictures at once."""
    batch_size = batch_size or pipeline.default_batch_size
    for start in range(0, len(jobs), batch_size):
        results = [JobResult(job) for job in jobs[start : start + batch_size]]
        requests: list[Request] = []
        for result in results:
            with result.measured():
                requests += _open(result, options, choice, names)
        _draw(pipeline, requests, options, batch_size)
        yield from results


def _open(result: JobResult, options: DrawOptions, choice: FaceChoice, names: OutputNamer) -> list[Request]:
    """Read a picture and select its faces."""
    names.check(result.job.target, result.job.source)
    from_stdin = result.job.source == STREAM
    image = read_image(sys.stdin.buffer.read(MAX_BYTES + 1) if from_stdin else result.job.source)
    if options.align == "never":
        return [Request(result, image, None)]
    faces = select_faces(image, choice.box)
    result.n_faces = len(faces)
    return [Request(result, image, chosen) for chosen in choice.per_drawing(faces, options.frame)]


def _draw(pipeline: Pipeline, requests: Sequence[Request], options: DrawOptions, batch_size: int) -> None:
    """Draw in one batch; if that fails, each alone, so that only the pictures that fail have an error."""
    if not requests:
        return
    start = time.perf_counter()
    try:
        drawings = pipeline.draw_batch(
            [request.image for request in requests], options, [request.faces for request in requests], batch_size
        )
    except Exception as error:
        if len(requests) == 1:
            requests[0].result.error = error
            return
        for request in requests:
            _draw(pipeline, [request], options, batch_size)
        return
    for request, drawing in zip(requests, drawings, strict=True):
        result = request.result
        result.drawings.append(drawing)
        result.warnings = tuple(dict.fromkeys([*result.warnings, *map(str, drawing.warnings)]))
        result.seconds += (time.perf_counter() - start) / len(requests)
