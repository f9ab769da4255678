"""How far a record reaches: a wider record allows whatever a narrower one allows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.service.consent.operations import OPERATIONS
from dubsync.service.consent.records import ConsentRecord, require
from dubsync.service.consent.scope import (
    MEDIA,
    SCREEN,
    VOICE,
    Scope,
    Used,
    Where,
    delivery_places,
    places,
)
from dubsync.service.consent.signing import Retention

DAY = date(2026, 11, 30)
WIDE = ConsentRecord(
    "C-1", "elise", tuple(OPERATIONS), ("*",), "consent", "all of it", "E. Lise",
    date(2020, 1, 1), date(2040, 1, 1),
)  # fmt: skip
DAYS = st.dates(date(2019, 1, 1), date(2041, 1, 1))
USES = st.none() | st.integers(0, 4)


def some(*values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def records(draw):
    """Any record of elise."""
    first = draw(DAYS)
    return replace(
        WIDE, operations=draw(some(*OPERATIONS)), languages=draw(some("*", "fr", "fr-FR", "de")),
        valid_from=first, valid_until=first + timedelta(draw(st.integers(0, 4000))),
        revoked=draw(st.none() | DAYS), used=Used(draw(st.integers(0, 4)), draw(st.integers(0, 4))),
        scope=Scope(
            draw(some("*", "US", "US-CA", "DE", "AT")), draw(some("*", *MEDIA[:3])),
            draw(some("*", "A001C003", "A001*", "B*")), draw(st.sampled_from(("both", SCREEN))),
            draw(USES), draw(USES),
        ),
        retention=Retention(draw(st.none() | DAYS), draw(st.none() | DAYS)),
    )  # fmt: skip


@st.composite
def asks(draw):
    """Anything that may be asked: operation, language, day, and where."""
    where = Where(
        draw(st.sampled_from(("", "A001C003", "A001C009", "B7"))),
        draw(st.sampled_from(("", "?", "*", "US", "US-CA", "US-NY", "DE"))),
        draw(st.sampled_from(("", "?", "*", *MEDIA[:3]))),
        draw(st.sampled_from(("", SCREEN, VOICE))),
        draw(st.sampled_from(("", "renders", "deliveries"))),
    )
    language = draw(st.sampled_from(("fr", "fr-FR", "fr-CA", "de-AT", "it")))
    return draw(st.sampled_from(tuple(OPERATIONS))), language, draw(DAYS), where


@st.composite
def narrowed(draw, record):
    """The record, narrower in any of its dimensions."""

    def part(values):
        return draw(st.sampled_from([values, values[:1], values[-1:]]))

    def fewer(most):
        return draw(st.integers(0, 4 if most is None else most)) if draw(st.booleans()) else most

    scope = record.scope
    return replace(
        record,
        operations=part(record.operations), languages=part(record.languages),
        valid_from=record.valid_from + timedelta(draw(st.integers(0, 900))),
        valid_until=record.valid_until - timedelta(draw(st.integers(0, 900))),
        scope=replace(
            scope, territory=part(scope.territory), media=part(scope.media),
            shots=part(scope.shots),
            role=draw(st.sampled_from((SCREEN, VOICE))) if scope.role == "both" else scope.role,
            renders=fewer(scope.renders), deliveries=fewer(scope.deliveries),
        ),
    )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.data(), asks())
def test_a_wider_record_allows_whatever_a_narrower_one_allows(data, ask):
    wider = data.draw(records())
    narrower = data.draw(narrowed(wider))
    if narrower.covers("elise", *ask):
        assert wider.covers("elise", *ask)


@settings(max_examples=50, deadline=None)
@given(records(), asks())
def test_a_refusal_always_has_a_reason_and_an_allowance_none(record, ask):
    assert record.covers("elise", *ask) == (record.lack(*ask) == "")


@settings(max_examples=50, deadline=None)
@given(asks())
def test_a_record_from_before_these_keys_reaches_everywhere(ask):
    operation, language, _, where = ask
    assert WIDE.covers("elise", operation, language, DAY, where)


@settings(max_examples=50, deadline=None)
@given(records(), asks())
def test_nobody_allows_where_it_goes_if_nobody_said_where_unless_all_is_allowed(record, ask):
    operation, language, day, where = ask
    unsaid = replace(where, territory="?", media="?")
    if record.covers("elise", operation, language, day, unsaid):
        assert "*" in record.scope.territory and "*" in record.scope.media


def test_a_state_of_a_country_is_within_it_and_no_other_way_round():
    us = replace(WIDE, scope=Scope(territory=("US",)))
    california = replace(WIDE, scope=Scope(territory=("US-CA",)))
    ask = "lip_reenact", "fr", DAY
    assert us.covers("elise", *ask, Where(territory="US-CA", media="streaming"))
    assert not california.covers("elise", *ask, Where(territory="US", media="streaming"))


def test_the_last_use_is_refused_with_how_many_there_were():
    two = replace(WIDE, scope=Scope(deliveries=2), used=Used(deliveries=2))
    with pytest.raises(ConsentMissing, match="C-1 allows 2 deliveries, and all of them are made"):
        require([two], "elise", "lip_reenact", "fr", DAY, Where(new="deliveries"))
    assert require([two], "elise", "lip_reenact", "fr", DAY, Where(new="renders"))


@pytest.mark.parametrize(("territory", "says"), [
    ("UK", "write GB"), ("EU", "each country"), ("Germany", "no territory"), ("de", "no territory"),
])  # fmt: skip
def test_what_is_no_territory_is_refused_with_what_to_write(territory, says):
    with pytest.raises(SettingsError, match=says):
        delivery_places(territory, "streaming")


def test_a_delivery_goes_to_every_pair_of_its_territories_and_media():
    assert delivery_places("DE, AT", "streaming,x-museum") == (
        ("DE", "streaming"), ("DE", "x-museum"), ("AT", "streaming"), ("AT", "x-museum"),
    )  # fmt: skip
    assert places((), ()) == (("?", "?"),)
