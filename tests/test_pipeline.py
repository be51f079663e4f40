"""The pipeline: its stages, what its options do, batches, warnings, and drawings by the embedded models."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from conftest import draw_face
from hub_models import small_model
from pictures import COLLINS, HOPPER, PORTRAITS, assert_sentence, encode, two_portraits
from PIL import Image

import facesketch
from facesketch import (
    DrawOptions,
    ImageError,
    NoFaceError,
    OptionError,
    Pipeline,
    align_face,
    find_faces,
    read_image,
    select_faces,
)
from facesketch.face.align import coverage_mask, native_crop_width
from facesketch.face.matte import predict_matte
from facesketch.image.affine import invert
from facesketch.image.color import flatten_to_rgb
from facesketch.image.compositing import STUDIO_BACKGROUND
from facesketch.image.detail_transfer import transfer_detail
from facesketch.image.pixels import from_luma, luma, resize, to_image, to_tensor
from facesketch.image.warp import warp
from facesketch.options import RAW_OUTPUT
from facesketch.pipeline import DrawJob
from facesketch.strokes.portrait import plan_strokes
from facesketch.strokes.styles import STYLES

PHOTO = read_image(HOPPER)
WHOLE = DrawOptions(align="never")
DETAIL = DrawOptions(finish="detail")
WHOLE_DETAIL = DrawOptions(finish="detail", align="never")
BACKGROUNDS = ("paper", "keep", "transparent")


def codes(messages) -> list[str]:
    return [message.code for message in messages]


# the generator's output


def test_raw_output_is_the_generators():
    """What is measured: the picture resized to the square, generated, in gray, resized back, and no more."""
    model = small_model("unet")
    x = to_tensor(resize(PHOTO, (256, 256)))
    with torch.inference_mode():
        y = to_image(model.photo_to_sketch(x[None])[0])
    expected = resize(y.convert("L").convert("RGB"), PHOTO.size)
    pipeline = Pipeline(model)
    assert pipeline(PHOTO, RAW_OUTPUT).image.tobytes() == expected.tobytes()
    crop = align_face(PHOTO, find_faces(PHOTO)[0]).image
    aligned = pipeline(PHOTO, replace(RAW_OUTPUT, align="auto"))
    assert aligned.image.tobytes() == pipeline(crop, RAW_OUTPUT).image.tobytes()


def test_matte_is_always_raw():
    pipeline = Pipeline(small_model("matte", width=8, directions=("photo_to_matte",)), target="matte")
    first, second = (pipeline(draw_face(0)[0], options).image for options in (WHOLE, RAW_OUTPUT))
    assert first.tobytes() == second.tobytes()


def test_sketch_is_gray_and_photo_may_have_color():
    model, photo = small_model(), draw_face(0)[0]
    for options in (WHOLE_DETAIL, replace(WHOLE, style="ink")):
        sketch = np.asarray(Pipeline(model)(photo, options).image)
        assert (sketch == sketch[..., :1]).all()
    generated = np.asarray(Pipeline(model, "photo")(photo, WHOLE).image)
    assert (generated != generated[..., :1]).any()


def test_drawing_does_not_depend_on_what_was_drawn_before():
    pipeline = Pipeline(small_model("unet"))
    first = pipeline(draw_face(0)[0], WHOLE).image.tobytes()
    pipeline(draw_face(1)[0], WHOLE)
    assert pipeline(draw_face(0)[0], WHOLE).image.tobytes() == first


# sizes


def test_whole_picture_keeps_its_size():
    pipeline = Pipeline(small_model())
    for size in ((200, 250), (250, 200), (333, 77), (16, 16)):
        assert pipeline(draw_face(0)[0].resize(size), WHOLE).image.size == size


def test_face_is_drawn_at_its_width_in_the_photo():
    model = small_model()
    sketch, photo = Pipeline(model), Pipeline(model, "photo")
    faces = find_faces(PHOTO)
    width = native_crop_width(faces[0], PHOTO.size)
    assert 300 < width < 350 and sketch(PHOTO, DETAIL, faces).image.size == (width, width * 5 // 4)
    assert sketch(PHOTO, faces=faces).image.size == (512, 640)  # what strokes are planned on
    large = PHOTO.resize((PHOTO.width * 4, PHOTO.height * 4))
    assert sketch(large).image.size == sketch(large, DETAIL).image.size == (1024, 1280)
    assert sketch(PHOTO, DrawOptions(size=300), faces).image.size == (300, 375)
    assert sketch(PHOTO, replace(DETAIL, size=512), faces).image.size == (512, 640)
    assert photo(PHOTO, faces=faces).image.size == (width, width * 5 // 4)
    assert photo(PHOTO, DrawOptions(finish="none"), faces).image.size == (256, 320)


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("path", PORTRAITS, ids=lambda path: path.stem)
def test_sketch_drawn_by_facesketch_is_aligned_and_its_photo_has_its_size(path, size):
    sketch = facesketch.load("pix2pix")(read_image(path), DrawOptions(size=size)).image
    face = find_faces(sketch)[0]
    crop = align_face(sketch, face, 256, is_drawing=True).image
    whole = sketch.convert("RGB").resize((256, 320), Image.Resampling.BICUBIC)
    assert np.array_equal(np.asarray(crop), np.asarray(whole))  # no strip of white, and no rotation
    assert Pipeline(small_model(), "photo")(sketch, faces=[face]).image.size == sketch.size


# errors


def test_missing_direction_is_refused():
    with pytest.raises(OptionError) as error:
        Pipeline(small_model(directions=("photo_to_sketch",)), "photo")
    assert error.value.message.code == "option.no_direction"


def test_missing_style_is_refused_before_anything_is_drawn():
    picture, labeled = Image.new("RGB", (64, 64)), {"network": "unet", "styles": ("shaded", "own")}
    for model, options, code in (
        ({}, replace(DETAIL, style="line"), "option.no_styles"),
        ({}, replace(DETAIL, style="watercolor"), "option.no_styles"),
        (labeled, replace(DETAIL, style="ink"), "option.no_style"),
        ({}, DrawOptions(style="watercolor"), "option.no_style"),
        (labeled, DrawOptions(style="watercolor"), "option.no_style"),
    ):
        with pytest.raises(OptionError) as error:
            Pipeline(small_model(**model))(picture, options)
        assert error.value.message.code == code and options.style in str(error.value)
        assert_sentence(error)
    names = ", ".join([*STYLES, "shaded", "own"])
    assert str(error.value) == f"There is no style watercolor here; there are {names}."


@pytest.mark.parametrize("faces", [None, [], ()])
def test_picture_without_a_face_is_refused(faces):
    with pytest.raises(NoFaceError) as error:
        Pipeline(small_model())(Image.new("RGB", (64, 64), "gray"), faces=faces)
    assert error.value.message.code == "face.not_found"


@pytest.mark.parametrize("given", [np.zeros((250, 200, 3), np.uint8), "photo.jpg", Path("photo.jpg"), None], ids=type)
@pytest.mark.parametrize("options", [DrawOptions(), WHOLE], ids=["auto", "never"])
def test_what_is_not_an_image_is_refused(given, options):
    with pytest.raises(ImageError) as error:
        Pipeline(small_model())(given, options)
    assert error.value.message.code == "image.not_pil" and type(given).__name__ in str(error.value)


# options


@pytest.mark.parametrize("finish", ["strokes", "detail"])
@pytest.mark.parametrize("name", facesketch.available_models())
def test_background_becomes_paper_and_the_person_stays(name, finish):
    pipeline, options = facesketch.load(name), DrawOptions(finish=finish, align="never")
    crop = align_face(PHOTO, find_faces(PHOTO)[0], 320).image
    background = predict_matte(crop) < 0.05
    if finish == "strokes":  # which have a width, and may cross the outline by that much
        background = cv2.erode(background.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    paper, kept, transparent = (pipeline(crop, replace(options, background=each)).image for each in BACKGROUNDS)
    assert background.mean() > 0.1
    ink = [255 - np.asarray(image.convert("RGB"))[background].mean() for image in (paper, kept)]
    assert ink[0] <= 5 and ink[1] > ink[0] + 2
    assert transparent.mode == "RGBA" and np.asarray(transparent)[background][:, 3].max() < 20  # from another resize
    middle = (slice(150, 260), slice(110, 210))
    assert np.abs(np.asarray(paper, int)[middle] - np.asarray(kept, int)[middle]).mean() < 30
    assert np.asarray(paper.convert("L"))[middle].min() < 120
    assert np.asarray(paper).std() > 20  # a drawing, not an even page


def test_drawing_over_the_photo_ends_at_the_outline():
    pipeline = Pipeline(small_model())
    over = np.asarray(pipeline(PHOTO, DrawOptions(frame="photo")).image)
    changed = (over != np.asarray(PHOTO)).any(-1)
    aligned = align_face(PHOTO, find_faces(PHOTO)[0], 320)
    mask = from_luma((predict_matte(aligned.image) < 0.02).astype(np.float32))
    background = warp(mask, invert(aligned.transform), PHOTO.size, (0, 0, 0))[..., 0]
    assert changed.mean() > 0.2 and changed[background == 255].mean() < 0.02
    sheet = pipeline(PHOTO, DrawOptions(frame="paper", background="transparent")).image
    assert sheet.mode == "RGBA" and sheet.size == PHOTO.size and sheet.getpixel((5, 5))[3] == 0
    assert read_image(HOPPER) == PHOTO  # unchanged


def test_paper_has_no_edge_where_the_photo_ends():
    """A photo that is cropped at the brow: above the cut is paper, and the drawing fades toward it."""
    brow = int(np.mean(find_faces(PHOTO)[0].landmarks[:2], 0)[1]) - 45
    cut = PHOTO.crop((0, brow, PHOTO.width, PHOTO.height))
    face = find_faces(cut)[0]
    coverage = coverage_mask(cut.size, align_face(cut, face).transform, (256, 320))
    drawn = luma(facesketch.load("cyclegan")(cut, DrawOptions(size=256), [face]).image)
    assert (coverage == 0).mean() > 0.2 and (drawn[coverage == 0] == 1).all()
    steps = np.abs(np.diff(drawn[:, 70:186].mean(1)))
    assert steps[coverage[1:, 128] < 0.5].max() < 0.06 < np.ptp(drawn[:, 70:186])


def test_strength_is_how_much_of_the_texture_is_visible():
    pipeline, photo = Pipeline(small_model()), draw_face(0)[0]
    smooth, full = (np.asarray(pipeline(photo, replace(WHOLE_DETAIL, strength=s)).image, float) for s in (0, 1))
    assert np.abs(np.diff(full, axis=1)).mean() > np.abs(np.diff(smooth, axis=1)).mean()


@pytest.mark.parametrize("options", [WHOLE, WHOLE_DETAIL], ids=lambda options: options.finish)
def test_seed_changes_the_strokes_and_the_grain(options):
    pipeline, photo = Pipeline(small_model()), draw_face(0)[0]
    default, zero, one, again = (
        pipeline(photo, each).image.tobytes()
        for each in (options, *(replace(options, seed=seed) for seed in (0, 1, 1)))
    )
    assert default == zero and one == again and zero != one


def test_without_grain_there_is_nothing_to_vary():
    pipeline, photo = Pipeline(small_model()), draw_face(0)[0]
    smooth = [pipeline(photo, replace(WHOLE_DETAIL, seed=seed, strength=0)).image.tobytes() for seed in (0, 1)]
    assert smooth[0] == smooth[1]


def test_style_changes_the_drawing():
    pipeline = Pipeline(small_model("unet", styles=("shaded", "line")))
    default, shaded, line = (
        pipeline(draw_face(0)[0], replace(RAW_OUTPUT, style=style)).image.tobytes()
        for style in (None, "shaded", "line")
    )
    assert default == shaded != line


def test_frame_decides_which_faces_are_drawn():
    image, pipeline = two_portraits(), Pipeline(small_model())
    faces = select_faces(image)
    assert pipeline(image).faces == (faces[0],)
    for frame in ("paper", "photo"):
        drawing = pipeline(image, DrawOptions(frame=frame))
        assert drawing.faces == tuple(faces) and drawing.image.size == image.size
    assert pipeline(image, DrawOptions(frame="paper"), faces[1:]).faces == (faces[1],)
    assert pipeline(image, WHOLE).faces == ()


# stages


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline(small_model())


@pytest.fixture(scope="module")
def faces():
    return select_faces(PHOTO)


def job(photo: Image.Image = PHOTO) -> DrawJob:
    return DrawJob(photo, flatten_to_rgb(photo))


def test_detect(pipeline, faces):
    detected = pipeline.detect(job(), DrawOptions())
    assert detected.faces == (faces[0],) and detected.photo is PHOTO and detected.crops == () == detected.warnings
    assert pipeline.detect(job(), DrawOptions(), faces).faces == tuple(faces)
    assert pipeline.detect(job(), WHOLE).faces == ()
    with pytest.raises(NoFaceError):
        pipeline.detect(job(Image.new("RGB", (64, 64))), DrawOptions())


def test_align(pipeline, faces):
    [planned] = pipeline.align(replace(job(), faces=tuple(faces)), DrawOptions(size=300)).crops
    assert planned.size == planned.guide.size == (512, 640) and planned.width == 300  # strokes do not depend on it
    [crop] = pipeline.align(replace(job(), faces=tuple(faces)), replace(DETAIL, size=300)).crops
    assert crop.image == align_face(PHOTO, faces[0]).image and crop.size == (300, 375) and crop.width == 300
    assert crop.guide == align_face(PHOTO, faces[0], 300, mode="L").image
    assert np.array_equal(crop.transform, align_face(PHOTO, faces[0], 300).transform)
    assert crop.coverage.shape == (375, 300) and crop.matte is None
    [kept] = pipeline.align(replace(job(), faces=tuple(faces)), DrawOptions(background="keep")).crops
    assert kept.coverage is None
    [planned] = pipeline.align(job(), WHOLE).crops
    assert planned.size == (512, 600) and planned.width == PHOTO.width
    [whole] = pipeline.align(job(), WHOLE_DETAIL).crops
    assert whole.transform is None and whole.size == PHOTO.size and whole.image.size == (256, 256)
    [raw] = pipeline.align(job(), RAW_OUTPUT).crops
    assert raw.image is PHOTO and raw.guide is None
    [sketch] = Pipeline(pipeline.model, "photo").align(replace(job(), faces=tuple(faces)), DrawOptions(size=256)).crops
    assert sketch.guide is None and sketch.image == align_face(PHOTO, faces[0], is_drawing=True).image


def test_matte(pipeline, faces):
    aligned = pipeline.align(replace(job(), faces=tuple(faces)), replace(DETAIL, size=300))
    matted = pipeline.matte(aligned)
    [crop] = matted.crops
    assert crop.matte.shape == (375, 300) and crop.image is aligned.crops[0].image
    assert np.array_equal(crop.matte, predict_matte(crop.image, crop.guide)) and matted.warnings == ()
    empty = pipeline.align(job(Image.new("RGB", (200, 250), "white")), WHOLE)
    assert pipeline.matte(empty).crops[0].matte is None
    assert codes(pipeline.matte(empty).warnings) == ["warning.no_person"]


def test_relight(pipeline, faces):
    dark = PHOTO.point(lambda value: value // 4)
    matted = pipeline.matte(pipeline.align(replace(job(dark), faces=tuple(faces)), replace(DETAIL, size=256)))
    [before], [after] = matted.crops, pipeline.relight(matted, DrawOptions()).crops
    [kept] = pipeline.relight(matted, DrawOptions(background="keep")).crops
    face = np.s_[120:220, 90:170]
    for image, background in (("image", STUDIO_BACKGROUND), ("guide", 255)):
        old, new = (np.asarray(getattr(crop, image)) for crop in (before, after))
        assert new[face].mean() > old[face].mean() + 10
        assert np.array_equal(np.unique(new[before.matte == 0], axis=0), [background])
        assert not np.array_equal(np.asarray(getattr(kept, image))[before.matte == 0], new[before.matte == 0])
    assert kept.matte is None and after.matte is not None and after.coverage is None
    without_person = replace(matted, crops=tuple(replace(crop, matte=None) for crop in matted.crops))
    assert pipeline.relight(without_person, DrawOptions()).crops == without_person.crops


def test_generate(pipeline, faces):
    aligned = pipeline.align(replace(job(), faces=tuple(faces)), DrawOptions(size=300))
    [generated] = pipeline.generate([aligned], DrawOptions())
    [crop] = generated.crops
    y = pipeline.model.generate(to_tensor(aligned.crops[0].image.resize((256, 256), Image.Resampling.BICUBIC))[None],
                                "photo_to_sketch")  # fmt: skip
    assert crop.image == to_image(y[0]).convert("L") and crop.guide is aligned.crops[0].guide
    two = pipeline.generate([aligned, aligned, replace(aligned, crops=())], DrawOptions(), batch_size=2)
    assert [len(each.crops) for each in two] == [1, 1, 0] and two[1].crops[0].image == crop.image
    assert pipeline.generate([], DrawOptions()) == []


def test_finish(pipeline, faces):
    options = replace(DETAIL, size=300, strength=0.7, seed=3)
    [generated] = pipeline.generate([pipeline.align(replace(job(), faces=tuple(faces)), options)], options)
    [crop] = generated.crops
    detailed = pipeline.finish(generated, options).crops[0].image
    assert detailed == transfer_detail(crop.image, crop.guide, 0.56, 3)  # 0.4 at the default strength, 0.5
    assert detailed.size == (300, 375) and detailed.mode == "L"
    plain = pipeline.finish(generated, replace(options, finish="none")).crops[0].image
    assert plain == resize(crop.image, (300, 375))
    [drawn] = pipeline.finish(generated, replace(options, finish="strokes")).crops
    expected = plan_strokes(luma(crop.image), luma(crop.guide), None, STYLES["graphite"], 0.7, 3)
    assert drawn.sheet.strokes.points.tobytes() == expected.strokes.points.tobytes()


@pytest.mark.parametrize("finish", ["strokes", "detail"])
def test_composite(pipeline, faces, finish):
    options = DrawOptions(size=300, finish=finish)
    done = pipeline.generate([pipeline.matte(pipeline.align(replace(job(), faces=tuple(faces)), options))], options)[0]
    done = pipeline.finish(done, options)
    crop = pipeline.composite(done, options)
    assert crop.image.size == (300, 375) and crop.image.mode == "RGB" and crop.faces == tuple(faces)
    assert crop.image.getpixel((2, 2)) == (255, 255, 255)
    assert pipeline.composite(done, replace(options, background="transparent")).image.mode == "RGBA"
    for frame, corner in (("paper", (255, 255, 255)), ("photo", PHOTO.getpixel((2, 2)))):
        drawing = pipeline.composite(done, replace(options, frame=frame))
        assert drawing.image.size == PHOTO.size and drawing.image.getpixel((2, 2)) == corner


@pytest.mark.parametrize("finish", ["strokes", "detail"])
def test_stages_in_order_are_the_pipeline(pipeline, faces, finish):
    options = DrawOptions(size=300, finish=finish)
    stage = pipeline.align(pipeline.detect(job(), options), options)
    stage = pipeline.relight(pipeline.matte(stage), options)
    [stage] = pipeline.generate([stage], options)
    drawing = pipeline.composite(pipeline.finish(stage, options), options)
    assert drawing.image == pipeline(PHOTO, options).image


# batches


@pytest.mark.parametrize("network", ["autoencoder", "unet"])
@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.parametrize(
    ("to", "options"),
    [
        ("sketch", WHOLE_DETAIL),
        ("sketch", replace(DETAIL, frame="paper")),
        ("sketch", DrawOptions(background="transparent", finish="none")),
        ("photo", DrawOptions(size=256)),
    ],
    ids=["whole", "paper", "transparent", "photo"],
)
def test_batch_gives_the_bytes_of_single_drawings(network, batch_size, to, options):
    """With several faces in one picture, the batches' boundaries lie between faces, too."""
    pipeline = Pipeline(small_model(network), to)
    images = [PHOTO, two_portraits(), read_image(COLLINS)]
    given = [None, None, None] if options.align == "never" else [None, select_faces(images[1]), select_faces(images[2])]
    for faces in (None, given):
        drawings = pipeline.draw_batch(images, options, faces, batch_size)
        singles = [pipeline(image, options, chosen) for image, chosen in zip(images, faces or [None] * 3, strict=True)]
        assert len(drawings) == 3
        for drawing, single in zip(drawings, singles, strict=True):
            assert drawing.image.tobytes() == single.image.tobytes() and drawing.image.mode == single.image.mode
            assert drawing.faces == single.faces and drawing.warnings == single.warnings


