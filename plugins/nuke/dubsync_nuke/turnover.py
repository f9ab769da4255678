"""Pastes the comp of a VFX turnover into the open script."""

import os


def paste(nuke, path):
    """Paste a turnover's script; returns its nodes.

    The turnover's files are named from its own folder; in another script they get whole paths.
    """
    folder = os.path.dirname(os.path.abspath(path)).replace("\\", "/")
    for node in nuke.selectedNodes():
        node.setSelected(False)  # so that nothing is wired to it
    before = set(node.name() for node in nuke.allNodes())
    nuke.nodePaste(path.replace("\\", "/"))
    made = [node for node in nuke.allNodes() if node.name() not in before]
    for node in made:
        knob = node.knob("file")
        if knob is None or not knob.value():
            continue
        file = str(knob.value())
        if not os.path.isabs(file):
            knob.setValue(folder + "/" + file)
    return made
