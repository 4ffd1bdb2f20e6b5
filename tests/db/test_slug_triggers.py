"""The database refuses a slug that another row had, by any writer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from accords.db.changes import write_pending_entries
from accords.db.integrity_errors import error_field, explain, is_duplicate
from accords.models import Agreement, Party, Source, agreements, parties, sources
from tests import factories
from tests.api import callers

pytestmark = pytest.mark.django_db

REUSED = "Another row had this slug, and its addresses still lead there. Choose another slug."
MODELS: dict[type[models.Model], Callable[[str], Any]] = {
    Agreement: factories.agreement,
    Party: factories.party,
    Source: factories.source,
}
every_model = pytest.mark.parametrize("model", MODELS)


def commit() -> None:
    """Let the database note the slugs of now, as it does when a transaction is committed."""
    write_pending_entries()


def insert_copy(row: Any, slug: str, pk: int | None = None) -> None:
    """Insert a copy of a row under another slug by SQL."""
    table = row._meta.db_table
    columns = {field.column: f'"{field.column}"' for field in row._meta.concrete_fields if not field.generated}
    values = columns | {"slug": "%s"}
    del columns["id"], values["id"]
    parameters: list[Any] = [slug]
    if pk is not None:
        columns, values, parameters = {"id": '"id"', **columns}, {"id": "%s", **values}, [pk, slug]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns.values())})"  # noqa: S608 - names of our columns
            f" SELECT {', '.join(values.values())} FROM {table} WHERE id = %s",
            [*parameters, row.pk],
        )


def set_slug(row: Any, slug: str) -> None:
    """Rename a row by SQL."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET slug = %s WHERE id = %s", [slug, row.pk])  # noqa: S608


def renamed_and_deleted(model: type[models.Model]) -> tuple[Any, Any, int]:
    """Return a row that was renamed from `first` to `second`, another row, and the id of a deleted row `gone`."""
    renamed, other, deleted = (MODELS[model](slug) for slug in ("first", "other", "gone"))
    commit()
    set_slug(renamed, "second")
    pk = deleted.pk
    deleted.delete()
    commit()
    return renamed, other, pk


@every_model
@pytest.mark.parametrize("slug", ["first", "gone"])
def test_no_statement_gives_a_used_slug_to_another_row(model: Any, slug: str) -> None:
    _renamed, other, _deleted = renamed_and_deleted(model)
    for write in (insert_copy, set_slug):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            write(other, slug)
        assert (error_field(error.value), explain(error.value)) == ("slug", REUSED)
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {other._meta.db_table} SET id = id + 1000 WHERE id = %s", [other.pk])  # noqa: S608
    assert error_field(error.value) == "slug"
    insert_copy(other, "new")
    set_slug(other, "renamed")


@every_model
def test_a_slug_that_another_row_has_is_an_error_of_the_slug(model: Any) -> None:
    """The unique index finds it before the trigger, if two writers take a slug at the same time."""
    MODELS[model]("first")
    other = MODELS[model]("other")
    for write in (insert_copy, set_slug):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            write(other, "first")
        message = f"{model._meta.verbose_name.capitalize()} with this Slug already exists."
        assert (error_field(error.value), explain(error.value)) == ("slug", message)
        assert is_duplicate(error.value)


@every_model
def test_a_row_takes_back_its_own_slug(model: Any) -> None:
    renamed, other, deleted = renamed_and_deleted(model)
    set_slug(renamed, "first")
    insert_copy(other, "gone", deleted)
    assert set(model.objects.values_list("pk", "slug")) == {
        (renamed.pk, "first"),
        (other.pk, "other"),
        (deleted, "gone"),
    }


@every_model
def test_rows_of_another_kind_may_have_a_used_slug(model: Any) -> None:
    renamed_and_deleted(model)
    for other, create in MODELS.items():
        if other is not model:
            create("first")


def test_a_slug_that_was_never_committed_is_free() -> None:
    first, other = factories.party("first"), factories.party("other")
    set_slug(first, "second")
    set_slug(other, "first")


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("agreements", {"title": "New", "instrument": "treaty"}),
        ("parties", {"name": "New", "kind": "group"}),
        ("sources", {"title": "New", "kind": "article", "language": "fr", "text": "New."}),
    ],
)
def test_a_request_that_only_the_database_refuses_is_answered_as_by_validation(
    address: str, body: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in MODELS:
        renamed_and_deleted(model)
    client = callers.caller("publisher")

    def send(slug: str) -> Any:
        return client.post(f"/api/v1/{address}", {**body, "slug": slug}, "application/json")

    validated = send("gone")
    assert [error["pointer"] for error in validated.json()["errors"]] == ["/slug"]
    for module in (agreements, parties, sources):  # as if the slug was given up between validation and the write
        monkeypatch.setattr(module, "refuse_used_slug", lambda row: None)
    refused = send("gone")
    assert (refused.status_code, refused.json()["errors"]) == (validated.status_code, validated.json()["errors"])
    assert refused.status_code == 409
    assert send("new").status_code == 201
