"""The mark of a machine-made line is kept in every format that dubsync writes."""

from fractions import Fraction

import pytest

from dubsync.core.script import Script, ScriptLine, machine_note
from dubsync.editorial.script.formats import FORMATS, parse_script, written

TEXT = "Buona sera, (?) Marc"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_machine_made_line_is_still_marked_when_it_is_read_again(kind):
    made = ScriptLine(
        "ELISE", TEXT, Fraction(3601), Fraction(3603), "1",
        notes=machine_note(TEXT, "ab" * 32, 0.7),
    )  # fmt: skip
    corrected = ScriptLine(
        "ELISE", "Buona notte.", Fraction(3604), Fraction(3605), "2", notes=made.notes
    )
    script = Script("", "x", (made, corrected), "it", rate=Fraction(24), start=Fraction(3600))

    data = written(script, kind).data
    back = parse_script(data, f"back.{kind}", Fraction(24))

    assert [line.unchecked for line in back.lines] == [True, False]
