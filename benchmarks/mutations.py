"""Mutations of editorial files for fuzzing: bytes, lines, JSON trees, XML tags, bundles.

Every mutation depends only on a `random.Random`, so a case is reproduced by its seed.
"""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from random import Random
from typing import Any

LARGEST = 500_000  # bytes: largest size of a mutation
NUMBERS = (
    "0", "-1", "1", "2", "23.976", "29.97", "1e999", "-0", "nan", "inf", "9" * 30, "9" * 5000,
    "2147483648", "-9223372036854775809", "0.0000001", "1/0", "24000/1001", "1_0", "٣", "0x10",
)  # fmt: skip
TIMES = (
    "00:00:00:00", "01:00:00;00", "23:59:59:23", "99:59:59:29", "00:01:00;00", "01:00:60:00",
    "-1:00:00:00", "01:00:00.000", "1:0:0:0", "24:00:00:00", "0s", "1001/24000s", "-5s", "1/0s",
    "3600000000000s", "0/1s", "1e9s", "00:00:01,500",
)  # fmt: skip
WORDS = (
    "", " ", "\t", "\n", "\r\n", "\0", "\x1a", "\ufeff", "../../etc/passwd", "file:///dev/zero",
    "http://h/x.mov", "\\\\host\\share", "CON", "é" * 300, "\u202e", "\U0001f600", "%s%n", "{}",
    "<!ENTITY a 'b'>", "&a;", "]]>", "=cmd|' /C calc'!A0", "null", "true", "M2", "FCM: DROP FRAME",
    "BL", "AA/V", "D 999999", "W001", "K B", "* LOC:", "Column", "Data", "Heading",
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:[.:;/]\d+)*s?")
_TAG = re.compile(rb"<[^<>]*>")
_VALUE = re.compile(rb'="[^"]*"')
_KEY_LISTS = ("children", "effects", "markers", "tracks", "media_references", "parts", "slots")


def mutated(rng: Random, data: bytes, others: Sequence[bytes], form: str) -> bytes:
    """`data` with one to six mutations, in ways that suit `form` or as plain bytes.

    Args:
        others: seeds to take pieces from.
        form: "lines", "json", "tree", "xml", "zip" or "bytes".
    """
    if form == "zip":
        return _bundle(rng, data, others)
    if form == "tree" or (form == "json" and rng.random() < 0.8):
        return _json(rng, data)
    if form == "bytes" and rng.random() < 0.7:  # few changes: more would end the reading at once
        changed = bytearray(data)
        for _ in range(rng.choice((1, 1, 2, 8)) if data else 0):
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        return bytes(changed)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        own = _FORMS.get(form)
        change = rng.choice(own) if own and rng.random() < 0.75 else rng.choice(_ANY)
        data = change(rng, data, others)[:LARGEST]
    return data


def _token(rng: Random) -> bytes:
    return rng.choice(rng.choice((NUMBERS, TIMES, WORDS))).encode("utf-8", "surrogatepass")


def _place(rng: Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


# -- bytes ---------------------------------------------------------------------------------


def _flip(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 40))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(rng, data)
    return data[:start] + data[start + rng.choice((1, 4, 40, 400, 10**9)) :]


