"""Which host opens which media and timelines: the tables of reference/hosts.md."""

from __future__ import annotations

from docs.generate.blocks import table
from dubsync.core.edit.host import CODEC_LABELS, HOSTS, MEDIA_ROWS, TIMELINE_ROWS, MediaKind


def hosts() -> str:
    """What each host gets from `deliver --for`."""
    rows = [
        (
            f"`{host.name}`",
            host.label,
            _kind(host.edit, host.edit_container),
            _kind(host.edit_deep, host.edit_container),
            ", ".join(host.formats),
        )
        for host in HOSTS
    ]
    heads = ("`--for`", "host", "edit media", "for over 10 bits, or full chroma", "timelines")
    return table(heads, rows)


def host_media() -> str:
    """Who opens which media, with the source of each row."""
    labels = {host.name: host.label for host in HOSTS}
    rows = [
        (
            labels[row.host],
            ", ".join(CODEC_LABELS.get(codec, codec) for codec in row.codecs),
            ", ".join(row.containers),
            row.source,
            _read(row.read),
        )
        for row in MEDIA_ROWS
    ]
    return table(("host", "codecs", "containers", "source", "we read it there"), rows)


def host_timelines() -> str:
    """Who imports which timelines, with the source of each row."""
    labels = {host.name: host.label for host in HOSTS}
    rows = [
        (labels[row.host], ", ".join(row.formats), row.source, _read(row.read))
        for row in TIMELINE_ROWS
    ]
    return table(("host", "formats of `--as`", "source", "we read it there"), rows)


def _read(there: bool) -> str:
    return "yes" if there else "no: common knowledge"


def _kind(codec: str, container: str) -> str:
    return MediaKind(codec, container).label
