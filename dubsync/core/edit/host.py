"""Which program opens which media and which timelines, by what its maker has published.

Every row names its source.  **Nothing here was verified in the hosts themselves.**  Media that no
row names are not in the maker's list as far as we know it; the program may still open them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dubsync.core.settings import EditContainer, EditName, HostName

if TYPE_CHECKING:  # it brings numpy in, and `dubsync --help` needs the hosts' names
    from dubsync.core.picture import PictureFormat

#: What is said wherever the table is shown.
NOT_VERIFIED = "by their makers' published lists, not verified in the hosts"
#: The container of an image sequence, in `MediaKind`.
SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class MediaKind:
    """What a picture file is, as far as a host cares.

    codec      an `EditName`, or that of a master: "ffv1", "lossless_h264", "lossless_hevc",
               "jpeg2000", "png" ...
    container  an `EditContainer`, "mkv", or SEQUENCE
    """

    codec: str
    container: str

    @property
    def label(self) -> str:
        """In words: "DNxHR HQX in MXF OP-Atom".

        >>> MediaKind("ffv1", "mkv").label
        'FFV1 in Matroska'
        """
        codec = CODEC_LABELS.get(self.codec, self.codec)
        return f"{codec} {_CONTAINER_LABELS.get(self.container, f'in {self.container}')}"


CODEC_LABELS = {
    "prores422hq": "ProRes 422 HQ", "prores4444": "ProRes 4444", "prores4444xq": "ProRes 4444 XQ",
    "dnxhr_hqx": "DNxHR HQX", "dnxhr_444": "DNxHR 444", "dnxhd": "DNxHD", "xavc": "XAVC",
    "h264": "H.264", "exr": "OpenEXR", "dpx": "DPX", "png": "PNG", "ffv1": "FFV1",
    "lossless_h264": "lossless H.264", "lossless_hevc": "lossless HEVC", "jpeg2000": "JPEG 2000",
    "jpg": "JPEG", "jpeg": "JPEG (.jpeg)",
}  # fmt: skip
_CONTAINER_LABELS = {
    "mov": "in MOV", "mp4": "in MP4", "mkv": "in Matroska", "mxf": "in MXF OP1a",
    "mxf_opatom": "in MXF OP-Atom", SEQUENCE: "sequence",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Host:
    """A program that a cut can be delivered for.

    label      its name
    edit, edit_container  edit media that suit it, for pictures of at most 10 bits, 4:2:2
    edit_deep  the codec for pictures of more bits or full chroma
    formats    what is delivered for it beside what is always delivered; the first is its own
    """

    name: HostName
    label: str
    edit: EditName
    edit_container: EditContainer
    edit_deep: EditName
    formats: tuple[str, ...]


HOSTS: tuple[Host, ...] = (
    Host("avid", "Media Composer", "dnxhr_hqx", "mxf_opatom", "dnxhr_444", ("aaf", "ale", "edl")),
    Host("resolve", "DaVinci Resolve", "prores422hq", "mov", "prores4444", ("fcpxml", "edl")),
    Host("premiere", "Premiere Pro", "prores422hq", "mov", "prores4444", ("xml", "edl")),
    Host("finalcut", "Final Cut Pro", "prores422hq", "mov", "prores4444", ("fcpxml",)),
    Host(
        "nuke", "Nuke, Nuke Studio and Hiero", "prores422hq", "mov", "prores4444", ("otio", "edl")
    ),
)


@dataclass(frozen=True, slots=True)
class MediaRow:
    """Codecs that a host opens in some containers.

    source  whose list says so
    read    whether we read it there, or in a quotation of it; False: named from common knowledge
    """

    host: HostName
    codecs: tuple[str, ...]
    containers: tuple[str, ...]
    source: str
    read: bool = False


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Formats of `deliver --as` that a host imports.  source, read: as in MediaRow."""

    host: HostName
    formats: tuple[str, ...]
    source: str
    read: bool = False


_PRORES = ("prores422hq", "prores4444", "prores4444xq")
_DNX = ("dnxhr_hqx", "dnxhr_444", "dnxhd")
_ADOBE = "Adobe, Premiere Pro: Supported file formats"
_APPLE = "Apple, About legacy media in Final Cut Pro (HT209000): formats that stay compatible"
_BMD = "Blackmagic Design, DaVinci Resolve 18.6 Reference Manual"
_FOUNDRY = "Foundry, Nuke online help: Supported File and Camera Formats"
_AVID_UME = "Avid Knowledge Base, Universal Media Engine (from Media Composer 2019.6)"