def _put(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(rng, data)
    return data[:start] + _token(rng) + data[start + rng.choice((0, 0, 1, 8)) :]


def _again(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(rng, data)
    piece = data[start : start + rng.choice((1, 10, 100, 2000))]
    return data[:start] + piece * rng.choice((2, 3, 50, 1000)) + data[start:]


def _splice(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others) if others else data
    start, end = sorted((_place(rng, other), _place(rng, other)))
    at = _place(rng, data)
    return data[:at] + other[start : min(end, start + 20_000)] + data[at:]


def _recode(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    text = data.decode("latin-1")
    codec = rng.choice(("utf-16", "utf-8", "utf-8-sig", "cp500", "utf-32-be"))
    return text.encode(codec, "replace")


_ANY: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _flip, _cut, _put, _put, _again, _splice, _recode,
)  # fmt: skip

# -- lines ---------------------------------------------------------------------------------


def _number(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    result = list(_NUMBER.finditer(data[:200_000]))
    if not result:
        return data
    place = rng.choice(result)
    kind = TIMES if b":" in place.group() or b"s" in place.group() else NUMBERS
    put = rng.choice(kind).encode()
    if rng.random() < 0.4:  # similar to the original
        digits = re.sub(rb"\d", lambda _: str(rng.randrange(10)).encode(), place.group())
        put = digits
    return data[: place.start()] + put + data[place.end() :]


def _line(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(6)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(to, lines[at])
    elif what == 2:
        lines[at], lines[to] = lines[to], lines[at]
    elif what == 3:
        other = (rng.choice(others) if others else data).splitlines(keepends=True) or [b""]
        lines.insert(at, rng.choice(other))
    elif what == 4:
        lines[at] = re.sub(rb"[ \t]+", rng.choice((b" ", b"\t", b"", b"  \t")), lines[at]) + b"\n"
    else:
        return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b" ")))
    return b"".join(lines)


# -- XML -----------------------------------------------------------------------------------


def _tags(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    result = list(_TAG.finditer(data))
    if not result:
        return data
    tag = rng.choice(result)
    name = re.match(rb"</?([^\s/>]*)", tag.group())
    end = data.find(b"</" + (name[1] if name else b"") + b">", tag.end())
    end = end + len(name[1] if name else b"") + 3 if end >= 0 else tag.end()
    element = data[tag.start() : end]
    what = rng.randrange(6)
    if what == 0:
        return data[: tag.start()] + data[end:]
    if what == 1:
        return data[:end] + element * rng.choice((1, 2, 30)) + data[end:]
    if what == 2:
        at = rng.choice(result).start()
        return data[:at] + element + data[at:]
    if what == 3:
        depth = rng.choice((2, 30, 300, 20_000))
        return data[: tag.start()] + b"<clip>" * depth + element + b"</clip>" * depth + data[end:]
    if what == 4:
        return data[: tag.start()] + data[tag.end() :]
    other = rng.choice(result).group()
    return data[: tag.start()] + other + data[tag.end() :]


def _attribute(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    result = list(_VALUE.finditer(data))
    if not result:
        return data
    place = rng.choice(result)
    put = rng.choice(result).group() if rng.random() < 0.5 else b'="' + _token(rng) + b'"'
    return data[: place.start()] + put + data[place.end() :]


def _doctype(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    hostile = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://localhost/x.dtd">',
        b'<?xml version="1.0" encoding="UTF-7"?>',
        b'<!DOCTYPE x [<!ENTITY % p "x">%p;]>',
    )
    return rng.choice(hostile) + re.sub(rb"<\?xml.*?\?>|<!DOCTYPE[^>]*>", b"", data)


_FORMS: dict[str, tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...]] = {
    "lines": (_number, _number, _number, _line, _line),
    "xml": (_number, _number, _tags, _tags, _attribute, _attribute, _doctype),
}

# -- JSON ----------------------------------------------------------------------------------


def _json(rng: Random, data: bytes) -> bytes:
    try:
        tree = json.loads(data)
    except ValueError:
        return data
    tree = changed_tree(rng, tree, rng.choice((1, 1, 2, 4, 12)))
    return json.dumps(tree).encode()


def changed_tree(rng: Random, tree: Any, times: int) -> Any:
    """A JSON tree with `times` of its nodes replaced, removed, repeated or moved."""
    for _ in range(times):
        places = [(holder, key) for holder in _holders(tree) for key in _keys(holder)]
        if not places:
            return tree
        holder, key = rng.choice(places)
        listed = [p for p in places if p[1] in _KEY_LISTS]
        if listed and rng.random() < 0.2:
            holder, key = rng.choice(listed)
        what = rng.randrange(7)
        if what == 0:
            del holder[key]
        elif what == 1:
            other, name = rng.choice(places)
            holder[key] = json.loads(json.dumps(other[name])) if name in _keys(other) else None
        elif what == 2 and isinstance(holder, list):
            piece = json.dumps(holder[key])
            holder[key:key] = [json.loads(piece) for _ in range(rng.choice((1, 3, 40)))]
        elif what == 3:
            depth = rng.choice((1, 20, 280))
            for _ in range(depth):
                holder[key] = {"OTIO_SCHEMA": "Stack.1", "children": [holder[key]]}
        else:
            holder[key] = _nonsense(rng)
    return tree


def _holders(tree: Any) -> list[Any]:
    waiting, result = [tree], []
    while waiting and len(result) < 20_000:
        node = waiting.pop()
        if isinstance(node, dict | list):
            result.append(node)
            waiting += node.values() if isinstance(node, dict) else node
    return result


def _keys(holder: Any) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))


def _nonsense(rng: Random) -> Any:
    time = {"OTIO_SCHEMA": "RationalTime.1", "value": rng.choice((-5, 0, 24, 1e300)), "rate": 24}
    return rng.choice((
        None, True, False, 0, -1, 1, 2**70, 10**400, -3.5, 1e-320, float("nan"), float("inf"), "",
        [], {}, [[]], time, {"start_time": time, "duration": time}, "Clip.99", "Stack.1",
        {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "Clip-1"}, {"OTIO_SCHEMA": 7},
        rng.choice(WORDS), rng.choice(NUMBERS), "24", "24000/1001", "1/0", "Audio", "\udcff",
    ))  # fmt: skip


# -- bundles -------------------------------------------------------------------------------


def _bundle(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A zip with a damaged member, with extra members, or damaged itself."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as bundle:
            members = [(m.filename, bundle.read(m)) for m in bundle.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError):
        members = []
    if not members or rng.random() < 0.35:
        return mutated(rng, data, others, "bytes")
    at = rng.randrange(len(members))
    name, body = members[at]
    form = "json" if body[:1] == b"{" else "xml" if body[:1] == b"<" else "bytes"
    members[at] = (name, mutated(rng, body, (), form))
    if rng.random() < 0.2:
        hostile = ("../x.otio", "/etc/x", "content.otio", "a\\b", "x" * 300, "content.otio/")
        members.append((rng.choice(hostile), b"x" * rng.choice((0, 10, 10**6))))
    out = BytesIO()
    packing = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", packing) as bundle:
        warnings.simplefilter("ignore")  # duplicate names are intended
        for name, body in members:
            bundle.writestr(zipfile.ZipInfo(name), body)
    packed = out.getvalue()
    return _flip(rng, packed, ()) if rng.random() < 0.15 else packed
