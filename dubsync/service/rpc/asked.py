"""What each method of the protocol takes.  A parameter without a default must be given."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from dubsync.service.rpc.messages import WRONG_PARAMS, BadCall, Call

#: A range of frames, [start, stop], half-open.
Span = tuple[int, int]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters of one call."""


class Hello(Asked, frozen=True):
    """Who asks, and which protocols they speak."""

    client: str
    protocols: list[int]
    client_version: str = ""


class Open(Asked, frozen=True):
    """A reel's folder, and one of its languages ("": its first)."""

    reel: str
    language: str = ""


class ImportTimeline(Asked, frozen=True):
    """A timeline file, the folder of its reel, and what dubs it.

    dub          sound files, as PATH (ELISE_it.wav is ELISE's) or CHARACTER=PATH
    media_roots  folders with the timeline's media
    performers   character -> performer id; default: the character's name in lower case
    consent      records of the performers
    name         of the timeline, in a file that holds several
    """

    timeline: str
    folder: str
    dub: list[str] = []
    takes: list[str] = []
    script: str = ""
    language: str = ""
    rate: str = ""
    media_roots: list[str] = []
    performers: dict[str, str] = {}
    consent: list[str] = []
    name: str = ""


class AddConsent(Asked, frozen=True):
    """Consent records to copy into a reel, and who plays whom, where that is not as the reel says.

    performers   character -> performer id
    """

    reel: str
    files: list[str] = []
    performers: dict[str, str] = {}
    language: str = ""


class Clip(Asked, frozen=True):
    """A clip of the host's timeline; media "" is offline."""

    id: str
    record: Span
    name: str = ""
    media: str = ""
    source: Span | None = None
    track: str = ""
    rate: str = ""
    enabled: bool = True


class Match(Asked, frozen=True):
    """Clips whose shots are asked for."""

    reel: str
    clips: list[Clip]
    language: str = ""


class Sync(Asked, frozen=True):
    """Shots to render; none: all of them.  `host` opens them ("": the plugin's own)."""

    reel: str
    shots: list[str] = []
    language: str = ""
    host: str = ""


class Cancel(Asked, frozen=True):
    """A job to stop."""

    job: str


class Results(Asked, frozen=True):
    """Shots whose newest renders are asked for; none: all of them."""

    reel: str
    shots: list[str] = []
    language: str = ""
    host: str = ""


class AddNote(Asked, frozen=True):
    """A note on a shot, at a plate `frame` or a `record` frame of the reel.

    host_id  of the host's marker: a second note with it changes the first
    """

    reel: str
    text: str
    shot: str = ""
    frame: int | None = None
    record: int | None = None
    colour: str = ""
    author: str = ""
    host_id: str = ""
    language: str = ""


class Tweak(Asked, frozen=True):
    """Settings of one shot, as `dubsync tweak --set` takes them; none: as they are."""

    reel: str
    shot: str
    set: list[str] = []
    character: str = ""
    language: str = ""


class Desk(Asked, frozen=True):
    """A reel to open in the desk, at one of its shots ("": where it was left)."""

    reel: str
    shot: str = ""
    language: str = ""


class Nothing(Asked, frozen=True):
    """No parameters."""


T = TypeVar("T", bound=Asked)


def asked(call: Call, form: type[T]) -> T:
    """The parameters of a call.  Raises BadCall where they are not what `form` says."""
    try:
        return msgspec.convert(call.params, form)
    except msgspec.ValidationError as error:
        raise BadCall(
            WRONG_PARAMS, f"{call.method}: {error}", number=call.number,
            hint="see docs/reference/rpc.md",
        ) from error  # fmt: skip


def required(form: type[Asked]) -> dict[str, Any]:
    """Parameter name -> whether it must be given."""
    return {field.name: field.required for field in msgspec.structs.fields(form)}
