"""Pastes the comp of a VFX turnover into the open script."""

import os
import re
import tempfile

from dubsync_link import problems

#: The settings of the turnover's own script: those of the open script stay.
_ROOT = re.compile(r"^Root \{\n(?: .*\n)*\}\n", re.MULTILINE)


def paste(nuke, path):
    """Paste a turnover's script; returns its nodes.  Raises Problem: it cannot be read.

    The turnover's files are named from its own folder; in another script they get whole paths.
    """
    folder = os.path.dirname(os.path.abspath(path)).replace("\\", "/")
    for node in nuke.selectedNodes():
        node.setSelected(False)  # so that nothing is wired to it
    before = set(node.name() for node in nuke.allNodes())
    _paste_nodes(nuke, path)
    made = [node for node in nuke.allNodes() if node.name() not in before]
    for node in made:
        knob = node.knob("file")
        if knob is None or not knob.value():
            continue
        file = str(knob.value())
        if not os.path.isabs(file):
            knob.setValue(folder + "/" + file)
    return made


def _paste_nodes(nuke, path):
    """Paste what the script holds besides its settings."""
    try:
        with open(path, encoding="utf-8") as file:
            text = _ROOT.sub("", file.read())
        handle, aside = tempfile.mkstemp(suffix=".nk")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        raise problems.Problem(
            "The turnover's script cannot be read.", where=path, hint=str(error)
        ) from error
    try:
        nuke.nodePaste(aside.replace("\\", "/"))
    finally:
        os.remove(aside)
