"""Publishing through the API: refused with every claim that has no citation, and taken once all have one."""

import pytest

from tests import factories
from tests.api.addresses import BASE
from tests.api.callers import caller
from tests.api.test_query_contract import problem
from tests.api.test_roles import write_current
from tests.clients import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db: None) -> factories.FixtureRows:
    """Create a draft with a cited clause and denial, and a statement without a citation."""
    deal = factories.deal()
    deal.agreement.is_published = False
    deal.agreement.save()
    return deal


def test_a_claim_without_a_citation_keeps_an_agreement_from_being_published(draft: factories.FixtureRows) -> None:
    publisher = caller("publisher")
    problem_document = problem(
        write_current(publisher, "PATCH", draft.agreement, {"is_published": True, "title": "Other"}), 409
    )
    assert {(fault["pointer"], fault["code"]) for fault in problem_document["errors"]} == {("/is_published", "uncited")}
    details = " ".join(fault["detail"] for fault in problem_document["errors"])
    named = [f"/api/v1/statements/{draft.statement.pk}.", *(f"`{name}`" for name in NOT_CITED), "`china` as party"]
    assert [name for name in named if name not in details] == []
    assert len(problem_document["errors"]) == len(named)
    draft.agreement.refresh_from_db()
    assert (draft.agreement.is_published, draft.agreement.title) == (False, "Agreement rare-metals")


NOT_CITED = ("effective", "renewal_intervals", "instrument", "status", "renewal_mode")  # `term` is, in the cast


def test_once_every_claim_is_cited_it_is_published(draft: factories.FixtureRows, client: Client) -> None:
    publisher, path = caller("publisher"), f"{BASE}/agreements/rare-metals"
    for name in ("", "effective", "renewal_intervals"):
        factories.citation(draft.agreement, "renégocié chaque année", draft.source, name)
    problem(write_current(publisher, "PATCH", draft.agreement, {"is_published": True}), 409)
    factories.citation(draft.statement, "la Chine achètera du soja américain", draft.source)
    assert client.get(path).status_code == 404
    assert write_current(publisher, "PATCH", draft.agreement, {"is_published": True}).status_code == 200
    assert client.get(path).status_code == 200