#: Who opens which media.
MEDIA_ROWS: tuple[MediaRow, ...] = (
    MediaRow("avid", _DNX, ("mxf_opatom",), "SMPTE 390M; Media Composer's own media are these"),
    MediaRow("avid", _DNX, ("mxf",), _AVID_UME, read=True),
    MediaRow("avid", _DNX, ("mov",), _AVID_UME),
    MediaRow(
        "avid", _PRORES, ("mov",), f"{_BMD}, ch. 50: QuickTime (ProRes) links natively", read=True
    ),
    MediaRow("avid", ("xavc",), ("mxf",), f"{_BMD}, ch. 50: Sony XAVC links natively", read=True),
    MediaRow("avid", ("h264",), ("mov",), _AVID_UME),
    MediaRow(
        "resolve", _PRORES, ("mov",), f"{_BMD}, ch. 50: QuickTime (ProRes) is compatible", read=True
    ),
    MediaRow(
        "resolve",
        _DNX,
        ("mov", "mxf", "mxf_opatom"),
        f"{_BMD}, Deliver: OP1A and OP-Atom",
        read=True,
    ),
    MediaRow("resolve", ("xavc",), ("mxf",), f"{_BMD}, ch. 50: Sony XAVC is compatible", read=True),
    MediaRow("resolve", ("h264",), ("mov", "mp4"), f"{_BMD}; the free version on Linux does not"),
    MediaRow("resolve", ("exr", "dpx"), (SEQUENCE,), f"{_BMD}, Deliver: DPX, EXR"),
    MediaRow("premiere", _PRORES, ("mov",), f"{_ADOBE}: Apple ProRes", read=True),
    MediaRow("premiere", _DNX, ("mov", "mxf", "mxf_opatom"), f"{_ADOBE}: DNxHD, DNxHR, MXF"),
    MediaRow("premiere", ("xavc",), ("mxf",), f"{_ADOBE}: MXF, XAVC"),
    MediaRow("premiere", ("h264",), ("mov", "mp4"), f"{_ADOBE}: H.264 AVC, MOV, MP4"),
    MediaRow("premiere", ("exr", "dpx", "png", "jpg", "jpeg"), (SEQUENCE,), f"{_ADOBE}: stills"),
    MediaRow("finalcut", _PRORES, ("mov",), f"{_APPLE}: Apple ProRes", read=True),
    MediaRow("finalcut", ("h264",), ("mov", "mp4"), f"{_APPLE}: H.264, MPEG-4"),
    MediaRow("finalcut", ("xavc",), ("mxf",), f"{_APPLE}: XAVC", read=True),
    MediaRow("nuke", _PRORES, ("mov",), f"{_FOUNDRY}: Apple ProRes", read=True),
    MediaRow("nuke", ("dnxhd", "dnxhr_hqx", "dnxhr_444", "h264"), ("mov",), f"{_FOUNDRY}: mov"),
    MediaRow("nuke", ("exr", "dpx", "png", "jpg", "jpeg"), (SEQUENCE,), _FOUNDRY),
)

#: Who imports which timelines and lists.
TIMELINE_ROWS: tuple[TimelineRow, ...] = (
    TimelineRow("avid", ("aaf", "ale", "edl"), "Avid, Media Composer: File > Input; EDL Manager"),
    TimelineRow("resolve", ("aaf", "edl", "xml", "fcpxml", "otio"),
                "Blackmagic Design, scripting README: ImportTimelineFromFile", read=True),
    TimelineRow("premiere", ("xml", "aaf", "edl"), f"{_ADOBE}: project file formats", read=True),
    TimelineRow("finalcut", ("fcpxml",), "Apple, FCPXML reference"),
    TimelineRow("nuke", ("otio", "xml", "edl", "aaf"), f"{_FOUNDRY}; Hiero: OTIO since 13.2"),
)  # fmt: skip
#: Programs built on FFmpeg, which open every movie that dubsync writes -> the format that is
#: theirs.  melt does not load our sequences (benchmarks/online.py).
FREE_HOSTS = {"kdenlive": "kdenlive", "shotcut": "mlt"}
HOST_LABELS: dict[str, str] = {
    **{host.name: host.label for host in HOSTS}, "kdenlive": "Kdenlive", "shotcut": "Shotcut, melt",
}  # fmt: skip
_BY_NAME: dict[str, Host] = {host.name: host for host in HOSTS}


def host_of(name: str) -> Host:
    """The host called `name`.  Raises KeyError."""
    return _BY_NAME[name]


def opens(host: str, kind: MediaKind) -> MediaRow | None:
    """The row that says that `host` opens media of `kind`; None: no list that we know says so."""
    for row in MEDIA_ROWS:
        if row.host == host and kind.codec in row.codecs and kind.container in row.containers:
            return row
    return None


def imports(host: str, format: str) -> TimelineRow | None:
    """The row that says that `host` imports a format of `deliver --as`; None: none says so."""
    return next((r for r in TIMELINE_ROWS if r.host == host and format in r.formats), None)


def hosts_opening(kinds: Sequence[MediaKind]) -> tuple[Host, ...]:
    """The hosts that open media of every one of `kinds`, in the order of HOSTS."""
    return tuple(host for host in HOSTS if all(opens(host.name, kind) for kind in kinds))


def is_deep(form: PictureFormat) -> bool:
    """Whether a picture has more than 10 bits, or more chroma than 4:2:2."""
    full = form.model == "rgb" or (form.model == "yuv" and form.chroma == (0, 0))
    return form.bits > 10 or full


def suited(host: str, *, deep: bool) -> MediaKind:
    """The edit media that suit `host`.

    Args:
        deep: see `is_deep`.
    """
    chosen = host_of(host)
    return MediaKind(chosen.edit_deep if deep else chosen.edit, chosen.edit_container)
