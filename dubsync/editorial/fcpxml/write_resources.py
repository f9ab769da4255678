"""Writes the <resources> of an FCPXML document: formats, assets, effects, compounds.

Source: Apple, "FCPXML Reference" and the DTD of version 1.10: element and attribute order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.corrected_clips import numbered_name
from dubsync.editorial.tracks.layout import LaidOutTrack, Layout, Media
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses, media_key

DISSOLVE = ("Cross Dissolve", "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265")
TITLE = (
    "Basic Title",
    ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti",
)
GENERATOR = ("Custom", ".../Generators.localized/Solids.localized/Custom.localized/Custom.motn")
REEL = "com.apple.proapps.studio.reel"
_COLOUR = {"bt709": "1-1-1 (Rec. 709)", "bt2020": "9-1-9 (Rec. 2020)"}
_FIELD_ORDERS = {"top": "upper first", "bottom": "lower first"}
#: Largest denominator of a time (32 bits).
_MOST = 2**31 - 1


def clock(seconds: Fraction) -> str:
    """A time in FCPXML notation.

    >>> clock(Fraction(1001, 24000)), clock(Fraction(5))
    ('1001/24000s', '5s')
    """
    if seconds.denominator > _MOST:
        seconds = seconds.limit_denominator(_MOST)
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    return f"{seconds.numerator}/{seconds.denominator}s"


@dataclass(slots=True)
class ResourceTable:
    """The resources of a document; each is written once, when first used.

    size   picture size of the programme, also used for files of unknown size
    source_in_asset  whether assets have a src attribute instead of a media-rep
    taken  ids already used in the document
    """

    layout: Layout
    size: PictureFormat | None
    source_in_asset: bool = False
    taken: set[str] = field(default_factory=set)
    uses: dict[Key, Use] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    formats: dict[tuple[Fraction, int, int, str], str] = field(default_factory=dict)
    _known: dict[object, str] = field(default_factory=dict)
    _last: int = 0

    def new_id(self) -> str:
        """A new id."""
        while True:
            self._last += 1
            name = f"r{self._last}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def format(self, rate: Fraction, picture: PictureFormat | None) -> str:
        """The id of a format, which is added if it is new."""
        shape = picture or self.size
        colour = _COLOUR.get(shape.primaries, "") if shape else ""
        wide, high = shape.shown_size if shape else (0, 0)
        plain = shape is None or (shape.pixel_aspect == 1 and not shape.fields)
        lying = "" if plain or shape is None else f" {shape.shown_aspect} {shape.fields}"
        key = (rate, wide, high, colour + lying)
        result = self.formats.get(key)
        if result:
            return result
        node = Node("format", {"id": self.new_id(), "frameDuration": clock(1 / rate)})
        if shape:
            node.attributes |= {"width": str(wide), "height": str(high)}
            if shape.pixel_aspect != 1:
                aspect = shape.shown_aspect
                node.attributes |= {
                    "paspH": str(aspect.numerator),
                    "paspV": str(aspect.denominator),
                }
            if shape.fields:
                node.attributes["fieldOrder"] = _FIELD_ORDERS[shape.fields]
            if colour:
                node.attributes["colorSpace"] = colour
        self.nodes.append(node)
        self.formats[key] = node.attributes["id"]
        return node.attributes["id"]

    def effect(self, name: str, uid: str) -> str:
        """The id of an effect, which is added if it is new."""
        if name not in self._known:
            self._known[name] = self.new_id()
            self.nodes.append(Node("effect", {"id": self._known[name], "name": name, "uid": uid}))
        return self._known[name]

    def add_uses(self, tracks: Iterable[LaidOutTrack]) -> None:
        """Add the files that tracks use; call it before their assets are written."""
        add_media_uses(self.uses, tracks)

    def known(self, media: Media, asset: str, use: Use) -> None:
        """Register a file that is already an asset of the document."""
        self._known.setdefault(media_key(media), asset)
        self.uses.setdefault(media_key(media), use)

    def use(self, media: Media) -> Use:
        """The frames used of a file."""
        return self.uses[media_key(media)]

    def asset(self, media: Media) -> str:
        """The id of a file's asset, which is added if it is new."""
        key = media_key(media)
        if key in self._known:
            return self._known[key]
        use = self.uses[key]
        attributes = {"id": "", "name": media.name, "start": clock(use.low / media.rate)}
        attributes["duration"] = clock((use.high - use.low) / media.rate)
        if use.picture:
            attributes |= {"hasVideo": "1", "format": self.format(media.rate, media.format)}
        if use.sound:
            attributes |= {"hasAudio": "1"}
        attributes["id"] = self._known[key] = self.new_id()
        node = Node("asset", attributes)
        source = media_url(self._path(use))
        if self.source_in_asset:
            attributes["src"] = source
        else:
            node.add(Node("media-rep", {"kind": "original-media", "src": source}))
        if media.reel:
            node.add(Node("metadata").add(Node("md", {"key": REEL, "value": media.reel})))
        self.nodes.append(node)
        return self._known[key]

    def _path(self, use: Use) -> str:
        media = use.media
        if media.path:
            frames = FrameRange(int(use.low), int(use.high), media.rate)
            path = media.path
            if media.format:
                path = numbered_name(path, frames, media.first_number)
            if path != media.path:
                what = f"{media.name!r} is an image sequence, which Final Cut Pro does not play"
                self.layout.lose(
                    "assets", what, APPROXIMATE, "deliver movies, or conform with an EDL"
                )
            return path
        what = f"the cut names no file for {media.name!r}; the name is used as its path"
        self.layout.lose("assets", what, ASSUMED, "relink it in the editing system")
        return media.name

    def add_nest(self, name: str, sequence: Node) -> str:
        """The id of a new compound."""
        node = Node("media", {"id": self.new_id(), "name": name}).add(sequence)
        self.nodes.append(node)
        return node.attributes["id"]
