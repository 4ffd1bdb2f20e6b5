"""The audit log: every write of a row, by whatever path, leaves a record, and nothing else does."""

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from accords.db.audit_log import recorded_as, unrecorded
from accords.db.row_history import References
from accords.models import Agreement, Clause, Event, Party, Renewal, Source, Statement
from accords.models.base import BaseQuerySet, TimestampedModel
from accords.services import extend_renewals
from tests import factories
from tests.api.histories import changed, history
from tests.clients import Client
from tests.models.rows import TABLES, another
from tests.renewals_table import TODAY, project
from tests.test_house import PATHS

MODELS: list[Any] = [model for model in TABLES if not model._meta.auto_created]
pytestmark = pytest.mark.django_db
# What would write past the query sets of our models, whose bulk_create, bulk_update and update are recorded.
PAST = {"_base_manager", "_raw_delete", "unrecorded", "execute", "executemany"}


def record_kinds(row: Any) -> list[str]:
    """Return the kinds of the records of a row, oldest first."""
    return list(type(row).history.filter(id=row.pk).order_by("history_id").values_list("history_type", flat=True))


def is_recorded(row: Any) -> bool:
    """Return whether the last record of a row says what the database has; triggers move `updated_at` besides."""
    last, now = type(row).history.filter(id=row.pk)[0], type(row)._default_manager.get(pk=row.pk)
    return all(
        getattr(last, field.attname) == getattr(now, field.attname)
        for field in last.tracked_fields
        if field.name != "updated_at"
    )


