"""Names of DAPT (W3C Dubbing and Audio description Profiles of TTML2, CR 2025-03-11)."""

from __future__ import annotations

from dubsync.core.script import OnScreen
from dubsync.editorial.files.xml_names import XML

TT_SPACE = "http://www.w3.org/ns/ttml"
TTP_SPACE = "http://www.w3.org/ns/ttml#parameter"
TTM_SPACE = "http://www.w3.org/ns/ttml#metadata"
DAPTM_SPACE = "http://www.w3.org/ns/ttml/profile/dapt#metadata"
#: dubsync's namespace, for cue sheet fields that DAPT lacks; other readers ignore it (5.2).
OWN_SPACE = "urn:dubsync:script:1"
CONTENT_PROFILE = "http://www.w3.org/ns/ttml/profile/dapt1.0/content"

TT, TTP, TTM, DAPTM, OWN = (
    f"{{{space}}}" for space in (TT_SPACE, TTP_SPACE, TTM_SPACE, DAPTM_SPACE, OWN_SPACE)
)
LANG, ID, SPACE = (f"{{{XML}}}{name}" for name in ("lang", "id", "space"))
#: Values of daptm:onScreen.
SHOWN: dict[str, OnScreen] = {"ON": "on", "OFF": "off", "ON_OFF": "on_off", "OFF_ON": "off_on"}
#: The BCP-47 tag of an undetermined language.
UNKNOWN_LANGUAGE = "und"
