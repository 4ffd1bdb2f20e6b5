"""Triggers on relations refuse invalid rows of any writer, and a command finds those that are stored already."""

from collections.abc import Callable
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction

from accords.db.integrity_errors import error_field, explain
from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source, Statement, UsedSlug
from tests import factories

pytestmark = pytest.mark.django_db


def raw(model: type[models.Model], pk: int, **values: Any) -> None:
    """Update a row past everything in Python."""
    models.QuerySet.update(model._default_manager.filter(pk=pk), **values)


def refused(write: Callable[[], Any], field: str, message: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    assert (error_field(error.value), explain(error.value)) == (field, message)


FOREIGN = "The related row belongs to another agreement."
CYCLE = "This relation would form a cycle."


@pytest.mark.parametrize(
    ("model", "relation"),
    [(Clause, "parent"), (Event, "after"), (Event, "reciprocates"), (Statement, "clause"), (Statement, "event")],
)
def test_a_relation_stays_within_an_agreement(model: Any, relation: str) -> None:
    one, other = factories.deal("one"), factories.deal("other")
    target: Any = model._meta.get_field(relation).related_model
    new = factories.clause(one.agreement, "9") if target is Clause else factories.event(one.agreement, "E9")
    row = model.objects.filter(agreement=one.agreement).first()
    foreign = target.objects.filter(agreement=other.agreement).first()
    refused(lambda: raw(model, row.pk, **{relation: foreign.pk}), relation, FOREIGN)
    raw(model, row.pk, **{relation: new.pk})
    refused(lambda: raw(target, new.pk, agreement=other.agreement.pk), relation, FOREIGN)
    copy = model(
        **{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.generated}
    )
    copy.pk, copy.number, copy.agreement = None, "copy", other.agreement
    for name in ("parent", "after", "reciprocates", "clause", "event"):
        if hasattr(copy, name):
            setattr(copy, name, new if name == relation else None)
    refused(lambda: model.objects.bulk_create([copy]), relation, FOREIGN)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's triggers cannot follow a chain")
@pytest.mark.parametrize(
    ("model", "relation"),
    [
        *((Clause, "parent"), (Event, "after"), (Event, "reciprocates"), (Party, "represents")),
        *((Agreement, "supersedes"), (Agreement, "amends")),
    ],
)
def test_no_statement_makes_a_cycle(model: Any, relation: str) -> None:
    rows = chain(model)
    raw(model, rows[0].pk, **{relation: rows[1].pk})
    raw(model, rows[1].pk, **{relation: rows[2].pk})
    refused(lambda: raw(model, rows[2].pk, **{relation: rows[0].pk}), relation, CYCLE)
    raw(model, rows[1].pk, **{relation: None})
    both = {rows[1].pk: rows[2].pk, rows[2].pk: rows[1].pk}
    swap = models.Case(*(models.When(pk=pk, then=models.Value(other)) for pk, other in both.items()))
    refused(lambda: models.QuerySet.update(model.objects.filter(pk__in=both), **{relation: swap}), relation, CYCLE)


def renewed_into_its_successor() -> tuple[Agreement, Agreement, Renewal]:
    """Return an agreement, one that supersedes it, and a concluded renewal of the later one without an outcome."""
    earlier = factories.agreement("earlier")
    later = factories.agreement("later", supersedes=factories.agreement("between", supersedes=earlier))
    return earlier, later, factories.renewal(later, status="concluded")


def test_agreements_take_no_place_in_a_cycle_of_outcomes_and_supersessions() -> None:
    earlier, later, renewal = renewed_into_its_successor()
    renewal.outcome = earlier
    with pytest.raises(ValidationError, match="cycle") as error:
        renewal.full_clean()
    assert [*error.value.message_dict] == ["outcome"]
    renewal.outcome = later  # renewed as it is
    renewal.full_clean()
    first = factories.renewal(later, 2, status="concluded", outcome=factories.agreement("outcome"))
    earlier.supersedes = first.outcome
    with pytest.raises(ValidationError, match="cycle") as error:
        earlier.full_clean()
    assert [*error.value.message_dict] == ["supersedes"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's triggers cannot follow a chain")
def test_no_statement_makes_a_cycle_of_outcomes_and_supersessions() -> None:
    earlier, _later, renewal = renewed_into_its_successor()
    refused(lambda: raw(Renewal, renewal.pk, outcome=earlier.pk), "outcome", CYCLE)
    other = factories.agreement("outcome")
    raw(Renewal, renewal.pk, outcome=other.pk)
    refused(lambda: raw(Agreement, earlier.pk, supersedes=other.pk), "supersedes", CYCLE)


def amendment_of_an_amendment() -> tuple[Agreement, Agreement, Clause]:
    """Return a contract, its first amendment, and a clause of a second that modifies the contract."""
    contract = factories.agreement("contract")
    first = factories.agreement("first", amends=contract)
    second = factories.agreement("second", amends=first)
    modified = factories.clause(contract, "4")
    clause = factories.clause(second, "1", modifies=modified, modification="repeal")
    return contract, first, clause


def test_an_agreement_goes_on_amending_what_clauses_modify() -> None:
    contract, first, clause = amendment_of_an_amendment()
    other = factories.agreement("other")
    for amended in (None, other):
        first.amends = amended
        with pytest.raises(
            ValidationError, match="Clause 1 modifies a clause of the agreement amended so far"
        ) as error:
            first.full_clean()
        assert [*error.value.message_dict] == ["amends"]
    first.amends = contract
    first.full_clean()
    clause.delete()
    first.amends = None
    first.full_clean()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's triggers cannot follow a chain")
def test_no_statement_modifies_what_is_not_amended() -> None:
    contract, first, clause = amendment_of_an_amendment()
    other = factories.clause(factories.agreement("other"), "4")
    not_amended = "The modified clause belongs to an agreement that this one does not amend."
    abandoned = "Clauses of this agreement or of its amendments modify clauses that it would amend no longer."
    refused(lambda: raw(Clause, clause.pk, modifies=other.pk), "modifies", not_amended)
    refused(lambda: raw(Agreement, first.pk, amends=None), "amends", abandoned)
    refused(lambda: raw(Agreement, first.pk, amends=other.agreement.pk), "amends", abandoned)
    raw(Agreement, clause.agreement.pk, amends=contract.pk)
    raw(Agreement, first.pk, amends=None)


def chain(model: Any) -> list[Any]:
    """Create three rows without relations to each other."""
    if model is Party:
        return [factories.party(slug) for slug in ("a", "b", "c")]
    if model is Agreement:
        return [factories.agreement(slug) for slug in ("a", "b", "c")]
    agreement = factories.agreement()
    make = factories.clause if model is Clause else factories.event
    return [make(agreement, number) for number in ("1", "2", "3")]


@contextmanager
def without_triggers() -> Any:
    """Let the database refuse nothing, as a restored dump of an older version would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def check() -> list[str]:
    """Return the lines that `check_data` writes about invalid rows."""
    out = StringIO()
    with pytest.raises(CommandError, match="broken"):
        call_command("check_data", stdout=out)
    return out.getvalue().splitlines()


def test_check_data_finds_what_is_broken_already() -> None:
    one, other = factories.deal("one"), factories.deal("other")
    out = StringIO()
    call_command("check_data", stdout=out)
    assert out.getvalue() == "No broken rows.\n"
    child = factories.clause(one.agreement, "9", parent=one.clause)
    with without_triggers():
        raw(Source, one.source.pk, text="Other words.")
        raw(Clause, one.clause.pk, parent=child.pk)
        raw(Statement, one.statement.pk, event=other.event.pk)
        raw(Agreement, one.agreement.pk, supersedes=other.agreement.pk)
        raw(Renewal, one.renewal.pk, outcome=other.agreement.pk, status="concluded")
        raw(Clause, other.clause.pk, modifies=one.clause.pk, modification="repeal")
        belongs_to_another = {"row_id": 0, "was_public": True}
        UsedSlug.objects.update_or_create(resource="parties", slug="trump", defaults=belongs_to_another)
    lines = check()
    quoted = Citation.objects.filter(source=one.source).count()
    assert sum("quote" in line for line in lines) == quoted
    assert f"clause {one.clause.pk}: parent forms a cycle" in lines
    assert f"clause {child.pk}: parent forms a cycle" in lines
    assert f"statement {one.statement.pk}: event belongs to another agreement" in lines
    assert f"agreement {one.agreement.pk}: supersedes and outcomes form a cycle" in lines
    not_amended = f"modifies is a clause of agreement {one.agreement.pk}, which its agreement does not amend"
    assert f"clause {other.clause.pk}: {not_amended}" in lines
    assert f"party {one.trump.pk}: slug belongs to party 0" in lines
    assert f"source {one.source.pk}: sha256 is not that of the text" in lines
