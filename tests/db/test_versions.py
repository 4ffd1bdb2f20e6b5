"""The version and `updated_at` of a row grow with every change of what is shown of it, and never decrease."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from accords.models import Agreement, Citation, Event, Party, Source, Statement
from accords.models.agreements import LIFECYCLE
from accords.models.base import VersionedModel
from tests import factories
from tests.models.rows import TABLES, another

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EDTF = ("effective", "ends", "status_since")
RESOURCES = [model for model in TABLES if issubclass(model, VersionedModel)]


def version(row: models.Model) -> int:
    found: int = type(row)._default_manager.values_list("version", flat=True).get(pk=row.pk)
    return found


def updated_at(row: models.Model) -> datetime:
    found: datetime = type(row)._default_manager.values_list("updated_at", flat=True).get(pk=row.pk)
    return found


@contextmanager
def assert_raised(*rows: models.Model) -> Iterator[None]:
    """Check that the versions of these rows have grown after the block, and that `updated_at` is that of the block."""
    for row in rows:  # SQLite's triggers know only milliseconds
        type(row)._default_manager.filter(pk=row.pk).update(updated_at=LONG_AGO)
    before = [version(row) for row in rows]
    yield
    assert all(version(row) > was for row, was in zip(rows, before, strict=True))
    assert all(abs(timezone.now() - updated_at(row)) < timedelta(minutes=1) for row in rows)


@contextmanager
def assert_unchanged(*rows: models.Model) -> Iterator[None]:
    """Check that versions and `updated_at` of these rows are the same after the block."""
    before = [(version(row), updated_at(row)) for row in rows]
    yield
    assert [(version(row), updated_at(row)) for row in rows] == before


def sql(statement: str, *parameters: Any) -> None:
    """Run a statement past everything in Python."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture(scope="module")
def module_deal(module_transaction: None) -> factories.FixtureRows:
    """Create one deal, once for the module."""
    return factories.deal()


@pytest.fixture
def deal(module_deal: factories.FixtureRows, db: None) -> factories.FixtureRows:
    """Return the deal, to be changed."""
    return deepcopy(module_deal)


@pytest.mark.usefixtures("deal")
@pytest.mark.parametrize("model", RESOURCES)
class TestOwnWrites:
    """Writes to the row itself."""

    def test_it_begins_at_one_and_grows_by_one(self, model: type[models.Model]) -> None:
        new = another(model)
        new.version = 1
        new.save()
        assert version(new) == 1
        new.save()
        assert version(new) == 2

    def test_any_writer_counts(self, model: type[models.Model], subtests: pytest.Subtests) -> None:
        row: Any = model._default_manager.order_by("pk").first()
        this = model._default_manager.filter(pk=row.pk)
        writes: dict[str, Callable[[], Any]] = {
            "save": row.save,
            "save of some fields": lambda: row.save(update_fields=["updated_at"]),
            "QuerySet.update": lambda: this.update(created_at=row.created_at),
            "bulk_update": lambda: model._default_manager.bulk_update([row], ["created_at"]),
            "UPDATE": lambda: sql(f"UPDATE {model._meta.db_table} SET id = id WHERE id = %s", row.pk),  # noqa: S608 - names of ours
        }
        for kind, write in writes.items():
            with subtests.test(kind), assert_raised(row):
                write()

    def test_no_writer_sets_it(self, model: type[models.Model], subtests: pytest.Subtests) -> None:
        row: Any = model._default_manager.order_by("pk").first()
        stale: Any = model._default_manager.get(pk=row.pk)
        for _ in range(3):
            row.save()
        for version_sent in (stale.version, 1, 0, 10**6):
            with subtests.test("save", said=version_sent):
                stale.version, before = version_sent, version(row)
                stale.save()
                assert version(row) == before + 1
            with subtests.test("update", said=version_sent):
                before = version(row)
                model._default_manager.filter(pk=row.pk).update(version=version_sent)
                assert version(row) == before + 1

    def test_other_rows_keep_theirs(self, model: type[models.Model]) -> None:
        row: Any = model._default_manager.order_by("pk").first()
        new = another(model)
        new.save()
        with assert_unchanged(new):
            row.save()


