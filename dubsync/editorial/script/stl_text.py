"""Text fields of EBU STL: the code tables of Tech 3264-E, and its control codes.

Source: EBU Tech 3264-E (1991), appendix 1: ISO 6937/2 (Latin), ISO 8859-5, -6, -7 and -8.
"""

from __future__ import annotations

import unicodedata

#: Character code table number -> codec; "00" is ISO 6937/2, decoded here.
TABLES = {"00": "", "01": "iso8859_5", "02": "iso8859_6", "03": "iso8859_7", "04": "iso8859_8"}
NEW_LINE, UNUSED = 0x8A, 0x8F

#: ISO 6937/2, bytes A0 to FF without the diacritics; "\0" stands for codes that it leaves free.
_UPPER = (
    "\u00a0¡¢£$¥#§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0―¹®©™♪¬¦\0\0\0\0⅛⅜⅝⅞"
    "ΩÆÐªĦ\0ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u00ad"
)
#: A diacritic of ISO 6937/2, which stands before its letter -> Unicode's combining character.
_DIACRITICS = {
    0xC1: "\u0300", 0xC2: "\u0301", 0xC3: "\u0302", 0xC4: "\u0303", 0xC5: "\u0304",
    0xC6: "\u0306", 0xC7: "\u0307", 0xC8: "\u0308", 0xCA: "\u030a", 0xCB: "\u0327",
    0xCD: "\u030b", 0xCE: "\u0328", 0xCF: "\u030c",
}  # fmt: skip


def text_of(field: bytes, table: str) -> tuple[str, int]:
    """(the text of a text field, the number of bytes that its table does not define).

    Control codes of teletext and open subtitles become spaces, line ends newlines.

    Args:
        table: the character code table, one of TABLES.

    >>> text_of(b"\\x0dCaf\\xc2e\\x8aNa\\xc8ive\\x8f", "00")
    (' Café\\nNaïve', 0)
    """
    parts: list[str] = []
    unknown, accent = 0, ""
    for byte in field:
        if byte == UNUSED:
            break
        if byte in _DIACRITICS and not table.strip("0"):
            accent = _DIACRITICS[byte]
            continue
        letter = _letter(byte, table)
        if not letter:
            unknown, letter = unknown + 1, "\ufffd"
        parts.append(unicodedata.normalize("NFC", letter + accent))
        accent = ""
    return "".join(parts), unknown


def _letter(byte: int, table: str) -> str:
    """The character of a byte; "" where the table defines none."""
    if byte == NEW_LINE:
        return "\n"
    if byte < 0x20 or 0x7F <= byte < 0xA0:
        return " "
    if byte < 0x7F:
        return "¤" if byte == 0x24 and table == "00" else chr(byte)
    if TABLES[table]:
        try:
            return bytes([byte]).decode(TABLES[table])
        except UnicodeDecodeError:
            return ""
    return _UPPER[byte - 0xA0].replace("\0", "")
