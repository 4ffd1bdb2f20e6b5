"""Projecting renewals: all that follows from the terms, nothing that an editor recorded is lost, and twice is once."""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords import services
from accords.models import Agreement, Clause
from accords.rules.terms import BOUNDARIES, MAX_BOUNDARIES, steps
from accords.services import RenewalChanges, consolidated_text, extend_renewals, horizon
from accords.working_copies import make_working_copy
from tests import factories
from tests.examples import examples
from tests.renewals_table import GENOCIDE, TODAY, UNTIL, dues, project, record, row, rows, stored

pytestmark = pytest.mark.django_db


def test_the_deal_is_renegotiated_every_year_up_to_the_horizon() -> None:
    deal = factories.agreement()
    assert project(deal) == RenewalChanges(agreements=1, added=11, derived=1)
    assert rows(deal, basis="computed", status="projected") == [
        ("renegotiation", sequence, f"{2025 + sequence}-10-30") for sequence in range(1, 12)
    ]
    assert row(deal, 11).offset == "P11Y"


def test_the_genocide_convention_has_its_periods_and_its_notice_deadlines() -> None:
    convention = factories.agreement("genocide", **GENOCIDE)
    project(convention)
    assert rows(convention)[:2] == [("notice_deadline", 1, "1960-07-12"), ("renewal", 1, "1961-01-12")]
    assert rows(convention, due_earliest__gte=TODAY) == [
        ("notice_deadline", 15, "2030-07-12"),
        ("renewal", 15, "2031-01-12"),
        ("notice_deadline", 16, "2035-07-12"),
        ("renewal", 16, "2036-01-12"),
    ]


def test_a_notice_deadline_comes_even_if_its_end_lies_beyond_the_horizon() -> None:
    convention = factories.agreement("genocide", **GENOCIDE)
    project(convention, date(2030, 7, 12))
    assert rows(convention)[-1] == ("notice_deadline", 15, "2030-07-12")


def test_an_end_that_may_have_come_is_found_however_late_its_last_day_is() -> None:
    agreement = factories.agreement(ends="../2045-05-31", term="", renewal_mode="none", renewal_intervals=[])
    project(agreement)
    assert rows(agreement) == [("expiry", 1, "../2045-05-31")]
    assert agreement.renewals.possibly_by("due", TODAY).exists()


def test_twice_changes_nothing_not_even_when_rows_were_last_changed() -> None:
    deal, convention = factories.deal().agreement, factories.agreement("genocide", **GENOCIDE)
    record(deal, status="concluded")
    for agreement in (deal, convention):
        project(agreement)
    before = stored()
    for agreement in (deal, convention):
        assert project(agreement) == RenewalChanges(agreements=1)
    assert extend_renewals(on=TODAY) == RenewalChanges(agreements=2)
    assert stored() == before


def test_a_later_horizon_adds_and_an_earlier_one_takes_away() -> None:
    deal = factories.agreement()
    project(deal)
    assert project(deal, date(2037, 11, 23)) == RenewalChanges(agreements=1, added=1)
    assert project(deal, date(2030, 10, 29)) == RenewalChanges(agreements=1, removed=8)
    assert dues(deal)[-1] == "2029-10-30"


def test_new_terms_move_what_is_computed() -> None:
    deal = factories.agreement()
    project(deal)
    ids = {found.sequence: found.pk for found in deal.renewals.all()}
    deal.effective, deal.renewal_intervals = "2025-11-10", ["P2Y"]
    deal.save()
    assert project(deal) == RenewalChanges(agreements=1, changed=6, removed=5)
    assert dues(deal) == ["2026-11-10", "2028-11-10", "2030-11-10", "2032-11-10", "2034-11-10", "2036-11-10"]
    assert {found.sequence: found.pk for found in deal.renewals.all()}.items() <= ids.items()
    assert row(deal, 2).due_earliest == row(deal, 2).due_latest == date(2028, 11, 10)


def test_without_dates_nothing_computed_is_left() -> None:
    deal = factories.agreement()
    project(deal)
    deal.effective = ""
    deal.save()
    assert project(deal) == RenewalChanges(agreements=1, removed=11)


