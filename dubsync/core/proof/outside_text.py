"""Text for people outside the house: without paths, users and hosts of this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: A POSIX path of two parts or more, or what follows a drive or a server of Windows.
_POSIX = re.compile(r"(?<![\w.~<>/])/(?:[^\s/'\"<>|:,;()]+/)+([^\s/'\"<>|:,;()]*)")
_WINDOWS = re.compile(
    r"(?:\b[A-Za-z]:[\\/]|\\\\)(?:[^\s\\/'\"<>|:,;()]+[\\/])*([^\s\\/'\"<>|:,;()]*)"
)
_SHORTEST = 3


def outside_text(text: str, roots: Mapping[str, str], names: Mapping[str, str]) -> str:
    """`text` without what only this machine knows.

    Args:
        roots: folder -> what is written in its place, for folders whose inside may be told: the
            program's, the home folder.  Of every other absolute path only the last part is left.
        names: name of a user or host -> what is written in its place, where it stands as a word.

    >>> outside_text('File "/home/anna/x y/a.py", /mnt/films/R3/SH010.mov of anna',
    ...              {"/home/anna": "~"}, {"anna": "USER"})
    'File "~/x y/a.py", .../SH010.mov of USER'
    """
    for root in sorted(roots, key=len, reverse=True):
        if len(root) >= _SHORTEST:
            for written in {root, root.replace("\\", "\\\\")}:
                text = text.replace(written, roots[root])
    text = _WINDOWS.sub(lambda found: f".../{found[1]}", text)
    text = _POSIX.sub(lambda found: f".../{found[1]}", text)
    for name, instead in names.items():
        if len(name) >= _SHORTEST:
            text = re.sub(rf"\b{re.escape(name)}\b", instead.replace("\\", r"\\"), text)
    return text