@pytest.mark.parametrize("options", [WHOLE, DrawOptions(frame="paper", style="ink")], ids=["whole", "paper"])
def test_batch_gives_the_strokes_of_single_drawings(options):
    pipeline, images = Pipeline(small_model("unet")), [PHOTO, two_portraits()]
    drawings = pipeline.draw_batch(images, options, batch_size=2)
    for drawing, single in zip(drawings, [pipeline(image, options) for image in images], strict=True):
        assert drawing.image.tobytes() == single.image.tobytes()
        for name in ("points", "pressure", "starts", "widths", "layers"):
            assert np.array_equal(getattr(drawing.strokes, name), getattr(single.strokes, name))


def test_batch_of_none_and_faces_of_another_count():
    pipeline = Pipeline(small_model())
    assert pipeline.draw_batch([]) == []
    with pytest.raises(ValueError):
        pipeline.draw_batch([PHOTO, PHOTO], faces=[None])


# warnings


def test_warnings_about_the_face():
    pipeline, small = Pipeline(small_model()), PHOTO.resize((PHOTO.width // 4, PHOTO.height // 4))
    face = select_faces(small)[0]
    assert codes(face.warnings) == ["warning.face_small"]
    drawing = pipeline(small)
    assert drawing.warnings == face.warnings
    assert drawing.warnings[0].params == {"width": round(face.box[2])} and str(drawing.warnings[0]).endswith(".")
    assert pipeline(PHOTO).warnings == ()
    assert codes(pipeline(small, WHOLE).warnings) == [] or "warning.face_small" not in codes(
        pipeline(small, WHOLE).warnings
    )


def test_warning_that_a_picture_was_downscaled():
    pipeline = Pipeline(small_model())
    image = read_image(encode(PHOTO, "JPEG", quality=95), PHOTO.width * PHOTO.height // 2)
    for options in (DrawOptions(), WHOLE):
        [warning, *_] = pipeline(image, options).warnings
        assert warning.code == "image.downscaled"
        assert warning.params == {"width": 512, "height": 600, "new_width": 256, "new_height": 300}


def test_warning_of_two_faces_is_given_once():
    small = two_portraits().resize((260, 150))
    drawing = Pipeline(small_model())(small, DrawOptions(frame="paper"), faces=[select_faces(small)[0]] * 2)
    assert codes(drawing.warnings).count("warning.face_small") == 1


def test_warning_without_a_person():
    assert codes(Pipeline(small_model())(Image.new("RGB", (200, 250), "white"), WHOLE).warnings) == [
        "warning.no_person"
    ]
    assert Pipeline(small_model())(Image.new("RGB", (200, 250), "white"), RAW_OUTPUT).warnings == ()


# drawings in strokes


def test_strokes_of_all_faces_are_on_one_sheet():
    image, pipeline = two_portraits(), Pipeline(small_model())
    drawing = pipeline(image, DrawOptions(frame="paper"))
    assert drawing.image.size == image.size and drawing.sheet.aspect == image.height / image.width
    drawn = np.asarray(drawing.image)
    assert (drawn[:20, 560:] == 255).all()  # paper above the smaller portrait
    middles = np.array([drawing.strokes[i].points.mean(0) * image.width for i in range(0, len(drawing.strokes), 5)])
    for face in select_faces(image):
        x, y, width, height = face.box
        inside = (middles > (x, y)).all(1) & (middles < (x + width, y + height)).all(1)
        assert inside.sum() > 20 and drawn[round(y) : round(y + height), round(x) : round(x + width)].min() < 120
    alone = [len(pipeline(image, DrawOptions(frame="paper"), [face]).strokes) for face in select_faces(image)]
    assert 0.9 * sum(alone) < len(drawing.strokes) < 1.2 * sum(alone)
    assert drawing.render(260).size == (260, 150)
    assert pipeline(image, DrawOptions(frame="photo")).sheet is None


def test_transparent_paper_is_alpha_around_the_strokes(portrait):
    transparent = facesketch.load()(read_image(COLLINS), DrawOptions(background="transparent"))
    assert transparent.image.mode == transparent.render(300).mode == "RGBA"
    assert transparent.image.getpixel((3, 3))[3] == 0 and transparent.image.getchannel("A").getextrema()[1] > 180
    white = Image.new("RGBA", transparent.image.size, "white")
    composite = Image.alpha_composite(white, transparent.image).convert("RGB")
    assert np.abs(np.asarray(composite, int) - np.asarray(portrait.drawing.image, int)).max() <= 2


@pytest.mark.parametrize("size", [(100, 100), (700, 300), (90, 700)])
def test_picture_of_any_shape_may_be_drawn_as_it_is(size):
    drawing = Pipeline(small_model())(PHOTO.resize(size), WHOLE)
    assert drawing.image.size == size and len(drawing.strokes) > 50
    assert np.asarray(drawing.image.convert("L")).min() < 200
    assert drawing.render(256).width == 256


def test_picture_of_one_column_is_refused():
    with pytest.raises(ImageError) as error:
        read_image(PHOTO.resize((1, 5000)))
    assert error.value.message.code == "image.too_small"


@pytest.mark.parametrize("name", facesketch.available_models())
def test_every_style_is_drawn_with_every_model(name):
    photo, pipeline = read_image(COLLINS), facesketch.load(name)
    faces = select_faces(photo)
    drawings = {style: pipeline(photo, DrawOptions(style=style, size=256), faces) for style in STYLES}
    assert len({drawing.image.tobytes() for drawing in drawings.values()}) == len(STYLES)
    for style, drawing in drawings.items():
        assert drawing.sheet.style is STYLES[style] and drawing.image.getpixel((2, 2)) == STYLES[style].paper


def test_default_style_is_that_of_the_models_first_label():
    styles = {(): "graphite", ("shaded", "line"): "graphite", ("line",): "line", ("own",): "graphite"}
    for labels, expected in styles.items():
        pipeline = Pipeline(small_model("unet", styles=labels))
        assert pipeline(draw_face(0)[0], WHOLE).sheet.style.name == expected


def test_large_drawing_has_the_strokes_of_the_small_one():
    photo, pipeline = read_image(COLLINS), Pipeline(small_model())
    faces = select_faces(photo)
    small, large = (pipeline(photo, DrawOptions(size=size, strength=0, style="ink"), faces) for size in (256, 4096))
    assert large.image.size == (4096, 5120)
    assert large.strokes.points.tobytes() == small.strokes.points.tobytes()
    reduced = large.image.reduce(16)
    assert np.corrcoef(np.asarray(reduced).ravel(), np.asarray(small.image).ravel())[0, 1] > 0.9


# drawings


def test_drawing_is_saved_in_the_format_of_its_suffix(tmp_path):
    drawing = Pipeline(small_model())(draw_face(0)[0], WHOLE)
    for name in ("a.png", "deep/a.webp", "a"):
        drawing.save(tmp_path / name)
    assert Image.open(tmp_path / "a.png").tobytes() == drawing.image.tobytes()
    assert Image.open(tmp_path / "deep" / "a.webp").format == "WEBP" and Image.open(tmp_path / "a").format == "PNG"
    transparent = Pipeline(small_model())(draw_face(0)[0], replace(WHOLE, background="transparent"))
    for each, name, code in ((drawing, "a.xyz", "save.unknown_format"), (transparent, "a.jpg", "save.no_transparency")):
        with pytest.raises(OptionError) as error:
            each.save(tmp_path / name)
        assert error.value.message.code == code and not (tmp_path / name).exists()


def test_load_gives_a_pipeline_on_a_device():
    pipeline = facesketch.load("pix2pix", target="photo", device="auto")
    assert pipeline.direction == "sketch_to_photo" and pipeline.target == "photo"
    assert pipeline.model.device.type == facesketch.get_device().type
