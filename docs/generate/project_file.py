"""Every table and key of dubsync.toml that is not a setting: what a project says of its reel.

The keys come from the reader (service/settings/project_file.py); their meaning is written here,
and a test fails when the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from docs.generate.blocks import table


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name, its TOML type, an example, and what it means."""

    name: str
    kind: str
    example: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    name     as the reader knows it: "project", "characters" ...
    head     as it is written in the file
    meaning  one or two sentences
    """

    name: str
    head: str
    meaning: str
    keys: tuple[Key, ...]


_SCRIPT = (
    Key("script", "path", '"cues_fr.xlsx"',
        "Dub script or cue sheet: the text of each line, and who is off screen."),
    Key("script_columns", "table", '{text = "Version C"}',
        "Columns of a cue sheet whose headings are not recognised: field -> column."),
)  # fmt: skip
_ROLE = (
    Key("dub", "path", '"dub/ELISE_fr.wav"',
        'The dub stem. Several characters may name the same file (a mixed stem). `""`: not dubbed '
        "in this language, on purpose."),
    Key("start", "timecode", '"01:00:00:00"',
        "Record timecode of the stem's first sample. Overrides the timecode in the file."),
    Key("voice", "path", '"voices/elise.wav"',
        "A recording of this voice alone. It identifies the voice in a mixed stem."),
    Key("voice_actor", "text", '"anna-r"',
        "Consent id of the voice actor filmed in the takes. With their consent the takes also "
        "train how the dub moves this mouth."),
)  # fmt: skip
TABLES: tuple[Table, ...] = (
    Table("project", "[project]", "The reel. Paths are relative to the folder of dubsync.toml.", (
        Key("name", "text", '"reel_3"', "Name of the project. Required."),
        Key("language", "text", '"fr-FR"', "BCP-47 tag of the first language. Required."),
        Key("cut", "path", '"R3_v12.edl"',
            "The cut: .edl, .otio, .otioz, .aaf, .fcpxml or FCP7 .xml. Required."),
        Key("media", "list of folders", '["plates"]',
            "Folders that hold the plates. Plates are searched for here and nowhere else."),
        Key("takes", "list of folders", '["takes"]', "Folders of filmed takes."),
        Key("handles", "whole number", "8",
            "Frames rendered beyond each cut, where the plate has them. Default: 8."),
        Key("rate", "text", '"24000/1001"', "Frame rate of a cut that does not state it (EDL)."),
        Key("plays", "text", '"real time"',
            "How plates at another rate than the cut are played where the cut does not say: "
            '`"real time"`, frames repeated or left out, or `"frame for frame"`.'),
        Key("timeline", "text", '"Reel 3"', "Which timeline of a cut file that holds several."),
        Key("dub_cut", "path", '"R3_v11.edl"',
            "The cut that the stems were conformed to, where it is not `cut`. `dubsync recut` "
            "writes it; delete it once the stems follow the new cut."),
        Key("dub_timeline", "text", '"Reel 3"', "Which timeline of a `dub_cut` with several."),
        *_SCRIPT,
    )),
    Table("characters", "[characters.NAME]", "One table for each dubbed character.", (
        Key("performer", "text", '"elise-martin"',
            "Consent id of the performer on screen. Required."),
        Key("pauses", "text", '"shut"',
            'Lips while the dub pauses: `"actor"`, the default, keeps them as far apart as this '
            'actor does; `"shut"` shuts them.'),
        Key("photos", "path or list", '"photos/elise"',
            "Photographs of the performer, or a folder of them, at most 64: further frames to draw "
            "a whole head from."),
        *_ROLE,
    )),
    Table("voices", "[voices]",
          "Whose voice is whose in a mixed stem. Keys are voices, so there is no fixed list.", (
        Key('"Speaker 1"', "text", '"ELISE"',
            'Voice as `dubsync turnover` names it -> character. `""`: none of ours.'),
        Key('"01:00:04:12"', "text", '"ELISE"',
            "The same for the voice that speaks at this record timecode."),
    )),
    Table("shots", "[shots.SHOT]", "What an artist says of one shot.", (
        Key("holdout", "path", '"mattes/SH010.mov"',
            "Matte of what stands in front of the faces: white there. A movie or an image "
            "sequence in a media folder, of the plate's size, a frame for each of the plate or of "
            "the shot with its handles. It replaces detection, and is not taken for a plate."),
        Key("plays", "text", '"frame for frame"', "As `plays` under [project], of this shot."),
    )),
    Table("faces", "[faces.SHOT]",
          "Which face is which character. `--face` stores the same answers in faces.toml.", (
        Key("NAME", "list of numbers", "[480, 200, 86412]",
            "A point on the character's face, in plate pixels: x, y; and the plate frame in which "
            "it is there, which may be left out. A list of such points names several faces."),
    )),
    Table("stems", '[stems."PATH"]',
          "Which sound of a stem is heard, where dubsync's own choice is wrong. The path is as "
          "under `dub`; tracks and channels count from 1.", (
        Key("track", "number", "2", "Sound track of a file with several."),
        Key("channel", "number", "3", "Channel of that track."),
    )),
    Table("colour", "[colour]",
          "How colours are managed, by OpenColorIO ([Colour](../explanation/colour.md)). Without "
          "this table they are not: plates are drawn in as they are stored.", (
        Key("config", "text or path", '"builtin studio"',
            "The config: `builtin studio` (ACES), `builtin NAME` of OpenColorIO's own, or the "
            "path of a config.ocio in the project's or a media folder. Required."),
        Key("working", "text", '"ACEScct"',
            "The log space that faces are drawn in. Default: the config's role `color_timing`, "
            "else `compositing_log`."),
        Key("display", "text", '"sRGB - Display"',
            "The display on which people see pictures. Default: the config's first."),
        Key("view", "text", '"ACES 2.0 - SDR 100 nits (Rec.709)"',
            "The view on it. Default: the display's first."),
        Key("spaces", "table", '{"A001*" = "ARRI LogC4"}',
            "Colour space of plates and takes: by a pattern of the file's name, its path below a "
            "media folder, or its reel. The first that fits counts."),
    )),
    Table("languages", "[languages.TAG]",
          "One table for each further language. The keys of a character are tables here: "
          "`dub.ELISE = ...`.", (
        *_ROLE,
        Key("takes", "list of folders", '["takes/es"]', "Folders of takes in this language."),
        Key("voices", "table", '{"Speaker 1" = "ELISE"}', "As `[voices]`, for this language."),
        *_SCRIPT,
    )),
)  # fmt: skip


def project_file() -> str:
    """The generated part: a section for each table."""
    return "\n\n".join(part for each in TABLES for part in _section(each))


def _section(each: Table) -> tuple[str, str, str]:
    rows = [(f"`{k.name}`", k.kind, f"`{k.example}`", k.meaning) for k in each.keys]
    heads = ("key", "type", "example", "meaning")
    return f"### `{each.head}`", each.meaning, table(heads, rows)
