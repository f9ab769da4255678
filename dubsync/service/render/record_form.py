"""The form of a render's record: what a file must hold before anything in it is used.

A record may come with a project from elsewhere, so each value is checked, and a file name in it
may not lead out of its folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, get_args, get_type_hints

from dubsync.core.digest import digest
from dubsync.core.learning.background import Verdict
from dubsync.core.proof.schema import is_newer
from dubsync.core.proof.signature import NAME as SIGNATURE
from dubsync.core.result import Drawn
from dubsync.core.settings import DeliverySettings
from dubsync.media.frame_digests import Digested

#: What is written.  Records of OLDER are read: they are unsigned, and lack the keys of NEW.
SCHEMA = "dubsync.record/3"
OLDER = "dubsync.record/2"
_FAMILY, _VERSION = "dubsync.record/", 3
#: Key of the digest over all the rest of the record but its signature.
SEAL = "seal"
#: Keys that came with SCHEMA.
NEW = ("frame_digests", "frame_digests_of", "recipe", "lineage")

#: Most bytes of a file's name on every file system that we know.
LONGEST_NAME = 255

#: Whether a value has the form.
Form = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _duration(value: Any) -> bool:
    """Whether this is a time in seconds."""
    return type(value) in (int, float) and value >= 0


def _count(value: Any) -> bool:
    return _number(value) and value >= 0


def _table(value: Any) -> bool:
    return isinstance(value, dict)


def _anything(value: Any) -> bool:
    return True


def _rate(value: Any) -> bool:
    try:
        return isinstance(value, str) and Fraction(value) > 0
    except (ValueError, ZeroDivisionError):
        return False


def _name(value: Any) -> bool:
    """A plain file name: not a path."""
    return (
        isinstance(value, str)
        and value not in ("", ".", "..")
        and len(os.fsencode(value)) <= LONGEST_NAME
        and not any(c in value for c in "/\\\0")
    )


def _sha(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _optional(form: Form) -> Form:
    return lambda value: value is None or form(value)


def _either(*forms: Form) -> Form:
    return lambda value: any(form(value) for form in forms)


def _list_of(form: Form) -> Form:
    return lambda value: isinstance(value, list) and all(map(form, value))


def _each(form: Form, key: Form = _text) -> Form:
    """A table of any keys with values of one form."""
    return lambda value: (
        isinstance(value, dict) and all(key(k) and form(v) for k, v in value.items())
    )


def _fields(**forms: Form) -> Form:
    """A table of some of these keys; which ones are needed, `lacking` says."""
    return lambda value: (
        isinstance(value, dict)
        and value.keys() <= forms.keys()
        and all(forms[key](item) for key, item in value.items())
    )


_SPAN_FIELDS = _fields(first=_number, stop=_number, rate=_rate, timecode=_text)


def _span(value: Any) -> bool:
    """Whether these are frames, at least one; a table that lacks a key is `incomplete`."""
    return _SPAN_FIELDS(value) and (
        not value.keys() >= {"first", "stop"} or value["first"] < value["stop"]
    )


_STRETCH = _fields(first=_number, last=_number, source=_text, reason=_text)
_PICK = _fields(renderer=lambda value: value in get_args(Drawn), reason=_text)
_PROOF = _fields(
    frames=_count,
    frames_changed=_count,
    changed_outside=_optional(_count),
    plate_outside_sha256=_text,
    picture_outside_sha256=_text,
)
_OUTPUT = _fields(file=_name, bytes=_count, sha256=_either(_sha, _each(_sha, _name)))


def _share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _payload(value: Any) -> bool:
    """Whether these are the 8 hex digits of a mark's payload."""
    return isinstance(value, str) and len(value) == 8 and set(value) <= set("0123456789abcdef")


def _run(value: Any) -> bool:
    """Whether these are the first and the last frame of a run."""
    return isinstance(value, list) and len(value) == 2 and all(map(_number, value))


def _steps(value: Any) -> bool:
    """Whether this is a run of frames a constant step apart: first, step, count."""
    return isinstance(value, list) and len(value) == 3 and all(map(_number, value)) and value[2] > 0


