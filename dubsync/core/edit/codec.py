"""Codecs of edit media: the second picture of a render, which editors' programs open at once.

The lossless master stays beside it.  Whoever writes or links edit media asks this table; it knows
what each codec is, which containers hold it, and which pictures it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.timecode import TIMECODE_RATES

#: Containers by the name they have in dubsync.toml -> suffix of a file.
CONTAINERS = MappingProxyType(
    {"mov": ".mov", "mp4": ".mp4", "mxf": ".mxf", "mxf_opatom": ".mxf", "sequence": ""}
)
_NTSC = [Fraction(n * 1000, 1001) for n in (24, 30, 60)]
#: Frame rates of broadcast and film, for which DNxHD and XAVC are defined.
BROADCAST_RATES = (_NTSC[0], Fraction(24), Fraction(25), _NTSC[1], Fraction(50), _NTSC[2])


@dataclass(frozen=True, slots=True)
class EditCodec:
    """One codec of edit media.

    name        its name in dubsync.toml: [delivery] edit = "prores422hq"
    label       its name for people
    containers  that hold it, the usual one first; names from CONTAINERS
    bits        of each sample
    chroma      log2 of its subsampling, as in PictureFormat; (0, 0) is 4:4:4
    alpha       whether it keeps transparency
    rgb         whether it stores R, G and B rather than luma and chroma
    smallest    least (width, height); (0, 0): any
    largest     most (width, height); (0, 0): any
    sizes       the only (width, height) that it takes; (): any
    rates       the only frame rates that it takes; (): any
    source      the document that defines it
    """

    name: str
    label: str
    containers: tuple[str, ...]
    bits: int
    chroma: tuple[int, int]
    source: str
    alpha: bool = False
    rgb: bool = False
    smallest: tuple[int, int] = (0, 0)
    largest: tuple[int, int] = (0, 0)
    sizes: tuple[tuple[int, int], ...] = ()
    rates: tuple[Fraction, ...] = ()

    @property
    def usual(self) -> str:
        """The container in which it is delivered unless another is asked for."""
        return self.containers[0]


_PRORES = "Apple ProRes White Paper (2022); SMPTE RDD 36:2015"
_DNX = "SMPTE ST 2019-1:2016, in MXF by ST 2019-4"
_XAVC = "Sony XAVC Intra (H.264 High 4:2:2 Intra, level and classes as SMPTE RP 2027 has them)"
_TABLE = (
    EditCodec("prores422hq", "ProRes 422 HQ", ("mov",), 10, (1, 0), _PRORES),
    EditCodec("prores4444", "ProRes 4444", ("mov",), 10, (0, 0), _PRORES, alpha=True),
    EditCodec("prores4444xq", "ProRes 4444 XQ", ("mov",), 10, (0, 0), _PRORES, alpha=True),
    EditCodec(
        "dnxhr_hqx", "DNxHR HQX", ("mxf_opatom", "mxf", "mov"), 10, (1, 0), _DNX,
        smallest=(256, 120), largest=(15360, 8640),
    ),
    EditCodec(
        "dnxhr_444", "DNxHR 444 (RGB)", ("mxf_opatom", "mxf", "mov"), 10, (0, 0), _DNX, rgb=True,
        smallest=(256, 120), largest=(15360, 8640),
    ),
    EditCodec(  # compression ids 1235 and 1250
        "dnxhd", "DNxHD (10 bits, 4:2:2)", ("mxf_opatom", "mxf", "mov"), 10, (1, 0), _DNX,
        sizes=((1920, 1080), (1280, 720)), rates=BROADCAST_RATES,
    ),
    EditCodec(
        "xavc", "XAVC Intra", ("mxf",), 10, (1, 0), _XAVC,
        sizes=((1920, 1080), (3840, 2160), (4096, 2160)),
        rates=tuple(rate for rate in BROADCAST_RATES if rate != 24),
    ),
    EditCodec("h264", "H.264", ("mov", "mp4"), 8, (1, 1), "ITU-T H.264, High profile"),
    EditCodec(
        "exr", "EXR (half floats)", ("sequence",), 16, (0, 0), "OpenEXR 3", alpha=True, rgb=True
    ),
    EditCodec("dpx", "DPX", ("sequence",), 10, (0, 0), "SMPTE ST 268-1:2014", rgb=True),
)  # fmt: skip
#: Name -> codec.
EDIT_CODECS: Mapping[str, EditCodec] = MappingProxyType({codec.name: codec for codec in _TABLE})


def edit_codec(name: str) -> EditCodec:
    """The codec called `name`.  Raises SettingsError if there is none."""
    if name not in EDIT_CODECS:
        raise SettingsError(
            f"unknown codec of edit media {name!r}", hint="choose one of: " + ", ".join(EDIT_CODECS)
        )
    return EDIT_CODECS[name]


def check_edit_picture(
    codec: EditCodec, container: str, form: PictureFormat, rate: Fraction
) -> None:
    """Raise DeliveryError where `codec` in `container` cannot hold such pictures at that rate.

    The error names what is near.  Opens no file, so it can be asked before any work.
    """
    size = f"{form.width}x{form.height}"
    if container not in codec.containers:
        raise DeliveryError(
            f"{codec.label} is not delivered in {container}",
            hint="choose edit_container: " + " or ".join(codec.containers),
        )
    for side, length, log2 in (
        ("width", form.width, codec.chroma[0]), ("height", form.height, codec.chroma[1]),
    ):  # fmt: skip
        if length % (1 << log2):
            raise DeliveryError(
                f"{codec.label} halves the chroma, so it cannot hold the odd {side} of {size}",
                hint="choose one with chroma at every sample: prores4444, dnxhr_444, exr or dpx",
            )
    if codec.sizes and (form.width, form.height) not in codec.sizes:
        near = min(codec.sizes, key=lambda s: abs(s[0] - form.width) + abs(s[1] - form.height))
        raise DeliveryError(
            f"{codec.label} is not defined for {size}; the nearest size is {near[0]}x{near[1]}",
            hint="choose dnxhr_hqx, which takes any size, or prores422hq",
        )
    least, most = codec.smallest, codec.largest
    if least > (0, 0) and (form.width < least[0] or form.height < least[1]):
        raise DeliveryError(
            f"{codec.label} begins at {least[0]}x{least[1]}, and the picture is {size}",
            hint="choose prores422hq, which takes any size",
        )
    if most > (0, 0) and (form.width > most[0] or form.height > most[1]):
        raise DeliveryError(
            f"{codec.label} ends at {most[0]}x{most[1]}, and the picture is {size}",
            hint="choose prores422hq or exr",
        )
    rates = codec.rates or (TIMECODE_RATES if container.startswith("mxf") else ())
    if rates and rate not in rates:
        near_rate = min(rates, key=lambda r: abs(r - rate))
        raise DeliveryError(
            f"{codec.label if codec.rates else 'MXF'} is not defined at {rate} frames per second; "
            f"the nearest rate is {near_rate}",
            hint='choose prores422hq, or dnxhr_hqx with edit_container = "mov": they take any rate',
        )
