"""The form of a delivery's proof: what the house signs of a delivery.

delivery/v001/proof/
    delivery.json              every file of the delivery, and every media file; signed
    records/SHOT.record.json   the record of each corrected shot, as beside its render
    credentials/renders/, credentials/edit/
                               C2PA sidecars and signed manifests of hashes, as beside the media
    consents.json              ids and digests of the consents; no names
    ledger.jsonl               the project's ledger until then
    NAME.house.pem             the house's certificates, which hold nothing secret

delivery.json: {"schema", "made", "house", "reel", "language", "folder", "files", "media", "shots",
"signature"}.  `folder` is the delivery's own, relative to the project's; so are the paths of
media in the project.  Media that lie elsewhere are named without a folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FAMILY, VERSION = "dubsync.delivery_proof/", 1
SCHEMA = f"{FAMILY}{VERSION}"
CONSENTS = "dubsync.consents/1"
#: The folder in a delivery's, and the files in it.
PROOF, DELIVERY, CONSENT_FILE = "proof", "delivery.json", "consents.json"
RECORDS, CREDENTIALS = "records", "credentials"
#: Roles of media: outputs of a render, edit media made from it, and what it was made from.
OUTPUTS = ("picture", "matte", "layer")
EDIT, SOURCE = "edit", "source"
#: Folder in CREDENTIALS -> roles of the media whose sidecars lie in it.
CREDENTIAL_FOLDERS = {"renders": OUTPUTS, "edit": (EDIT,)}

_KEYS = {
    "schema",
    "made",
    "house",
    "reel",
    "language",
    "folder",
    "files",
    "media",
    "shots",
    "signature",
}
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class MediaEntry:
    """One media file, or one image sequence, that belongs to a delivery.

    role    one of OUTPUTS, EDIT or SOURCE
    what    of a source, its role in the record: "plate", "dub ELISE", "take ELISE"
    path    relative to the project's folder, or the name alone; of a sequence, a printf pattern
    bytes   of all its files; 0 where it was not counted (sources)
    sha256  of the file; of a sequence, file name -> digest.  That of a source is its record's:
            for a sequence, the digest over its files' digests
    frames  of an edit movie, the digest of each coded frame, by which a copy in another wrapper
            is known; () for all others, whose records or files have them
    """

    shot: str
    role: str
    what: str
    path: str
    bytes: int
    sha256: str | Mapping[str, str]
    frames: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The name without the folder."""
        return self.path.rsplit("/", 1)[-1]


def misshapen(value: Mapping[str, Any]) -> str:
    """What is wrong with the values of a delivery.json; "" if nothing is."""
    if value.keys() != _KEYS:
        odd = sorted(_KEYS ^ value.keys())
        return f"it should have the keys {', '.join(sorted(_KEYS))}; not so: {', '.join(odd)[:80]}"
    texts = ("made", "house", "reel", "language", "folder")
    if not all(isinstance(value[key], str) for key in texts) or not is_time(value["made"]):
        return f"{', '.join(texts)} must be texts, and made a time"
    files, media, shots = value["files"], value["media"], value["shots"]
    if not isinstance(files, dict) or not all(map(_is_file, files.values())):
        return "files must name the bytes and the sha256 of each file"
    if not isinstance(media, list) or not all(map(_is_media, media)):
        return "media must name the shot, role, path, bytes and sha256 of each file"
    if not isinstance(shots, list) or not all(map(_is_shot, shots)):
        return "shots must name the version and the record of each shot"
    return ""


def media_in(value: Mapping[str, Any]) -> tuple[MediaEntry, ...]:
    """The media of a well-formed delivery.json."""
    return tuple(MediaEntry(**one) for one in value["media"])


def is_time(value: Any) -> bool:
    """Whether this is a time with its offset from UTC, in ISO 8601."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _sha(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= _HEX


def _is_file(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"bytes", "sha256"}
        and type(value["bytes"]) is int
        and value["bytes"] >= 0
        and _sha(value["sha256"])
    )


def _is_media(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != set(MediaEntry.__dataclass_fields__):
        return False
    many = value["sha256"]
    digests = _sha(many) or (
        isinstance(many, dict) and many and all(isinstance(k, str) and _sha(many[k]) for k in many)
    )
    return bool(
        digests
        and all(isinstance(value[key], str) for key in ("shot", "role", "what", "path"))
        and value["role"] in (*OUTPUTS, EDIT, SOURCE)
        and type(value["bytes"]) is int
        and value["bytes"] >= 0
        and isinstance(value["frames"], list)
        and all(map(_sha, value["frames"]))
    )


def _is_shot(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"shot", "version", "record"}
        and all(isinstance(part, str) for part in value.values())
    )
