"""The footage that weights which ship are taught on: whose it is, and by what licence.

Nothing else teaches what ships.  Every clip is named by its SHA-256, so that another file of the
same name is refused.  Clips lie in ../shared/footage, or in a folder that DUBSYNC_FOOTAGE names
(GRID clips that ../shared lacks: clean_footage.csv says where each was found).
docs/reference/weights.md has the words of the licences, and what is not known.

Left out, though its origin looks right: biden_whitehouse and obama_eastroom (addresses in the White
House, but a pool feed may be a broadcaster's), obama_2020 (no longer in office), the performers of
the sample reel (their generator descends from FFHQ, which is not for commercial use).
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "footage"
PUBLIC_DOMAIN = "public domain: a work of the United States government (17 U.S.C. 105)"
GRID = "CC BY 4.0: Cooke, Barker, Cunningham, Shao (2006), The Grid Audio-Visual Speech Corpus"


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip: its name here, whose face it shows (a label), its SHA-256, the public repository and
    folder that its bytes were found in."""

    name: str
    person: str
    digest: str
    found_in: str

    @property
    def licence(self) -> str:
        """By which it may teach."""
        return GRID if self.name.startswith("grid_") else PUBLIC_DOMAIN


def _listed() -> tuple[Clip, ...]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Clip(row["name"], row["person"], row["sha256"], row["found_in"])
            for row in csv.DictReader(file)
        )


CLIPS = _listed()
BY_NAME = {clip.name: clip for clip in CLIPS}


def clip_path(name: str) -> Path:
    """Where the clip called `name` lies, of those that teach or of ../shared/footage.

    Raises:
        SystemExit: it is nowhere, or it is one of CLIPS with other bytes.
    """
    more = os.environ.get("DUBSYNC_FOOTAGE")
    folders = [SHARED, *([Path(more)] if more else [])]
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if path is None:
        clip = BY_NAME.get(name)
        said = f" (found in {clip.found_in}); put it in a folder" if clip else "; put its folder"
        raise SystemExit(f"no {name}{said} and set DUBSYNC_FOOTAGE to it")
    if name in BY_NAME and sha256(path.read_bytes()).hexdigest() != BY_NAME[name].digest:
        raise SystemExit(f"{path} is another file than the clip of that name that teaches")
    return path
