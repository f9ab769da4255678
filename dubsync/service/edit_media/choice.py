"""What a cut is delivered for, and the edit media that it points at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dubsync.core.edit.codec import EditCodec, edit_codec
from dubsync.core.edit.host import (
    FREE_HOSTS,
    HOSTS,
    NOT_VERIFIED,
    SEQUENCE,
    Host,
    MediaKind,
    host_of,
    hosts_opening,
    imports,
    is_deep,
    opens,
    suited,
)
from dubsync.core.errors import HostCannotOpen, SettingsError
from dubsync.core.picture import PictureFormat
from dubsync.core.result import RenderedShot
from dubsync.core.settings import HOST_NAMES, DeliverySettings
from dubsync.media.movie.codecs import lossless

#: FFmpeg's encoder -> the codec of a lossless master, as `core.edit.host` calls it.
_LOSSLESS = {"libx264": "lossless_h264", "libx264rgb": "lossless_h264",
             "libx265": "lossless_hevc", "jpeg2000": "jpeg2000", "ffv1": "ffv1"}  # fmt: skip
#: Formats of `deliver --as` whose files point at media.
POINTING = frozenset({"otio", "edl", "fcpxml", "xml", "aaf", "ale", "mlt", "kdenlive"})


@dataclass(frozen=True, slots=True)
class EditChoice:
    """What a delivery is for.

    host   the host; None: none in particular
    media  the edit media that the cut points at; None: it points at the masters
    """

    host: Host | None = None
    media: MediaKind | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats that are delivered for the host beside the usual ones."""
        return self.host.formats if self.host else ()


def edit_choice(
    delivery: DeliverySettings, masters: Sequence[MediaKind], forms: Iterable[PictureFormat],
    *, once_for: str = "",
) -> EditChoice:  # fmt: skip
    """What the settings choose, or for this one time `once_for`, a host's name.

    For a host that is chosen once, the settings' edit media are kept if it opens them, then the
    masters if it opens those; else edit media that suit it and the pictures are taken.

    Raises:
        SettingsError: an unknown host, or edit media in a container that cannot hold them.
    """
    if once_for and once_for not in HOST_NAMES:
        known = ", ".join(HOST_NAMES)
        raise SettingsError(f"unknown host {once_for!r}", hint=f"choose one of: {known}")
    name = once_for or delivery.host
    host = host_of(name) if name else None
    media = _set(delivery, host)
    if host is not None and once_for and not _all_open(host, [media] if media else masters):
        media = suited(host.name, deep=any(map(is_deep, forms)))
    return EditChoice(host, media)


def _all_open(host: Host, kinds: Sequence[MediaKind]) -> bool:
    return all(opens(host.name, kind) for kind in kinds)


def _set(delivery: DeliverySettings, host: Host | None) -> MediaKind | None:
    """The edit media that the settings name; None: they name none."""
    if not delivery.edit:
        return None
    codec = edit_codec(delivery.edit)
    if codec.containers == (SEQUENCE,):
        return MediaKind(codec.name, SEQUENCE)
    wanted = delivery.edit_container or _usual(codec, host)
    if wanted not in codec.containers:
        raise SettingsError(
            f"delivery.edit_container = {wanted!r}: {codec.label} is not delivered in it",
            hint="choose " + " or ".join(codec.containers),
        )
    return MediaKind(codec.name, wanted)


def _usual(codec: EditCodec, host: Host | None) -> str:
    """The codec's first container that the host opens; its usual one if there is none."""
    opened = (c for c in codec.containers if host and opens(host.name, MediaKind(codec.name, c)))
    return next(opened, codec.usual)


def master_kind(rendered: RenderedShot) -> MediaKind:
    """What kind of file a render's master is."""
    suffix = "." + rendered.picture.rpartition(".")[2].lower()
    if "%" in rendered.picture.rpartition("/")[2]:
        return MediaKind(suffix[1:], SEQUENCE)
    if rendered.samples_changed_outside_matte is None:  # not lossless
        return MediaKind("prores422hq", "mov")
    encoder = lossless(rendered.shot.plate.format, suffix).name
    return MediaKind(_LOSSLESS.get(encoder, encoder), suffix[1:])


def media_kinds(rendered: Sequence[RenderedShot], choice: EditChoice) -> tuple[MediaKind, ...]:
    """The kinds of media that the corrected clips will point at, each once."""
    if choice.media is not None:
        return (choice.media,) if rendered else ()
    return tuple(dict.fromkeys(map(master_kind, rendered)))


def refuse_unopened(choice: EditChoice, kinds: Sequence[MediaKind], *, deep: bool) -> None:
    """Raise HostCannotOpen if the host does not open every kind of media of the cut."""
    host = choice.host
    closed = [kind.label for kind in kinds if host and not opens(host.name, kind)]
    if host is None or not closed:
        return
    better = suited(host.name, deep=deep)
    raise HostCannotOpen(
        f"{host.label} does not open {' and '.join(closed)} ({NOT_VERIFIED}), so its clips would "
        "be offline",
        hint=f'set edit = "{better.codec}" and edit_container = "{better.container}" under '
        f"[delivery] in dubsync.toml, or deliver once with --for {host.name}; --allow-offline "
        "delivers it as it is",
    )


def opened_by(keys: Iterable[str], kinds: Sequence[MediaKind]) -> dict[str, tuple[str, ...]]:
    """Key of each delivered file that points at media -> names of the hosts that open it."""
    hosts = [host.name for host in hosts_opening(kinds)]
    free = () if any(kind.container == SEQUENCE for kind in kinds) else FREE_HOSTS.items()
    forms = {key: key.partition("-")[0] for key in keys}
    return {
        key: tuple(host for host in hosts if imports(host, form))
        + tuple(host for host, own in free if own == form)
        for key, form in forms.items()
        if form in POINTING
    }


def unopened_by(kinds: Sequence[MediaKind]) -> tuple[str, ...]:
    """Names of the hosts that do not open every one of `kinds`."""
    able = {host.name for host in hosts_opening(kinds)}
    return tuple(host.name for host in HOSTS if host.name not in able)
