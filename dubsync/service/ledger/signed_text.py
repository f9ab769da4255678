"""The text of a record that may leave the house: signed where this machine has a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dubsync.core.proof.canonical import NotCanonical
from dubsync.core.proof.signature import NAME
from dubsync.service.keys.house_key import HouseKey, house_key
from dubsync.service.keys.signing import signed


def signed_record(record: Mapping[str, Any], key: HouseKey | None) -> dict[str, Any]:
    """The record as plain JSON values, signed by `key`; without a signature where that is None.

    A figure that is no number, such as one of a training that diverged, has no signature: the
    record then has none, and says why under the key "unsigned".

    Raises:
        HouseKeyError: the key cannot sign.
    """
    plain = json.loads(json.dumps({name: v for name, v in record.items() if name != NAME}))
    if key is None:
        return dict(plain)
    try:
        return signed(plain, key)
    except NotCanonical as error:
        return {**plain, "unsigned": str(error)}


def signed_text(record: Mapping[str, Any], *, indent: int = 2) -> str:
    """The record as JSON with sorted keys, signed by this machine's key if it has one.

    Raises:
        HouseKeyError: the key cannot sign.
    """
    return json.dumps(signed_record(record, house_key()), indent=indent, sort_keys=True) + "\n"
