"""Problems as the person at the host reads them: what happened, where, what to try."""


class Problem(Exception):
    """Something that the user must know.

    what   the problem, in a sentence
    where  the file, shot or clip it is about; "" if that says nothing more
    hint   what to try next
    kind   "host", "choice", "dubsync", or a kind of the protocol: "consent", "media", ...
    """

    def __init__(self, what, where="", hint="", kind="host"):
        Exception.__init__(self, what)
        self.what, self.where, self.hint, self.kind = what, where, hint, kind

    def text(self):
        """All of it, on up to three lines."""
        lines = [self.what]
        if self.where and self.where not in self.what:
            lines.append("Where: " + self.where)
        if self.hint:
            lines.append("Try: " + self.hint)
        return "\n".join(lines)


def from_error(error):
    """The Problem of an error object of JSON-RPC; anything else is a problem of dubsync."""
    error = error if isinstance(error, dict) else {}
    data = error.get("data")
    data = data if isinstance(data, dict) else {}
    return Problem(
        str(error.get("message") or "dubsync did not say what went wrong"),
        str(data.get("where") or ""),
        str(data.get("hint") or ""),
        str(data.get("kind") or "dubsync"),
    )


def sentence_of(row):
    """A warning of dubsync, or a shot without a render, as one line."""
    where = row.get("where") or row.get("name") or ""
    text = row.get("what") or row.get("message") or ""
    hint = row.get("hint") or ""
    return (where + ": " if where else "") + text + (". " + hint if hint else "")


def not_saved(host):
    """The host's project has no file yet."""
    return Problem(f"This {host} project is not saved yet.", hint="save it, and send again")


def no_timeline(host):
    """Nothing is open that could be sent."""
    return Problem(f"No timeline is open in {host}.", hint="open the timeline, and send again")


def nothing_selected():
    """The selection is empty."""
    return Problem(
        "No clip is selected.", hint="select the clips to sync, or send the whole timeline"
    )


def host_refused(host, what, hint=""):
    """A call of the host's API answered None or False."""
    return Problem(f"{host} did not {what}.", hint=hint or f"try it by hand in {host}, to see why")


def no_dub(name):
    """The timeline is new to dubsync, and no dub is chosen."""
    return Problem(
        f"No dub is chosen for {name}.",
        hint="choose the dub's sound file, one for each character",
        kind="choice",
    )


def not_found(command):
    """The program that the plugin starts is not there."""
    return Problem(
        "dubsync could not be started.",
        where=command,
        hint="install dubsync, and run: dubsync plugins install; or put the path of the program "
        "into dubsync_command.json beside this plugin",
        kind="dubsync",
    )


def ended(last_words=""):
    """The child process ended by itself."""
    return Problem(
        "dubsync ended unexpectedly.",
        where=last_words,
        hint="send again; finished shots are kept",
        kind="dubsync",
    )


def too_slow(method, seconds):
    """No answer in time."""
    return Problem(
        f"dubsync did not answer {method!r} within {seconds:.0f} s.",
        hint="wait, and try again; a first analysis of the plates takes long",
        kind="dubsync",
    )
