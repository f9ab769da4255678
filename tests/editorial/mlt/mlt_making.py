"""Small documents of MLT XML, as Kdenlive, Shotcut and people write them."""

from __future__ import annotations

PROFILE = (
    '<profile width="1920" height="1080" progressive="1" sample_aspect_num="1" '
    'sample_aspect_den="1" display_aspect_num="16" display_aspect_den="9" '
    'frame_rate_num="24" frame_rate_den="1" colorspace="709"/>'
)


def prop(name: str, value: object) -> str:
    """A property."""
    return f'<property name="{name}">{value}</property>'


def producer(id_: str, file: str, *more: str, length: int = 240) -> str:
    """A producer of a file."""
    inner = prop("resource", file) + prop("mlt_service", "avformat") + prop("length", length)
    return f'<producer id="{id_}">{inner}{"".join(more)}</producer>'


def entry(id_: str, low: object, last: object, inner: str = "") -> str:
    """An entry of a playlist."""
    return f'<entry producer="{id_}" in="{low}" out="{last}">{inner}</entry>'


def mlt(*inner: str, profile: str = PROFILE, **attributes: str) -> str:
    """A document at 24 fps."""
    stated = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<?xml version="1.0"?>\n<mlt LC_NUMERIC="C"{stated}>{profile}{"".join(inner)}</mlt>'


def melted(*entries: str, files: str = "") -> str:
    """One playlist, as `melt` writes it."""
    made = files or producer("a", "a.mov") + producer("b", "b.mov")
    return mlt(made, f'<playlist id="p">{"".join(entries)}</playlist>')


#: As Kdenlive 22.12 saves it: a bin, two playlists a track, a mix, sound below, a guide.
KDENLIVE = mlt(
    producer("producer0", "media/a.mov", prop("kdenlive:id", 2), prop("kdenlive:clipname", "A"),
             prop("meta.attr.0.stream.timecode.markup", "10:00:00:00"),
             prop("meta.media.frame_rate_num", 24), prop("meta.media.frame_rate_den", 1)),
    producer("producer1", "media/b.proxy.mov", prop("kdenlive:id", 3),
             prop("kdenlive:proxy", "media/b.proxy.mov"),
             prop("kdenlive:originalurl", "media/b.mov")),
    '<playlist id="main_bin">', prop("kdenlive:docproperties.version", "1.04"),
    prop("kdenlive:docproperties.kdenliveversion", "22.12.3"),
    prop("kdenlive:docproperties.guides",
         '[{&quot;comment&quot;: &quot;look&quot;, &quot;pos&quot;: 24, &quot;type&quot;: 8}]'),
    prop("xml_retain", 1), entry("producer0", 0, 239), entry("producer1", 0, 239), "</playlist>",
    '<producer id="black_track" in="0" out="71">', prop("resource", "black"),
    prop("mlt_service", "color"), "</producer>",
    producer("producer2", "media/a.mov", prop("kdenlive:id", 2), prop("set.test_image", 1)),
    f'<playlist id="playlist0">{prop("kdenlive:audio_track", 1)}',
    entry("producer2", "00:00:01.000", "00:00:01.958"), "</playlist>",
    f'<playlist id="playlist1">{prop("kdenlive:audio_track", 1)}</playlist>',
    f'<tractor id="tractor0" in="0" out="71">{prop("kdenlive:audio_track", 1)}',
    '<track hide="video" producer="playlist0"/><track hide="video" producer="playlist1"/>',
    "</tractor>",
    producer("producer3", "media/a.mov", prop("kdenlive:id", 2), prop("set.test_audio", 1)),
    producer("producer4", "media/b.proxy.mov", prop("kdenlive:id", 3), prop("set.test_audio", 1)),
    f'<playlist id="playlist2">{entry("producer3", 24, 55)}</playlist>',
    f'<playlist id="playlist3"><blank length="24"/>{entry("producer4", 10, 57)}</playlist>',
    '<tractor id="tractor1" in="0" out="71">',
    '<track hide="audio" producer="playlist2"/><track hide="audio" producer="playlist3"/>',
    '<transition in="24" out="31">', prop("a_track", 0), prop("b_track", 1),
    prop("mlt_service", "luma"), prop("kdenlive_id", "luma"), prop("kdenlive:mixcut", 4),
    "</transition></tractor>",
    '<tractor id="tractor2" in="0" out="71"><track producer="black_track"/>',
    '<track producer="tractor0"/><track producer="tractor1"/>',
    "<transition>", prop("a_track", 0), prop("b_track", 1), prop("mlt_service", "mix"),
    prop("internal_added", 237), prop("always_active", 1), "</transition>",
    "<transition>", prop("a_track", 0), prop("b_track", 2), prop("mlt_service", "qtblend"),
    prop("internal_added", 237), prop("always_active", 1), "</transition></tractor>",
    producer="main_bin",
)  # fmt: skip

#: As Shotcut writes it: sound in the picture tracks, a mix as an entry, markers.
SHOTCUT = mlt(
    '<producer id="black" in="0" out="71">', prop("resource", "0"), prop("mlt_service", "color"),
    f'</producer><playlist id="background">{entry("black", 0, 71)}</playlist>',
    producer("chain0", "a.mov"), producer("chain1", "b.mov"),
    producer("a1", "a.mov"), producer("b1", "b.mov"),
    '<tractor id="tractor0" in="0" out="7">', prop("shotcut:transition", "lumaMix"),
    '<track producer="a1" in="24" out="31"/><track producer="b1" in="10" out="17"/>',
    '<transition in="0" out="7">', prop("a_track", 0), prop("b_track", 1),
    prop("mlt_service", "luma"), "</transition>",
    '<transition in="0" out="7">', prop("a_track", 0), prop("b_track", 1),
    prop("mlt_service", "mix"), prop("start", -1), "</transition></tractor>",
    f'<playlist id="playlist0">{prop("shotcut:video", 1)}{prop("shotcut:name", "V1")}',
    entry("chain0", 0, 23), '<entry producer="tractor0" in="0" out="7"/>',
    entry("chain1", 18, 57), "</playlist>",
    f'<tractor id="tractor1" title="Shotcut version 23.05.14" in="0" out="71">{prop("shotcut", 1)}',
    '<properties name="shotcut:markers"><properties name="0">', prop("text", "look"),
    prop("start", "00:00:01.000"), prop("end", "00:00:02.000"), prop("color", "#ff0000"),
    "</properties></properties>",
    '<track producer="background"/><track producer="playlist0"/>',
    "<transition>", prop("a_track", 0), prop("b_track", 1), prop("mlt_service", "mix"),
    prop("always_active", 1), prop("sum", 1), "</transition></tractor>",
    title="Shotcut version 23.05.14", producer="main_bin",
)  # fmt: skip
