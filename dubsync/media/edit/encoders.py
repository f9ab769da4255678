"""FFmpeg's encoders for the codecs of edit media."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import av

from dubsync.core.edit.codec import EditCodec
from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat
from dubsync.media.edit.samples import keeps_alpha
from dubsync.media.movie.codecs import Codec

#: Hosts show a frame as two fields unless it says that it is one.
_PROGRESSIVE = {"field_order": "progressive"}
_PRORES = {"vendor": "apl0", **_PROGRESSIVE}
_ENCODERS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType({
    "prores422hq": ("prores_ks", {"profile": "3", **_PRORES}),
    "prores4444": ("prores_ks", {"profile": "4", **_PRORES}),
    "prores4444xq": ("prores_ks", {"profile": "5", **_PRORES}),
    "dnxhr_hqx": ("dnxhd", {"profile": "dnxhr_hqx", **_PROGRESSIVE}),
    "dnxhr_444": ("dnxhd", {"profile": "dnxhr_444", **_PROGRESSIVE}),
    "dnxhd": ("dnxhd", {"profile": "dnxhd", **_PROGRESSIVE}),
    "xavc": ("libx264", dict(_PROGRESSIVE)),
    "h264": ("libx264", {"crf": "18", "preset": "fast", "profile": "high", "g": "12", "bf": "0"}),
})  # fmt: skip

#: Lines of the picture -> a nominal bit rate that only compression ids 1235 and 1250 have.
_DNXHD_FIELDS = "185M"  #: that of 1241, of 1080 lines in two fields
_DNXHD_10_BITS = {1080: "175M", 720: "90M"}
#: Classes of XAVC Intra: bits of a frame are fixed by them.
_XAVC_HD, _XAVC_4K, _HD_LINES = 100, 300, 1080


def encoder(codec: EditCodec, form: PictureFormat, *, fields: bool = False) -> Codec:
    """The encoder and its options for pictures of `form`; `fields`: of two fields each.

    Raises:
        MediaError: the FFmpeg here has no such encoder, or it does not take these pictures.
    """
    name, options = _ENCODERS[codec.name]
    try:
        found = av.codec.Codec(name, "w")
    except av.codec.codec.UnknownCodecError as error:
        raise MediaError(
            f"{codec.label} cannot be written: the FFmpeg here has no encoder {name}",
            hint="install av from the package index, whose FFmpeg has it: pip install av",
        ) from error
    taken = {known.name for known in found.video_formats or ()}
    if form.storage not in taken:
        raise MediaError(
            f"{codec.label} cannot be written: FFmpeg's encoder {name} takes no {form.storage}",
            hint="update av: pip install -U av; or choose another codec of edit media",
        )
    return Codec(name, form.storage, {**options, **_chosen(codec, form, fields)})


def _chosen(codec: EditCodec, form: PictureFormat, fields: bool) -> dict[str, str]:
    """Options that depend on the picture."""
    if codec.name == "dnxhd":  # the bit rate tells FFmpeg the compression id, not the rate itself
        return {"b": _DNXHD_FIELDS if fields else _DNXHD_10_BITS[form.height]}
    if codec.name == "xavc":
        kind = _XAVC_HD if form.height <= _HD_LINES else _XAVC_4K
        return {"x264-params": f"avcintra-class={kind}:avcintra-flavor=sony"}
    return {"alpha_bits": "16"} if codec.alpha and keeps_alpha(form) else {}
