"""The errors that a user's input can cause. Each has one clear sentence, a code and parameters to translate it by."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .messages import Message


class FacesketchError(ValueError):
    """A user's mistake. str(error) is one English sentence; message holds its code and parameters."""

    def __init__(self, code: str, **params: object):
        self.message = Message(code, params)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Callable[[], FacesketchError], tuple[()]]:
        return partial(type(self), self.message.code, **self.message.params), ()


class ImageError(FacesketchError):
    """A picture cannot be read or used."""


class NoFaceError(FacesketchError):
    """No face was found that can be drawn."""


class OptionError(FacesketchError):
    """An option has a value that it cannot have."""


class DeviceError(FacesketchError):
    """There is no such device on this machine."""


class WeightsError(FacesketchError):
    """A model's folder is missing, incomplete or damaged, or could not be fetched."""


class ModelNotFoundError(WeightsError):
    """No model has that name: neither an embedded one, nor a folder, nor a possible Hub repo."""


class ExportError(FacesketchError):
    """A model cannot be exported."""
