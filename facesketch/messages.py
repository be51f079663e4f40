"""Messages for people: errors and warnings are a code with parameters, and the English sentence for each code.

A translation looks a message up by its code, so a reworded sentence never loses its translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MESSAGES = {
    # reading a picture
    "image.not_readable_type": "A picture is a file path, bytes or a PIL image, not {type}.",
    "image.not_pil": "Expected a PIL image, as read_image returns, not {type}.",
    "image.empty": "The file is empty.",
    "image.file_too_large": "The file is larger than {limit} MiB.",
    "image.file_missing": "There is no file {path}.",
    "image.is_folder": "{path} is a folder.",
    "image.no_access": "The file {path} cannot be read ({reason}).",
    "image.unknown_format": "We can't read this file. Try a JPEG, PNG or WebP.",
    "image.heic": "Reading HEIC pictures needs the package pillow-heif: pip install pillow-heif.",
    "image.planes": "A TIFF with {bits}-bit colors in separate planes cannot be read; save it with interleaved colors.",
    "image.damaged": "The picture is damaged and cannot be read.",
    "image.too_many_pixels": "The picture has too many pixels; the maximum is {limit} million.",
    "image.too_large": "The picture has {width} x {height} pixels; the maximum is {limit} million.",
    "image.too_small": "The picture is {width} x {height} pixels; each side needs at least {minimum}.",
    "image.exceeds_memory": "The picture has {width} x {height} pixels, too many to be read here. Make it smaller.",
    "image.downscaled": "The picture has {width} x {height} pixels and was read at {new_width} x {new_height}.",
    # writing a picture
    "save.unknown_format": "{path}: pictures are written as {formats}.",
    "render.no_strokes": "This drawing has no strokes, so it cannot be rendered at another size.",
    "save.no_transparency": "{path}: only {formats} files keep transparency.",
    "save.no_strokes": "Only drawings in strokes, not over a photo, are written as SVG or MP4, or replayed.",
    "save.pen_needs_svg": "The lines of a pen are written as SVG.",
    "save.no_replay": "A replay is written as {formats}, not as {format}.",
    "save.no_video": "Writing MP4 needs the package imageio-ffmpeg: pip install 'facesketch[video]'.",
    # faces
    "face.not_found": "No face was found.",
    "face.blank_sheet": "The sheet is blank; draw a face on it.",
    "face.too_small": "The face is only {width} pixels wide; it needs at least {minimum}.",
    "face.box_malformed": 'A box is "x, y, width, height" in pixels, not "{text}".',
    "face.box_empty": "The width and height of a box must be positive, not {width} x {height}.",
    "face.box_outside": "The box lies outside the picture.",
    "warning.face_small": "The face is only {width} pixels wide, so the drawing will be blurry.",
    "warning.face_sideways": "The head is turned far to the side; the models know faces from the front.",
    "warning.face_assumed": "No face was found in the box, so an average face was assumed there.",
    "warning.face_truncated": "The face is cut off by the edge of the picture; what lies outside cannot be drawn.",
    "warning.drawing_unusual": "No face was recognized in this drawing, so the photo may not look like one.",
    "warning.no_person": "No person stands out from the background here, so the background is drawn too.",
    "warning.no_matte": "The background cannot be removed: {reason}",
    # options
    "option.not_a_choice": "{name} must be one of {choices}, not {value}.",
    "option.not_a_style": "style must be the name of a style, not {value}.",
    "option.out_of_range": "{name} must be from {minimum} to {maximum}, not {value}.",
    "option.not_a_choice_or_in_range": "{name} must be {choices} or from {minimum} to {maximum}, not {value}.",
    "option.no_direction": "This model lacks the direction {direction}.",
    "option.no_style": "There is no style {style} here; there are {styles}.",
    "option.no_styles": "This model has only one style, so style {style} cannot be chosen.",
    "device.unknown": "A device is auto, cpu, cuda (cuda:1 is the second GPU) or mps, not {name}.",
    "device.unavailable": "There is no device {name} here; use cpu.",
    # weights
    "model.unknown": "There is no model {name}; there are {available}.",
    "model.left_out": "{name} is left out: {reason}",
    "weights.missing_file": "{name}: {file} is missing or cannot be read.",
    "weights.too_large": "{name}: {file} is larger than that of any facesketch model.",
    "weights.not_json": "{name}: {file} is not JSON.",
    "weights.invalid_config": "{name}: {file} does not describe a facesketch model.",
    "weights.wrong_hash": "{name}: {file} is damaged (its SHA-256 differs from the one in {config}).",
    "weights.header_too_large": "{name}: the header of {file} is larger than {limit} MiB.",
    "weights.not_safetensors": "{name}: {file} is damaged (not a safetensors file).",
    "weights.wrong_shapes": "{name}: {file} does not fit the network that {config} names.",
    "weights.not_finite": "{name}: {file} holds values that are not finite.",
    "weights.detector": "The face detector {file} is missing or damaged; install facesketch again.",
    # the Hub
    "hub.no_folder": "There is no folder {name}.",
    "hub.invalid_repo_id": "{name} is neither a folder nor the name of a Hub repo.",
    "hub.not_a_hub_url": "{url} is not the URL of a model on the Hub; use user/name[@revision].",
    "hub.invalid_deadline": "FACESKETCH_HUB_DEADLINE must be a number of seconds.",
    "hub.fetch_failed": "{repo} could not be fetched from the Hub: {reason}.",
    "hub.reason.gated": "access to it must be requested on its page",
    "hub.reason.not_found": "there is no such repo, or it is private and the token does not give access",
    "hub.reason.token": "the Hub does not accept the token, which may have expired; hf auth login sets another",
    "hub.reason.no_revision": "the repo has no such revision",
    "hub.reason.unreachable": "the Hub cannot be reached or fails to answer",
    "hub.reason.offline": "HF_HUB_OFFLINE is set, and the model is not in the cache",
    "hub.reason.proxy": "the proxy that is set in the environment cannot be used ({text})",
    "hub.reason.no_model": "the repo holds no facesketch model",
    "hub.reason.deadline": "it did not arrive within {seconds} s",
    "hub.reason.crashed": "the download stopped unexpectedly",
    "hub.reason.other": "{text}",
    "override.fetching": "{repo} is being fetched from the Hub.",
    "override.fetching_embedded_serves": "{repo} is being fetched from the Hub. Meanwhile the embedded {name} is used.",
    "override.loaded": "{name} is {repo} on the Hub, at commit {commit}.",
    "override.loaded_partly": "{name} is {repo} on the Hub, at commit {commit}. It lacks {directions}, for which the "
    "embedded {name} is used.",
    "override.failed": "{repo} could not be loaded.",
    "override.failed_embedded_serves": "{reason} The embedded {name} is used.",
    # export to ONNX
    "export.missing_package": "Exporting needs the package {package}: pip install 'facesketch[onnx]'.",
    "export.inaccurate": "The exported model differs from PyTorch's output by {levels} of 255 levels.",
    "export.no_face": "None of the calibration pictures shows a face.",
    "export.no_pictures": "{path} holds no pictures to calibrate int8 on.",
}


@dataclass(frozen=True)
class Message:
    """A sentence for a person: a key of MESSAGES and its parameters, which may be messages themselves."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return MESSAGES[self.code].format(**self.params)
