"""Notes of dubsync and markers of a host, both ways; and the shot that is meant."""

from . import problems


def exchange_notes(flow):
    """Set a marker for each open note that has none, and keep each marker of the host as a note.

    A second exchange changes nothing: markers carry the note's name, notes the marker's id.

    Returns {"set": count, "kept": count, "warnings": [sentences]}.  Raises Problem.
    """
    host, client, reel = flow.host, flow.client, opened(flow)
    there = host.markers()
    carried = set(one["note"] for one in there if one.get("note"))
    ours = set("{}:{}".format(host.host_key, one["id"]) for one in there)
    count, kept, warnings = 0, 0, []
    for note in client.call("notes", reel=reel)["notes"]:
        if note["done"] or note["record"] is None:
            continue
        if note["name"] in carried or note.get("host_id") in ours:
            continue  # it has its marker, or came from one
        try:
            host.add_marker(note["record"], note)
            count += 1
        except problems.Problem as problem:
            warnings.append("{}: {}".format(note["name"], problem.what))
    for marker in there:
        if marker.get("note") or not marker.get("text"):
            continue
        params = {
            "reel": reel,
            "record": marker["frame"],
            "text": marker["text"],
            "colour": marker.get("colour", ""),
            "author": marker.get("author", ""),
            "host_id": "{}:{}".format(host.host_key, marker["id"]),
        }
        try:
            client.call("add_note", **params)
            kept += 1
        except problems.Problem as problem:
            warnings.append("{}: {}".format(marker["text"][:40], problem.what))
    return {"set": count, "kept": kept, "warnings": warnings}


def open_in_desk(flow):
    """Open the shot under the playhead, else the reel, in dubsync's desk.  Raises Problem."""
    reel = opened(flow)
    shot = shot_at(flow, flow.host.playhead())
    flow.client.call("desk", reel=reel, shot=shot)
    return shot


def shot_at(flow, frame):
    """The name of the shot that shows at record `frame`; "": none."""
    for shot in flow.reel.get("shots", ()):
        start, stop = shot["record"]
        if frame is not None and start <= frame < stop:
            return shot["name"]
    return ""


def opened(flow):
    """The folder of the open timeline's reel, opened in dubsync.  Raises Problem."""
    folder = flow.chosen()["folder"]
    if not folder:
        raise problems.Problem(
            "This timeline was not sent to dubsync yet.", hint="sync a clip first", kind="choice"
        )
    flow.reel = flow.client.call("open", reel=folder)
    return flow.reel["reel"]
