"""The node with the controls of Tweak, as the text of a gizmo.

It is a Group that passes its input on, so that a script with it opens where dubsync is not.
"""

from dubsync_nuke.reads import REEL, SHOT
from dubsync_nuke.tcl import quoted

#: Before the names of the controls' knobs, for nodes have a `mix` and a `label` of their own.
PREFIX = "t_"
RUN = "from dubsync_nuke import commands; commands.tweak_button(nuke.thisNode(), sync={})"


def gizmo_text(controls, reel, shot, characters):
    """The gizmo of one shot.

    Args:
        controls: rows of `controls`: name, label, lowest, highest, default, unit, choices, group.
        characters: of the shot.
    """
    # As nodeCopy writes it: what is selected becomes the input.
    lines = ["set cut_paste_input [stack 0]", "version 13.0 v1", "push $cut_paste_input"]
    lines += ["Group {", " name dubsyncTweak1", " tile_color 0xe64b3dff"]
    lines += [" label " + quoted(shot), " addUserKnob {20 dubsync l dubsync}"]
    for name, label, value in ((REEL, "Reel", reel), (SHOT, "Shot", shot)):
        lines += [f" addUserKnob {{1 {name} l {label}}}", f" {name} {quoted(value)}"]
    names = " ".join(quoted(one) for one in characters)
    lines += [f" addUserKnob {{4 character l Character M {{{names}}}}}"]
    lines += [" addUserKnob {1 sent l Sent +INVISIBLE}"]
    for name, label, sync in (("send", "Send", False), ("render", "Send and sync", True)):
        lines.append(f" addUserKnob {{22 {name} l {quoted(label)} T {quoted(RUN.format(sync))}}}")
    group = None
    for row in controls:
        if row["group"] != group:
            group = row["group"]
            tab = "tab_" + "".join(c if c.isalnum() else "_" for c in group)
            lines.append(f" addUserKnob {{20 {tab} l {quoted(group)}}}")
        lines += _knob(row)
    lines += ["}", " Input {", "  inputs 0", "  name Input1", " }"]
    lines += [" Output {", "  name Output1", " }", "end_group"]
    return "\n".join(lines) + "\n"


def _knob(row):
    """A control as a user knob, and its value."""
    name, tip = PREFIX + row["name"], quoted(row["label"])
    label = quoted(row["name"].replace("_", " "))
    if row["choices"]:
        entries = " ".join(quoted(one) for one in row["choices"])
        head = f" addUserKnob {{4 {name} l {label} t {tip} M {{{entries}}}}}"
        return [head, f" {name} {quoted(str(row['default']))}"]
    span = "{:g} {:g}".format(row["lowest"], row["highest"])
    head = f" addUserKnob {{7 {name} l {label} t {tip} R {span}}}"
    return [head, f" {name} {row['default']:g}"]


def changes(values, controls, sent):
    """(words for `set`, names that were set): what differs from the default, or was sent before.

    Args:
        values: name -> value of the knobs.
        sent: names that an earlier send has set, which go back to their defaults if need be.
    """
    words, names = [], []
    for row in controls:
        name, value = row["name"], values[row["name"]]
        text = value if row["choices"] else f"{value:g}"
        usual = row["default"] if row["choices"] else "{:g}".format(row["default"])
        if text != usual:
            names.append(name)
        if text != usual or name in sent:
            words.append(f"{name}={text}")
    return words, names
