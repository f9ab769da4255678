"""FFmpeg's encoders for the codecs of edit media."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import av

from dubsync.core.edit_codec import EditCodec
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
})  # fmt: skip


def encoder(codec: EditCodec, form: PictureFormat) -> Codec:
    """The encoder and its options for pictures of `form`.

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
    return Codec(name, form.storage, {**options, **_alpha(codec, form)})


def _alpha(codec: EditCodec, form: PictureFormat) -> dict[str, str]:
    return {"alpha_bits": "16"} if codec.alpha and keeps_alpha(form) else {}
