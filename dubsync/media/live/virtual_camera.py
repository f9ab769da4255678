"""A virtual camera that other programs open: v4l2loopback, through Linux's own video interface.

The device is told its picture once (VIDIOC_S_FMT) and then takes each frame by write().  The
structures and numbers are those of linux/videodev2.h; pictures are YUYV in BT.601, which every
program knows.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from dubsync.core.driven.live import Rgb8
from dubsync.core.errors import DeliveryError, SettingsError

#: struct v4l2_capability: driver, card, bus, version, capabilities, device_caps, reserved.
_CAPABILITY = struct.Struct("16s32s32sIII12x")
_QUERYCAP = 0x80685600  # _IOR('V', 0, struct v4l2_capability)
#: struct v4l2_format of 64 bits: type, then v4l2_pix_format in a union of 200 bytes.
_FORMAT = struct.Struct("=I4xIIIIIIIIIIII152x")
_S_FMT = 0xC0D05605  # _IOWR('V', 5, struct v4l2_format)
_OUTPUT = 2  # V4L2_BUF_TYPE_VIDEO_OUTPUT
_CAN_OUTPUT, _DEVICE_CAPS = 0x2, 0x80000000
_YUYV = int.from_bytes(b"YUYV", "little")
_NOT_INTERLACED, _SMPTE170M = 1, 1
_MODPROBE = (
    'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="dubsync"; then give the '
    "device that appears: --device /dev/videoN"
)

Ioctl = Callable[[int, int, bytearray], int]


class VirtualCamera:
    """An open v4l2loopback device of one picture size; a context manager."""

    def __init__(self, device: Path, width: int, height: int, ioctl: Ioctl | None = None) -> None:
        """Open `device` for pictures of that size, which must be even across.

        Args:
            ioctl: the system's, unless a test gives its own.

        Raises:
            SettingsError: not on Linux, no such device, or one that takes no pictures.
            DeliveryError: it refuses the size, or another program writes to it.
        """
        self._device, self._size = device, (width, height)
        self._ioctl = ioctl or _system_ioctl()
        try:
            self._file = os.open(device, os.O_RDWR)
        except FileNotFoundError:
            raise SettingsError(f"there is no virtual camera {device}", hint=_MODPROBE) from None
        except OSError as error:
            raise DeliveryError(
                f"the virtual camera {device} cannot be opened: {error.strerror}",
                hint="close the program that writes to it; on some systems you must be in the "
                "group video",
            ) from error
        with ExitStack() as undo:
            undo.callback(os.close, self._file)
            self._check()
            self._set_format()
            undo.pop_all()

    def __enter__(self) -> VirtualCamera:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def put(self, rgb: Rgb8) -> None:
        """Show a picture (height, width, 3), display R'G'B'.

        Raises:
            DeliveryError: the device does not take it.
        """
        frame = np.ascontiguousarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_YUY2)).tobytes()
        try:
            os.write(self._file, frame)
        except OSError as error:
            raise DeliveryError(
                f"the virtual camera {self._device} takes no more pictures: {error.strerror}",
                hint="was the module v4l2loopback unloaded?  Load it and start again",
            ) from error

    def _check(self) -> None:
        answer = bytearray(_CAPABILITY.size)
        try:
            self._ioctl(self._file, _QUERYCAP, answer)
        except OSError as error:
            raise SettingsError(
                f"{self._device} is no video device: {error.strerror}", hint=_MODPROBE
            ) from error
        _, card, _, _, whole, own = _CAPABILITY.unpack(answer)
        if not (own if whole & _DEVICE_CAPS else whole) & _CAN_OUTPUT:
            name = card.rstrip(b"\0").decode("utf-8", "replace")
            raise SettingsError(
                f"{self._device} ({name}) is a camera, which takes no pictures", hint=_MODPROBE
            )

    def _set_format(self) -> None:
        width, height = self._size
        wanted = bytearray(_FORMAT.pack(
            _OUTPUT, width, height, _YUYV, _NOT_INTERLACED, width * 2, width * 2 * height,
            _SMPTE170M, 0, 0, 0, 0, 0,
        ))  # fmt: skip
        try:
            self._ioctl(self._file, _S_FMT, wanted)
        except OSError as error:
            raise DeliveryError(
                f"{self._device} refuses pictures of {width}x{height}: {error.strerror}",
                hint="another program has opened it with its own size: close it and start again",
            ) from error
        _, made_width, made_height, pixels, *_ = _FORMAT.unpack(wanted)
        if (made_width, made_height, pixels) != (width, height, _YUYV):
            raise DeliveryError(
                f"{self._device} changes {width}x{height} YUYV to {made_width}x{made_height}",
                hint="close the program that has opened it, and start again",
            )


def _system_ioctl() -> Ioctl:
    if sys.platform != "linux":
        raise SettingsError(
            "a virtual camera is written on Linux alone (v4l2loopback)",
            hint="show the window (--to window), and capture it with OBS's virtual camera",
        )
    from fcntl import ioctl

    return lambda file, request, argument: ioctl(file, request, argument, True)
