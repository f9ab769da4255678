"""A Nuke script that composites a shot's layers over its plate, as plain text.

Nodes take their inputs from a stack: the node written last is input 0, of Merge2 its B.  Every Read
and the Write are raw, so no colour is converted and the render's own samples come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.picture import PictureFormat
from dubsync.core.vfx.layers import LayerEncoding
from dubsync.service.vfx_turnover.shot_folder import ShotFolder

#: The layers besides RGBA: name -> its channels, as Nuke calls them.
LAYERS = {
    "matte": ("alpha",),
    "raw": ("red", "green", "blue", "alpha"),
    "st": ("u", "v", "valid"),
}


@dataclass(frozen=True, slots=True)
class _Node:
    """One node: its class, and (knob, value as written)."""

    kind: str
    knobs: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.kind} {{", *(f" {k} {v}" for k, v in self.knobs), "}"])


def nuke_script(folder: ShotFolder, encoding: LayerEncoding, *, redrawn: bool, note: str) -> str:
    """The script of one shot.

    Args:
        redrawn: whether the layers hold the raw render and the ST-map.
        note: shown in a sticky note.
    """
    form = folder.plate.format
    layers = LAYERS if redrawn else {"matte": LAYERS["matte"]}
    lines = ["version 13.0 v1", str(_root(folder))]
    lines += [f"add_layer {{{n} {' '.join(f'{n}.{c}' for c in of)}}}" for n, of in layers.items()]
    lines += [
        str(_node("StickyNote", inputs="0", name="ReadMe", label=_text(note), xpos="-320")),
        str(_read(folder, "layers", "Layers", 0)),
        "set NLayers [stack 0]",
        str(_read(folder, "plate", "Plate", 160)),
        "set NPlate [stack 0]",
        "push $NLayers",
        "push $NPlate",
        str(_node("Merge2", inputs="2", operation="over", bbox="B", output="rgb",
                  name="GeneratedOverPlate", xpos="160", ypos="120")),
        str(_write(folder, form, encoding)),
    ]  # fmt: skip
    if redrawn:
        lines += [
            "push $NLayers",
            "push $NPlate",
            str(_node("STMap", inputs="2", channels="rgb", uv="st", name="PlateWarpedToRender",
                      xpos="320", ypos="120")),
            "push $NLayers",
            str(_node("Shuffle", **{"in": "raw"}, name="RawRender", xpos="0", ypos="120")),
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _node(kind: str, **knobs: str) -> _Node:
    return _Node(kind, tuple(knobs.items()))


def _root(folder: ShotFolder) -> _Node:
    span, form = folder.numbers, folder.plate.format
    return _node(
        "Root", inputs="0", project_directory=r'"\[python \{nuke.script_directory()\}]"',
        frame=str(span.start), first_frame=str(span.start), last_frame=str(span.stop - 1),
        lock_range="true", fps=_rate(folder.plate.frames.rate), format=_format(form),
    )  # fmt: skip


def _read(folder: ShotFolder, kind: str, name: str, across: int) -> _Node:
    first, last = str(folder.numbers.start), str(folder.numbers.stop - 1)
    file_type = "exr" if kind == "layers" else folder.suffix.lstrip(".")
    return _node(
        "Read", inputs="0", file_type=file_type, file=folder.pattern(kind),
        format=_format(folder.plate.format), first=first, last=last, origfirst=first,
        origlast=last, origset="true", on_error="error", raw="true", name=name, xpos=str(across),
        ypos="0",
    )  # fmt: skip


def _write(folder: ShotFolder, form: PictureFormat, encoding: LayerEncoding) -> _Node:
    kind = folder.suffix.lstrip(".") if encoding.own else "exr"
    if kind == "exr":
        half = form.floating and form.bits == 16
        depth = '"16 bit half"' if half else '"32 bit float"'
    else:
        depth = f'"{form.bits} bit"'
    return _node(
        "Write", channels="rgb", file=folder.pattern("comp"), file_type=kind, datatype=depth,
        raw="true", create_directories="true", name="Comp", xpos="160", ypos="220",
    )  # fmt: skip


def _format(form: PictureFormat) -> str:
    wide, high = form.width, form.height
    return f'"{wide} {high} 0 0 {wide} {high} {float(form.pixel_aspect):g} plate"'


def _rate(rate: Fraction) -> str:
    return f"{float(rate):.6f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    """As a quoted knob; TCL would read brackets and dollars."""
    for mark in ("\\", '"', "[", "]", "$", "{", "}"):
        text = text.replace(mark, f"\\{mark}")
    return '"' + text.replace("\n", "\\n") + '"'
