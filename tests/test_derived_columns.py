"""Derived columns: every way of writing that they depend on recomputes them, also in other agreements."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accords import working_copies
from accords.models import Agreement, Clause, Renewal, Source
from accords.services import extend_renewals
from tests import factories
from tests.admin.desk_data import address, passage
from tests.clients import Client
from tests.test_renewals_changed import annotation

pytestmark = pytest.mark.django_db
LASTING = {"status": "in_force", "renewal_mode": "none", "term": "", "renewal_intervals": [], "instrument": "contract"}
UNKNOWN = {"status": "in_force", "renewal_mode": "unspecified", "term": "", "renewal_intervals": []}
OF_AGREEMENTS = (
    *("slug", "rests_on", "deadlines_rest_on"),
    *("superseded_low", "superseded_high", "starts_low", "starts_high"),
)
OF_CLAUSES = ("pk", "replaced_low", "replaced_high", "rests_on")


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def derived() -> set[Any]:
    return {*Agreement.objects.values_list(*OF_AGREEMENTS), *Clause.objects.values_list(*OF_CLAUSES)}


def recompute() -> None:
    """Derive everything anew, whatever was stored."""
    Clause.objects.update(replaced_low=date.min, replaced_high=date.min, rests_on="editorial")
    extend_renewals(on=timezone.localdate())


def assert_up_to_date() -> None:
    stored = derived()
    recompute()
    assert derived() == stored


def amended(effective: str, status: str) -> tuple[Clause, Clause]:
    """Return a clause, and the one that replaces it from some day."""
    base = factories.agreement("base", effective="2000-01-01", **LASTING)
    amendment = factories.agreement("first", effective=effective, amends=base, **LASTING | {"status": status})
    replaced = factories.clause(base)
    substitute = factories.clause(amendment, modifies=replaced, modification="substitution")
    recompute()
    return replaced, substitute


@pytest.mark.parametrize(("effective", "status"), [("", "signed"), ("2001", "signed"), ("2001", "in_force")])
def test_a_clause_is_no_longer_replaced_when_what_may_have_replaced_it_is_deleted(
    effective: str, status: str, boss: Client
) -> None:
    replaced, substitute = amended(effective, status)
    working_copies.make_working_copy(agreement=replaced.agreement, on=timezone.localdate())
    assert_up_to_date()
    assert boss.delete(f"/api/v1/clauses/{substitute.pk}", headers={"If-Match": "*"}).status_code == 204
    assert_up_to_date()


@pytest.mark.parametrize("target", ["agreement", "clause"])
def test_a_date_that_is_cited_at_the_desk_rests_on_its_source_also_for_a_predecessor(target: str, boss: Client) -> None:
    source, note = factories.source(), factories.source("note", kind="editorial_note")
    earlier = factories.agreement("earlier", effective="2020-01-01", **UNKNOWN)
    later = factories.agreement("later", effective="2025-01-01", supersedes=earlier, **UNKNOWN)
    factories.cite_claims(earlier, source)
    factories.cite_claims(later, note)
    row = later if target == "agreement" else factories.clause(later, effective="2026-01-01")
    recompute()
    response = boss.post(address(source, "cite"), passage(source, field="effective", target=f"{target}:{row.pk}"))
    assert response.status_code == 200
    row.refresh_from_db()
    assert row.rests_on == "stated"
    assert_up_to_date()


def test_a_notice_period_of_the_editors_own_makes_only_deadlines_editorial(client: Client) -> None:
    article, note = factories.source(), factories.source("note", kind="editorial_note")
    terms = {"effective": "2020-01-01", "term": "P10Y", "renewal_mode": "automatic", "renewal_intervals": []}
    agreement = factories.agreement("notice", status="in_force", instrument="treaty", notice_period="P6M", **terms)
    for field in ("effective", "term", "renewal_mode"):
        factories.citation(agreement, "un accord d'un an", article, field)
    factories.citation(agreement, "un accord d'un an", note, "notice_period")
    recompute()
    kinds = {"stated": {"renewal"}, "editorial": {"notice_deadline"}}
    for basis, expected in kinds.items():
        found = client.get("/api/v1/renewals", {"rests_on": basis, "agreement": "notice"}).json()["results"]
        assert {(row["kind"], row["rests_on"]) for row in found} == {(kind, basis) for kind in expected}
        assert {row.kind for row in Renewal.objects.select_related("agreement") if row.rests_on == basis} == expected
    on = {"in_force_on": "2026-01-01", "certainty": "certain"}
    assert [row["rests_on"] for row in client.get("/api/v1/agreements", on).json()["results"]] == ["stated"]


def test_a_role_that_is_entered_at_the_desk_cites_the_agreement(boss: Client) -> None:
    source = factories.source()
    terms = UNKNOWN | {"renewal_mode": "none", "term": "P1Y"}
    agreement = factories.agreement("draft", is_published=False, effective="2025-01-01", **terms)
    for field in ("effective", "term"):
        factories.citation(agreement, "un accord d'un an", source, field)
    recompute()
    form = passage(source) | {
        "make": "party",
        "agreement": agreement.pk,
        "party": factories.party().pk,
        "role": "party",
    }
    assert boss.post(address(source, "make"), form).status_code == 200
    assert_up_to_date()


def test_a_source_that_an_import_makes_an_article_is_one_for_all_that_cite_it(tmp_path: Path) -> None:
    source = factories.source("press", title="A press article", kind="editorial_note")
    earlier = factories.agreement("earlier", effective="2010-01-01", **UNKNOWN)
    later = factories.agreement("later", effective="2020-01-01", supersedes=earlier, **UNKNOWN)
    for agreement in (earlier, later):
        factories.cite_claims(agreement, source)
    recompute()
    call_command("import_annotation", annotation(tmp_path), verbosity=0)
    assert Source.objects.get(slug="press").kind == "article"
    later.refresh_from_db()
    assert later.rests_on == "stated"
    assert_up_to_date()


def test_of_two_substitutes_of_one_day_the_last_in_the_order_of_clauses_stands(boss: Client) -> None:
    replaced, first = amended("2001-01-01", "in_force")
    second = factories.clause(first.agreement, "2", modifies=replaced, modification="substitution")
    recompute()
    rows = [f"{clause.pk}@{clause.position}" for clause in (second, first)]
    page = reverse("admin:accords_agreement_order", args=[first.agreement_id])
    assert boss.post(page, {"row": rows}).status_code == 302
    assert [*Clause.objects.in_force_on(date(2002, 1, 1), "possible")] == [first]
    assert_up_to_date()


def test_the_order_of_substitutes_does_not_depend_on_whether_they_are_published() -> None:
    replaced, first = amended("2001-01-01", "in_force")
    draft = factories.agreement(
        "draft", effective="2003-01-01", amends=replaced.agreement, is_published=False, **LASTING
    )
    second = factories.clause(draft, modifies=replaced, modification="substitution")
    recompute()
    for clause, last in ((replaced, date(2000, 12, 31)), (first, date.max), (second, date.max)):
        clause.refresh_from_db()
        assert clause.replaced_high == last
