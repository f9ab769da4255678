"""Timeline markers: dubsync's notes and states in Blender, and Blender's markers for dubsync.

A marker of Blender has a name of 63 bytes, a frame and nothing else, so what dubsync must know of
it is kept in a text property of the scene: {id: [name, frame]}.
"""

import json
import re
import uuid

from . import sequencer

#: Bytes of a marker's name.
LONGEST = 63
#: Begins a marker that tells the state of a shot; such markers are never taken as notes.
STATE = "dubsync: "
_NOTE = re.compile(r"^(N\d{4,})\b")


def markers_of(scene):
    """Rows of `EditorHost.markers`; each marker keeps its id while its name or frame stays."""
    known = _read(scene)
    kept, rows = {}, []
    markers = [one for one in scene.timeline_markers if not one.name.startswith(STATE)]
    for same_place in (True, False):
        for marker in markers:
            if any(row["marker"] == marker for row in rows):
                continue
            found = _known_id(known, kept, marker, same_place)
            if found is None and same_place:
                continue
            name = found or uuid.uuid4().hex[:12]
            kept[name] = [marker.name, marker.frame]
            note = _NOTE.match(marker.name)
            rows.append(
                {
                    "marker": marker,
                    "id": name,
                    "frame": marker.frame,
                    "text": "" if _unnamed(marker) else marker.name,
                    "colour": "",
                    "author": "",
                    "note": note.group(1) if note else "",
                }
            )
    _write(scene, kept)
    for row in rows:
        del row["marker"]
    return sorted(rows, key=lambda row: row["frame"])


def add_note(scene, frame, note):
    """Set a marker for a note of dubsync; its id."""
    said = f"{note['author']}: {note['text']}" if note.get("author") else note.get("text", "")
    marker = scene.timeline_markers.new(cut(f"{note['name']} {said}"), frame=frame)
    known, name = _read(scene), uuid.uuid4().hex[:12]
    known[name] = [marker.name, marker.frame]
    _write(scene, known)
    return name


def show_states(scene, shots):
    """Set a marker at each shot that needs a person, in place of those set before; their count.

    shots  of dubsync's `open`
    """
    for marker in list(scene.timeline_markers):
        if marker.name.startswith(STATE):
            scene.timeline_markers.remove(marker)
    count = 0
    for shot in shots:
        if shot.get("message"):
            text = f"{STATE}{shot['name']} {shot['state']}, {shot['message']}"
            frame = shot["record"][0] - (sequencer.offset_of(scene) or 0)
            scene.timeline_markers.new(cut(text), frame=frame)
            count += 1
    return count


def cut(text):
    """`text` on one line, as long as a marker's name may be; an ellipsis shows that it goes on."""
    text = " ".join(text.split())
    if len(text.encode()) <= LONGEST:
        return text
    return text.encode()[: LONGEST - 3].decode(errors="ignore").rstrip() + "…"


def _unnamed(marker):
    """Whether Blender named the marker itself: "F_120" after its frame, or "Marker"."""
    return re.fullmatch(r"F_-?\d+|Marker(\.\d+)?", marker.name) is not None


def _known_id(known, kept, marker, same_place):
    for name, (text, frame) in known.items():
        if name in kept or text != marker.name:
            continue
        if frame == marker.frame or not same_place:
            return name
    return None


def _read(scene):
    try:
        found = json.loads(scene.dubsync.markers or "{}")
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if isinstance(v, list) and len(v) == 2}


def _write(scene, known):
    text = json.dumps(known)
    if scene.dubsync.markers != text:
        scene.dubsync.markers = text