def _decibels(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 200


def _whole(form: Form, *keys: str) -> Form:
    return lambda value: form(value) and set(keys) <= value.keys()


#: A frame of `core.learning.background.FrameBackground`.
_BACKGROUND = _whole(
    _fields(
        frame=_number, uncovered=_count, seen=_share, elsewhere=_share, inpainted=_share,
        verdict=lambda value: value in get_args(Verdict), because=_list_of(_text),
    ),
    "frame", "uncovered", "elsewhere", "inpainted",
)  # fmt: skip


#: How the drawn pixels are marked; see `marked_frames.mark_entry`.
_MARK = _fields(
    version=_text, marker=_text, payload=_payload, strength_db=_optional(_decibels),
    frames=_count, off_reason=_text,
    taken_over=_list_of(
        _whole(
            _fields(**{"from": _text, "payload": _payload, "spans": _list_of(_run)}),
            "from", "payload", "spans",
        )
    ),
)  # fmt: skip


def _delivery(value: Any) -> bool:
    """Whether these are delivery settings with a known picture."""
    known = get_args(get_type_hints(DeliverySettings)["picture"])
    return isinstance(value, dict) and value.get("picture") in known


#: A model that drew: its digest, and the plates and takes that it was learnt from.
_MODEL = _fields(
    character=_text, kind=_text, actor=_text, record=_text, made=_text,
    plates=_list_of(_fields(name=_text, sha256=_text, frames=_list_of(_list_of(_number)))),
    takes=_list_of(_fields(name=_text, sha256=_text)),
    photographs=_list_of(_fields(name=_text, sha256=_text)),
    consent=_list_of(_fields(id=_text, sha256=_text, basis=_text)),
    unknown=_text,
)  # fmt: skip

#: Every key of a record, and the form of its value; those of OPTIONAL may be absent.
FORMS: Mapping[str, Form] = {
    "schema": lambda value: value in (SCHEMA, OLDER),
    "shot": _text,
    "version": _count,
    "key": _text,
    "made": _text,
    "seconds": _optional(_duration),
    "language": _text,
    "synthetic_media": _text,
    "plate": _text,
    "reel": _text,
    "frames": _span,
    "source": _span,
    "record": _span,
    "shown": _whole(_fields(file=_span, runs=_list_of(_steps)), "file", "runs"),
    "speed": _text,
    "characters": _list_of(_text),
    "faces": _each(_list_of(_list_of(_number))),
    "inputs": _list_of(_fields(role=_text, name=_text, sha256=_text)),
    "actors": _each(_text),
    "renderers": _each(_PICK),
    "consent": _list_of(_fields(id=_text, sha256=_text, basis=_text)),
    "settings": lambda value: isinstance(value, dict) and _delivery(value.get("delivery")),
    "tweak": _each(_table),
    "shut_in_pauses": _list_of(_text),
    "mouths": _each(_list_of(_STRETCH)),
    "redrawn": _each(
        _fields(
            regions=_list_of(_text),
            head=_text,
            keys=_count,
            told=_list_of(_text),
            stills=_count,
            inside=_list_of(_STRETCH),
        )
    ),
    "colour": _fields(
        config=_text,
        config_sha256=_sha,
        space=_text,
        source=_text,
        because=_text,
        doubt=_text,
        working=_text,
        key=_sha,
    ),
    "proof": _PROOF,
    "outputs": _each(_OUTPUT),
    "versions": _each(_text),
    "background": _each(_list_of(_BACKGROUND)),
    "taken_over": _anything,
    "frame_digests": _list_of(_sha),
    "frame_digests_of": lambda value: value in get_args(Digested),
    "recipe": _table,
    "lineage": _list_of(_MODEL),
    "mark": _MARK,
    SEAL: _sha,
    SIGNATURE: _table,
}
OPTIONAL = (
    "background", "taken_over", "seconds", "faces", "shut_in_pauses", "redrawn", "colour", "mark",
    "shown", SEAL, SIGNATURE, *NEW,
)  # fmt: skip
#: Keys that each table within a record must have.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "frames": ("first", "stop", "rate", "timecode"),
    "source": ("first", "stop", "rate"),
    "proof": (
        "frames", "frames_changed", "changed_outside", "plate_outside_sha256",
        "picture_outside_sha256",
    ),
    "outputs": ("picture", "matte"),
}  # fmt: skip


def of_newer_version(record: Any) -> str:
    """The schema of a record that a later dubsync wrote; "" if it is none."""
    schema = record.get("schema") if isinstance(record, dict) else None
    known = isinstance(schema, str) and is_newer(schema, _FAMILY, _VERSION)
    return str(schema) if known else ""


def misshapen(record: Any) -> str:
    """What is wrong with the values of a record; "" if nothing is.  Absent keys are not wrong."""
    if not isinstance(record, dict) or record.get("schema") not in (SCHEMA, OLDER):
        return f"it is not a {SCHEMA}"
    for key, value in record.items():
        if key in FORMS and not FORMS[key](value):
            return f"{key} = {value!r:.60} is not what a record has there"
    return ""


def incomplete(record: Mapping[str, Any]) -> str:
    """What a well-formed record lacks, or which part was changed after it was written; or ""."""
    for key in FORMS:
        if key not in record and key not in OPTIONAL:
            return f"it has no {key}"
    if record["schema"] == SCHEMA:
        for key in NEW:
            if key not in record:
                return f"it has no {key}"
        frames = record["frames"]
        if len(record["frame_digests"]) != frames.get("stop", 0) - frames.get("first", 0):
            return "frame_digests are not those of its frames"
    frames, shown = record["frames"], record.get("shown")
    if shown and sum(run[2] for run in shown["runs"]) != frames.get("stop", 0) - frames["first"]:
        return "shown is not what its frames show"
    for key, needed in NEEDED.items():
        for name in needed:
            if name not in record[key]:
                return f"{key} has no {name}"
    for role, output in record["outputs"].items():
        if output.keys() != {"file", "bytes", "sha256"}:
            return f"outputs.{role} is not complete"
    if any(stretch.keys() < {"first", "last", "source"}
           for stretches in record["mouths"].values() for stretch in stretches):  # fmt: skip
        return "mouths is not complete"
    if any(pick.keys() != {"renderer", "reason"} for pick in record["renderers"].values()):
        return "renderers is not complete"
    if any("id" not in given for given in record["consent"]):
        return "consent is not complete"
    if any(put.keys() != {"role", "name", "sha256"} for put in record["inputs"]):
        return "inputs is not complete"
    if record.get(SEAL) != sealed(record)[SEAL]:
        return "it was edited after it was written"
    return ""


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the digest of all its other values, and without a signature.

    The seal names the record: approvals hold on to it.  It is no signature, which `signed_text`
    puts over it; and what a record claims of its files is counted on the files themselves
    (`render.verify_render`).
    """
    rest = {key: value for key, value in record.items() if key not in (SEAL, SIGNATURE)}
    return {**rest, SEAL: digest("record", json.dumps(rest, sort_keys=True))}
