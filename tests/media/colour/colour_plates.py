"""Plates by their facts alone, and small configs on disk."""

from fractions import Fraction

from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange

#: A config with an EXR rule, a curve by a LUT, and a space by a LUT that stands at PLACE.
CONFIG = """ocio_profile_version: 2
name: house
search_path: luts
strictparsing: true
roles: {scene_linear: lin, compositing_log: lg, default: lin}
file_rules:
  - !<Rule> {name: grade, pattern: "*_graded*", extension: "*", colorspace: video}
  - !<Rule> {name: stills, pattern: "*", extension: exr, colorspace: lin}
  - !<Rule> {name: Default, colorspace: video}
displays:
  screen:
    - !<View> {name: plain, colorspace: video}
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: lin, encoding: scene-linear}
  - !<ColorSpace>
    name: lg
    encoding: log
    to_scene_reference: !<LogCameraTransform> {base: 2, lin_side_slope: 1, lin_side_offset: 0,
      log_side_slope: 0.0570776, log_side_offset: 0.554795, lin_side_break: 0.0078125,
      direction: inverse}
  - !<ColorSpace>
    name: video
    encoding: sdr-video
    to_scene_reference: !<ExponentTransform> {value: 2.4}
  - !<ColorSpace>
    name: from lut
    encoding: log
    to_scene_reference: !<FileTransform> {src: "PLACE"}
"""


def plate(name, **facts):
    """A plate of so many facts; no file."""
    floating = name.endswith(".exr")
    form = PictureFormat(64, 48, "rgb" if floating else "yuv", 16 if floating else 10,
                         floating=floating, **facts)  # fmt: skip
    return Plate(name, f"/media/day1/{name}", name[:4], FrameRange(0, 10, Fraction(24)), form)


def house(folder, place="curve.spi1d"):
    """The path of a config in `folder`, whose LUT is said to be at `place`."""
    (folder / "luts").mkdir(parents=True, exist_ok=True)
    path = folder / "config.ocio"
    path.write_text(CONFIG.replace("PLACE", place))
    return path
