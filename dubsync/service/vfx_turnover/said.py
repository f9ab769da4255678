"""What the files of a turnover say of themselves: attributes, the script's note, the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dubsync.core.version import __version__
from dubsync.core.vfx.layers import LayerEncoding
from dubsync.service.render.record_form import SEAL
from dubsync.service.vfx_turnover.shot_folder import ShotFolder
from dubsync.service.vfx_turnover.shot_layers import Comp


def layer_words(encoding: LayerEncoding, *, redrawn: bool) -> dict[str, str]:
    """Layer -> what it holds."""
    words = {
        "RGBA": "the generated pixels alone, premultiplied by A, the matte; over the plate they "
                f"give the render; {encoding.samples}",
        "matte": "the matte, 0..1, the same as A",
    }  # fmt: skip
    if redrawn:
        words |= {
            "raw": "what was drawn, before matte and composite, straight; A is 1 where something "
                   f"was drawn; {encoding.samples}",
            "st": "ST-map from plate to render: u right, v up, 0..1, pixel centres at +0.5, "
                  "float32; valid is 0 where other frames lent the picture",
        }  # fmt: skip
    return words


def attributes(
    folder: ShotFolder, encoding: LayerEncoding, record: Mapping[str, Any], *, redrawn: bool
) -> dict[str, str]:
    """The text attributes of every EXR."""
    return {
        "software": f"dubsync {__version__}",
        "comments": f"{record['synthetic_media']}; {folder.name}",
        "dubsync/shot": str(record["shot"]),
        "dubsync/language": str(record["language"]),
        "dubsync/plate": str(record["plate"]),
        "dubsync/colourSpace": encoding.colour,
        "dubsync/premultiplied": "RGBA yes; raw no",
        "dubsync/render": str(record[SEAL]),
    } | {f"dubsync/layer {name}": what
         for name, what in layer_words(encoding, redrawn=redrawn).items()}  # fmt: skip


def script_note(
    folder: ShotFolder, encoding: LayerEncoding, comp: Comp, record: Mapping[str, Any]
) -> str:
    """What the script's sticky note says."""
    exact = (
        "Comp gives every sample of the dubsync render."
        if encoding.own and not comp.differing
        else f"Comp gives the render but for {comp.differing:,} samples, each off by one unit in "
        "the last place of its 32-bit float."
        if encoding.own
        else "The plate is not RGB, and every host decodes it in its own way: so its R'G'B' is "
        "given as EXR, and the script reads that.  Comp gives the render's R'G'B', measured on "
        f"the written files: at most {comp.rgb_error:.3f} of a step of the plate's depth away.  "
        "Its stored samples follow from that R'G'B' exactly: docs/guides/vfx_turnover.md."
    )
    return "\n".join(
        (
            f"{record['shot']}  {record['language']}  v{record['version']:03d}",
            f"frames {folder.numbers.start}-{folder.numbers.stop - 1}, "
            f"{record['frames']['timecode'] or 'no timecode'} on",
            f"Colour: {encoding.colour}.  All Reads and the Write are raw.",
            exact,
            f"{record['synthetic_media']}.",
        )
    )
