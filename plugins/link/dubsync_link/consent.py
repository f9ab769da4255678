"""Consent of performers: who lacks what, and the records that the user chooses for it.

dubsync makes no consent up.  A record is a file that the user has; the reel gets a copy of it.
"""

import os

from . import problems


class MissingConsent(problems.Problem):
    """Performers in the shots that were asked for have not consented.

    characters  whom they play
    """

    def __init__(self, lacking):
        self.characters = set(name for one in lacking for name in one["characters"])
        who = ["{} (performer {})".format(", ".join(one["characters"]), one["performer"])
               for one in lacking]  # fmt: skip
        problems.Problem.__init__(
            self,
            "Consent is missing: {}.".format("; ".join(who)),
            where="; ".join(one["message"] for one in lacking),
            hint="choose consent records. If another performer plays the part, say so: "
            "{}=ID".format(lacking[0]["characters"][0]),
            kind="consent",
        )


def choose_records(flow, paths):
    """Keep consent records for the open timeline, and add them to its reel if there is one.

    Returns sentences that say what was added.  Raises Problem: a file is no record.
    """
    paths = [os.path.abspath(one) for one in paths]
    names = set(os.path.basename(one) for one in paths)
    known = flow.chosen()
    kept = [one for one in known["consent"] if os.path.basename(one) not in names]
    said = _add(flow, known, files=paths) if paths else []
    flow.choose(consent=kept + paths)
    return said


def choose_performers(flow, performers):
    """Keep who plays whom, {character: performer id}, and write it into the reel if there is one.

    Raises Problem: the reel has no such character.
    """
    known = flow.chosen()
    lacking = flow.reel.get("lacking") or []
    held = dict((who, one["performer"]) for one in lacking for who in one["characters"])
    changed = dict(
        (who, name)
        for who, name in performers.items()
        if known["performers"].get(who) != name or held.get(who, name) != name
    )
    if changed:
        _add(flow, known, performers=changed)
    if performers != known["performers"]:
        flow.choose(performers=performers)


def still_there(paths, warnings):
    """The chosen records whose files are there; each other adds a sentence to `warnings`."""
    found = [one for one in paths if os.path.isfile(one)]
    warnings += [one + ": this consent record is gone" for one in paths if one not in found]
    return found


def problem_of(reel, shots):
    """The Problem where every one of `shots` shows a performer who has not consented; else None."""
    lacking = reel.get("lacking") or []
    whose = set(name for one in lacking for name in one["characters"])
    shown = [one["characters"] for one in reel.get("shots", ()) if one["name"] in shots]
    if not shown or not all(whose.intersection(names) for names in shown):
        return None
    seen = set(name for names in shown for name in names)
    return MissingConsent([one for one in lacking if seen.intersection(one["characters"])])


def asked_for(flow):
    """Whether the panel shall offer to choose records: something lacks, or was refused for it."""
    if flow.busy:
        return False
    return bool(flow.reel.get("lacking")) or (
        flow.problem is not None and flow.problem.kind == "consent"
    )


def read_performers(text):
    """{character: performer id} of "ELISE=anna-example, MARC=marc-example".  Raises Problem."""
    found = {}
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        who, equals, name = (one.strip() for one in part.partition("="))
        if not (who and equals and name):
            raise problems.Problem(
                "It is not clear who plays whom: " + part.strip(),
                hint="write CHARACTER=ID, as ELISE=anna-example",
                kind="choice",
            )
        found[who] = name
    return found


def performers_text(performers):
    """What `read_performers` reads."""
    return ", ".join(f"{who}={name}" for who, name in performers.items())


def _add(flow, known, **what):
    """Add to the reel; a reel that is not there yet gets it when it is made."""
    folder = known["folder"]
    if not folder or not os.path.isfile(os.path.join(folder, "dubsync.toml")):
        return []
    answer = flow.client.call("add_consent", reel=folder, **what)
    flow.reel["lacking"] = answer["lacking"]
    if flow.problem is not None and flow.problem.kind == "consent":
        meant = getattr(flow.problem, "characters", set())
        left = [one for one in answer["lacking"] if meant.intersection(one["characters"])]
        flow.problem = MissingConsent(left) if left else None
        flow.state = flow.state if left else "idle"
    return ["Consent of {performer} added: {id}, until {valid_until}.".format(**one)
            for one in answer["records"]]  # fmt: skip
