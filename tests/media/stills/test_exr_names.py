"""EXR files are written and read under every name that a file system holds."""

import os

import numpy as np
import OpenEXR
import pytest

from dubsync.core.errors import MediaError
from dubsync.media.files.exr import open_exr, write_exr


@pytest.mark.parametrize("name", [b"plain.exr", "café.exr".encode(), b"caf\xe9.exr"])
def test_a_file_comes_back_under_any_name(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    plane = np.arange(72, dtype=np.float16).reshape(8, 9)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    write_exr(path, header | {"comments": "made"}, {"R": plane})
    file = open_exr(path)
    assert (file.channels()["R"].pixels == plane).all()
    assert open_exr(path, header_only=True).header()["comments"] == "made"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(MediaError, match="not a readable EXR"):
        open_exr(path)
