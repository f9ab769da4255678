"""What was chosen for each timeline of a host: its reel, dub and takes.  Kept between sittings."""

import json
import os
import tempfile

#: What is kept of a timeline, with what it is before anything was chosen.
BLANK = {
    "folder": "",
    "dub": [],
    "takes": [],
    "script": "",
    "language": "",
    "performers": {},
    "consent": [],
}


def user_file():
    """The file of this user, where no other is named."""
    return os.path.join(os.path.expanduser("~"), ".dubsync", "hosts.json")


class Memory:
    """Choices by the timeline's key; a damaged file counts as empty."""

    def __init__(self, path=""):
        self.path = path or user_file()

    def get(self, key):
        """A copy of what is known of a timeline."""
        known = self._read().get(key)
        result = json.loads(json.dumps(BLANK))
        if isinstance(known, dict):
            for name, blank in BLANK.items():
                if isinstance(known.get(name), type(blank)):
                    result[name] = known[name]
        return result

    def put(self, key, chosen):
        """Keep what was chosen; where the disk refuses, it is asked again next time."""
        everything = self._read()
        everything[key] = chosen
        folder = os.path.dirname(self.path)
        try:
            if not os.path.isdir(folder):
                os.makedirs(folder)
            handle, aside = tempfile.mkstemp(dir=folder)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(everything, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self.path)
        except OSError:
            return

    def folders(self):
        """The reels of all timelines."""
        return [one.get("folder", "") for one in self._read().values() if isinstance(one, dict)]

    def _read(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
