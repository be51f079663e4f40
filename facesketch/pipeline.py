"""Pipeline: from a picture to a Drawing, in stages.

detect -> align -> matte -> relight -> generate -> finish -> composite

A generated photo gets its matte after the generate stage, since only then it is known. Raw output (finish "none" with
background "keep") has no matte and no relighting, and is computed in float32, as models are evaluated.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import torch
from PIL import Image

from .devices import get_device
from .drawing import Drawing
from .errors import NoFaceError, OptionError
from .face.align import align_face, clamp_size, coverage_mask, native_crop_width
from .face.detector import DEFAULT_DETECTOR, Detector, find_faces
from .face.face import Face
from .face.matte import try_matte
from .face.relighting import apply_relighting, estimate_relighting
from .face.select import MIN_SCORE_IN_BOX, select_faces
from .face.skin_tone import change_skin_tone
from .image.affine import compose
from .image.color import flatten_to_rgb
from .image.compositing import (
    apply_matte,
    blank_canvas,
    composite_on_plain_background,
    composite_on_studio_background,
    paste_inplace,
)
from .image.detail_transfer import DETAIL_STRENGTH, transfer_detail
from .image.io import downscale_warning
from .image.pixels import luma, resize, to_image, to_tensor
from .messages import Message
from .models.model import Model
from .options import MAX_CROP_WIDTH, MAX_PHOTO_WIDTH, DrawOptions
from .strokes.arrange import arrange
from .strokes.portrait import PLAN_WIDTH, plan_strokes
from .strokes.sheet import Sheet
from .strokes.styles import DEFAULT_STYLE, STYLES, Style, style_of_label

Target = Literal["sketch", "photo", "matte"]
TARGET_DIRECTIONS = {"sketch": "photo_to_sketch", "photo": "sketch_to_photo", "matte": "photo_to_matte"}
GPU_BATCH_SIZE = 8  # crops that a GPU generates at once; on a CPU more than one is slower
INK_CONTRAST, MIN_INK = 0.15, 0.001  # luma that ink is darker than paper, and the share of a sheet that is not blank


@dataclass(frozen=True)
class Crop:
    """A face on its way through the stages.

    image: what the generator is given (RGB), and from the generate stage on what it made. guide: the photo's crop in
    gray at this crop's size; None where the drawing does not follow a photo. size: of the drawing, or of what strokes
    are planned on. width: of the drawing in pixels. transform: picture to crop pixels; None with align="never".
    coverage: of the crop by the picture, and matte: of the person, both float32, H x W in [0, 1] at the crop's size;
    None for 1 everywhere. sheet: the drawing in strokes, after the finish stage.
    """

    image: Image.Image
    size: tuple[int, int]
    width: int
    guide: Image.Image | None = None
    transform: np.ndarray | None = None
    coverage: np.ndarray | None = None
    matte: np.ndarray | None = None
    sheet: Sheet | None = None


@dataclass(frozen=True)
class DrawJob:
    """A picture on its way through the stages: as it was given, as RGB, with its faces, their crops and warnings."""

    original: Image.Image
    photo: Image.Image
    faces: tuple[Face, ...] = ()
    crops: tuple[Crop, ...] = ()
    warnings: tuple[Message, ...] = ()


class Pipeline:
    """Turns photos into sketches, or with target="photo" sketches into photos.

    target="matte" gives the raw output of a matting model. detector: finds the faces. Raises OptionError if the model
    lacks that direction.
    """

    def __init__(self, model: Model, target: Target = "sketch", detector: Detector = DEFAULT_DETECTOR):
        self.model, self.target, self.detector = model, target, detector
        if target not in TARGET_DIRECTIONS:
            raise OptionError(
                "option.not_a_choice", name="target", choices=", ".join(TARGET_DIRECTIONS), value=reprlib.repr(target)
            )
        self.direction = TARGET_DIRECTIONS[target]
        model.validate(self.direction)

    def to(self, device: str) -> Pipeline:
        """Move the model to a device, as get_device names it. Returns self. Raises DeviceError."""
        self.model.to(get_device(device))
        return self

    def validate(self, options: DrawOptions) -> None:
        """Raise OptionError where the model lacks the direction, or the style with this finish."""
        self.model.validate(self.direction)
        if self.target == "sketch":
            self.model.label_of(options.style, self._in_strokes(options))

    def __call__(
        self, image: Image.Image, options: DrawOptions | None = None, faces: Sequence[Face] | None = None
    ) -> Drawing:
        """Draw a picture: a PIL image of any mode, upright, as read_image returns.

        faces: the ones to draw, from select_faces, find_faces or face_in_box; None for the largest, or for all in a
        full picture (frame "paper" or "photo"). Raises NoFaceError where there is none, OptionError for a style that
        the model lacks, and ImageError for what is not a PIL image.
        """
        return self.draw_batch([image], options, [faces])[0]

    def draw_batch(
        self,
        images: Sequence[Image.Image],
        options: DrawOptions | None = None,
        faces: Sequence[Sequence[Face] | None] | None = None,
        batch_size: int | None = None,
    ) -> list[Drawing]:
        """Draw several pictures, with the same result as one by one.

        faces: for each picture, as in __call__. batch_size: crops that are generated at once; None for 1 on a CPU and
        GPU_BATCH_SIZE on a GPU. Raises what __call__ does.
        """
        options = options or DrawOptions()
        self.validate(options)
        given = faces or [None] * len(images)
        jobs = [DrawJob(image, flatten_to_rgb(image)) for image in images]

        jobs = [self.detect(job, options, chosen) for job, chosen in zip(jobs, given, strict=True)]
        jobs = [self.align(job, options) for job in jobs]
        if self._follows_photo(options):
            jobs = [self.matte(job) for job in jobs]
            jobs = [self.relight(job, options) for job in jobs]
        jobs = self.generate(jobs, options, batch_size)
        if self.target == "photo" and options.background != "keep":  # the generated photo shows who is the person
            jobs = [self.matte(job) for job in jobs]
        jobs = [self.finish(job, options) for job in jobs]
        return [self.composite(job, options) for job in jobs]

    def detect(self, job: DrawJob, options: DrawOptions, faces: Sequence[Face] | None = None) -> DrawJob:
        """Find the faces to draw, unless faces are given or align is "never". Raises NoFaceError."""
        shrunk = downscale_warning(job.original)
        warnings: tuple[Message, ...] = (shrunk,) if shrunk else ()
        if options.align == "never":
            if self.target == "photo" and not options.is_raw:
                warnings += self._check_sheet(job.photo)
            return replace(job, warnings=warnings)
        found = select_faces(job.photo, detector=self.detector) if faces is None else faces
        if not found:
            raise NoFaceError("face.not_found")
        chosen = tuple(found[:1] if options.frame == "crop" else found)
        return replace(job, faces=chosen, warnings=(*warnings, *(w for face in chosen for w in face.warnings)))

    def _check_sheet(self, sheet: Image.Image) -> tuple[Message, ...]:
        """A warning where the detector recognizes no face in a sheet. Raises NoFaceError where it is blank."""
        gray = luma(sheet)
        if np.mean(gray < gray.max() - INK_CONTRAST) < MIN_INK:
            raise NoFaceError("face.blank_sheet")
        return () if find_faces(sheet, MIN_SCORE_IN_BOX, self.detector) else (Message("warning.drawing_unusual"),)

    def align(self, job: DrawJob, options: DrawOptions) -> DrawJob:
        """Crop each face to the template's frame, for the generator and at the drawing's size."""
        if options.align == "never":
            return replace(job, crops=(self._precropped(job.photo, options),))
        return replace(job, crops=tuple(self._align_face(job.photo, face, options) for face in job.faces))

    def _precropped(self, photo: Image.Image, options: DrawOptions) -> Crop:
        if self._is_raw(options):
            return Crop(photo, photo.size, photo.width)
        crop = clamp_size(photo, options.size if isinstance(options.size, int) else MAX_PHOTO_WIDTH)
        width = crop.width
        if self._in_strokes(options):
            crop, width = (
                resize(crop, (PLAN_WIDTH, round(PLAN_WIDTH * crop.height / crop.width))),
                min(photo.width, MAX_CROP_WIDTH),
            )
        if not self._follows_photo(options):
            return Crop(crop, crop.size, width)
        return Crop(resize(crop, self._generator_size), crop.size, width, guide=crop.convert("L"))

    def _align_face(self, photo: Image.Image, face: Face, options: DrawOptions) -> Crop:
        is_drawing = self.target == "photo"
        if isinstance(options.size, int):
            width = options.size
        elif options.finish == "none" or self.target == "matte":
            width = self.model.config.size
        else:
            width = native_crop_width(face, photo.size, is_drawing)
        plan_width = PLAN_WIDTH if self._in_strokes(options) else width
        if self._in_strokes(options) and options.size == "auto":
            width = max(width, PLAN_WIDTH)
        if self._follows_photo(options):
            image = align_face(photo, face, self.model.config.size).image
            full_size = align_face(photo, face, plan_width, mode="L")
            guide: Image.Image | None = full_size.image
        else:
            full_size = align_face(photo, face, plan_width, is_drawing)
            image, guide = full_size.image, None
        size, transform = full_size.image.size, full_size.transform
        coverage = None if options.background == "keep" else coverage_mask(photo.size, transform, size)
        return Crop(image, size, width, guide, transform, coverage)

    def matte(self, job: DrawJob) -> DrawJob:
        """Separate the person from the background, where there is a person."""
        mattes = [try_matte(crop.image, crop.guide or resize(crop.image, crop.size)) for crop in job.crops]
        crops = (replace(crop, matte=matte.alpha) for crop, matte in zip(job.crops, mattes, strict=True))
        return replace(job, crops=tuple(crops), warnings=(*job.warnings, *(m.warning for m in mattes if m.warning)))

    def relight(self, job: DrawJob, options: DrawOptions) -> DrawJob:
        """Make light and background those of the training photos, and the guide's background white."""
        return replace(job, crops=tuple(self._relight_crop(crop, options) for crop in job.crops))

    def _relight_crop(self, crop: Crop, options: DrawOptions) -> Crop:
        if crop.matte is None or crop.guide is None:
            return crop
        gain = estimate_relighting(crop.image, crop.matte, self.model.config.darkest_skin)
        image, guide = apply_relighting(crop.image, gain), apply_relighting(crop.guide, gain)
        if options.background == "keep":
            return replace(crop, image=image, guide=guide, matte=None)
        matte = _visible_matte(crop)
        assert matte is not None
        image, guide = composite_on_studio_background(image, matte), composite_on_plain_background(guide, matte)
        return replace(crop, image=image, guide=guide, matte=matte, coverage=None)

    def generate(self, jobs: Sequence[DrawJob], options: DrawOptions, batch_size: int | None = None) -> list[DrawJob]:
        """Run the generator on all crops: size x size pixels, RGB for a photo and gray otherwise."""
        images = iter(self._generate_images([crop.image for job in jobs for crop in job.crops], options, batch_size))
        return [replace(job, crops=tuple(replace(crop, image=next(images)) for crop in job.crops)) for job in jobs]

    def _generate_images(
        self, images: Sequence[Image.Image], options: DrawOptions, batch_size: int | None
    ) -> Iterator[Image.Image]:
        batch_size = batch_size or self.default_batch_size
        label = self.model.label_of(options.style, self._in_strokes(options)) if self.target == "sketch" else None
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            sources = [image.convert("L") if self.target == "photo" else image for image in batch]
            x = torch.stack([to_tensor(resize(source, self._generator_size)) for source in sources])
            y = self.model.generate(x, self.direction, label, full_precision=self._is_raw(options))
            for generated in map(to_image, y):
                yield generated if self.target == "photo" else generated.convert("L")

    def finish(self, job: DrawJob, options: DrawOptions) -> DrawJob:
        """Draw what was generated in strokes, or bring it to the drawing's size, with the photo's detail."""
        return replace(job, crops=tuple(self._finish_crop(crop, options) for crop in job.crops))

    def _finish_crop(self, crop: Crop, options: DrawOptions) -> Crop:
        if self.target == "photo":
            image = resize(crop.image, crop.size)
            return replace(crop, image=change_skin_tone(image, options.skin_tone, _visible_matte(crop)))
        if crop.guide is None or options.finish == "none":
            return replace(crop, image=resize(crop.image, crop.size))
        if options.finish == "detail":
            strength = 2 * DETAIL_STRENGTH * options.strength
            return replace(crop, image=transfer_detail(crop.image, crop.guide, strength, options.seed))
        sheet = plan_strokes(
            luma(crop.image),
            luma(crop.guide),
            _visible_matte(crop),
            self._style(options),
            options.strength,
            options.seed,
        )
        return replace(crop, sheet=sheet)

    def composite(self, job: DrawJob, options: DrawOptions) -> Drawing:
        """Put the crop, or all crops, on white or transparent paper or back into the photo."""
        transparent = options.background == "transparent"
        if self._in_strokes(options) and options.frame != "photo":
            return self._composite_strokes(job, options, transparent)
        if options.align == "never" or options.frame == "crop":
            crop = job.crops[0]
            image = apply_matte(crop.image, _visible_matte(crop), transparent)
            image = resize(image, job.photo.size) if options.align == "never" else image
            return Drawing(image, job.faces, tuple(dict.fromkeys(job.warnings)))
        if options.frame == "paper":
            canvas = blank_canvas(job.photo.size, transparent)
        else:
            canvas = job.photo.copy() if job.photo is job.original else job.photo
        transforms: list[np.ndarray] = []
        for crop in map(_render_crop, job.crops):
            assert crop.transform is not None
            paste_inplace(canvas, crop.image, crop.transform, transforms, _visible_matte(crop))
            transforms.append(crop.transform)
        return Drawing(canvas, job.faces, tuple(dict.fromkeys(job.warnings)))

    def _composite_strokes(self, job: DrawJob, options: DrawOptions, transparent: bool) -> Drawing:
        """The strokes of the crop, or of all crops at their places in the picture, on one sheet."""
        sheet, width = job.crops[0].sheet, job.crops[0].width
        if options.align == "auto" and options.frame == "paper":
            placed = [(c.sheet, c.transform) for c in job.crops if c.sheet is not None and c.transform is not None]
            sheet, width = (arrange(placed, job.photo.size), job.photo.width)
        assert sheet is not None
        image = sheet.render(width, transparent)
        if options.align == "never":
            image = resize(image, job.photo.size)
        return Drawing(image, job.faces, tuple(dict.fromkeys(job.warnings)), sheet)

    @property
    def default_batch_size(self) -> int:
        """How many crops are generated at once where nothing else is asked for."""
        return 1 if self.model.device.type == "cpu" else GPU_BATCH_SIZE

    @property
    def _generator_size(self) -> tuple[int, int]:
        return self.model.config.size, self.model.config.size

    def _is_raw(self, options: DrawOptions) -> bool:
        return self.target == "matte" or options.is_raw

    def _in_strokes(self, options: DrawOptions) -> bool:
        """Whether the drawing is made of strokes."""
        return self.target == "sketch" and options.finish == "strokes"

    def _style(self, options: DrawOptions) -> Style:
        """The style that strokes are drawn in; that of the generator's first label by default."""
        labels = self.model.config.styles
        style = options.style or (labels[0] if labels else DEFAULT_STYLE.name)
        return STYLES.get(style) or style_of_label(style)

    def _follows_photo(self, options: DrawOptions) -> bool:
        """Whether a photo's light, background and edges guide the drawing."""
        return self.target == "sketch" and not options.is_raw


def _render_crop(crop: Crop) -> Crop:
    """A crop in strokes as an image, to be put over the photo."""
    if crop.sheet is None:
        return crop
    assert crop.transform is not None
    image, scale = crop.sheet.render(crop.width), crop.width / crop.size[0]
    matte = _visible_matte(crop)
    if matte is not None:
        matte = cv2.resize(matte, image.size, interpolation=cv2.INTER_LINEAR)
    transform = compose(np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]]), crop.transform)
    return replace(crop, image=image, size=image.size, matte=matte, coverage=None, transform=transform)


def _visible_matte(crop: Crop) -> np.ndarray | None:
    """The matte where the picture covers the crop; None without a matte."""
    return crop.matte if crop.matte is None or crop.coverage is None else crop.matte * crop.coverage
