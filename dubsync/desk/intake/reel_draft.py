"""A new reel as far as a user has described it; nothing is written until it is complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from dubsync.service.survey.linked_plates import CutLook
from dubsync.service.survey.surroundings import Surroundings

STEPS = ("Cut", "Media", "Dub", "Takes", "Characters", "Consent")


@dataclass(frozen=True, slots=True)
class ReelDraft:
    """What a new reel will be made of.

    look        the cut as it was read with `media`; None: not read yet
    dubs        character -> stem, in `language`
    found       language -> the stems that lie around the cut
    performers  character -> performer, for consent
    consents    records to copy in
    """

    cut: Path | None = None
    rate: Fraction | None = None
    media: tuple[Path, ...] = ()
    look: CutLook | None = None
    language: str = ""
    dubs: Mapping[str, Path] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    takes: tuple[Path, ...] = ()
    script: Path | None = None
    performers: Mapping[str, str] = field(default_factory=dict)
    consents: tuple[Path, ...] = ()

    @property
    def folder(self) -> Path:
        """The project's folder, beside the cut."""
        cut = self.cut or Path("reel")
        return cut.parent / f"{cut.stem}_dubsync"

    def missing(self, step: str) -> str:
        """What a step still lacks, in a sentence; "" where one can go on."""
        if step == "Cut" and self.cut is None:
            return "Choose the cut"
        if step == "Media" and (self.look is None or not self.look.found):
            return "None of the cut's plates is found yet: add their folder"
        if step == "Dub" and not self.dubs:
            return "Add the dubbed sound of at least one character"
        if step == "Dub" and not self.language:
            return "Name the language of the dub, such as fr-FR"
        return ""

    def caption(self, step: str) -> str:
        """One line about a step, for the list of steps."""
        if step == "Cut":
            return self.cut.name if self.cut else "an .edl, .otio, .fcpxml, .xml or .aaf"
        if step == "Media":
            if self.look is None:
                return "where the plates are"
            return f"{self.look.found} of {len(self.look.plates)} found"
        if step == "Dub":
            return ", ".join(self.dubs) or "one stem for each character"
        if step == "Takes":
            return f"{len(self.takes)} folder" if self.takes else "the voice actors, filmed"
        if step == "Characters":
            return ", ".join(self.performer(name) for name in self.dubs) or "who is played by whom"
        return f"{len(self.consents)} given" if self.consents else "who may be rendered"

    def performer(self, character: str) -> str:
        """Who plays a character; the character's name in lower case where nobody was named."""
        return self.performers.get(character) or character.lower()


def drafted(around: Surroundings) -> ReelDraft:
    """A draft from what lies around a cut; of several languages' dubs, the first with the most."""
    tags = sorted((tag for tag in around.dubs if tag), key=lambda tag: -len(around.dubs[tag]))
    tag = tags[0] if tags else ""
    return ReelDraft(
        cut=around.cuts[0] if around.cuts else None,
        media=around.media,
        language=tag,
        dubs=around.dubs.get(tag, {}),
        found=around.dubs,
        takes=around.takes,
        script=around.scripts[0] if len(around.scripts) == 1 else None,
        consents=around.consents,
    )


def with_dub(draft: ReelDraft, character: str, stem: Path | None) -> ReelDraft:
    """The draft with a character's dub set, or taken out with None."""
    dubs = {name: path for name, path in draft.dubs.items() if name != character}
    return replace(draft, dubs={**dubs, character: stem} if stem else dubs)


def in_language(draft: ReelDraft, language: str) -> ReelDraft:
    """The draft in another language, with its stems where some were found for it."""
    dubs = draft.found.get(language, draft.dubs)
    return replace(draft, language=language, dubs=dubs)
