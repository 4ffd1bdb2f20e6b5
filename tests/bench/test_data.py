"""The benchmark's rows are always the same, obey every rule of the models, and leave nothing to derive."""

import hashlib
from typing import Any

import pytest
from django.db import connection

from accords.models import Agreement, Citation, Clause, ClauseParty, Renewal, Source
from accords.services import extend_renewals
from tests.bench import data
from tests.bench.load import load

pytestmark = pytest.mark.django_db

CLAUSES = 400
AGREEMENTS = CLAUSES // data.CLAUSES
# Triggers move the first two; a citation is loaded without the digests of what it supports, and gets them when it is used.
UNLOADED = {"updated_at", "version", "supported"}


def digest() -> str:
    """Return a hash of all rows as their models read them."""
    found = hashlib.sha256()
    for name, rows in (*data.everyone(20), *data.some(1, 20, 20)):
        for row in rows:
            found.update(repr((name, sorted(row.items()))).encode())
    return found.hexdigest()


def test_the_rows_are_always_the_same() -> None:
    assert digest() == digest()


def test_every_row_obeys_its_model_and_nothing_is_left_to_derive() -> None:
    load(CLAUSES)
    connection.check_constraints()
    assert (Clause.objects.count(), Agreement.objects.count()) == (CLAUSES, AGREEMENTS)
    for model in (Agreement, Clause, ClauseParty, Renewal, Source, Citation):
        for row in model.objects.all()[:120:8]:
            row.full_clean()
            names = {field.attname for field in row._meta.concrete_fields} - UNLOADED
            before = {name: getattr(row, name) for name in names}
            row.save()
            row.refresh_from_db()
            assert {name: getattr(row, name) for name in names} == before
    done = extend_renewals(on=data.ON)
    assert (done.agreements, done.added, done.changed, done.removed, done.derived) == (AGREEMENTS, 0, 0, 0, 0)


def test_rows_made_in_chunks_are_the_rows_made_at_once(monkeypatch: Any) -> None:
    monkeypatch.setattr("tests.bench.load.AT_ONCE", data.SHARING)
    load(CLAUSES)
    chunks = list(Clause.objects.order_by("id").values_list("id", "title", "updated_at"))
    texts = list(Source.objects.order_by("id").values_list("text", flat=True))
    assert chunks == [
        (row["id"], row["title"], row["updated_at"])
        for number in range(1, AGREEMENTS + 1)
        for row in data.clauses(number)
    ]
    assert texts == [data.source(shared)["text"] for shared in range(1, AGREEMENTS // data.SHARING + 1)]
