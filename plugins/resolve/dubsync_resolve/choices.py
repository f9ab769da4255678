"""What both panels share: their buttons, and what is chosen once for a timeline."""

import os

from dubsync_link import consent, problems

#: Button -> its words, in rows.
ROWS = (
    (("dub", "Choose dub..."), ("takes", "Choose takes...")),
    (("consent", "Choose consent records..."),),
    (("clips", "Sync selected clips"), ("timeline", "Sync timeline")),
    (("cancel", "Cancel"), ("notes", "Notes <> markers"), ("desk", "Open in desk")),
)


class Choices:
    """The choices for the open timeline, asked with Resolve's own file requesters."""

    def __init__(self, flow, fusion=None):
        self._flow, self._fusion = flow, fusion

    def choose_dub(self, path=""):
        """Ask for one sound file, and add it; one of the same name takes its place."""
        path = path or self._request("RequestFile", "The dub of a character")
        if path:
            known = [one for one in self._chosen()["dub"]
                     if os.path.basename(one) != os.path.basename(path)]  # fmt: skip
            self._flow.choose(dub=known + [path])

    def choose_takes(self, path=""):
        """Ask for the folder of the takes."""
        path = path or self._request("RequestDir", "The takes of the voice actors")
        if path:
            self._flow.choose(takes=[path])

    def choose_consent(self, paths=()):
        """Ask for a performer's consent record, and add it; returns what to say of it."""
        asked = () if paths else (self._request("RequestFile", "A performer's consent record"),)
        paths = [one for one in paths or asked if one]
        return consent.choose_records(self._flow, paths) if paths else []

    def keep_performers(self, text):
        """Keep who plays whom, as ELISE=anna-example, where it is written.  Raises Problem."""
        if text.strip():
            consent.choose_performers(self._flow, consent.read_performers(text))

    def performers(self):
        """Who plays whom, as it is written."""
        return consent.performers_text(self._chosen()["performers"])

    def keep_language(self, text):
        """Keep the language of the dub, where one is written."""
        if text.strip():
            self._flow.choose(language=text.strip())

    def language(self):
        """The language that was chosen; "": none yet."""
        return self._chosen()["language"]

    def text(self):
        """What is chosen, as a line for the panel."""
        chosen = self._chosen()
        if chosen["folder"]:
            return "Reel: " + chosen["folder"]
        names = ", ".join(os.path.basename(one) for one in chosen["dub"])
        takes = ", ".join(os.path.basename(one.rstrip("/\\")) for one in chosen["takes"])
        records = ", ".join(os.path.basename(one) for one in chosen["consent"])
        return (
            ("Dub: " + (names or "none chosen yet"))
            + (f"; takes: {takes}" if takes else "")
            + (f"; consent: {records}" if records else "")
        )

    def _chosen(self):
        try:
            return self._flow.chosen()
        except problems.Problem:  # no timeline is open: nothing is chosen
            return {"dub": [], "takes": [], "language": "", "folder": "", "performers": {},
                    "consent": []}  # fmt: skip

    def _request(self, method, title):
        ask = getattr(self._fusion, method, None)
        if not callable(ask):
            raise problems.Problem(
                "Resolve showed no file requester.", hint="open the reel in the desk instead"
            )
        return str(ask("", "", {"FReqS_Title": title}) or "")
