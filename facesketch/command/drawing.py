"""Pictures drawn, one after another or several at once, with what each raised beside it."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from .. import Translator, read_image
from ..faces.choose import choose
from ..images import MAX_BYTES
from .jobs import STREAM, Names

ON_GPU = 8  # pictures at once there; on a processor more than one is slower


@dataclass
class Drawn:
    """What became of one picture. faces: how many it has, None where none is looked for; error: what was raised."""

    source: Path
    target: Path
    pictures: list[Image.Image] = field(default_factory=list)
    faces: int | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    error: Exception | None = None


class Together(nn.Module):
    """A generator that is asked from several threads: it answers in one batch when all that are active have asked."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network, self.active, self.asked = network, 0, list[tuple[Tensor, list]]()
        self.changed = threading.Condition()

    def forward(self, x: Tensor) -> Tensor:
        answer: list[Tensor | Exception] = []
        with self.changed:
            self.asked.append((x, answer))
            self._answer()
            self.changed.wait_for(lambda: answer)
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    def leave(self) -> None:
        """One thread fewer will ask."""
        with self.changed:
            self.active -= 1
            self._answer()

    @torch.inference_mode()
    def _answer(self) -> None:
        if not self.asked or len(self.asked) < self.active:
            return
        asked, self.asked = self.asked, []
        try:
            parts: list = list(self.network(torch.cat([x for x, _ in asked])).split([len(x) for x, _ in asked]))
        except Exception as error:  # each of them raises it, and is named
            parts = [error] * len(asked)
        for (_, answer), part in zip(asked, parts, strict=True):
            answer.append(part)
        self.changed.notify_all()


def draw_all(
    model: Translator, jobs: list[tuple[Path, Path]], direction: str, args: argparse.Namespace, names: Names
) -> Iterator[Drawn]:
    """What becomes of each job, in their order; as many at once as args.batch says, to the same pixels."""
    on_gpu = next(model.parameters()).device.type != "cpu"
    count = min(args.batch or (ON_GPU if on_gpu else 1), len(jobs)) or 1
    together = Together(getattr(model, direction)) if count > 1 else None
    if together:
        setattr(model, direction, together)
    with ThreadPoolExecutor(count) as pool:
        for start in range(0, len(jobs), count):
            chunk = jobs[start : start + count]
            if together is None:
                yield draw(model, *chunk[0], direction, args, names)
                continue
            together.active = len(chunk)
            tasks = [pool.submit(draw, model, *job, direction, args, names, together.leave) for job in chunk]
            yield from (task.result() for task in tasks)


def draw(
    model: Translator,
    source: Path,
    target: Path,
    direction: str,
    args: argparse.Namespace,
    names: Names,
    leave: Callable[[], None] = lambda: None,
) -> Drawn:
    """What becomes of one picture; leave is called at its end."""
    done, start = Drawn(source, target), time.perf_counter()
    try:
        names.check(target, source)
        _draw(model, done, direction, args)
    except Exception as error:  # whatever a picture brings decoders, detectors and networks to
        done.error = error
    finally:
        leave()
    done.seconds = round(time.perf_counter() - start, 3)
    return done


def _draw(model: Translator, done: Drawn, direction: str, args: argparse.Namespace) -> None:
    image = read_image(sys.stdin.buffer.read(MAX_BYTES + 1) if done.source == STREAM else done.source)
    how = {name: getattr(args, name) for name in ("size", "ground", "strokes", "style")} | {
        "detail": args.detail == "on"
    }
    if args.align == "never":
        done.pictures = [model.translate(image, direction, align="never", **how)]
        return
    faces = choose(image, args.box)
    everyone = args.faces == "all" or (args.faces is None and args.frame != "crop")
    drawn = faces if everyone else faces[:1]
    done.faces = len(faces)
    done.warnings = tuple(dict.fromkeys(warning for face in drawn for warning in face.warnings))
    parts = [[face] for face in drawn] if args.frame == "crop" else [drawn]
    done.pictures = [model.translate(image, direction, faces=part, frame=args.frame, **how) for part in parts]