def wholes(deal: factories.FixtureRows) -> dict[str, tuple[models.Model, models.Model]]:
    """Return a part of each kind with the row that it is part of."""
    parts: dict[str, tuple[models.Model, models.Model]] = {
        "participation": (deal.participation, deal.agreement),
        "clause party": (deal.clause_party, deal.clause),
        "participant": (Event.participants.through.objects.get(), deal.event),
        "mention": (Statement.mentions.through.objects.get(), deal.statement),
    }
    targets = (deal.agreement, deal.clause, deal.denial, deal.event, deal.renewal, deal.china)
    factories.citation(deal.china, "Chine", deal.source)
    parts["citation of participation"] = (factories.citation(deal.participation, "Chine", deal.source), deal.agreement)
    return parts | {f"citation of {target._meta.model_name}": (target.citations.first(), target) for target in targets}


class TestParts:
    """Writes to what is written as part of a row."""

    def test_changing_removing_and_adding_a_part_counts(
        self, deal: factories.FixtureRows, subtests: pytest.Subtests
    ) -> None:
        for name, (part, whole) in wholes(deal).items():
            rows = type(part)._default_manager
            with subtests.test(name, write="save"), assert_raised(whole):
                part.save()
            with subtests.test(name, write="UPDATE"), assert_raised(whole):
                sql(f"UPDATE {part._meta.db_table} SET id = id WHERE id = %s", part.pk)  # noqa: S608 - names of ours
            with subtests.test(name, write="DELETE"), assert_raised(whole):
                rows.filter(pk=part.pk).delete()
            with subtests.test(name, write="bulk_create"), assert_raised(whole):
                rows.bulk_create([part])

    def test_many_to_many_relations_count(self, deal: factories.FixtureRows) -> None:
        with assert_raised(deal.event):
            deal.event.participants.add(deal.china)
        with assert_raised(deal.event):
            deal.event.participants.clear()
        with assert_raised(deal.statement):
            deal.statement.mentions.set([deal.america, deal.trump])

    def test_a_part_that_moves_counts_for_both(self, deal: factories.FixtureRows) -> None:
        other = factories.deal("other")
        with assert_raised(deal.clause, other.clause):
            type(deal.clause_party).objects.filter(pk=deal.clause_party.pk).update(clause=other.clause, role="affected")
        with assert_raised(deal.clause, deal.agreement):
            Citation.objects.filter(pk=deal.citation.pk).update(clause=None, agreement=deal.agreement)

    def test_only_what_it_is_part_of(self, deal: factories.FixtureRows) -> None:
        other = factories.deal("other")
        with assert_unchanged(deal.agreement, deal.source, deal.china, deal.event, other.clause, other.agreement):
            deal.clause_party.save()
            deal.citation.save()

    def test_what_is_no_part_does_not_count(self, deal: factories.FixtureRows) -> None:
        with assert_unchanged(deal.agreement):
            for row in (deal.clause, deal.event, deal.renewal, deal.statement):
                row.save()

    def test_what_a_loaded_citation_supports_does_not_count(self, deal: factories.FixtureRows) -> None:
        citation = Citation.objects.filter(pk=deal.citation.pk)
        with assert_raised(deal.citation, deal.clause):
            citation.update(supported=None)
        with assert_unchanged(deal.citation, deal.clause):
            citation.update(supported={})
        citation.update(supported=None)
        with assert_raised(deal.citation, deal.clause):
            citation.update(supported={}, updated_at=timezone.now())

    def test_the_index_of_a_citation_does_not_count(self, deal: factories.FixtureRows) -> None:
        with assert_unchanged(deal.citation, deal.clause):
            call_command("rebuild_search", stdout=StringIO())

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has TRUNCATE")
    def test_truncate_counts_for_all(self, deal: factories.FixtureRows) -> None:
        connection.check_constraints()  # a table of which checks are still due cannot be emptied
        with assert_raised(deal.event):
            sql("TRUNCATE accords_event_participants")


