"""Every way of writing recomputes the renewals that depend on what was written, in the same request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accords.models import Agreement, Renewal, Source
from accords.services import RenewalChanges, extend_renewals, renewals_changed
from tests import factories
from tests.admin.desk_data import address, passage
from tests.admin.forms import open_form, submit, url
from tests.clients import Client
from tests.importing.test_imports import SMALL

API, JSON = "/api/v1", "application/json"


@dataclass
class Data:
    """A published agreement and a draft that supersedes it from November 2027, every claim of both cited."""

    source: Source
    first: Agreement
    second: Agreement
    client: Client
    before: set[tuple[Any, ...]] = field(default_factory=set)

    def api(self, method: str, path: str, body: Any = None) -> None:
        headers = {"If-Match": "*"} if method != "post" else {}
        content = {"data": body, "content_type": JSON} if body is not None else {}
        response = getattr(self.client, method)(f"{API}/{path}", headers=headers, **content)
        assert response.status_code in (200, 201, 204), response.content

    def page(self, page: str, **changes: Any) -> None:
        assert submit(self.client, page, **changes).status_code == 302

    def post(self, page: str, data: dict[str, Any]) -> Any:
        response = self.client.post(page, data)
        assert response.status_code in (200, 302), response.content
        return response

    def renewal(self, sequence: int = 1) -> Renewal:
        return self.first.renewals.get(kind="renegotiation", sequence=sequence)

    def prepare(self, row: Any, **values: Any) -> None:
        """Change a row and recompute, as an earlier request would have done."""
        type(row)._default_manager.filter(pk=row.pk).update(**values)
        renewals_changed([self.first.pk, self.second.pk], on=timezone.localdate())
        self.before = computed()


@pytest.fixture(scope="module")
def data(module_transaction: None) -> Any:
    source = factories.source()
    first = factories.cite_claims(factories.agreement("first"), source)
    second = factories.agreement("second", supersedes=first, effective="2027-11", status="in_force", is_published=False)
    factories.cite_claims(second, source)
    renewals_changed([first.pk, second.pk], on=timezone.localdate())
    client = Client()
    client.force_login(User.objects.create_superuser("writer"))
    return Data(source, first, second, client)


def api_renewal(data: Data, **values: Any) -> dict[str, Any]:
    return {
        "agreement": "first",
        "kind": "renegotiation",
        "sequence": 2,
        "basis": "stated",
        "status": "missed",
    } | values


def write_draft(data: Data, write: Callable[[Data], Any]) -> None:
    """Write where nothing is guarded: what is published asks for citations of what changes."""
    data.prepare(data.first, is_published=False)
    write(data)


def create_renewal(data: Data) -> None:
    data.renewal(2).delete()
    data.api("post", "renewals", api_renewal(data, due="2027"))


def change_published_terms(data: Data) -> None:
    citations = list(data.first.citations.values_list("pk", flat=True))
    data.api("patch", "agreements/first", {"term": "P6M", "confirm": citations})


def replace_agreement(data: Data) -> None:
    body = {"slug": "first", "title": "First", "instrument": "contract", "status": "signed", "renewal_mode": "none"}
    data.api("put", "agreements/first", body | {"effective": "2025", "term": "P5Y"})


def withdraw_successor(data: Data) -> None:
    data.prepare(data.second, is_published=True)
    confirm(data, "withdraw")


def delete_successor(data: Data, delete: Callable[[Data], Any]) -> None:
    data.prepare(data.second, is_published=True)
    delete(data)


def delete_stated_renewal(data: Data, delete: Callable[[Data, Renewal], Any]) -> None:
    data.renewal(2).delete()
    row = factories.renewal(data.first, 2, basis="stated", status="missed")
    data.prepare(row)
    delete(data, row)


def delete_citation_of_renewal(data: Data, delete: Callable[[Data, Any], Any]) -> None:
    """Delete the one reason to keep a computed renewal that no longer follows from the terms."""
    citation = factories.citation(data.renewal(2), "renégocié chaque année", data.source)
    data.prepare(data.first, effective="")
    delete(data, citation)


def add_inline(data: Data) -> None:
    page = url(data.first, "change")
    values = {"kind": "expiry", "sequence": "9", "basis": "stated", "status": "projected", "due": "2030"}
    data.page(page, **open_form(data.client, page).new_row("renewals", **values), **{"renewals-0-status": "missed"})


def delete_selected(data: Data, row: Any) -> None:
    data.post(url(type(row)), {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"})


def confirm(data: Data, verb: str) -> None:
    page = reverse(f"admin:accords_agreement_{verb}") + f"?ids={data.second.pk}"
    data.post(page, {"seen": data.client.get(page).context["seen"]})


def restore(data: Data, record: Any) -> None:
    page = reverse(
        f"admin:accords_{type(record).instance_type._meta.model_name}_restore", args=[record.id, record.history_id]
    )
    data.post(page, {"seen": data.client.get(page).context.get("seen", "")})


def restore_terms(data: Data) -> None:
    data.prepare(data.first, effective="2020", term="P3Y")
    restore(data, Agreement.history.filter(id=data.first.pk, effective="2025-10-30").first())


def recreate_successor(data: Data) -> None:
    pk = data.second.pk
    data.second.delete()
    data.prepare(data.first)
    Renewal.history.filter(agreement_id=pk).delete()  # so that none of them comes back with it
    restore(data, Agreement.history.filter(id=pk).first())


def create_at_desk(data: Data) -> None:
    values = {"make": "renewal", "kind": "renegotiation", "sequence": "2", "due": "2027", "basis": "stated"}
    data.renewal(2).delete()
    values |= {"status": "missed", "agreement": data.first.pk}
    data.post(address(data.source, "make"), passage(data.source) | values)


def annotation(tmp_path: Path) -> Path:
    text = SMALL.replace("  term: P1Y", "  effective: 2025-10\n  term: P1Y")
    (tmp_path / "small.yaml").write_text(text.replace("evidence: {row:", "evidence: {effective: un accord, row:", 1))
    (tmp_path / "press.txt").write_text(factories.TEXT)
    return tmp_path / "small.yaml"


WAYS: dict[str, Callable[[Data], Any]] = {
    "API: create an agreement": lambda data: data.api(
        "post",
        "agreements",
        {"slug": "x", "title": "X", "instrument": "contract", "status": "signed", "term": "P2Y"}
        | {"effective": "2026-01", "renewal_mode": "none"},
    ),
    "API: change terms": lambda data: write_draft(
        data, lambda data: data.api("patch", "agreements/first", {"term": "P6M"})
    ),
    "API: change published terms": change_published_terms,
    "API: replace an agreement": lambda data: write_draft(data, replace_agreement),
    "API: publish a successor": lambda data: data.api("patch", "agreements/second", {"is_published": True}),
    "API: no longer supersede": lambda data: delete_successor(
        data, lambda data: data.api("patch", "agreements/second", {"supersedes": None})
    ),
    "API: delete a successor": lambda data: delete_successor(
        data, lambda data: data.api("delete", "agreements/second")
    ),
    "API: create a renewal": lambda data: write_draft(data, create_renewal),
    "API: change a renewal": lambda data: write_draft(
        data, lambda data: data.api("patch", f"renewals/{data.renewal(2).pk}", {"status": "missed"})
    ),
    "API: delete a renewal": lambda data: delete_stated_renewal(
        data, lambda data, row: data.api("delete", f"renewals/{row.pk}")
    ),
    "API: delete a citation of a renewal": lambda data: delete_citation_of_renewal(
        data, lambda data, row: data.api("delete", f"citations/{row.pk}")
    ),
    "admin: save an agreement": lambda data: write_draft(
        data, lambda data: data.page(url(data.first, "change"), effective="2024-06")
    ),
    "admin: save an inline": lambda data: write_draft(data, add_inline),
    "admin: no longer supersede": lambda data: delete_successor(
        data, lambda data: data.page(url(data.second, "change"), supersedes="")
    ),
    "admin: delete an agreement": lambda data: delete_successor(
        data, lambda data: data.post(url(data.second, "delete"), {"post": "yes"})
    ),
    "admin: delete selected agreements": lambda data: delete_successor(
        data, lambda data: delete_selected(data, data.second)
    ),
    "admin: save a renewal": lambda data: write_draft(
        data, lambda data: data.page(url(data.renewal(2), "change"), status="missed")
    ),
    "admin: move a renewal to another agreement": lambda data: delete_stated_renewal(
        data, lambda data, row: data.page(url(row, "change"), agreement=data.second.pk, sequence="99")
    ),
    "admin: delete a renewal": lambda data: delete_stated_renewal(
        data, lambda data, row: data.post(url(row, "delete"), {"post": "yes"})
    ),
    "admin: delete selected renewals": lambda data: delete_stated_renewal(data, delete_selected),
    "admin: delete a citation of a renewal": lambda data: delete_citation_of_renewal(
        data, lambda data, row: data.post(url(row, "delete"), {"post": "yes"})
    ),
    "admin: delete selected citations": lambda data: delete_citation_of_renewal(data, delete_selected),
    "admin: delete a citation at the desk": lambda data: delete_citation_of_renewal(
        data, lambda data, row: data.post(address(data.source, "uncite"), {"citation": row.pk})
    ),
    "admin: create a renewal at the desk": create_at_desk,
    "admin: publish": lambda data: confirm(data, "publish"),
    "admin: withdraw": withdraw_successor,
    "admin: restore terms": restore_terms,
    "admin: recreate a deleted agreement": recreate_successor,
}


def computed() -> set[tuple[Any, ...]]:
    return set(Renewal.objects.values_list("agreement__slug", "kind", "sequence", "due", "status", "basis"))


def assert_computed_renewals_changed_and_are_right(data: Data) -> None:
    changed = {row for row in computed() ^ data.before if row[-1] == "computed"}
    assert changed, "this way of writing should change computed renewals"
    changes = extend_renewals(on=timezone.localdate())
    assert changes == RenewalChanges(agreements=Agreement.objects.count()), "computed renewals were not up to date"


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_recomputes_renewals(data: Data, way: str) -> None:
    data.before = computed()
    WAYS[way](data)
    assert_computed_renewals_changed_and_are_right(data)


@pytest.mark.django_db
def test_an_import_recomputes_renewals(data: Data, tmp_path: Path) -> None:
    data.before = computed()
    call_command("import_annotation", annotation(tmp_path), verbosity=0)
    assert_computed_renewals_changed_and_are_right(data)
