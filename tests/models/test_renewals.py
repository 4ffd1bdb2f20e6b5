"""Renewal dates: due within a period, overdue, cancelled, and the evidence on which they rest."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from accords.db.audit_log import unrecorded
from accords.db.date_bands import BAND_DAYS
from accords.models import Agreement, Renewal
from accords.models.base import Band
from accords.rules import edtf, status
from accords.services import renewals_changed
from accords.vocabulary import AgreementStatus, RenewalKind, RenewalMode, RenewalStatus
from tests import factories

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 23)
DUES = (
    *("2026-11-22", "2026-11-23", "2026-11-24", "2027-02-21", "2027-02-22", "2026-11", "2026", "2027", "2026-11-23~"),
    *("2025~", "202X", "20XX", "2020/2030", "../2026-11-22", "../2026-12", "2027-02-21/..", "2027-02-22/..", "2001/.."),
    *("XXXX-11", "", "0001-01-01", "9999-12-31", "2025-11-22/2026-11-23", "2025-11-22/2026-11-22"),
)


@pytest.fixture
def renewals_by_due() -> dict[str, Renewal]:
    """Create a renewal for each form of date, by its text."""
    agreement = factories.agreement()
    fields = {"basis": "stated", "offset": ""}
    return {due: factories.renewal(agreement, number, due=due, **fields) for number, due in enumerate(DUES, start=1)}


def dues(queryset: Any) -> set[str]:
    return set(queryset.values_list("due", flat=True))


def bounded(strand: Band) -> Any:
    rows = strand.rows.filter(due_earliest__lte=strand.high)
    return rows if strand.low is None else rows.filter(due_earliest__gte=strand.low)


def possible(first: date, last: date) -> set[str]:
    """Return the dates that can be between two days: at least one bound is known, and neither excludes it."""
    all_bounds = {due: edtf.bounds(due) for due in DUES}
    return {
        due
        for due, (earliest, latest) in all_bounds.items()
        if (earliest or latest) and (earliest or date.min) <= last and (latest or date.max) >= first
    }


SPANS = {
    "P90D": (ON, date(2027, 2, 21)),
    "P1D": (ON, date(2026, 11, 24)),
    "P100Y": (ON, date(2126, 11, 23)),
    "P9999Y": (ON, date.max),
}


@pytest.mark.parametrize("duration", SPANS)
def test_due_within_finds_every_date_that_may_lie_there(duration: str, renewals_by_due: dict[str, Renewal]) -> None:
    expected = possible(*SPANS[duration])
    assert dues(Renewal.objects.due_within(duration, ON)) == expected
    assert expected < set(DUES)


@pytest.mark.parametrize("duration", SPANS)
def test_the_strands_are_the_same_rows_in_parts(duration: str, renewals_by_due: dict[str, Renewal]) -> None:
    rows = Renewal.objects.filter(kind="renegotiation").due_within(duration, ON).filter(basis="stated")
    strands = [dues(bounded(strand)) for strand in rows.date_bands("due_earliest")]
    assert len(strands) == len(BAND_DAYS)
    assert sum(map(len, strands)) == len(set().union(*strands))
    assert set().union(*strands) == dues(rows.filter(due_earliest__isnull=False))


@pytest.mark.parametrize("day", [date.min, date(1, 6, 1), date(2026, 11, 22), date(2026, 11, 23), date.max])
def test_the_strands_hold_for_any_question_about_when(day: date, renewals_by_due: dict[str, Renewal]) -> None:
    begun = Renewal.objects.filter(due_earliest__isnull=False)
    for rows in (begun.possibly_by("due", day), begun.possibly_from("due", day)):
        strands = rows.date_bands("due_earliest")
        assert set().union(*(dues(bounded(strand)) for strand in strands)) == (dues(rows) if strands else set())


def test_two_questions_together_ask_for_the_days_that_both_leave() -> None:
    rows = Renewal.objects.possibly_from("due", ON).possibly_by("due", date(2027, 1, 1))
    rows = rows.possibly_from("due", date(2026, 12, 1)).possibly_by("due", date(2028, 1, 1))
    assert rows.period == (date(2026, 12, 1), date(2027, 1, 1))


def test_without_a_question_about_when_and_in_another_order_there_are_no_strands() -> None:
    assert Renewal.objects.date_bands("due_earliest") == []
    assert Renewal.objects.due_within("P1Y", ON).date_bands("id") == []
    assert Renewal.objects.certainly_by("due", ON).date_bands("due_earliest") == []


# Overdue: one table through the rule of a row and through the filter of the database.

DATES = ("2026-11-22", "2026-11-23", "2026", "2025", "2025/..", "../2025", "XXXX-11", "")


def every_row() -> list[Renewal]:
    """Create renewals of every kind and status under agreements of every mode and status, with a form of date in turn.

    Every kind with every status has every form of date, and so has every agreement.
    """
    rows: list[Renewal] = []
    for turn, (mode, word) in enumerate(product(RenewalMode.values, AgreementStatus.values)):
        agreement = factories.agreement(f"{mode}-{word}".replace("_", "-"), renewal_mode=mode, status=word)
        for kind, state in product(RenewalKind.values, RenewalStatus.values):
            names = {"kind": kind, "status": state, "due": DATES[(len(rows) + turn) % len(DATES)], "basis": "stated"}
            rows.append(Renewal(agreement=agreement, sequence=len(rows) + 1, **names))
    Renewal.objects.bulk_create(rows)
    replaced = Agreement.objects.get(slug="negotiated-in-force")
    factories.agreement("successor", supersedes=replaced)
    drafted = Agreement.objects.get(slug="optional-in-force")
    factories.agreement("draft", supersedes=drafted, is_published=False)
    Agreement.objects.filter(slug="negotiated-terminated").update(status_since="2026-11-24")
    with unrecorded():
        renewals_changed(Agreement.objects.values_list("pk", flat=True), on=ON)
    return rows


def test_the_filter_and_the_row_agree_on_what_is_overdue() -> None:
    every_row()
    late = set(Renewal.objects.overdue(True, ON).values_list("pk", flat=True))
    rest = set(Renewal.objects.overdue(False, ON).values_list("pk", flat=True))
    rows = Renewal.objects.select_related("agreement")
    answers = {row.pk: row.is_overdue(ON) for row in rows}
    assert late == {pk for pk, overdue in answers.items() if overdue}
    assert rest == {pk for pk, overdue in answers.items() if not overdue}
    assert len(late) > 50


@pytest.mark.parametrize(
    ("fields", "mode", "overdue"),
    [
        ({"due": "2026-11-22"}, "negotiated", True),
        ({"due": "2026-11-23"}, "negotiated", False),
        ({"due": "2025"}, "negotiated", True),
        ({"due": "2026"}, "negotiated", False),
        ({"due": "../2025"}, "negotiated", True),
        ({"due": "2025/.."}, "negotiated", False),
        ({"due": "XXXX-11"}, "negotiated", False),
        ({"due": ""}, "negotiated", False),
        ({"due": "2025", "status": "scheduled"}, "negotiated", True),
        ({"due": "2025", "status": "concluded"}, "negotiated", False),
        ({"due": "2025", "status": "missed"}, "negotiated", False),
        ({"due": "2025", "kind": "review"}, "automatic", True),
        ({"due": "2025", "kind": "renewal"}, "optional", True),
        ({"due": "2025", "kind": "renewal"}, "automatic", False),
        ({"due": "2025", "kind": "expiry"}, "none", False),
        ({"due": "2025", "kind": "notice_deadline"}, "negotiated", False),
    ],
)
def test_overdue_is_what_someone_had_to_do(fields: dict[str, str], mode: str, overdue: bool) -> None:
    row = factories.renewal(factories.agreement(renewal_mode=mode), **fields | {"basis": "stated", "offset": ""})
    assert Renewal.objects.get().is_overdue(ON) is overdue
    assert Renewal.objects.overdue(True, ON).exists() is overdue
    if row.status not in ("concluded", "missed"):
        assert status.overdue(row.kind, row.due, mode, ON) is overdue


@pytest.mark.parametrize("published", [True, False])
def test_nothing_is_overdue_once_a_published_agreement_takes_its_place(published: bool) -> None:
    deal = factories.agreement()
    row = factories.renewal(deal)
    factories.agreement("successor", supersedes=deal, is_published=published)
    renewals_changed([deal.pk], on=ON)
    assert Renewal.objects.get(pk=row.pk).is_overdue(ON) is not published
    assert Renewal.objects.overdue(True, ON).exists() is not published


@pytest.mark.parametrize(
    ("fields", "agreement", "successor", "cancelled"),
    [
        ({}, {}, None, False),
        ({"status": "missed"}, {}, None, True),
        ({"status": "concluded"}, {"status": "terminated"}, None, False),
        ({"status": "scheduled"}, {"status": "terminated"}, None, True),
        ({"kind": "expiry"}, {"status": "terminated", "ends": "2026-10-30"}, None, False),
        ({"kind": "expiry"}, {"status": "terminated"}, "2026-10-29", True),
        ({"kind": "expiry"}, {"status": "terminated"}, "2026-10-31", False),
        ({"kind": "expiry"}, {"renewal_mode": "none"}, None, False),
        ({"status": "scheduled"}, {"status": "terminated", "status_since": "2026-10-30"}, None, True),
        ({"status": "scheduled"}, {"status": "terminated", "status_since": "2026-10-31"}, None, False),
        ({"status": "scheduled"}, {"status": "terminated", "status_since": "2026"}, None, False),
        ({"kind": "expiry"}, {"status": "terminated", "status_since": "2026-05"}, None, True),
        ({"status": "scheduled"}, {"status": "suspended", "status_since": "2026-05"}, None, False),
        ({}, {}, "2026-10-29", True),
        ({}, {}, "2026-10-30", True),
        ({}, {}, "2026-10-31", False),
        ({}, {}, "2026-10", False),
        ({}, {}, "", False),
        ({"due": "2026/.."}, {}, "2026-10-29", False),
        ({"due": "2026"}, {}, "2026-10-29", False),
        ({"due": "2027"}, {}, "2026-10-29", True),
        ({"status": "concluded"}, {}, "2026-10-29", False),
    ],
)
def test_what_is_cancelled(
    fields: dict[str, str], agreement: dict[str, str], successor: str | None, cancelled: bool
) -> None:
    deal = factories.agreement(**agreement)
    row = factories.renewal(deal, **{"basis": "stated"} | fields)
    if successor is not None:
        factories.agreement("successor", supersedes=deal, effective=successor, status="in_force")
        factories.agreement("later", supersedes=deal, effective="2099", status="in_force")
    renewals_changed([deal.pk], on=ON)
    assert Renewal.objects.get(pk=row.pk).is_cancelled() is cancelled


def test_a_date_depends_on_what_the_terms_say_of_its_kind() -> None:
    roll = factories.agreement("roll", renewal_mode="automatic", notice_period="P1M", max_renewals=2)
    conditions = {
        (kind, sequence): factories.renewal(roll, sequence, kind=kind, due=due).condition
        for kind, sequence, due in (
            ("renewal", 1, "2026-10-30"),
            ("notice_deadline", 1, "2026-09-30"),
            ("expiry", 3, "2028-10-30"),
            ("renegotiation", 1, "2026-10-30"),
            ("review", 1, ""),
        )
    }
    assert conditions == {
        ("renewal", 1): "unless notice is given by 2026-09-30",
        ("notice_deadline", 1): "notice before 2026-10-30 is in time until this day",
        ("expiry", 3): "in any case: no renewal is left",
        ("renegotiation", 1): "",
        ("review", 1): "",
    }
    deal = factories.agreement("deal")
    stated = factories.renewal(deal, 7, due="", basis="stated", offset="")
    assert stated.condition == "only if both parties agree again"


def test_a_window_is_kept_by_what_is_asked_next_and_not_by_what_was_asked_before() -> None:
    whole = Renewal.objects.all()
    narrow = whole.possibly_from("due", ON)
    assert whole.period == Renewal.objects.all().period == (date.min, date.max)
    assert narrow.filter(kind="expiry").order_by("id").period == (ON, date.max)
    assert narrow.possibly_by("due", ON + timedelta(days=1)).period == (ON, ON + timedelta(days=1))
    assert narrow.period == (ON, date.max)