class TestShown:
    """Changes of what rows show of others: their slugs, whether they are public, and what is derived from them."""

    def test_rows_move_with_what_they_show(self, deal: factories.FixtureRows, subtests: pytest.Subtests) -> None:
        later = factories.agreement("later", supersedes=deal.agreement, option_holder=deal.america)
        amendment = factories.agreement("amendment", amends=deal.agreement)
        concluded = factories.renewal(amendment, status="concluded", outcome=deal.agreement)
        cited = factories.citation(deal.china, "Chine", deal.source)
        below = (deal.clause, deal.event, deal.statement, deal.denial, deal.renewal, deal.citation)
        agreement, party, source = (
            type(row)._default_manager.filter(pk=row.pk) for row in (deal.agreement, deal.america, deal.source)
        )
        cases: dict[str, tuple[Callable[[], Any], tuple[models.Model, ...]]] = {
            "slug of an agreement": (
                lambda: agreement.update(slug="renamed"),
                (*below, later, amendment, concluded),
            ),
            "publication": (lambda: agreement.update(is_published=False), (*below, later, amendment, concluded)),
            "slug of a party": (lambda: party.update(slug="usa"), (later, deal.trump, deal.clause)),
            "slug of a speaker": (
                lambda: Party.objects.filter(slug="trump").update(slug="potus"),
                (deal.statement, deal.denial, deal.event),
            ),
            "slug of a mentioned party": (
                lambda: Party.objects.filter(slug="china").update(slug="prc"),
                (deal.statement, deal.agreement, cited),
            ),
            "slug of a source": (lambda: source.update(slug="renamed"), (deal.citation, deal.clause, deal.china)),
            "kind of a source": (lambda: source.update(kind="editorial_note"), (deal.citation, deal.agreement)),
        }
        for name, (write, rows) in cases.items():
            with subtests.test(name), assert_raised(*rows):
                write()

    def test_renewals_move_with_the_terms_from_which_they_derive(
        self, deal: factories.FixtureRows, subtests: pytest.Subtests
    ) -> None:
        values = {"renewal_intervals": ["P2Y"], "max_renewals": 7, "unlimited": True, "renewals_concluded": 3}
        for name in LIFECYCLE:
            field = Agreement._meta.get_field(name)
            value = values.get(name, field.choices[-1][0] if field.choices else "P3M")
            value = "2024-01-01" if field.get_internal_type() == "DateField" or name in EDTF else value
            Agreement.objects.update(max_renewals=None, unlimited=False)
            with subtests.test(name), assert_raised(deal.renewal):
                Agreement.objects.update(**{name: value})

    def test_only_what_is_shown_counts(self, deal: factories.FixtureRows) -> None:
        other = factories.deal("other")
        with assert_unchanged(deal.clause, deal.event, deal.statement, other.clause, other.agreement, other.renewal):
            Agreement.objects.filter(pk=deal.agreement.pk).update(title="Another title", notice_opens="P3M")
            Party.objects.update(country="")
            Source.objects.update(title="Another title")


def test_a_time_of_its_own_is_kept() -> None:
    row = factories.party("one")
    Party.objects.filter(pk=row.pk).update(updated_at=LONG_AGO)
    assert updated_at(row) == LONG_AGO


def test_a_row_written_without_the_column_has_its_first_version() -> None:
    one = factories.party("one")
    names = ", ".join(
        f'"{field.column}"' for field in Party._meta.concrete_fields if field.name not in ("version", "id", "slug")
    )
    sql(f"INSERT INTO accords_party (slug, {names}) SELECT 'two', {names} FROM accords_party WHERE id = %s", one.pk)  # noqa: S608 - names of ours
    assert Party.objects.get(slug="two").version == 1


def test_a_cited_text_can_still_not_change(deal: factories.FixtureRows) -> None:
    with assert_raised(deal.source):
        type(deal.source).objects.filter(pk=deal.source.pk).update(title="Another title")
    assert Agreement.objects.filter(pk=deal.agreement.pk).exists()
