"""One sync at a time, beside Nuke: a thread waits for dubsync, a ProgressTask shows it.

Nuke's nodes are only touched on its main thread; what comes back is handed over there.
"""

import threading
import time

from dubsync_link import flow, problems, words

TICK_S = 0.2


class Work:
    """The sync that runs, if one does."""

    def __init__(self, nuke, client, tick=TICK_S):
        self._nuke, self._client, self._tick = nuke, client, tick
        self._thread = None

    @property
    def busy(self):
        """Whether a sync runs."""
        return self._thread is not None and self._thread.is_alive()

    def sync(self, params, finished):
        """Start; finished(answer, problem) is called on the main thread.  Raises Problem: busy."""
        if self.busy:
            raise problems.Problem(
                "dubsync is still at work.", hint="wait, or cancel it in its progress window"
            )
        self._thread = threading.Thread(target=self._run, args=(params, finished), daemon=True)
        self._thread.start()

    def wait(self, seconds):
        """Wait for its end; for tests and for Nuke without a window."""
        self._thread.join(seconds)

    def _run(self, params, finished):
        answer, problem = None, None
        try:
            answer = self._watched(params)
        except problems.Problem as caught:
            problem = caught
        self._nuke.executeInMainThread(finished, args=(answer, problem))

    def _watched(self, params):
        """The `finished` of a job, its progress shown.  Raises Problem."""
        task = self._nuke.ProgressTask("dubsync")
        heard = []
        self._client.poll()  # nothing of an earlier job
        job = self._client.call("sync", **params)["job"]
        asked = False
        while True:
            self._client.poll(lambda method, told: heard.append((method, told)))
            for method, told in heard:
                if method == "ended":
                    raise told["problem"]
                if told.get("job") != job:
                    continue
                if method == "finished":
                    return told
                if method == "progress":
                    task.setProgress(int(100 * words.share_of(_Told(told))))
                    task.setMessage(words.status_of(_Told(told)))
            del heard[:]
            if task.isCancelled() and not asked:
                asked = True
                self._client.call("cancel", job=job)
            time.sleep(self._tick)


class _Told:
    """Progress as `words` reads it from a flow."""

    state = flow.SYNCING

    def __init__(self, progress):
        self.progress = progress
