"""The text of a record that may leave the house: signed where this machine has a key."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from dubsync.core.proof.canonical import NotCanonical
from dubsync.core.proof.signature import NAME
from dubsync.service.keys.house_key import HouseKey, house_key
from dubsync.service.keys.signing import signed

_log = logging.getLogger(__name__)


def signed_record(record: Mapping[str, Any], key: HouseKey | None) -> dict[str, Any]:
    """The record as plain JSON values, signed by `key`; without a signature where that is None.

    A value that canonical JSON does not hold (a figure of a training that is infinite, a file name
    that is no Unicode) cannot be signed: the record then has no signature either.

    Raises:
        HouseKeyError: the key cannot sign.
    """
    plain = json.loads(json.dumps({name: v for name, v in record.items() if name != NAME}))
    if key is None:
        return dict(plain)
    try:
        return signed(plain, key)
    except NotCanonical as error:
        _log.warning("a record is not signed: %s", error)
        return dict(plain)


def signed_text(record: Mapping[str, Any], *, indent: int = 2) -> str:
    """The record as JSON with sorted keys, signed by this machine's key if it has one.

    Raises:
        HouseKeyError: the key cannot sign.
    """
    return json.dumps(signed_record(record, house_key()), indent=indent, sort_keys=True) + "\n"
