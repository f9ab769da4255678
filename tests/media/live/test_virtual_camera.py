"""A virtual camera, against a double of the kernel's side: no such device is here."""

import errno
import struct

import numpy as np
import pytest

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.media.live.virtual_camera import VirtualCamera

QUERYCAP, S_FMT = 0x80685600, 0xC0D05605
LOOPBACK, CAMERA = 0x2, 0x1  # V4L2_CAP_VIDEO_OUTPUT, V4L2_CAP_VIDEO_CAPTURE


def kernel(capabilities=LOOPBACK, *, refuse=None, size=None):
    """An ioctl that answers as v4l2loopback does, and what it was asked."""
    asked = []

    def ioctl(file, request, argument):
        asked.append((request, bytes(argument)))
        if request == refuse:
            raise OSError(errno.EBUSY, "Device or resource busy")
        if request == QUERYCAP:
            struct.pack_into("16s32s32sIII", argument, 0, b"v4l2 loopback", b"dubsync", b"", 1,
                             capabilities | 0x80000000, capabilities)  # fmt: skip
        elif size is not None:
            struct.pack_into("=II", argument, 8, *size)
        return 0

    return ioctl, asked


@pytest.fixture
def device(tmp_path):
    path = tmp_path / "video10"
    path.touch()
    return path


def test_a_device_is_told_its_picture_as_the_kernel_defines_it_and_gets_yuyv(device):
    ioctl, asked = kernel()
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[:, :] = 255
    with VirtualCamera(device, 6, 4, ioctl) as camera:
        camera.put(rgb)
    (first, _), (second, form) = asked
    assert (first, second) == (QUERYCAP, S_FMT)
    # struct v4l2_format: type, padding to 8, then v4l2_pix_format.
    assert len(form) == 208
    kind, width, height, pixels, field, line, size, colour = struct.unpack_from("=I4xIIIIIII", form)
    assert (kind, width, height, pixels) == (2, 6, 4, int.from_bytes(b"YUYV", "little"))
    assert (field, line, size, colour) == (1, 12, 48, 1)
    written = device.read_bytes()
    assert len(written) == 48
    assert set(written[0::2]) == {235} and set(written[1::2]) == {128}  # white in video range


def test_without_the_module_the_command_that_loads_it_is_told(tmp_path):
    with pytest.raises(SettingsError, match="no virtual camera") as refused:
        VirtualCamera(tmp_path / "video10", 64, 48, kernel()[0])
    assert "modprobe v4l2loopback" in refused.value.hint


def test_a_real_camera_takes_no_pictures(device):
    with pytest.raises(SettingsError, match="is a camera, which takes no pictures"):
        VirtualCamera(device, 64, 48, kernel(CAMERA)[0])


def test_a_file_that_is_no_device_is_refused(device):
    with pytest.raises(SettingsError, match="no video device") as refused:
        VirtualCamera(device, 64, 48)
    assert "modprobe" in refused.value.hint


@pytest.mark.parametrize("answer", [{"refuse": S_FMT}, {"size": (32, 24)}])
def test_a_device_that_another_program_holds_at_its_own_size_is_refused(device, answer):
    with pytest.raises(DeliveryError, match="64x48"):
        VirtualCamera(device, 64, 48, kernel(**answer)[0])
