"""The database refuses what the command refuses: raw SQL, bulk updates, bulk inserts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Upper

from accords.models import Agreement, Citation, Clause, Event, Renewal, Source, Statement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("deal")]


def sql(statement: str, *parameters: Any) -> None:
    """Run a statement past every rule in Python."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def plain(rows: models.QuerySet[Any], **values: Any) -> None:
    """Update rows past the query set's own care for derived columns."""
    models.QuerySet.update(rows, **values)


def copy(row: models.Model, **values: Any) -> Any:
    """Return a copy of a row with other values, not validated."""
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.generated}
    return type(row)(**fields | {"id": None} | values)


def insert(row: models.Model) -> None:
    """Insert a row without `full_clean` and without `save`."""
    type(row)._default_manager.bulk_create([row])


def quotes() -> models.QuerySet[Citation]:
    """Return the citations of one statement, whose quotes contain letters."""
    return Citation.objects.filter(statement__number="S17")


def quote() -> Citation:
    """Return one of these citations."""
    return quotes()[0]


def denial() -> Statement:
    return Statement.objects.get(kind="denial")


def clause() -> Clause:
    """Return the clause on tariffs."""
    return Clause.objects.get(number="3")


CORRUPTED_QUOTE = {
    "sql": lambda: sql("UPDATE accords_citation SET exact = upper(exact) WHERE id = %s", quote().pk),
    "update": lambda: quotes().update(exact=Upper("exact")),
    "update of offsets": lambda: quotes().update(start=F("start") + 1, end=F("end") + 1),
    "update of the source": lambda: quotes().update(source=Source.objects.get(kind="editorial_note")),
    "update of the context": lambda: quotes().update(prefix=Upper("prefix")),
    "bulk_update": lambda: Citation.objects.bulk_update([copy(quote(), id=quote().pk, exact="x")], ["exact"]),
    "bulk_create": lambda: insert(copy(quote(), field="topics", exact=quote().exact.upper())),
    "sql on the source": lambda: sql("UPDATE accords_source SET text = 'x'"),
    "update of the text": lambda: Source.objects.update(text=Concat(F("text"), Value(" "))),
}
IMPOSSIBLE_DATE = {
    "sql": lambda: sql("UPDATE accords_event SET date = '2025-02-30'"),
    "sql, no month 13": lambda: sql("UPDATE accords_agreement SET signed = '2025-13-01'"),
    "sql, no year 0": lambda: sql("UPDATE accords_renewal SET due = '0000-01-01'"),
    "sql, no day 0": lambda: sql(
        "UPDATE accords_event SET date = '2025-10-00?', date_earliest = NULL, date_latest = NULL"
    ),
    "sql, no 30 February in any year": lambda: sql("UPDATE accords_event SET date = 'XXXX-02-30'"),
    "sql, a bound that is not the date's": lambda: sql(
        "UPDATE accords_event SET date_latest = '2025-10-31' WHERE number = 'E1'"
    ),
    "plain update": lambda: plain(Event.objects.all(), date="2025-02-30"),
    "plain update of bounds": lambda: plain(Renewal.objects.all(), due_earliest="2026-11-30"),
    "update": lambda: Event.objects.update(date="2025-02-30"),
    "bulk_create": lambda: insert(copy(Event.objects.get(number="E1"), number="E9", date="2025-02-30")),
}
DENIAL_TIED_TO_A_CLAUSE = {
    "sql": lambda: sql("UPDATE accords_statement SET clause_id = %s WHERE id = %s", clause().pk, denial().pk),
    "sql, the other way": lambda: sql(
        "UPDATE accords_statement SET kind = 'denial', polarity = 'negative' WHERE number = 'S6'"
    ),
    "update": lambda: Statement.objects.filter(kind="denial").update(clause=clause()),
    "update to positive": lambda: Statement.objects.filter(kind="denial").update(polarity="positive"),
    "bulk_create": lambda: insert(copy(denial(), number="S99", clause_id=clause().pk)),
}
TWO_TARGETS = {
    "sql": lambda: sql("UPDATE accords_citation SET clause_id = %s WHERE id = %s", clause().pk, quote().pk),
    "sql, none": lambda: sql("UPDATE accords_citation SET statement_id = NULL WHERE id = %s", quote().pk),
    "update": lambda: quotes().update(agreement=Agreement.objects.get()),
    "update to none": lambda: quotes().update(statement=None),
    "bulk_create": lambda: insert(copy(quote(), renewal_id=Renewal.objects.get(sequence=1).pk)),
}
FAULTS = {
    "a corrupted quote": CORRUPTED_QUOTE,
    "an impossible date": IMPOSSIBLE_DATE,
    "a denial tied to a clause": DENIAL_TIED_TO_A_CLAUSE,
    "a citation with two targets": TWO_TARGETS,
}
SOUND = {
    "a possible date": lambda: sql("UPDATE accords_event SET date = 'XXXX-04' WHERE number = 'E2'"),
    "a denial without a clause": lambda: insert(copy(denial(), number="S99")),
    "a true quote with one target": lambda: insert(copy(quote(), field="topics")),
    "another title of a cited source": lambda: Source.objects.update(title="Another title"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_refused_whoever_writes(fault: str, stored: Callable[[], Any], subtests: pytest.Subtests) -> None:
    before = stored()
    for way, write in FAULTS[fault].items():
        with subtests.test(way):
            # The query set and the fields find an impossible date before the database does.
            with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
                write()
            assert stored() == before


def test_the_like_without_the_fault_is_accepted(subtests: pytest.Subtests) -> None:
    """So that what is refused above is refused for its fault, not for how it is written."""
    for way, write in SOUND.items():
        with subtests.test(way):
            write()
