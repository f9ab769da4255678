"""What QC measures: the name of each measure, its sentence, its meaning, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    head    its name in a narrow column
    says    its value as a sentence; {value} is the number with its unit
    means   what the number is
    remedy  what to do where it is past its limit
    """

    name: str
    head: str
    says: str
    means: str
    remedy: str


_ALL = (
    Measure(
        "lip-sync offset",
        "offset",
        "the mouth is {value} against the dub's sound",
        "How late (+) or early (-) the rendered mouth is against the dub, in milliseconds.",
        "Slip the mouth by this much in the other direction (dubsync tweak) and sync again, or "
        "check the position of the stem.",
    ),
    Measure(
        "lip-sync correlation",
        "sync corr.",
        "the mouth's opening and the dub's loudness correlate by {value} (1: identical movement)",
        "Correlation of the mouth's opening with the dub's loudness (1: identical movement).",
        "Play the shot with sound. A mumbled line or music in the stem can explain it; otherwise "
        "raise intensity (dubsync tweak), or film a take of the line.",
    ),
    Measure(
        "target correlation",
        "target corr.",
        "the mouth and its target movement correlate by {value} (1: identical movement)",
        "Correlation of the rendered mouth with the target movement (1: identical movement).",
        "Play the marked frames. If the mouth there is not the dub's, sync the shot again; "
        "otherwise the renderer lacks exemplars for these mouths or this head pose: add plates "
        "of the actor.",
    ),
    Measure(
        "render lag",
        "lag",
        "the mouth is {value} against its target movement",
        "How late (+) or early (-) the rendered mouth is against the target movement, in "
        "milliseconds.",
        "The renderer itself causes this. Sync the shot again; if it stays, report it with the "
        "shot's record.",
    ),
    Measure(
        "mouth movement",
        "movement",
        "the lips open and close by {value} of what the dub needs",
        "How far the rendered lips open and close, as a share of the target movement.",
        "Play the marked frames: the mouth hardly moves. Sync the shot again; otherwise add plates "
        "of the actor with such mouths.",
    ),
    Measure(
        "mouth of the plate",
        "plate's",
        "in {value} of the frames where plate and dub differ, the mouth is nearer to the plate's",
        "Share of the frames in which the dub needs another opening than the plate has, and the "
        "rendered mouth is nearer to the plate's.",
        "The original mouth may be left under the dub. Look at the marked frames, and sync the "
        "shot again.",
    ),
    Measure(
        "mouth position",
        "position",
        "the lips lie {value} of the eye distance away from their place in the face",
        "How far the lips lie from their place in the plate's face, as a share of the distance "
        "between the eyes.",
        "Look at the marked frames enlarged. If the mouth wanders in the face, check that the face "
        "is tracked well there (in a reel: dubsync review), and sync the shot again.",
    ),
    Measure(
        "closures",
        "m b p",
        "the lips meet in time on {value} of the dub's clear m, b and p",
        "Share of the dub's clear m, b and p on which the lips meet, at most 60 ms early and 40 ms "
        "late (EBU R 37).",
        "Viewers notice an open mouth on an m or b first. In a reel, dubsync sync --repair closes "
        "the lips on these frames alone, in a new version.",
    ),
    Measure(
        "lip to teeth",
        "f v",
        "the lower lip is up in time on {value} of the dub's clear f and v",
        "Share of the dub's clear f and v on which the gap between the lips is as small as real "
        "mouths make it. Teeth are not tracked.",
        "Play the marked frames. In a reel, dubsync sync --repair raises the lower lip there.",
    ),
    Measure(
        "rounded lips",
        "w u o",
        "the lips are narrow in time on {value} of the dub's clear w and rounded vowels",
        "Share of the dub's clear w and rounded vowels on which the mouth is narrower than this "
        "face's usual one.",
        "Play the marked frames. In a reel, dubsync sync --repair rounds the lips there as far as "
        "this actor does.",
    ),
    Measure(
        "teeth near",
        "s z",
        "the jaw is up in time on {value} of the dub's clear s, z, sh and ch",
        "Share of the dub's clear s, z, sh and ch on which the chin is up, as it is when the teeth "
        "are near. Teeth are not tracked.",
        "Play the marked frames. The jaw is that of the actor's own frames; sync --repair "
        "leaves it. Lower jaw (dubsync tweak) if the chin drops too far throughout.",
    ),
    Measure(
        "lip motion in silence",
        "silence",
        "the lips part by {value} of the eye distance while the dub is silent",
        "How far the synced lips part while the dub is silent, beyond where they are planned to "
        "stand still, as a share of the distance between the eyes.",
        "Check the stem for breaths or noise; trim it, or ease the end of the line. If the stem is "
        "silent there, sync the shot again.",
    ),
    Measure(
        "mouth sharpness",
        "sharpness",
        "the mouth has {value} the fine detail of the plate's mouths that are as open",
        "Fine detail of the rendered lips, relative to the plate's mouths of like opening, size "
        "and turn (1: the same).",
        "Below the limit the mouth looks soft beside the skin: try a larger crop_px, or add "
        "closer plates of the actor. Far above 1 it looks etched.",
    ),
    Measure(
        "skin sharpness",
        "skin",
        "the skin round the mouth has {value} the fine detail of the plate's in the same frames",
        "Fine detail of the skin round the mouth, inside the matte, relative to the plate's in the "
        "same frames (1: the same).",
        "Below the limit the matte shows as a soft patch: try a larger crop_px, and sync again.",
    ),
    Measure(
        "mouth likeness",
        "likeness",
        "the mouth resembles the plate's mouths that are as open by {value} (1: the same picture)",
        "Correlation of the mouth's picture with the plate's most similar mouth of like opening, "
        "size and turn (1: the same picture).",
        "Look at the marked frames: something that is not this person's mouth may be there. Check "
        "that the actor was learnt from their own face (in a reel: dubsync turnover --look), and "
        "sync again.",
    ),
    Measure(
        "flicker",
        "flicker",
        "inside the matte the picture changes from frame to frame {value} as much as in the plate",
        "Frame-to-frame change inside the matte, relative to the plate's (1: the same).",
        "Play the marked frames at speed. A mouth that jumps from one frame's picture to another's "
        "and changing light both show there.",
    ),
    Measure(
        "seam",
        "seam",
        "brightness or colour steps by {value} of full scale at the edge of the matte",
        "Step of brightness or colour across the edge of the matte that stays through the shot, as "
        "a share of full scale (0: no seam).",
        "Check the edge of the matte in the marked frames. Changing light on the face, or plates "
        "that are graded differently, cause it.",
    ),
    Measure(
        "head turn",
        "head",
        "the drawn head is {value} away from the wanted one",
        "Angle between the head as wanted and the head as drawn, in degrees.",
        "Play the marked frames. The actor's footage may not show such a turn: keep within the "
        "motion range (dubsync tweak says it), or add plates of the actor.",
    ),
    Measure(
        "gaze",
        "gaze",
        "the eyes look {value} beside where they should",
        "Distance of the irises from where the wanted gaze puts them, in widths of the eye.",
        "Look at the eyes in the marked frames, enlarged. Lower gaze (dubsync tweak), or add "
        "plates in which the actor looks there.",
    ),
    Measure(
        "blinks",
        "blinks",
        "{value} are missing or are not wanted",
        "Blinks that are wanted and in which the drawn eyes stay open, and blinks drawn where "
        "open eyes are wanted.",
        "Play the marked frames. The actor's footage may show no such blink: add plates of the "
        "actor, or clear the blink there (dubsync tweak).",
    ),
    Measure(
        "identity",
        "identity",
        "the face is {value} from the plate's (0: the same; two people are over 0.50)",
        "Distance of the face descriptors of render and plate.",
        "The face may not look like this person any more. Lower face shape, turn and expression, "
        "and sync again.",
    ),
    Measure(
        "head edge flicker",
        "edge",
        "hair, neck and edge jump from frame to frame {value} as much as in the plate",
        "Change from frame to frame inside the matte outside the face, beyond even movement, "
        "relative to the plate's.",
        "Play the marked frames at speed, and look at the hair. Steadier keys of the turn help; "
        "so do plates that show the head from there.",
    ),
    Measure(
        "hair sharpness",
        "hair",
        "hair and neck have {value} the fine detail of the plate's",
        "Fine detail inside the matte outside the face, relative to the plate's in the same "
        "frames (1: the same).",
        "Below the limit hair or background look soft; far above it they look etched. Add closer "
        "plates of the actor, and sync again.",
    ),
    Measure(
        "background",
        "behind",
        "background as large as {value} of the face is made up: no frame of the shot shows it",
        "Size of the background that the head uncovers and that no frame of the shot shows, "
        "relative to the face's area, in the frames with the most.",
        "Look behind the head in the marked frames. Turn and shift the head less, or paint a clean "
        "plate.",
    ),
    Measure(
        "pixels changed outside the matte",
        "outside matte",
        "{value} outside the matte differ from the plate",
        "Pixels that differ from the plate where the matte is black.",
        "Do not deliver. Sync the shot again, and check the disk it was written to.",
    ),
    Measure(
        "kept frames changed",
        "kept frames",
        "{value} differ from the plate and should not",
        "Frames that were to stay as in the plate and differ from it.",
        "Do not deliver. Sync the shot again, and report it with the shot's record.",
    ),
    Measure(
        "frames with a lost face",
        "face lost",
        "in {value} no face is found where the plate has one",
        "Frames in which a face is detected in the plate but not in the render.",
        "Check the marked frames: the face is broken, or something covers it.",
    ),
)
MEASURES = {measure.name: measure for measure in _ALL}


def worded(value: float, unit: str) -> str:
    """A value as a person reads it: "120 ms late", "21,800 pixels", "0.94 times"."""
    if unit == "ms":
        whole = round(value)
        return f"{abs(whole)} ms {'late' if whole > 0 else 'early'}" if whole else "in time"
    if unit == "%":
        return f"{value:.1f} %" if abs(value) < 10 else f"{value:.0f} %"
    if unit == "degrees":
        return f"{value:.1f} degrees"
    if unit == "eye widths":
        return f"{value:.2f} eye widths"
    if unit in ("pixels", "frames", "blinks"):
        whole = round(value)
        return f"{whole:,} {unit if whole != 1 else unit.removesuffix('s')}"
    if unit == "times the plate's":
        return f"{value:.2f} times"
    return f"{value:.2f}"


def short(value: float, unit: str) -> str:
    """The same for a column of numbers: "+120 ms", "0.94"."""
    if unit == "ms":
        return f"{value:+.0f} ms"
    return worded(value, unit).removesuffix(" times")
