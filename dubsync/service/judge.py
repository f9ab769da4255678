"""Judging a reel: notes on its shots, approvals of its versions, and the state of every shot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dubsync.core.digest import file_digest
from dubsync.core.errors import DeliveryError, DubsyncError, MissingMedia, SettingsError
from dubsync.core.note import Answer, Judged, Judgement, Note, Severity
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.judging.judgement_store import JudgementStore, Verdict
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.reel.reel import Reel
from dubsync.service.render.draft import forget_draft_movie
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.record_form import SEAL
from dubsync.service.render.records.faults import proof_faults
from dubsync.service.render.verify_render import verified
from dubsync.service.status.kept_states import ReelStates
from dubsync.service.status.shot_state import ShotStatus, inputs_now, lacking_analysis
from dubsync.service.store.folder import version_number
from dubsync.service.tweaks.commands import frame_at
from dubsync.service.tweaks.tweak_store import TweakStore
from dubsync.service.versions.list_versions import ShotVersion, list_versions

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.versions.compare_versions import Comparison


class Judging:
    """What people say of one project's renders, in one of its languages.

    project  opened again by `states` when its own files changed on disk
    with_engine  False for a desk: a judgement then loads no engine, and does not keep the shot's
             inputs; they matter only where an older version is gone back to

    Example:
        >>> judging = Judging(Project.open(Path("REEL_1")))  # doctest: +SKIP
        >>> judging.note("SH010", "01:00:02:10", "lips open on the m", by="Anna")  # doctest: +SKIP
        >>> judging.approve("SH010", by="Anna").version  # doctest: +SKIP
        'v002'
    """

    def __init__(self, project: Project, *, with_engine: bool = True) -> None:
        self.project, self._with_engine = project, with_engine
        folder, layout = project.file.folder, project.store.layout
        self._notes = NoteStore(folder, layout)
        self._judgements = JudgementStore(folder, layout)
        self._states = ReelStates(project.store, project.file.media, self._opened)
        self._first = True

    # -- the state of the shots ----------------------------------------------------------------

    def states(self, progress: Progress = silent) -> tuple[ShotStatus, ...]:
        """The status of every shot, cheap to ask for again and again; see `ReelStates`.

        Nothing is analysed or rendered, and no movie is read whose size and times are as before.
        """
        return self._states.now(progress)

    def known_states(self) -> tuple[tuple[ShotStatus, ...], frozenset[str]]:
        """The states as worked out last, and the shots whose state may be another one now.

        For programs that load no engine: they run `dubsync status REEL` beside, and ask again.
        """
        return self._states.known()

    # -- judgements ----------------------------------------------------------------------------

    def judgements(self, shot: str) -> tuple[Judgement, ...]:
        """The judgements of a shot's versions that stand, oldest first."""
        return tuple(verdict.judgement for verdict in self.verdicts(shot))

    def verdicts(self, shot: str) -> tuple[Verdict, ...]:
        """The same, with what each was given on."""
        self._shot(shot)
        return self._judgements.of(shot)

    def approve(
        self, shot: str, version: str = "", *, by: str = "", why: str = "",
        progress: Progress = silent,
    ) -> Judgement:  # fmt: skip
        """Approve a version ("": the newest); approved versions are what is delivered.

        Its files are compared with its record first, and its record with the ledger.

        Raises:
            SettingsError: no such shot or version.
            ConsentMissing: the shot may not be shown.
            DeliveryError: the version is damaged, or was altered after it was written.
        """
        found = self._shot(shot)
        self.project.reel.consent(found, LIP_REENACT)
        folder = self._version(shot, version)
        faults = proof_faults(self.project.store.folder)
        faults.refuse()
        if fault := faults.of_version(shot, self.project.language, folder.name):
            raise DeliveryError(str(fault), hint=fault.hint)
        _, record = verified(self.project.reel, found, folder, progress)
        said = self._judged(found, folder, "approved", by, why, str(record[SEAL]), progress)
        forget_draft_movie(self.project.store, shot, folder.name)
        return said

    def reject(
        self, shot: str, version: str = "", *, why: str, by: str = "", progress: Progress = silent
    ) -> Judgement:
        """Reject a version ("": the newest), and say why.  Raises as `approve`."""
        found, folder = self._shot(shot), self._version(shot, version)
        seal = str(whole_record(folder)[SEAL])
        return self._judged(found, folder, "rejected", by, why, seal, progress)

    def take_back(self, shot: str, *, by: str = "") -> Judgement:
        """Undo the last judgement of a shot; returns it.  Raises SettingsError: none stands."""
        self._shot(shot)
        return self._judgements.take_back(shot, by)

    # -- notes ---------------------------------------------------------------------------------

    def notes(self, shot: str = "") -> tuple[Note, ...]:
        """The notes on a shot ("": on every shot), in the order they were made."""
        if shot:
            self._shot(shot)
        return self._notes.all(shot)

    def note(
        self, shot: str, at: str | int, text: str, *, by: str = "", severity: Severity = 2,
        version: str = "",
    ) -> Note:  # fmt: skip
        """Take a note on a frame of a shot.

        Args:
            at: a plate frame, or what `dubsync tweak` takes for one: "+12", a record timecode, or
                "src:" and a source timecode.
            version: the render it is about; "": the newest, if there is one.

        Raises:
            SettingsError: no such shot, frame or version, or no text.
            DeliveryError: it cannot be written.
        """
        found = self._shot(shot)
        frame = frame_at(str(at), found, self.project.turnover().cut.drop)
        versions = self.project.store.versions("renders", shot)
        about = self._version(shot, version).name if version else (
            versions[0].name if versions else ""
        )  # fmt: skip
        return self._notes.add(
            Note("", shot, frame, text, by, severity=severity, version=about)
        )  # fmt: skip

    def answer(self, name: str, answer: Answer, reply: str = "", *, by: str = "") -> Note:
        """Answer the note called `name`.  Raises SettingsError: no such note or answer."""
        return self._notes.answer(name, answer, reply, by)

    def withdraw_note(self, name: str, *, by: str = "") -> Note:
        """Take a note back: it is listed no more."""
        return self._notes.take_back(name, by)

    @property
    def note_store(self) -> NoteStore:
        """Where the notes are kept, for those that come from an editor's markers."""
        return self._notes

    # -- versions ------------------------------------------------------------------------------

    def versions(self, shot: str) -> tuple[ShotVersion, ...]:
        """The renders of a shot, newest first, with what was said of each."""
        self._shot(shot)
        return list_versions(self.project.store, shot, self.project.language)

    def compare(
        self, shot: str, first: str, second: str, *, out: Path | None = None,
        progress: Progress = silent,
    ) -> Comparison:  # fmt: skip
        """How version `second` of a shot differs from `first`; see `compare_versions`."""
        from dubsync.service.versions.compare_versions import compare_versions  # brings OpenCV

        folders = [self._version(shot, version) for version in (first, second)]
        return compare_versions(self.project.reel, shot, *folders, out=out, progress=progress)

    # -- internal ------------------------------------------------------------------------------

    def _opened(self) -> Reel:
        """The reel; from the second time on of the project as it is on disk now."""
        if not self._first:
            self.project = type(self.project).open(self.project.file.folder).into(
                self.project.language
            )  # fmt: skip
        self._first = False
        return self.project.reel

    def _shot(self, name: str) -> Shot:
        return self.project.reel.shot(name)

    def _version(self, shot: str, version: str) -> Path:
        """The folder of a version; "": the newest."""
        folders = self.project.store.versions("renders", shot)
        if not folders:
            raise MissingMedia(f"{shot} has no render yet", hint="dubsync sync REEL " + shot)
        if not version:
            return folders[0]
        for folder in folders:
            if version.removeprefix("v").isdigit() and version_number(folder) == int(
                version.removeprefix("v")
            ):
                return folder
        raise SettingsError(f"{shot} has no version {version}",
                            hint="versions: " + ", ".join(f.name for f in folders))  # fmt: skip

    def _judged(
        self, shot: Shot, folder: Path, judged: Judged, by: str, why: str, seal: str,
        progress: Progress,
    ) -> Judgement:  # fmt: skip
        newest = version_number(self.project.store.versions("renders", shot.name)[0])
        return self._judgements.judge(
            shot.name, folder.name, judged, by=by, reason=why, seal=seal,
            inputs=self._inputs(shot, progress), newest=newest,
            record=file_digest(next(iter(sorted(folder.glob("*.record.json"))))),
        )  # fmt: skip

    def _inputs(self, shot: Shot, progress: Progress) -> str:
        """Digest of the shot's inputs now; "" where they cannot be told without an analysis."""
        reel = self.project.reel
        states, unknown = self.known_states()
        for status in states:  # the newest render's own, if that is known to be up to date
            if status.name == shot.name and shot.name not in unknown and status.version:
                newest = self.project.store.versions("renders", shot.name)[0]
                if not status.to_render and status.state != "unsure":
                    return str(whole_record(newest)["key"])
        if not self._with_engine or lacking_analysis(reel):
            return ""
        folder, layout = self.project.file.folder, self.project.store.layout
        tweaks = TweakStore(folder, layout).latest(shot.name).tweaks
        try:
            return inputs_now(reel.with_tweaks(shot.name, tweaks), reel.look(progress), shot)
        except DubsyncError:
            return ""  # a face is to be pointed at first, or a stem is gone
