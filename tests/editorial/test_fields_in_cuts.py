"""Cuts that are written state the field order and the pixels of the corrected clips."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from dubsync.core.picture import FieldName
from dubsync.core.reading.turned import Turned
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.fcpxml.write_resources import ResourceTable
from dubsync.editorial.tracks.layout import Layout
from dubsync.editorial.xmeml.write_items import characteristics
from tests.media.written_plates import format_of

PAL = Fraction(25)


@pytest.mark.parametrize(
    ("fields", "dominance"), [("", "none"), ("top", "upper"), ("bottom", "lower")]
)
@pytest.mark.parametrize(
    ("aspect", "name", "wide"),
    [(Fraction(1), "square", "FALSE"), (Fraction(64, 45), "PAL-601", "TRUE"),
     (Fraction(10, 11), "NTSC-601", "FALSE"), (Fraction(4, 3), "HD-(1440x1080)", "FALSE"),
     (Fraction(2), "square", "FALSE")],
)  # fmt: skip
def test_fcp7_xml_names_pixels_and_field_dominance(
    fields: FieldName, dominance: str, aspect: Fraction, name: str, wide: str
) -> None:
    form = replace(format_of("yuv420p"), pixel_aspect=aspect, fields=fields)
    node = characteristics(PAL, *form.shown_size, form)
    said = {child.tag: child.text for child in node.children}
    assert (said["pixelaspectratio"], said["anamorphic"]) == (name, wide)
    assert said["fielddominance"] == dominance


def test_fcpxml_has_a_format_for_each_field_order_and_shown_size() -> None:
    table = ResourceTable(Layout(ProbedCut("c", "fcpxml", (), ())), None)
    plain = format_of("yuv420p", width=720, height=576)
    turned = replace(plain, turned=Turned(1), pixel_aspect=Fraction(64, 45))
    forms = [plain, replace(plain, fields="top"), replace(plain, fields="bottom"), turned, plain]
    ids = [table.format(PAL, form) for form in forms]
    assert len(set(ids)) == 4 and ids[0] == ids[4]
    said = [node.attributes for node in table.nodes]
    assert [one.get("fieldOrder") for one in said] == [None, "upper first", "lower first", None]
    assert (said[3]["width"], said[3]["height"]) == ("576", "720")
    assert (said[3]["paspH"], said[3]["paspV"]) == ("45", "64")  # as shown
