"""Text in Nuke's scripts and labels, which Tcl reads."""


def quoted(text):
    """A text as one word of a script."""
    for mark in ("\\", '"', "[", "]", "$", "{", "}"):
        text = text.replace(mark, "\\" + mark)
    return '"' + text.replace("\n", "\\n") + '"'


def plain(text):
    """A label without what Tcl would run."""
    return text.replace("\\", "/").replace("[", "(").replace("]", ")").replace("$", "")
