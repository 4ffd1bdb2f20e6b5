"""Stable addresses: a renamed row is found under each of its former slugs, which no other row may take."""

from copy import deepcopy
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accords.models.slugs import row_id_of_slug
from tests import factories
from tests.api import callers
from tests.clients import Client
from tests.factories import FixtureRows

pytestmark = pytest.mark.django_db


def settle(client: Client) -> None:
    """End a transaction, in a test that is one: the slugs of now are noted."""
    client.get("/api/v1/changes?after=now")


def rename(row: Any, client: Client, *slugs: str, **values: Any) -> None:
    for slug in slugs:
        settle(client)
        type(row).objects.filter(pk=row.pk).update(slug=slug, **values)
    settle(client)


@pytest.fixture(scope="module")
def module_rows(module_transaction: None) -> FixtureRows:
    """Create the deal and rename rows of it twice, once for this module."""
    made, client = factories.deal(), Client()
    rename(made.agreement, client, "second", "third")
    rename(made.china, client, "chine", "cn")
    rename(made.source, client, "paper", "journal")
    return made


@pytest.fixture
def rows(module_rows: FixtureRows, db: None) -> FixtureRows:
    """Return the renamed rows; changes are rolled back after the test."""
    return deepcopy(module_rows)


MOVED = [
    ("agreements/rare-metals", "agreements/third"),
    ("agreements/SECOND", "agreements/third"),
    ("agreements/second/", "agreements/third/"),
    ("agreements/second?on=2026-01-01&fields=slug", "agreements/third?on=2026-01-01&fields=slug"),
    *((f"agreements/second{path}", f"agreements/third{path}") for path in ("/renewals", "/renewals.ics", "/renewals.csv")),
    *((f"agreements/second/{path}", f"agreements/third/{path}") for path in ("history", "annotated", "consolidated")),
    ("agreements/second/changes-from/rare-metals", "agreements/third/changes-from/third"),
    ("agreements/third/changes-from/second", "agreements/third/changes-from/third"),
    ("parties/china", "parties/cn"),
    ("sources/press", "sources/journal"),
]  # fmt: skip


def test_an_old_address_leads_to_the_new_one(rows: FixtureRows, client: Client) -> None:
    for old, new in MOVED:
        response = client.get(f"/api/v1/{old}")
        assert (response.status_code, response.headers["Location"]) == (301, f"http://testserver/api/v1/{new}")
        assert "no-cache" in response.headers["Cache-Control"], old  # the row can get its old slug back
        assert client.get(response.headers["Location"]).status_code == 200, new


def test_the_page_of_an_agreement_leads_to_the_new_one(rows: FixtureRows, client: Client) -> None:
    response = client.get("/agreements/rare-metals?on=2026-01-01")
    assert response.status_code == 301
    assert response.headers["Location"] == "http://testserver/agreements/third?on=2026-01-01"


def test_a_write_to_an_old_address_is_to_be_repeated_at_the_new_one(rows: FixtureRows) -> None:
    publisher = callers.caller("publisher")
    response = publisher.patch("/api/v1/agreements/second", {"title": "Other"}, "application/json")
    assert (response.status_code, response.headers["Location"]) == (308, "http://testserver/api/v1/agreements/third")


def test_uids_in_calendars_stay(rows: FixtureRows, client: Client) -> None:
    def uids() -> list[bytes]:
        calendar = client.get("/api/v1/renewals.ics?past=P9Y&future=P9Y").content
        return [line for line in calendar.splitlines() if line.startswith(b"UID")]

    before = uids()
    rename(rows.agreement, client, "fourth")
    assert uids() == before != []


class TestDrafts:
    def test_a_slug_that_a_row_had_only_as_a_draft_leads_nobody_there_who_may_not_view_drafts(
        self, client: Client
    ) -> None:
        draft = factories.agreement("secret", is_published=False)
        rename(draft, client, "open", is_published=True)
        assert client.get("/api/v1/agreements/secret").status_code == 404
        assert callers.caller("editor").get("/api/v1/agreements/secret").status_code == 301

    def test_no_address_leads_to_a_row_that_is_hidden_now(self, rows: FixtureRows, client: Client) -> None:
        type(rows.agreement).objects.filter(pk=rows.agreement.pk).update(is_published=False)
        assert client.get("/api/v1/agreements/second").status_code == 404


def test_filters_take_old_slugs_of_what_the_user_may_see(rows: FixtureRows, client: Client) -> None:
    for query in (
        "clauses?agreement=second",
        "clauses?agreement=third,second",
        "agreements?party=china",
        "citations?source=press",
    ):
        assert client.get(f"/api/v1/{query}").json()["results"] != [], query
    rows.agreement.refresh_from_db()
    rename(rows.agreement, client, "fourth", is_published=False)
    hidden = client.get("/api/v1/clauses?agreement=second")
    assert without_values(hidden) == without_values(client.get("/api/v1/clauses?agreement=nothing"))
    assert len(callers.caller("editor").get("/api/v1/clauses?agreement=fourth").json()["results"]) == 1
    assert len(callers.caller("publisher").get("/api/v1/clauses?agreement=second").json()["results"]) == 1


def test_no_other_letter_that_is_ascii_in_lower_case_is_taken_for_a_slug(client: Client) -> None:
    agreement = factories.agreement("kilo")
    factories.clause(agreement)
    rename(agreement, client, "former")
    for query in ("clauses?agreement=%E2%84%AAilo", "clauses?agreement__in=%E2%84%AAilo,former"):
        response = client.get(f"/api/v1/{query}")
        assert (response.status_code, [item["code"] for item in response.json()["errors"]]) == (
            400,
            ["unknown_agreement"],
        ), query
    for path in ("agreements/%E2%84%AAilo", "agreements/former/changes-from/%E2%84%AAilo"):
        assert client.get(f"/api/v1/{path}").status_code == 404, path
    assert client.get("/agreements/%E2%84%AAilo").status_code == 404
    for slug, row_id in (("\u212ailo", None), ("KILO", agreement.pk)):
        assert row_id_of_slug("agreements", slug, drafts=False) == row_id


def without_values(response: Any) -> tuple[int, Any]:
    return response.status_code, response.json()["errors"]


class TestReuse:
    @pytest.mark.parametrize("slug", ["rare-metals", "second"])
    def test_a_used_slug_is_given_to_no_other_row(self, slug: str, rows: FixtureRows) -> None:
        with pytest.raises(ValidationError, match="Choose another slug") as error:
            factories.agreement(slug)
        assert [*error.value.error_dict] == ["slug"]
        response = callers.caller("publisher").post(
            "/api/v1/agreements", {"slug": slug, "title": "New", "instrument": "treaty"}, "application/json"
        )
        assert response.status_code == 409
        assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [("/slug", "unique")]

    def test_nor_that_of_a_deleted_row(self, client: Client) -> None:
        party = factories.party("gone")
        settle(client)
        party.delete()
        settle(client)
        with pytest.raises(ValidationError, match="Choose another slug"):
            factories.party("gone")

    def test_a_row_may_have_its_old_slug_again_and_other_kinds_of_rows_too(
        self, rows: FixtureRows, client: Client
    ) -> None:
        rows.agreement.refresh_from_db()
        rows.agreement.slug = "rare-metals"
        rows.agreement.full_clean()
        rename(rows.agreement, client, "rare-metals")
        assert client.get("/api/v1/agreements/rare-metals").status_code == 200
        assert client.get("/api/v1/agreements/third").headers["Location"].endswith("/rare-metals")
        factories.source("third")
