"""The credit that tells viewers what was altered, in the language of the dub.

Regulation (EU) 2024/1689 (AI Act), article 50(4): for an evidently artistic work the disclosure is
made "in an appropriate manner that does not hamper the display or enjoyment of the work".
"""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.proof.disclosure import PARTS, Part

#: Language -> the sentence, then what was altered, in the order of PARTS.
_SENTENCES: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("In this dubbed version, performers' {} were altered with artificial intelligence (AI)"
           " to match the dub.",
           "lip movements", "lip movements and facial expressions",
           "lip and head movements and facial expressions"),
    "de": ("In dieser Synchronfassung wurden {} von Darstellerinnen und Darstellern mit"
           " künstlicher Intelligenz (KI) an den Dialog angepasst.",
           "Lippenbewegungen", "Lippenbewegungen und Gesichtsausdrücke",
           "Lippen- und Kopfbewegungen und Gesichtsausdrücke"),
    "fr": ("Dans cette version doublée, {} d’interprètes ont été modifiés à l’aide de"
           " l’intelligence artificielle (IA) pour correspondre au doublage.",
           "les mouvements des lèvres",
           "les mouvements des lèvres et les expressions du visage",
           "les mouvements des lèvres et de la tête et les expressions du visage"),
    "es": ("En esta versión doblada, {} de intérpretes se han modificado con inteligencia"
           " artificial (IA) para ajustarlos al doblaje.",
           "los movimientos labiales", "los movimientos labiales y las expresiones faciales",
           "los movimientos labiales y de la cabeza y las expresiones faciales"),
    "it": ("In questa versione doppiata, {} di alcuni interpreti sono stati modificati con"
           " l’intelligenza artificiale (IA) per seguire il doppiaggio.",
           "i movimenti delle labbra", "i movimenti delle labbra e le espressioni del viso",
           "i movimenti delle labbra e della testa e le espressioni del viso"),
    "pt": ("Nesta versão dobrada, {} de intérpretes foram alterados com inteligência artificial"
           " (IA) para acompanhar a dobragem.",
           "os movimentos labiais", "os movimentos labiais e as expressões faciais",
           "os movimentos labiais e da cabeça e as expressões faciais"),
    "pt-br": ("Nesta versão dublada, {} de intérpretes foram alterados com inteligência artificial"
              " (IA) para acompanhar a dublagem.",
              "os movimentos labiais", "os movimentos labiais e as expressões faciais",
              "os movimentos labiais e da cabeça e as expressões faciais"),
    "nl": ("In deze nagesynchroniseerde versie zijn {} van acteurs met kunstmatige intelligentie"
           " (AI) aangepast aan de dialoog.",
           "lipbewegingen", "lipbewegingen en gezichtsuitdrukkingen",
           "lip- en hoofdbewegingen en gezichtsuitdrukkingen"),
    "pl": ("W tej wersji dubbingowanej {} aktorów zostały zmienione za pomocą sztucznej"
           " inteligencji (AI), aby pasowały do dubbingu.",
           "ruchy ust", "ruchy ust i mimika", "ruchy ust i głowy oraz mimika"),
    "sv": ("I denna dubbade version har skådespelares {} ändrats med artificiell intelligens (AI)"
           " för att passa dubbningen.",
           "läpprörelser", "läpprörelser och ansiktsuttryck",
           "läpp- och huvudrörelser och ansiktsuttryck"),
    "da": ("I denne eftersynkroniserede version er skuespilleres {} ændret med kunstig intelligens"
           " (AI), så de passer til dialogen.",
           "læbebevægelser", "læbebevægelser og ansigtsudtryk",
           "læbe- og hovedbevægelser og ansigtsudtryk"),
    "nb": ("I denne dubbede versjonen er skuespilleres {} endret med kunstig intelligens (KI) for"
           " å passe til dubbingen.",
           "leppebevegelser", "leppebevegelser og ansiktsuttrykk",
           "leppe- og hodebevegelser og ansiktsuttrykk"),
    "ja": ("この吹替版では、出演者の{}が吹替音声に合わせて人工知能（AI）により変更されています。",
           "口の動き", "口の動きと表情", "口と頭の動きおよび表情"),
    "ko": ("이 더빙판에서는 출연자의 {}이 더빙 음성에 맞도록 인공지능(AI)으로 변경되었습니다.",
           "입 모양", "입 모양과 표정", "입 모양, 표정 및 머리 움직임"),
    "zh": ("在此配音版本中，演员的{}经人工智能（AI）修改，以与配音相符。",
           "口型", "口型和面部表情", "口型、面部表情和头部动作"),
}  # fmt: skip
_SAME: Mapping[str, str] = {"no": "nb", "nn": "nb", "cmn": "zh", "yue": "zh"}


def credit_lines(language: str, part: Part) -> tuple[str, ...]:
    """The credit in `language`, then in English; English alone where the language is not known.

    Args:
        language: BCP 47 tag of the dub.
        part: the most of any performer that was altered.

    >>> credit_lines("en-GB", "mouth")[0][:49]
    "In this dubbed version, performers' lip movements"
    >>> len(credit_lines("it-IT", "head")), len(credit_lines("", "head"))
    (2, 1)
    """
    names = dict.fromkeys((_known(language), "en"))
    return tuple(_sentence(name, part) for name in names)


def _known(language: str) -> str:
    """The key of a BCP 47 tag in the table; "en" where there is none."""
    tag = language.lower()
    first = tag.split("-")[0]
    first = _SAME.get(first, first)
    return next((key for key in (tag, first) if key in _SENTENCES), "en")


def _sentence(key: str, part: Part) -> str:
    sentence, *parts = _SENTENCES[key]
    return sentence.format(parts[PARTS.index(part)])
