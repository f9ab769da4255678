"""The tracker's scores that expressions are made of."""

from __future__ import annotations

from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES

#: All but the neutral one and those of gaze, which irises show better.
SCORES = tuple(
    name for name in BLENDSHAPE_NAMES if name != "_neutral" and not name.startswith("eyeLook")
)
#: Their places among the tracker's 52.
COLUMNS = [BLENDSHAPE_NAMES.index(name) for name in SCORES]
#: Scores that speech moves: while someone speaks, a picked expression leaves them to the speech.
SPEECH = tuple(
    name for name in SCORES
    if name.startswith(("jaw", "mouthFunnel", "mouthPucker", "mouthClose", "mouthLowerDown",
                        "mouthUpperUp", "mouthShrug", "mouthRoll", "mouthLeft", "mouthRight"))
)  # fmt: skip
#: Scores of lids, which blinks move: the expression control leaves them as they are.
BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
