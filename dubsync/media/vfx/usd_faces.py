"""Faces as USD: landmarks as points and heads as transforms, with a sample a frame.

usd-core is an optional extra ("vfx"); nothing else imports it.  The stage counts frames as the
files of the turnover, in square plate pixels, y up, z towards the viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from dubsync.core.errors import MediaError

WITHOUT = "usd-core is not installed"
HINT = "pip install 'dubsync[vfx]'"


@dataclass(frozen=True, slots=True, eq=False)
class UsdFace:
    """One face over T frames.

    name       of what it is: "ELISE_plate"
    frames     (T,) file numbers, rising; the face is hidden in all others
    landmarks  (T, N, 3)
    head       (T, 7) rotation vector, radians; position; scale
    """

    name: str
    frames: Sequence[int]
    landmarks: np.ndarray[Any, Any]
    head: np.ndarray[Any, Any]


def usd_installed() -> bool:
    """Whether faces can be written."""
    try:
        import pxr  # noqa: F401
    except ImportError:
        return False
    return True


def write_usd_faces(
    path: Path, faces: Sequence[UsdFace], numbers: range, rate: Fraction, said: str
) -> None:
    """Write a stage (.usdc or .usda) with every face of a shot.

    Args:
        numbers: file numbers of the shot's frames.
        said: the stage's comment.

    Raises:
        MediaError: usd-core is not installed.
        OSError: the file cannot be written.
    """
    try:
        from pxr import Tf, Usd, UsdGeom
    except ImportError as error:
        raise MediaError(WITHOUT, hint=HINT) from error
    stage = Usd.Stage.CreateInMemory()
    stage.SetTimeCodesPerSecond(float(rate))
    stage.SetFramesPerSecond(float(rate))
    stage.SetStartTimeCode(numbers.start)
    stage.SetEndTimeCode(numbers.stop - 1)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    root = UsdGeom.Xform.Define(stage, "/faces")
    stage.SetDefaultPrim(root.GetPrim())
    stage.GetRootLayer().comment = said
    for face in faces:
        _add(stage, f"/faces/{Tf.MakeValidIdentifier(face.name)}", face, numbers)
    try:
        # USD takes names in UTF-8 alone, so it writes where the name is ours.
        with TemporaryDirectory() as aside:
            written = Path(aside) / f"faces{path.suffix}"
            if not stage.GetRootLayer().Export(str(written)):
                raise OSError(f"USD: {path} cannot be written")
            path.write_bytes(written.read_bytes())
    except Tf.ErrorException as error:
        raise OSError(f"USD: {error}") from error


def _add(stage: Any, path: str, face: UsdFace, numbers: range) -> None:
    from pxr import Gf, UsdGeom, Vt

    group = UsdGeom.Xform.Define(stage, path)
    points = UsdGeom.Points.Define(stage, f"{path}/landmarks")
    head = UsdGeom.Xform.Define(stage, f"{path}/head").AddTransformOp()
    points.CreateIdsAttr(Vt.Int64Array(list(range(face.landmarks.shape[1]))))
    points.CreateWidthsAttr(Vt.FloatArray([1.0]))
    points.SetWidthsInterpolation(UsdGeom.Tokens.constant)
    there = set(face.frames)
    seen = group.CreateVisibilityAttr()
    for number in numbers:
        token = UsdGeom.Tokens.inherited if number in there else UsdGeom.Tokens.invisible
        seen.Set(token, number)
    where, extent = points.CreatePointsAttr(), points.CreateExtentAttr()
    for t, number in enumerate(face.frames):
        at = Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(face.landmarks[t], np.float32))
        where.Set(at, number)
        extent.Set(UsdGeom.Points.ComputeExtent(at, Vt.FloatArray([1.0] * len(at))), number)
        turn = face.head[t, :3]
        angle = float(np.linalg.norm(turn))
        axis = Gf.Vec3d(*(float(v) for v in turn)) if angle > 0 else Gf.Vec3d(1, 0, 0)
        matrix = Gf.Matrix4d().SetScale(float(face.head[t, 6]))
        matrix *= Gf.Matrix4d().SetRotate(Gf.Rotation(axis, float(np.degrees(angle))))
        matrix *= Gf.Matrix4d().SetTranslate(Gf.Vec3d(*(float(v) for v in face.head[t, 3:6])))
        head.Set(matrix, number)