@pytest.mark.parametrize("mode", BOUNDARIES)
def test_every_mode_has_the_rows_that_its_rule_gives(mode: str) -> None:
    deal = factories.agreement(renewal_mode=mode, notice_period="P1M", max_renewals=3)
    project(deal)
    expected = {(step.kind, step.sequence, step.due) for step in steps(deal.terms, until=UNTIL)}
    assert set(rows(deal)) == expected
    other = "negotiated" if mode == "automatic" else "automatic"
    deal.renewal_mode = other
    deal.save()
    project(deal)
    assert set(rows(deal)) == {(step.kind, step.sequence, step.due) for step in steps(deal.terms, until=UNTIL)}


def test_an_uncertain_date_stays_uncertain() -> None:
    deal = factories.agreement(effective="2025")
    project(deal, date(2027, 6, 1))
    assert dues(deal) == ["2026", "2027"]
    boundless = factories.agreement("boundless", effective="XXXX-04")
    project(boundless)
    assert rows(boundless) == [("renegotiation", 1, "XXXX-04")]


def test_nothing_follows_a_renegotiation_that_was_missed() -> None:
    deal = factories.agreement()
    project(deal)
    record(deal, 2, status="missed")
    project(deal)
    assert dues(deal) == ["2026-10-30", "2027-10-30"]
    record(deal, 2, status="concluded")
    project(deal)
    assert len(dues(deal)) == 11


def test_a_missed_one_before_one_that_took_place_does_not_end_it() -> None:
    deal = factories.agreement()
    project(deal)
    record(deal, 1, status="missed")
    record(deal, 3, status="concluded")
    project(deal)
    assert len(dues(deal)) == 11
    record(deal, 5, status="missed")
    project(deal)
    assert len(dues(deal)) == 5


def test_of_a_terminated_agreement_only_its_stated_end_follows() -> None:
    deal = factories.agreement(notice_period="P1M", renewal_mode="automatic")
    project(deal)
    deal.status = "terminated"
    deal.save()
    project(deal)
    assert rows(deal) == []
    deal.ends = "2027-03-31"
    deal.save()
    project(deal)
    assert rows(deal) == [("expiry", 1, "2027-03-31")]


def test_nothing_follows_after_a_published_agreement_takes_its_place() -> None:
    deal = factories.agreement()
    project(deal)
    successor = factories.agreement(
        "successor", supersedes=deal, effective="2027-11", status="in_force", is_published=False
    )
    project(successor)
    assert len(dues(deal)) == 11
    successor.is_published = True
    successor.save()
    done = project(successor)
    assert dues(deal) == ["2026-10-30", "2027-10-30"]
    assert (done.agreements, done.removed) == (2, 9)
    successor.effective = ""
    successor.save()
    project(successor)
    assert len(dues(deal)) == 11


def test_the_first_of_several_successors_counts() -> None:
    deal = factories.agreement()
    factories.agreement("second", supersedes=deal, effective="2029-11-01", status="in_force")
    factories.agreement("first", supersedes=deal, effective="2026-11-01", status="in_force")
    factories.agreement("undated", supersedes=deal, effective="")
    project(deal)
    assert dues(deal) == ["2026-10-30"]


def test_concluded_renewals_are_counted_and_what_the_agreement_is_follows() -> None:
    deal = factories.agreement()
    project(deal)
    stamp = Agreement.objects.get(pk=deal.pk).updated_at
    assert (deal.renewals_concluded, deal.temporal_status(TODAY)) == (0, "renewal_due")
    record(deal, status="concluded")
    factories.renewal(deal, 1, kind="review", status="concluded", due="", offset="", basis="editorial")
    assert project(deal) == RenewalChanges(agreements=1, derived=1)
    for read in (deal, Agreement.objects.get(pk=deal.pk)):
        assert (read.renewals_concluded, read.period_ends_low) == (1, date(2027, 10, 30))
        assert read.temporal_status(TODAY) == "current"
    assert Agreement.objects.get(pk=deal.pk).updated_at > stamp
    assert Agreement.objects.of_temporal_status("current", TODAY).get() == deal


