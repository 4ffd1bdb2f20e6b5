"""The revision grows with every change of what the API shows, by any writer, and with no other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction

from accords.db.revision import current
from accords.models import Agreement, Party
from accords.models.base import VersionedModel
from tests import factories
from tests.models.rows import EVERY, NOT_SHOWN, TABLES, another

POSTGRESQL = connection.vendor == "postgresql"

# Rows that are written on their own, so that no other row's version grows with them.
WHOLE = {"agreement", "party", "clause", "renewal", "statement", "event", "source"}


def sql(statement: str, *parameters: Any) -> None:
    """Run a statement past everything in Python."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def triggers() -> set[str]:
    catalogue = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'"
        if POSTGRESQL
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return {name for (name,) in cursor.fetchall()}


def events(name: str) -> set[str]:
    """Return the names of a rule's triggers."""
    return {f"{name}_{event}" for event in ("insert", "update", "delete")}


def taken_back() -> None:
    """Write something, and take it back: the whole transaction, or within one what a savepoint holds."""
    with transaction.atomic():
        factories.party("gone")
        transaction.set_rollback(True)


@contextmanager
def assert_raised() -> Iterator[None]:
    """Assert that the block increases the revision."""
    before = current()
    yield
    assert current() > before


@contextmanager
def assert_unchanged() -> Iterator[None]:
    """Assert that the block does not change the revision."""
    before = current()
    yield
    assert current() == before


@pytest.mark.django_db
class TestEveryTable:
    """A new table without its triggers fails here: `models/triggers.py` has the rules for its migration."""

    @pytest.mark.parametrize("model", EVERY)
    def test_it_raises_the_revision(self, model: type[models.Model]) -> None:
        name = f"{model._meta.db_table}_revised"
        shown = model._meta.db_table not in NOT_SHOWN
        assert shown == ({name} if POSTGRESQL else events(name)).issubset(triggers())

    @pytest.mark.parametrize("model", TABLES)
    def test_it_raises_its_own_version_or_that_of_what_it_is_part_of(self, model: type[models.Model]) -> None:
        name = model._meta.db_table
        assert issubclass(model, VersionedModel) == (f"{name}_versioned" in triggers())
        assert (name.removeprefix("accords_") in WHOLE) != events(f"{name}_parts").issubset(triggers())


@pytest.mark.django_db(transaction=True)
def test_every_kind_of_write_to_every_table_raises_it(subtests: pytest.Subtests) -> None:
    factories.deal()
    for model in TABLES:
        for kind, write in kinds_of_write(model).items():
            with subtests.test(kind, table=model._meta.db_table), assert_raised():
                write()
        with subtests.test("reading", table=model._meta.db_table), assert_unchanged():
            list(model._default_manager.all())


def kinds_of_write(model: type[models.Model]) -> dict[str, Callable[[], Any]]:
    """Return what writes to a table, in an order in which all rows but those of the deal are gone at the end."""
    rows, name = model._default_manager, model._meta.db_table
    one: Any = rows.order_by("pk").first()
    column = model._meta.concrete_fields[-1].attname

    def bulk_create() -> None:
        rows.bulk_create([another(model)])

    def create() -> None:
        row: Any = another(model)
        if hasattr(row, "slug"):
            row.slug = "new"  # the one of `another` was that of a row which is deleted by now
        row.save()

    def without_the_orm() -> None:
        sql(f"DELETE FROM {name} WHERE id = %s", rows.order_by("-pk")[0].pk)  # noqa: S608 - names of ours

    return {
        "bulk_create": bulk_create,
        "save": one.save,
        "QuerySet.update": lambda: rows.filter(pk=one.pk).update(**{column: getattr(one, column)}),
        "bulk_update": lambda: rows.bulk_update([one], [column]),
        "UPDATE": lambda: sql(f"UPDATE {name} SET id = id WHERE id = %s", one.pk),  # noqa: S608 - names of ours
        "DELETE": without_the_orm,
        "create": create,
        "QuerySet.delete": lambda: rows.filter(pk=rows.order_by("-pk")[0].pk).delete(),
    }


@pytest.mark.skipif(not POSTGRESQL, reason="only PostgreSQL has TRUNCATE")
@pytest.mark.parametrize("model", TABLES)
@pytest.mark.django_db(transaction=True)
def test_truncate_raises_it(model: type[models.Model]) -> None:
    factories.deal()
    with assert_raised():
        sql(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    """It is a part of the transaction that writes."""

    def test_a_rollback_leaves_it(self) -> None:
        with assert_unchanged():
            taken_back()

    def test_a_savepoint_taken_back_leaves_it(self) -> None:
        with assert_unchanged(), transaction.atomic():
            taken_back()
            assert not Party.objects.exists()

    def test_what_is_written_before_or_after_such_a_savepoint_counts(self, subtests: pytest.Subtests) -> None:
        for name, first in {"before": True, "after": False}.items():
            with subtests.test(name), assert_raised(), transaction.atomic():
                if first:
                    factories.party("before")
                taken_back()
                if not first:
                    factories.party("after")

    def test_what_is_written_after_the_constraints_were_checked_counts(self) -> None:
        with assert_raised(), transaction.atomic():
            factories.party("before")
            connection.check_constraints()
        with assert_raised(), transaction.atomic():
            connection.check_constraints()
            factories.party("after")
        with assert_raised(), transaction.atomic():
            factories.party("again")
            connection.check_constraints()
            factories.party("and-again")

    def test_nothing_is_left_of_it(self) -> None:
        factories.deal()
        Agreement.objects.update(title="Another")
        if POSTGRESQL:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM accords_revision_due")
                assert cursor.fetchone() == (0,)

    def test_writing_to_no_row_is_allowed(self) -> None:
        assert Agreement.objects.update(title="Nobody's") == 0

    def test_emptying_the_database_raises_it(self) -> None:
        factories.deal()
        with assert_raised():
            call_command("flush", interactive=False, verbosity=0)

    def test_a_backup_put_back_does_not_count_through_known_numbers(self) -> None:
        sql("UPDATE accords_revision SET number = %s", 0)  # another test sets it beyond the clock
        factories.party("one")
        backup = current()
        factories.party("two")
        lost = current()
        sql("UPDATE accords_revision SET number = %s", backup - 5_000_000)
        factories.party("three")
        assert current() > lost - 2_000_000  # by the clock, at most the seconds later that this test took
