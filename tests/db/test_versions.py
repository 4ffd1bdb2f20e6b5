"""The version of a row grows with every change of it and of what is written as part of it, and never goes back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models

from accords.models import Agreement, Citation, Clause, Event, Party, Statement
from accords.models.base import VersionedModel
from tests import factories
from tests.models.rows import TABLES, another

pytestmark = pytest.mark.django_db
RESOURCES = [model for model in TABLES if issubclass(model, VersionedModel)]


def version(row: models.Model) -> int:
    """The version that the database keeps."""
    found: int = type(row)._default_manager.values_list("version", flat=True).get(pk=row.pk)
    return found


@contextmanager
def raised(*rows: models.Model) -> Iterator[None]:
    """The versions of these rows have grown after the block."""
    before = [version(row) for row in rows]
    yield
    assert all(version(row) > was for row, was in zip(rows, before, strict=True))


@contextmanager
def kept(*rows: models.Model) -> Iterator[None]:
    """The versions of these rows are the same after the block."""
    before = [version(row) for row in rows]
    yield
    assert [version(row) for row in rows] == before


def sql(statement: str, *parameters: Any) -> None:
    """Run a statement past everything in Python."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.mark.parametrize("model", RESOURCES)
class TestOwnWrites:
    """Writes to the row itself."""

    def test_it_begins_at_one_and_grows_by_one(self, model: type[models.Model]) -> None:
        factories.deal()
        new = another(model)
        new.version = 1  # type: ignore[attr-defined]
        new.save()
        assert version(new) == 1
        new.save()
        assert version(new) == 2

    def test_any_writer_counts(self, model: type[models.Model], subtests: pytest.Subtests) -> None:
        factories.deal()
        row: Any = model._default_manager.order_by("pk").first()
        this = model._default_manager.filter(pk=row.pk)
        writes: dict[str, Callable[[], Any]] = {
            "save": row.save,
            "save of some fields": lambda: row.save(update_fields=["updated_at"]),
            "QuerySet.update": lambda: this.update(updated_at=row.updated_at),
            "bulk_update": lambda: model._default_manager.bulk_update([row], ["updated_at"]),
            "UPDATE": lambda: sql(f"UPDATE {model._meta.db_table} SET id = id WHERE id = %s", row.pk),  # noqa: S608 - names of ours
        }
        for kind, write in writes.items():
            with subtests.test(kind), raised(row):
                write()

    def test_no_writer_sets_it(self, model: type[models.Model], subtests: pytest.Subtests) -> None:
        factories.deal()
        row: Any = model._default_manager.order_by("pk").first()
        stale: Any = model._default_manager.get(pk=row.pk)
        for _ in range(3):
            row.save()
        for said in (stale.version, 1, 0, 10**6):
            with subtests.test("save", said=said):
                stale.version, before = said, version(row)
                stale.save()
                assert version(row) == before + 1
            with subtests.test("update", said=said):
                before = version(row)
                model._default_manager.filter(pk=row.pk).update(version=said)
                assert version(row) == before + 1

    def test_other_rows_keep_theirs(self, model: type[models.Model]) -> None:
        factories.deal()
        row: Any = model._default_manager.order_by("pk").first()
        new = another(model)
        new.save()
        with kept(new):
            row.save()


@pytest.fixture
def deal() -> factories.FixtureRows:
    """The factories."""
    return factories.deal()


def wholes(deal: factories.FixtureRows) -> dict[str, tuple[models.Model, models.Model]]:
    """A part of each kind with what it is part of."""
    parts: dict[str, tuple[models.Model, models.Model]] = {
        "participation": (deal.participation, deal.agreement),
        "clause party": (deal.clause_party, deal.clause),
        "participant": (Event.participants.through.objects.get(), deal.event),
        "mention": (Statement.mentions.through.objects.get(), deal.statement),
    }
    targets = (deal.agreement, deal.clause, deal.denial, deal.event, deal.renewal)
    return parts | {f"citation of {target._meta.model_name}": (target.citations.first(), target) for target in targets}


class TestParts:
    """Writes to what is written as part of a row."""

    def test_changing_removing_and_adding_a_part_counts(
        self, deal: factories.FixtureRows, subtests: pytest.Subtests
    ) -> None:
        for name, (part, whole) in wholes(deal).items():
            rows = type(part)._default_manager
            with subtests.test(name, write="save"), raised(whole):
                part.save()
            with subtests.test(name, write="UPDATE"), raised(whole):
                sql(f"UPDATE {part._meta.db_table} SET id = id WHERE id = %s", part.pk)  # noqa: S608 - names of ours
            with subtests.test(name, write="DELETE"), raised(whole):
                rows.filter(pk=part.pk).delete()
            with subtests.test(name, write="bulk_create"), raised(whole):
                rows.bulk_create([part])

    def test_many_to_many_relations_count(self, deal: factories.FixtureRows) -> None:
        with raised(deal.event):
            deal.event.participants.add(deal.china)
        with raised(deal.event):
            deal.event.participants.clear()
        with raised(deal.statement):
            deal.statement.mentions.set([deal.america, deal.trump])

    def test_a_part_that_moves_counts_for_both(self, deal: factories.FixtureRows) -> None:
        other = factories.deal("other")
        with raised(deal.clause, other.clause):
            type(deal.clause_party).objects.filter(pk=deal.clause_party.pk).update(clause=other.clause, role="affected")
        with raised(deal.clause, deal.agreement):
            Citation.objects.filter(pk=deal.citation.pk).update(clause=None, agreement=deal.agreement)

    def test_only_what_it_is_part_of(self, deal: factories.FixtureRows) -> None:
        other = factories.deal("other")
        with kept(deal.agreement, deal.source, deal.china, deal.event, other.clause, other.agreement):
            deal.clause_party.save()
            deal.citation.save()

    def test_what_is_no_part_does_not_count(self, deal: factories.FixtureRows) -> None:
        with kept(deal.agreement):
            for row in (deal.clause, deal.event, deal.renewal, deal.statement):
                row.save()

    def test_updated_at_is_left_alone(self, deal: factories.FixtureRows) -> None:
        before = Clause.objects.values_list("updated_at").get(pk=deal.clause.pk)
        deal.clause_party.save()
        assert Clause.objects.values_list("updated_at").get(pk=deal.clause.pk) == before

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has TRUNCATE")
    def test_truncate_counts_for_all(self, deal: factories.FixtureRows) -> None:
        connection.check_constraints()  # a table of which checks are still due cannot be emptied
        with raised(deal.event):
            sql("TRUNCATE accords_event_participants")


def test_a_row_written_without_the_column_has_its_first_version() -> None:
    one = factories.party("one")
    names = ", ".join(
        f'"{field.column}"' for field in Party._meta.concrete_fields if field.name not in ("version", "id", "slug")
    )
    sql(f"INSERT INTO accords_party (slug, {names}) SELECT 'two', {names} FROM accords_party WHERE id = %s", one.pk)  # noqa: S608 - names of ours
    assert Party.objects.get(slug="two").version == 1


def test_a_cited_text_can_still_not_change() -> None:
    deal = factories.deal()
    with raised(deal.source):
        type(deal.source).objects.filter(pk=deal.source.pk).update(title="Another title")
    assert Agreement.objects.filter(pk=deal.agreement.pk).exists()