def test_a_renewal_whose_outcome_is_its_own_agreement_hands_nothing_over() -> None:
    deal = factories.agreement()
    project(deal)
    record(deal, status="concluded", outcome=deal)
    project(deal)
    assert (deal.renewals_concluded, deal.temporal_status(TODAY)) == (1, "current")
    copy = make_working_copy(agreement=deal, on=TODAY)
    assert row(copy).outcome == copy
    assert (copy.renewals_concluded, copy.temporal_status(TODAY)) == (1, "current")
    record(deal, outcome=factories.agreement("successor", effective="2026-11-01", status="in_force"))
    project(deal)
    assert (deal.renewals_concluded, deal.temporal_status(TODAY)) == (0, "superseded")


def test_derived_days_that_a_write_past_the_models_left_behind_are_put_right() -> None:
    deal = factories.agreement()
    Agreement.objects.filter(pk=deal.pk).update(term="P2Y")
    assert Agreement.objects.of_temporal_status("current", TODAY).count() == 0
    assert extend_renewals(on=TODAY).derived == 1
    assert Agreement.objects.of_temporal_status("current", TODAY).get() == deal


UNREADABLE: list[dict[str, Any]] = [
    {"term": "one year"},
    {"notice_period": "one year", "renewal_mode": "automatic"},
    {"renewal_intervals": ["one year"]},
    {"renewal_intervals": ["open", "P1Y"]},
]


@pytest.mark.parametrize("terms", UNREADABLE)
def test_terms_that_cannot_be_read_are_named_and_leave_the_others_alone(terms: dict[str, Any]) -> None:
    broken, deal = factories.agreement("broken"), factories.agreement()
    project(broken)
    Agreement.objects.filter(pk=broken.pk).update(status="in_force", **terms)
    before = (Agreement.objects.filter(pk=broken.pk).values().get(), list(broken.renewals.order_by("pk").values()))
    done = extend_renewals(on=TODAY)
    assert (done.agreements, done.added, done.unreadable) == (2, 11, ("broken",))
    after = (Agreement.objects.filter(pk=broken.pk).values().get(), list(broken.renewals.order_by("pk").values()))
    assert after == before
    assert len(dues(deal)) == 11


@pytest.mark.parametrize("terms", UNREADABLE)
def test_what_depends_on_a_successor_that_cannot_be_read_stays_as_it_is(terms: dict[str, Any]) -> None:
    deal = factories.agreement()
    successor = factories.agreement("successor", supersedes=deal, effective="2027-11", status="in_force")
    project(successor)
    Agreement.objects.filter(pk=successor.pk).update(**terms)
    before = stored()
    assert "successor" in extend_renewals(on=TODAY).unreadable
    assert stored() == before


@pytest.mark.parametrize("terms", UNREADABLE)
def test_clauses_of_an_amendment_that_cannot_be_read_stay_as_they_are(terms: dict[str, Any]) -> None:
    base = factories.agreement("base")
    broken, amendment = (
        factories.agreement(name, amends=base, effective=effective, status="in_force")
        for name, effective in (("broken", "2027"), ("amendment", "2028"))
    )
    replaced, other = factories.clause(base), factories.clause(base, "2")
    of_broken = factories.clause(broken, modifies=replaced, modification="substitution")
    factories.clause(amendment, modifies=other, modification="substitution")
    Agreement.objects.filter(pk=broken.pk).update(**terms)
    Clause.objects.filter(pk=of_broken.pk).update(rests_on="stated")
    assert extend_renewals(on=TODAY).unreadable == ("broken",)
    of_broken.refresh_from_db()
    assert of_broken.rests_on == "stated"
    other.refresh_from_db()
    assert (other.replaced_low, other.replaced_high) == (date(2027, 12, 31), date(2028, 12, 30))
    text, _clauses = consolidated_text(base, visible=Agreement.objects.all(), on=date(2100, 1, 1))
    assert text.certainty == "possible", "it may never take effect"


