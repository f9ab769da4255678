"""What both panels share: their buttons, and what is chosen once for a timeline."""

import os

from dubsync_link import problems

#: Button -> its words, in rows.
ROWS = (
    (("dub", "Choose dub..."), ("takes", "Choose takes...")),
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
        return ("Dub: " + (names or "none chosen yet")) + (f"; takes: {takes}" if takes else "")

    def _chosen(self):
        try:
            return self._flow.chosen()
        except problems.Problem:  # no timeline is open: nothing is chosen
            return {"dub": [], "takes": [], "language": "", "folder": ""}

    def _request(self, method, title):
        ask = getattr(self._fusion, method, None)
        if not callable(ask):
            raise problems.Problem(
                "Resolve showed no file requester.", hint="open the reel in the desk instead"
            )
        return str(ask("", "", {"FReqS_Title": title}) or "")
