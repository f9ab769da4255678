"""Writes dissolves and speed changes to AAF as Avid Media Composer does.

Source: AAF Object Specification 1.1 (Transition, OperationGroup, VaryingValue); the names, values
and identifiers of the definitions are those in AAF files exported by Media Composer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from typing import Any

from dubsync.core.timeline.runs import TimeMap

_LINEAR = "5b6c85a4-0ede-11d3-80a9-006008143e6f"
_EXTRAPOLATION = "0e24dd54-66cd-4f1a-b0a0-670ac3a7a0b3"
_PARAMETERS = {
    "AvidParameterByteOrder": ("c0038672-a8cf-11d3-a05b-006094eb75cb", "aafUInt16"),
    "AvidEffectID": ("93994bd6-a81d-11d3-a05b-006094eb75cb", "AvidBagOfBits"),
    "AFX_FG_KEY_OPACITY_U": ("8d56813d-847e-11d5-935a-50f857c10000", "Rational"),
    "Level": ("e4962320-2267-11d3-8a4c-0050040ef7d2", "Rational"),
    "AvidMotionPulldown": ("f7ffed29-fc8e-43ed-943a-4b57b5c157ee", "aafInt32"),
    "AvidMotionInputFormat": ("1c5a02d5-e503-4ca6-8617-d7914bb8ac03", "aafInt32"),
    "AvidMotionOutputFormat": ("8dde1839-6862-4874-a1e9-4fbd1164f22a", "aafInt32"),
    "AvidPhase": ("5b22ff71-c51b-11d3-a069-006094eb75cb", "aafInt32"),
    "PARAM_SPEED_OFFSET_MAP_U": ("8d56827d-847e-11d5-935a-50f857c10000", "Rational"),
    "SpeedRatio": ("72559a80-24d7-11d3-8a50-0050040ef7d2", "Rational"),
}
_BLEND = ("AvidParameterByteOrder", "AvidEffectID", "AFX_FG_KEY_OPACITY_U")
_LITTLE_ENDIAN = 18761  # "II"
_PROGRESSIVE = 2


@dataclass(frozen=True, slots=True)
class Definition:
    """An operation definition in the dictionary of the file."""

    name: str
    id: str
    inputs: int
    bypass: int
    parameters: tuple[str, ...]
    time_warp: bool = False
    effect: bytes = b""


_DISSOLVE = Definition(
    "VideoDissolve_2", "89d9b67e-5584-302d-9abd-8bd330c46841", 2, 1, _BLEND,
    effect=b"EFF2_BLEND_DISSOLVE\0",
)  # fmt: skip
_FADE_UP = Definition(
    "FadeUp_2", "a3479fae-4715-38b8-b020-907ae09e8769", 2, 1, _BLEND,
    effect=b"EFF2_BLEND_FADE_UP\0",
)  # fmt: skip
_FADE_DOWN = Definition(
    "FadeDown_2", "624e04b0-8063-3d9f-8172-6ea7cf0bed6d", 2, 1, _BLEND,
    effect=b"EFF2_BLEND_FADE_DOWN\0",
)  # fmt: skip
_SOUND_DISSOLVE = Definition(
    "Audio Dissolve", "0c3bea41-fc05-11d2-8a29-0050040ef7d2", 2, 1, ("Level",)
)
_MOTION = Definition(
    "Motion Control", "9d2ea890-0968-11d3-8a38-0050040ef7d2", 1, 0,
    ("AvidMotionPulldown", "AvidMotionOutputFormat", "AvidPhase", "PARAM_SPEED_OFFSET_MAP_U",
     "SpeedRatio", "AvidMotionInputFormat"),
    time_warp=True,
)  # fmt: skip


def dissolve(
    file: Any,
    length: int,
    cut_point: int,
    *,
    sound: bool,
    outgoing: bool = True,
    incoming: bool = True,
) -> Any:
    """A dissolve of `length` edit units between the components before and after it.

    Args:
        cut_point: edit units from its start to the cut that it replaces.
        outgoing: whether there is an outgoing clip; else it fades up from nothing.
        incoming: whether there is an incoming clip; else it fades down to nothing.
    """
    kind = "sound" if sound else "picture"
    if sound:
        chosen = _SOUND_DISSOLVE
    else:
        chosen = _DISSOLVE if outgoing and incoming else _FADE_UP if incoming else _FADE_DOWN
    defined = _defined(file, chosen, kind)  # first: calls of pyaaf2's `create` cannot be nested
    group = file.create.OperationGroup(defined, length, kind)
    name = "Level" if sound else "AFX_FG_KEY_OPACITY_U"
    full = Fraction(1 if sound else 100)
    level = _varying(file, name, [(Fraction(0), Fraction(0)), (Fraction(1), full)], "Proportional")
    group["Parameters"].append(level)
    if not sound:
        group["Parameters"].append(_constant(file, "AvidParameterByteOrder", _LITTLE_ENDIAN))
        group["Parameters"].append(_constant(file, "AvidEffectID", list(chosen.effect)))
    made = file.create.Transition(kind, length)
    made["OperationGroup"].value = group
    made["CutPoint"].value = cut_point
    return made


def motion(file: Any, clip: Any, length: int, map: TimeMap, first: Fraction) -> Any:
    """`clip` retimed: a Motion Control that plays it over `length` edit units.

    Args:
        map: record to source edges.
        first: source frame at which `clip` begins.
    """
    defined = _defined(file, _MOTION, "picture")
    group = file.create.OperationGroup(defined, length, "picture")
    speed = map.steady
    # Avid counts frames, not edges: in reverse, the first frame shown is the clip's last
    back = 1 if speed is not None and speed < 0 else 0
    points = [(record - map.start, source - first - back) for record, source in map.keyframes]
    ratio = Fraction(length, max(int(clip.length), 1))
    parameters = [
        _constant(file, "AvidMotionPulldown", 0),
        _constant(file, "AvidMotionOutputFormat", _PROGRESSIVE),
        _constant(file, "AvidPhase", 0),
        _varying(file, "PARAM_SPEED_OFFSET_MAP_U", points, "RelativeFixed"),
        _constant(file, "SpeedRatio", rational(-ratio if back else ratio)),
        _constant(file, "AvidMotionInputFormat", _PROGRESSIVE),
    ]
    group["Parameters"].extend(parameters)
    group["InputSegments"].append(clip)
    return group


def rational(value: Fraction) -> Any:
    """An AAF Rational: numerator and denominator are limited to 32 bits."""
    made: Any = import_module("aaf2.rational")
    kept = value
    limit = 10**6
    while abs(kept.numerator) >= 2**31 and limit:
        kept = value.limit_denominator(limit)
        limit //= 10
    return made.AAFRational(kept.limit_denominator(2**31 - 1))


def _constant(file: Any, name: str, value: Any) -> Any:
    parameter = _parameter(file, name)
    return file.create.ConstantValue(parameter, value)


def _varying(file: Any, name: str, points: Sequence[tuple[Fraction, Fraction]], hint: str) -> Any:
    parameter, interpolation = _parameter(file, name), _interpolation(file)
    made = file.create.VaryingValue(parameter, interpolation)
    made["VVal_Extrapolation"].value = _auid(_EXTRAPOLATION)
    made["VVal_FieldCount"].value = 1
    for time, value in points:
        made.add_keyframe(rational(time), rational(value), hint)
    return made


def _auid(text: str) -> Any:
    auid: Any = import_module("aaf2.auid")
    return auid.AUID(text)


def _interpolation(file: Any) -> Any:
    result = file.dictionary.lookup_interperlationdef(_auid(_LINEAR))
    if result is None:
        result = file.create.InterpolationDef(_LINEAR, "LinearInterp", "")
        file.dictionary.register_def(result)
    return result


def _parameter(file: Any, name: str) -> Any:
    id, type_name = _PARAMETERS[name]
    result = file.dictionary.lookup_parameterdef(_auid(id))
    if result is None:
        result = file.create.ParameterDef(id, name, "", type_name)
        file.dictionary.register_def(result)
    return result


def _defined(file: Any, wanted: Definition, kind: str) -> Any:
    result = file.dictionary.lookup_operationdef(_auid(wanted.id))
    if result is None:
        result = file.create.OperationDef(wanted.id, wanted.name, "")
        file.dictionary.register_def(result)
        result.media_kind = kind
        result["IsTimeWarp"].value = wanted.time_warp
        result["Bypass"].value = wanted.bypass
        result["NumberInputs"].value = wanted.inputs
        result["OperationCategory"].value = "OperationCategory_Effect"
        result["ParametersDefined"].extend([_parameter(file, n) for n in wanted.parameters])
    return result