def test_very_many_periods_reach_the_horizon_and_the_day_of_today() -> None:
    weekly = factories.agreement(
        "weekly", effective="1990-01-01", term="P1W", renewal_intervals=["P1W"], notice_period="P1D"
    )
    project(weekly)
    found = list(weekly.renewals.filter(kind="renegotiation").order_by("sequence").values_list("sequence", flat=True))
    assert len(found) > 2 * MAX_BOUNDARIES
    assert found == list(range(1, len(found) + 1))
    last = weekly.renewals.order_by("due_latest").last()
    assert date(2036, 11, 16) < last.due_latest <= UNTIL
    assert project(weekly) == RenewalChanges(agreements=1)


def test_of_too_many_periods_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_PERIODS", MAX_BOUNDARIES)
    daily = factories.agreement("daily", effective="2020-01-01", term="P1D", renewal_intervals=["P1D"])
    project(daily)
    assert (daily.renewals.count(), dues(daily)[-1]) == (MAX_BOUNDARIES, "2036-11-23")
    assert project(daily) == RenewalChanges(agreements=1)


def test_a_failure_in_the_middle_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    deal = factories.agreement()
    project(deal)
    record(deal, status="concluded")
    deal.renewal_intervals = ["P2Y"]
    deal.save()
    before = stored()

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(services, "save_rows", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        project(deal)
    assert stored() == before


def test_the_number_of_queries_does_not_depend_on_the_number_of_agreements() -> None:
    def asked(on: date) -> int:
        with CaptureQueriesContext(connection) as queries:
            extend_renewals(on=on)
        return len(queries)

    for number in range(3):
        factories.agreement(f"a-{number}")
    first, again = asked(TODAY), asked(TODAY)
    for number in range(3, 6):  # as many again, for more rows take more statements
        factories.agreement(f"a-{number}")
    assert (asked(TODAY), asked(TODAY)) == (first, again)
    assert again <= 12


def test_every_agreement_is_reached_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "CHUNK_SIZE", 2)
    for number in range(5):
        factories.agreement(f"a-{number}")
    reached: list[int] = []
    done = extend_renewals(on=TODAY, progress=lambda step: reached.append(step.agreements))
    assert (reached, done.added) == ([2, 2, 1], 55)


def test_the_horizon_is_a_setting(settings: Any) -> None:
    assert horizon(TODAY) == UNTIL
    settings.RENEWAL_HORIZON = "P18M"
    assert horizon(TODAY) == date(2028, 5, 23)
    assert horizon(date(9999, 1, 1)) == date.max


@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mode=st.sampled_from(list(BOUNDARIES)),
    effective=st.sampled_from(["2024-02-29", "2025", "2025-10~", "XXXX-04", "2020/..", "../2020", ""]),
    ends=st.sampled_from(["", "2026-12-31", "2027", "2026/..", "../2045"]),
    notice=st.sampled_from(["", "P3M", "P2Y"]),
    most=st.none() | st.integers(0, 3),
    recorded=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["concluded", "missed", "scheduled"])), max_size=2),
)
def test_for_any_terms_twice_is_once_and_what_is_recorded_stays(
    mode: str, effective: str, ends: str, notice: str, most: int | None, recorded: list[tuple[int, str]]
) -> None:
    Agreement.objects.all().delete()
    given_terms = {"renewal_mode": mode, "effective": effective, "ends": ends, "notice_period": notice}
    deal = factories.agreement("any", max_renewals=most, **given_terms)
    project(deal)
    for sequence, status in recorded:
        for found in deal.renewals.filter(sequence=sequence).exclude(kind="notice_deadline"):
            found.status = status
            found.save()
    recorded_rows = set(deal.renewals.exclude(status="projected").values_list("pk", "status"))
    project(deal)
    before = stored()
    assert project(deal) == RenewalChanges(agreements=1)
    assert stored() == before
    assert recorded_rows == set(deal.renewals.exclude(status="projected").values_list("pk", "status"))
