"""Everything dubsync can refuse to do.

* DubsyncError            printed to the user as it stands, with its `hint`
  x SettingsError         a key we do not know, a value out of range
  x TurnoverError         the cut and its media do not add up
    + TimecodeError       a timecode, rate or range that cannot exist
    + MissingMedia        a plate, stem or take that is not where the cut says
  x MediaError            a file that will not decode or encode
    + VariableRate        a movie whose frames are not evenly spaced
  x EngineError           the engine cannot do this shot
    + NoFace              nobody to sync in these frames
    + ModelError          weights missing, altered, or for another basis
    + ShapeError          an array that breaks its contract: our bug or a plugin's
  x ConsentMissing        no recorded consent for this performer; nothing is rendered
  x DeliveryError         the corrected cut or a render cannot be written faithfully
    + LossyDelivery       --strict, and a format cannot hold all that the cut does
* Cancelled               the user asked to stop; not an error
"""


class DubsyncError(Exception):
    """Base of every refusal.  `hint` is the one next thing to try."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(DubsyncError):
    """A key we do not know, or a value out of its range."""


class TurnoverError(DubsyncError):
    """The cut and its media do not add up."""


class TimecodeError(TurnoverError):
    """A timecode, rate or range that cannot exist."""


class MissingMedia(TurnoverError):
    """A plate, stem or take that is not where the cut says."""


class MediaError(DubsyncError):
    """A file that will not decode or encode."""


class VariableRate(MediaError):
    """A movie whose frames are not evenly spaced."""


class EngineError(DubsyncError):
    """The engine cannot do this shot."""


class NoFace(EngineError):
    """Nobody to sync in these frames."""


class ModelError(EngineError):
    """Weights missing, altered, or made for another basis."""


class ShapeError(EngineError):
    """An array that breaks its contract: our bug or a plugin's."""


class ConsentMissing(DubsyncError):
    """No recorded consent for this performer; nothing is rendered."""


class DeliveryError(DubsyncError):
    """The corrected cut or a render cannot be written faithfully."""


class LossyDelivery(DeliveryError):
    """A format cannot hold all that the cut does, and nothing may be lost.

    losses  each of them, as printed
    """

    def __init__(self, losses: tuple[str, ...]) -> None:
        super().__init__(
            f"{len(losses)} things of the cut would be lost, so nothing is written",
            hint="leave those formats out of --as, or --strict",
        )
        self.losses = losses


class Cancelled(Exception):
    """The user asked to stop.  Not an error: finished work is kept."""
