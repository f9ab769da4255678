"""The sound tracks of a file, the one that fits a language, and what of it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: How a track was chosen.
ChosenBy = Literal["number", "language", "default", "only"]

#: ISO 639-1 code, then its ISO 639-2 codes (terminology, bibliographic); from the Library of
#: Congress's list, for languages that films are dubbed into.
_CODES = (
    "af afr,am amh,ar ara,az aze,be bel,bg bul,bn ben,bo bod tib,bs bos,ca cat,cs ces cze,"
    "cy cym wel,da dan,de deu ger,el ell gre,en eng,eo epo,es spa,et est,eu eus baq,fa fas per,"
    "fi fin,fo fao,fr fra fre,fy fry,ga gle,gd gla,gl glg,gu guj,ha hau,he heb,hi hin,hr hrv,"
    "ht hat,hu hun,hy hye arm,id ind,ig ibo,is isl ice,it ita,ja jpn,jv jav,ka kat geo,kk kaz,"
    "km khm,kn kan,ko kor,ku kur,ky kir,la lat,lb ltz,lo lao,lt lit,lv lav,mi mri mao,"
    "mk mkd mac,ml mal,mn mon,mr mar,ms msa may,mt mlt,my mya bur,ne nep,nl nld dut,no nor,"
    "nb nob,nn nno,oc oci,or ori,pa pan,pl pol,ps pus,pt por,qu que,rm roh,ro ron rum,ru rus,"
    "sd snd,si sin,sk slk slo,sl slv,sm smo,so som,sq sqi alb,sr srp,sv swe,sw swa,ta tam,te tel,"
    "tg tgk,th tha,tk tuk,tl tgl,tr tur,tt tat,ug uig,uk ukr,ur urd,uz uzb,vi vie,wo wol,xh xho,"
    "yi yid,yo yor,zh zho chi,zu zul"
)
#: Any code of a language -> its first code.
_FIRST = {code: row.split()[0] for row in _CODES.split(",") for code in row.split()}
#: Languages that files name by a wider or a narrower code: Norwegian, Filipino, Chinese, Farsi.
_FIRST |= {"nob": "no", "nno": "no", "nb": "no", "nn": "no", "fil": "tl", "cmn": "zh", "yue": "zh",
           "pes": "fa", "prs": "fa", "zsm": "ms", "arb": "ar", "hbs": "sr"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """One track of sound in a file.

    number    from 1, in the file's order
    streams   places among the file's sound streams, from 0; several where mono streams are the
              channels of one recording, as in broadcast MXF
    channels  how many it has
    names     name of each channel ("FC", "DIA"), "" where none is stated
    language  as the file states it, mostly ISO 639-2; "" where it states none
    title     as the file states it
    default   whether the file marks it as the one to play
    """

    number: int
    streams: tuple[int, ...]
    sample_rate: int
    channels: int
    names: tuple[str, ...] = ()
    language: str = ""
    title: str = ""
    default: bool = False

    @property
    def called(self) -> str:
        """How messages name it: "2 (deu)"."""
        known = ", ".join(text for text in (self.language, self.title) if text)
        return f"{self.number} ({known})" if known else str(self.number)


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """What of a file's sound is heard: a track, and channels of it.

    track     number of the track, from 1; 0: the file's own, see `own_track`
    channels  numbers of its channels, from 1; they are averaged.  Empty: all
    """

    track: int = 0
    channels: tuple[int, ...] = ()


#: The file's own track, with all of its channels.
WHOLE = SoundChoice()


def own_track(tracks: Sequence[SoundTrack]) -> SoundTrack:
    """The track that a player would play: the first marked as default, else the first."""
    return next((track for track in tracks if track.default), tracks[0])


def track_for(tracks: Sequence[SoundTrack], language: str) -> tuple[SoundTrack, ChosenBy]:
    """The track in `language` (BCP-47), else the file's own; and why.

    Of several in that language the one marked as default is taken, else the first.
    """
    if len(tracks) == 1:
        return tracks[0], "only"
    fitting = [track for track in tracks if same_language(language, track.language)]
    return (own_track(fitting), "language") if fitting else (own_track(tracks), "default")


def same_language(tag: str, code: str) -> bool:
    """Whether a BCP-47 `tag` and a file's language `code` name the same language.

    Regions do not count; "und", "mul", "mis" and "zxx" (no language) are the same as nothing.

    >>> same_language("de-AT", "ger"), same_language("de-DE", "eng"), same_language("und", "und")
    (True, False, False)
    """
    one, other = (text.lower().replace("_", "-").partition("-")[0] for text in (tag, code))
    if not one or not other or {one, other} & {"und", "mul", "mis", "zxx"}:
        return False
    return _FIRST.get(one, one) == _FIRST.get(other, other)