def record_counts() -> dict[str, int]:
    """Return the number of records of each model."""
    return {model.__name__: model.history.count() for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_every_noun_is_recorded_whichever_way_it_is_written(model: Any) -> None:
    assert issubclass(model, TimestampedModel)
    assert all(isinstance(manager.get_queryset(), BaseQuerySet) for manager in model._meta.managers)
    factories.deal()
    row = model._default_manager.order_by("pk").first()
    before, rows = len(record_kinds(row)), model._default_manager.filter(pk=row.pk)
    field = row._meta.concrete_fields[-2].name if row._meta.concrete_fields[-1].generated else "updated_at"
    writes: list[Callable[[], Any]] = [
        row.save,
        lambda: row.save(update_fields=["updated_at"]),
        lambda: rows.update(created_at=row.updated_at),
        lambda: model._default_manager.bulk_update([row], [field]),
    ]
    for number, write in enumerate(writes, before + 1):
        write()
        assert (len(record_kinds(row)), record_kinds(row)[-1], is_recorded(row)) == (number, "~", True)
    new = another(model)
    model._default_manager.bulk_create([new])
    assert (record_kinds(new), is_recorded(new)) == (["+"], True)
    pk = new.pk
    model._default_manager.filter(pk=pk).delete()
    assert list(model.history.filter(id=pk).values_list("history_type", flat=True)) == ["-", "+"]


def test_the_state_recorded_of_a_part_save_is_the_databases_not_the_objects() -> None:
    one = factories.agreement()
    stale = Agreement.objects.get()
    one.title = "Another"
    one.save()
    stale.subject = "métaux"
    stale.save(update_fields=["subject"])
    assert is_recorded(one)
    assert Agreement.history.first().title == "Another"


def test_an_uncertain_dates_bounds_are_recorded_with_it() -> None:
    one = factories.agreement()
    Agreement.objects.update(effective="2027")
    last = Agreement.history.filter(id=one.pk)[0]
    assert (str(last.effective_earliest), str(last.effective_latest)) == ("2027-01-01", "2027-12-31")


def test_relations_to_many_are_recorded_from_both_sides() -> None:
    deal = factories.deal()
    deal.event.participants.set([deal.china, deal.america])
    deal.china.mentioned_in.add(deal.denial)
    deal.statement.mentions.clear()
    assert recorded_parties(deal.event, "participants") == {deal.china.pk, deal.america.pk}
    assert recorded_parties(deal.denial, "mentions") == {deal.china.pk}
    assert recorded_parties(deal.statement, "mentions") == set()
    deal.china.mentioned_in.clear()
    assert recorded_parties(deal.denial, "mentions") == set()
    before = record_counts()
    deal.china.mentioned_in.clear()
    assert record_counts() == before


def test_the_references_of_records_stay_when_those_of_others_are_added() -> None:
    deal = factories.deal()
    deal.event.participants.set([deal.china])
    field = Event._meta.get_field("participants")
    last, *earlier = Event.history.filter(id=deal.event.pk)
    references = References([field], [last], lambda model: model._default_manager.all(), deleted=False)
    references.add([field], earlier)
    assert references.ids(field, last) == [deal.china.pk]


def recorded_parties(row: Any, relation: str) -> set[int]:
    """Return the parties in the last record of a row."""
    return set(getattr(type(row).history.filter(id=row.pk)[0], relation).values_list("party_id", flat=True))


def test_a_deletion_records_all_that_goes_and_what_it_sets_to_null() -> None:
    deal = factories.deal()
    later = factories.event(deal.agreement, "E2", after=deal.event, reciprocates=deal.event)
    deal.statement.delete()
    pk = deal.event.pk
    deal.event.delete()
    assert record_kinds(Event(pk=pk))[-1] == "-"
    assert record_kinds(later) == ["+", "~"]
    assert is_recorded(later)
    assert Event.history.filter(id=later.pk)[0].after_id is None
    deal.agreement.delete()
    for model in (Agreement, Clause, Renewal, Statement):
        assert model.history.first().history_type == "-"


def test_projections_are_recorded() -> None:
    deal = factories.agreement()
    project(deal)
    assert all(record_kinds(row) == ["+"] and is_recorded(row) for row in Renewal.objects.all())
    Agreement.objects.update(effective="2025-11-01", renewal_mode="none")
    with recorded_as("command:extend_renewals"):
        extend_renewals(on=TODAY)
    assert all(is_recorded(row) for row in [deal, *Renewal.objects.all()])
    gone = Renewal.history.filter(history_type="-")
    assert gone.count() == 11
    assert set(gone.values_list("through", flat=True)) == {"command:extend_renewals"}


def test_the_command_is_named() -> None:
    factories.agreement()
    call_command("extend_renewals", verbosity=0)
    assert Renewal.history.first().through == "command:extend_renewals"


def test_the_author_stays_when_the_account_is_deleted(client: Client) -> None:
    deal, author = factories.deal(), User.objects.create_superuser("jane")
    client.force_login(author)
    path = f"/api/v1/clauses/{deal.clause.pk}"
    client.patch(path, {"title": "New"}, content_type="application/json", headers={"If-Match": "*"})
    author.delete()
    record = deal.clause.history.first()
    assert (record.author, record.history_user, record.through) == ("jane", None, "api")
    client.force_login(User.objects.create_superuser("reader"))
    assert client.get(f"{path}/history").json()["results"][0]["by"] == "jane"
    page = client.get(reverse("admin:accords_clause_history", args=[deal.clause.pk])).content.decode()
    assert '<td class="who">jane' in page


def test_who_writes_last_is_recorded_last_with_all_that_is_written_together(client: Client) -> None:
    deal = factories.deal()
    with recorded_as("import", grouped=True):
        deal.clause.save()
        with recorded_as("admin"):
            Agreement.objects.update(subject="Theirs")  # before the import has the lock of the agreement
        Agreement.objects.update(title="Ours")
    newest, earlier = history(client, "agreements", deal.agreement)[:2]
    assert (newest["through"], changed(newest)) == ("import", {"title": (deal.agreement.title, "Ours")})
    assert (earlier["through"], changed(earlier)) == ("admin", {"subject": (deal.agreement.subject, "Theirs")})
    assert deal.clause.history.first().history_date == deal.agreement.history.first().history_date


def test_nothing_is_recorded_where_that_is_said() -> None:
    with unrecorded():
        deal = factories.deal()
        Clause.objects.bulk_create([another(Clause)])
        deal.agreement.delete()
        Party.objects.update(name="x")
    assert not any(record_counts().values())
    factories.party("observers")
    assert record_counts()["Party"] == 1


def test_conflicts_that_could_not_be_recorded_are_refused() -> None:
    factories.source()
    with pytest.raises(ValueError, match="unrecorded"):
        Source.objects.bulk_create([another(Source)], ignore_conflicts=True)


def test_a_write_that_is_undone_leaves_no_record() -> None:
    deal = factories.agreement()
    with transaction.atomic():
        Agreement.objects.update(title="Another")
        transaction.set_rollback(True)
    assert record_kinds(deal) == ["+"]


def test_no_code_of_ours_writes_past_the_records() -> None:
    allowed = {
        "accords.db.audit_log": {"_base_manager"},  # to record what the database has
        "accords.models.base": {"_base_manager"},  # the same
        "accords.admin.base": {"_base_manager"},  # to lock rows
        "accords.services": {"unrecorded"},  # what loaded citations support, which no record holds
        "accords.working_copies": {"unrecorded"},  # steps between two states, both of which are recorded
        "accords.db.reindexing": {"_base_manager", "execute", "executemany"},  # the index of search alone
        "accords.db.locks": {"_base_manager", "execute"},  # locks, and how long a statement waits for one
        "accords.db.triggers": {"execute"},  # applied by migrations
        "accords.db.constraints": {"execute"},  # the same
        "accords.db.quote_triggers": {"execute"},  # the same
        "accords.db.migration_operations": {"_base_manager", "execute"},  # the same
        "accords.management.commands.migrate": {"execute"},  # limits of a connection
        "accords.db.search_triggers": {"execute"},  # the same
        "accords.db.revision": {"execute"},  # a reading
        "accords.db.changes": {"execute", "executemany"},  # the feed of changes, which follows from the rows
        "accords.db.compiled_query": {"execute"},  # readings
        "accords.management.commands.prepare_release": {"execute"},  # limits of a role
        "accords.db.isolation": {"execute"},  # how a transaction reads
        "accords.api.idempotency": {"execute"},  # a lock
    }
    ours = {name: path for name, path in PATHS.items() if name.startswith("accords") and "migrations" not in path.parts}
    texts = {name: path.read_text(encoding="utf-8") for name, path in ours.items()}
    assert len(texts) > 100
    mention = re.compile("|".join(PAST))  # a module without these words has no such name
    found = {
        name: names_of(text) & PAST - allowed.get(name, set()) for name, text in texts.items() if mention.search(text)
    }
    assert {name: past for name, past in found.items() if past} == {}


def names_of(text: str) -> set[str]:
    """Return the names and attributes in the text of a module."""
    nodes = [*ast.walk(ast.parse(text))]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        node.id for node in nodes if isinstance(node, ast.Name)
    }


# It comes last, because the deal stays loaded until the end of the module.


@pytest.mark.usefixtures("deal")
def test_the_deal_is_recorded_as_it_is_loaded_at_one_instant() -> None:
    """That it is not recorded again when it is loaded again is shown by tests/importing/test_load_deal.py."""
    for model in MODELS:
        rows = model._default_manager.all()
        assert {row.pk for row in rows} == set(model.history.values_list("id", flat=True))
        assert all(is_recorded(row) for row in rows)
        assert set(model.history.values_list("through", flat=True)) == {"import"}
    assert len({date for model in MODELS for date in model.history.values_list("history_date", flat=True)}) == 1
    for row in Event.objects.all():
        assert recorded_parties(row, "participants") == set(row.participants.values_list("pk", flat=True))
