"""The exceptions of dubsync.

* DubsyncError            message and `hint` are printed to the user unchanged
  x SettingsError         an unknown key, or a value out of range
  x TurnoverError         the cut and its media are inconsistent
    + TimecodeError       a timecode, rate or range that cannot exist
    + MissingMedia        a plate, stem or take that is not where the cut says
  x MediaError            a file that cannot be decoded or encoded
    + VariableRate        a movie whose frames are not evenly spaced
  x EngineError           the engine cannot process this shot
    + FaceQuestion        a person must say first whose face it is
    + NoFace              no face to sync in these frames
    + ModelError          weights missing, altered, or for another basis
    + ShapeError          an array that breaks its contract: a bug in dubsync or in a plugin
  x ConsentMissing        no recorded consent for this performer; nothing is rendered
  x HouseKeyError         the key of the house cannot be made, read or used
  x DeliveryError         the corrected cut or a render cannot be written faithfully
    + LossyDelivery       --strict, and a format cannot hold everything in the cut
    + IncompleteDelivery  a shot that should be corrected is not
    + HostCannotOpen      the host would not open the media of the cut
  x VerificationError     nothing that can be verified is where the user pointed
* Cancelled               the user cancelled; not an error
"""

from collections.abc import Sequence

from dubsync.core.plural import counted


class DubsyncError(Exception):
    """Base class of all errors.  `hint` is the next thing to try."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(DubsyncError):
    """An unknown key, or a value out of its range."""


class TurnoverError(DubsyncError):
    """The cut and its media are inconsistent."""


class TimecodeError(TurnoverError):
    """A timecode, rate or range that cannot exist."""


class MissingMedia(TurnoverError):
    """A plate, stem or take that is not where the cut says."""


class MediaError(DubsyncError):
    """A file that cannot be decoded or encoded."""


class VariableRate(MediaError):
    """A movie whose frames are not evenly spaced."""


class EngineError(DubsyncError):
    """The engine cannot process this shot."""


class FaceQuestion(EngineError):
    """Whose face it is must be answered by a person first."""


class NoFace(EngineError):
    """No face to sync in these frames."""


class ModelError(EngineError):
    """Weights missing, altered, or made for another basis."""


class ShapeError(EngineError):
    """An array that breaks its contract: a bug in dubsync or in a plugin."""


class ConsentMissing(DubsyncError):
    """No recorded consent for this performer; nothing is rendered."""


class HouseKeyError(DubsyncError):
    """The key of the house cannot be made, read or used."""


class DeliveryError(DubsyncError):
    """The corrected cut or a render cannot be written faithfully."""


class LossyDelivery(DeliveryError):
    """A format cannot hold everything in the cut, and nothing may be lost.

    losses  each loss, as printed
    """

    def __init__(self, losses: tuple[str, ...]) -> None:
        super().__init__(
            f"{counted(len(losses), 'item')} of the cut would be lost, so nothing was written",
            hint="remove those formats from --as, or run without --strict",
        )
        self.losses = losses


class IncompleteDelivery(DeliveryError):
    """Some shots that should be corrected are not, and nobody allowed that.

    corrected   number of corrected shots
    missing     (shot, reason) of every other one
    unapproved  whether that is so of some because they are not approved
    """

    def __init__(
        self, corrected: int, missing: tuple[tuple[str, str], ...], unapproved: bool = False
    ) -> None:
        text = corrected_of(corrected, missing)
        if not corrected:
            text += "; no shot is rendered that may be delivered"
        super().__init__(
            text,
            hint="the cut was not delivered.  Correct that and run dubsync sync"
            + (", or deliver what is not approved too: --unapproved" if unapproved else "")
            + (", or deliver without those shots: --allow-missing" if corrected else ""),
        )
        self.corrected, self.missing = corrected, missing


def corrected_of(corrected: int, missing: Sequence[tuple[str, str]]) -> str:
    """How many shots are corrected, and why the others are not, as printed."""
    total = corrected + len(missing)
    text = f"{corrected} of {counted(total, 'shot')} corrected"
    return text + ("; not: " + ", ".join(f"{s} ({why})" for s, why in missing) if missing else "")


class HostCannotOpen(DeliveryError):
    """The host that the cut is for does not open the media that it would point at."""


class VerificationError(DubsyncError):
    """Nothing that can be verified is where the user pointed."""


class Cancelled(Exception):
    """The user cancelled.  Not an error: finished work is kept."""
