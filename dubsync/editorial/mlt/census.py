"""What the MLT XML reader knows: elements that it reads, and those that change nothing.

Source: MLT, mlt-xml.dtd 7.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.editorial.files.xml_census import Known, known

_PLAYED = "producer chain playlist tractor multitrack"
_SERVICE = "property properties filter"
_SPAN = "id in out title mlt_service *"

#: Attributes are properties to MLT, so that any are allowed; those of filters are not searched.
GRAMMAR: Mapping[str, Known] = {
    "mlt": known(f"profile consumer {_PLAYED} filter transition", "*"),
    "producer": known(_SERVICE, _SPAN),
    "chain": known(f"{_SERVICE} link", _SPAN),
    "playlist": known(f"{_SERVICE} entry blank {_PLAYED}", _SPAN),
    "entry": known(f"{_SERVICE} {_PLAYED} transition", "*"),
    "blank": known("", "length"),
    "tractor": known(f"{_SERVICE} multitrack track transition {_PLAYED}", _SPAN),
    "multitrack": known(f"{_SERVICE} track {_PLAYED}", "*"),
    "track": known(f"{_SERVICE} {_PLAYED} transition", "*"),
}
