"""Everything in an .otio document that the reader does not know, each reported with its number.

Known are the schemas and fields of OpenTimelineIO 0.18.  Unknown items of a track are reported by
the reader itself.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from dubsync.core.timeline.losses import ASSUMED, QUIET
from dubsync.editorial.otio.nodes import DAMAGED, schema_of
from dubsync.editorial.timeline.cut_builder import CutBuilder

_ITEM = {"source_range", "effects", "markers", "enabled"}
_MEDIA = {"available_range"}
#: Schema -> the fields that are read, besides the name.
_READ = {
    "Timeline": {"global_start_time", "tracks"},
    "SerializableCollection": {"children"},
    "Stack": {*_ITEM, "children"},
    "Track": {*_ITEM, "children", "kind"},
    "Sequence": {*_ITEM, "children", "kind"},
    "Clip": {*_ITEM, "media_reference", "media_references", "active_media_reference_key"},
    "Gap": _ITEM,
    "Filler": _ITEM,
    "Transition": {"in_offset", "out_offset", "transition_type"},
    "Marker": {"marked_range", "color", "comment"},
    "ExternalReference": {*_MEDIA, "target_url"},
    "MissingReference": _MEDIA,
    "GeneratorReference": {*_MEDIA, "generator_kind"},
    "ImageSequenceReference": {
        *_MEDIA, "target_url_base", "name_prefix", "name_suffix", "frame_zero_padding",
        "start_frame", "rate",
    },
    "Effect": {"effect_name"},
    "TimeEffect": {"effect_name"},
    "LinearTimeWarp": {"effect_name", "time_scalar"},
    "FreezeFrame": {"effect_name", "time_scalar"},
    "TimeRange": {"start_time", "duration"},
    "RationalTime": {"value", "rate"},
    "Color": {"name", "r", "g", "b", "a"},
    "Box2d": {"min", "max"},
    "V2d": {"x", "y"},
}  # fmt: skip
#: Values that say nothing: what OpenTimelineIO writes where nothing is stated.
_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "frame_step": (1,),
    "missing_frame_policy": (0, "error"),
}
#: Newest versions known; of other schemas, 1.
_VERSIONS = {"Clip": 2, "Marker": 2}
#: Namespaces of metadata of which something is read.
_SPACES = frozenset({"cmx_3600", "ALE", "dubsync", "reel"})
MOST_NAMED = 12


def report_unknown(root: Any, where: str, builder: CutBuilder) -> None:
    """Add a loss for each kind of field, schema, version and metadata that is not read.

    Args:
        where: the file, for messages.
    """
    fields: Counter[str] = Counter()
    schemas: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    spaces: Counter[str] = Counter()
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        if not isinstance(node, dict):
            continue
        schema, known = schema_of(node), _READ.get(schema_of(node))
        if known is None and schema:
            schemas[schema[:60]] += 1
        version = str(node.get("OTIO_SCHEMA", "")).rpartition(".")[2]
        if version.isdigit() and int(version[:9]) > _VERSIONS.get(schema, 1) and known is not None:
            versions[str(node["OTIO_SCHEMA"])[:60]] += schema != "Clip"  # the reader reports clips
        for key, value in node.items():
            if key == "metadata":
                spaces.update(_namespaces(value))
                continue
            if schema and key not in ("OTIO_SCHEMA", "name", DAMAGED) and _says(key, value):
                fields[f"{schema}.{key}"[:80]] += known is not None and key not in known
            todo.append(value)
        spare = node.get("media_references")
        if schema == "Clip" and isinstance(spare, dict) and len(spare) > 1:
            fields["Clip.media_references that are not active"] += len(spare) - 1
    for field, count in sorted(fields.items()):
        if count:
            builder.lose(where, f"{field} is not listed; number of uses: {count}")
    for schema, count in sorted(schemas.items()):
        builder.lose(where, f"{schema} is no known schema; number of uses: {count}")
    for label, count in sorted(versions.items()):
        if count:
            what = f"{label} is newer than what is known, and read as the version before; "
            builder.lose(where, f"{what}number of uses: {count}", ASSUMED, turnover=QUIET)
    if spaces:
        named = sorted(spaces)
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        what = f"metadata is not listed: {', '.join(named[:MOST_NAMED])}{more}"
        builder.lose(where, what)


def _says(key: str, value: Any) -> bool:
    """Whether a field has a value that means something."""
    if value is None or value in ("", [], {}):
        return False
    return value not in _DEFAULTS.get(key, ())


def _namespaces(metadata: Any) -> list[str]:
    if not isinstance(metadata, dict):
        return []
    return [str(key)[:40] for key, value in metadata.items() if value and key not in _SPACES]
