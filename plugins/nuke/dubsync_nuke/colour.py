"""The colour space of a Read: what the file says of itself, and never a guess.

Where the file says nothing that this Nuke has a name for, the Read is raw: its code values pass
as they are, and a sentence says so.
"""

#: What files say: a space, or the number of a transfer curve in Rec. ITU-T H.273, table 3.
CURVES = {
    "1": "Rec. 709", "6": "Rec. 601", "8": "linear", "13": "sRGB", "14": "Rec. 2020",
    "15": "Rec. 2020", "16": "PQ", "18": "HLG",
}  # fmt: skip
#: Names in Nuke's own config, then in the ACES configs that Nuke brings.
NAMES = {
    # No conversion in either: the working space of the one, a role of the other.
    "scene-linear": ("linear", "scene_linear"),
    "Rec. 709": ("rec709", "Output - Rec.709", "Rec.1886 Rec.709 - Display"),
    "sRGB": ("sRGB", "Output - sRGB", "sRGB - Display"),
}


def space_of(colour, offered):
    """(name for the knob "colorspace", "") or ("", why there is none).

    Args:
        colour: `colour` of a result.
        offered: what the knob can be set to.
    """
    tags = colour.get("tags") or {}
    curve = str(tags.get("transfer") or "")
    said = colour.get("space") or CURVES.get(curve, curve)
    # The menu's entries hold their place in it after a tab.
    names = [one.split("\t")[0].strip() for one in offered]
    for name in NAMES.get(said, (said,) if said else ()):
        if name in names:
            return name, ""
    if not said:
        return "", "the file does not say its colour space: it is read raw, choose one"
    return "", f"its colour space {said} is not in this Nuke's config: it is read raw, choose one"
