"""Loading the deal: into an empty database only; again without a change; never over an editor's work unasked."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accords.db.changes import write_pending_entries
from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Source,
    Statement,
)
from accords.services import confirm
from tests.api.addresses import BASE
from tests.api.callers import caller
from tests.api.writing.test_write_contract import send
from tests.factories import agreement
from tests.importing.conftest import FIXTURE, FIXTURES
from tests.importing.test_fixtures import ROWS

pytestmark = pytest.mark.django_db
Stored = Callable[[], dict[str, list[Any]]]


def test_a_database_with_another_agreement_is_left_alone(stored: Stored) -> None:
    agreement()
    before = stored()
    call_command("load_deal", verbosity=0)
    assert stored() == before


def test_it_loads_all_fixtures_or_none(stored: Stored, tmp_path: Path) -> None:
    sources_and_parties = json.loads((FIXTURES / FIXTURE).read_text("utf-8"))[: ROWS["source"] + ROWS["party"]]
    (tmp_path / "a.json").write_text(json.dumps(sources_and_parties))
    orphan = {
        "model": "accords.participation",
        "fields": {"agreement": ["nowhere"], "party": ["china"], "role": "party"},
    }
    (tmp_path / "b.json").write_text(json.dumps([orphan]))
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("load_deal", fixtures=tmp_path)
    assert not any(stored().values())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[{", "A fixture cannot be read; .*x.json.* Expecting property name"),
        (b"\xff", "A fixture cannot be read; .*codec can't decode"),
        (b'[{"model": "no.model"}]', "A fixture cannot be read; .*Invalid model identifier"),
        (b'[{"model": "accords.party", "fields": {"slug": "a"}}]', "The database refuses it; .*created_at"),
        (b'[{"model": "accords.party", "fields": {"slug": "%s"}}]' % (b"a" * 200), "The database refuses it; "),
    ],
    ids=["json", "utf-8", "model", "incomplete", "long"],
)
def test_a_fixture_that_cannot_be_loaded_is_reported(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("load_deal", fixtures=tmp_path)


def test_a_folder_without_fixtures_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="build_fixtures makes them"):
        call_command("load_deal", fixtures=tmp_path)


# Tests of a loaded deal come last: it is loaded once and stays until the end of the module.


@pytest.mark.usefixtures("deal")
def test_it_loads_every_row_into_an_empty_database(stored: Stored) -> None:
    counts = {table.removeprefix("accords_"): len(rows) for table, rows in stored().items() if rows}
    assert counts.pop("renewal") >= ROWS["renewal"]  # those of the coming years follow from the terms
    slugs = sum(ROWS[name] for name in ("source", "party", "agreement"))
    assert counts.pop("usedslug", slugs) == slugs  # SQLite notes them only when a transaction is committed
    assert counts == {name: count for name, count in ROWS.items() if name != "renewal"} | {
        "event_participants": 4,
        "statement_mentions": 17,
    }


def slugs() -> dict[str, dict[str, int]]:
    """Return the ids of rows by slug and model."""
    return {model.__name__: dict(model.objects.values_list("slug", "pk")) for model in (Source, Party, Agreement)}


def delete_all() -> None:
    """Delete the deal, as committed and noted in the feed of changes."""
    write_pending_entries()
    Agreement.objects.all().delete()
    Party.objects.update(represents=None)
    Party.objects.all().delete()
    Source.objects.all().delete()
    write_pending_entries()


@pytest.mark.usefixtures("deal")
def test_a_deleted_deal_comes_back_under_its_ids_so_that_no_other_row_has_its_slugs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, version = slugs(), Agreement.objects.get().version
    delete_all()
    assert not any(slugs().values())
    call_command("load_deal")
    assert capsys.readouterr().out == f"Loaded {FIXTURE}.\n"
    assert slugs() == before
    deal = Agreement.objects.get()
    deal.full_clean()
    assert deal.version > version, "no entity tag comes again"
    for source in Source.objects.all():
        assert [*source.history.values_list("history_type", flat=True)] == ["+", "-", "+"]


@pytest.mark.usefixtures("deal")
def test_a_slug_that_a_renamed_row_had_is_not_loaded_again() -> None:
    Source.objects.filter(pk=Source.objects.latest("pk").pk).update(slug="renamed")
    write_pending_entries()
    before = slugs()
    with pytest.raises(CommandError, match=r"The database refuses it; nothing was changed.*Another row had this slug"):
        call_command("load_deal", "--restore", verbosity=0)
    assert slugs() == before


@pytest.mark.usefixtures("deal")
def test_a_dump_has_each_row_after_those_that_it_names() -> None:
    output = StringIO()
    names = [f"accords.{name}" for name in ROWS]
    call_command("dumpdata", *names, natural_foreign=True, natural_primary=True, stdout=output)
    order = list(dict.fromkeys(entry["model"] for entry in json.loads(output.getvalue())))
    assert set(order) == set(names)
    for name in order:
        for field in apps.get_model(name)._meta.concrete_fields:
            if field.related_model is not None and (named := field.related_model._meta.label_lower) != name:
                assert order.index(named) < order.index(name), (named, name)


@pytest.mark.usefixtures("deal")
def test_only_the_renewal_of_the_fixture_is_cited() -> None:
    assert [renewal.sequence for renewal in Renewal.objects.filter(citations__isnull=False).distinct()] == [1]
    assert set(Renewal.objects.values_list("basis", "status")) == {("computed", "projected")}


@pytest.mark.usefixtures("deal")
@pytest.mark.parametrize("restore", [False, True])
def test_loading_again_changes_nothing(stored: Stored, restore: bool) -> None:
    models = (Source, Party, Agreement, Clause, Event, Renewal, Statement, Citation, ClauseParty, Participation)
    before, records = stored(), [model.history.count() for model in models]
    call_command("load_deal", restore=restore, verbosity=0)
    assert stored() == before
    assert [model.history.count() for model in models] == records


@pytest.mark.usefixtures("deal")
def test_every_row_still_keeps_its_own_rules() -> None:
    for model in (Source, Party, Agreement, Clause, Event, Renewal, Statement, Citation):
        for row in model._default_manager.all():
            row.full_clean()


@pytest.mark.usefixtures("deal")
def test_saving_every_row_as_it_is_derives_the_same(stored: Stored) -> None:
    """Bounds, hashes and whatever else is derived stand in the fixture as the models derive them."""
    confirm(Citation.objects.all())  # what they support is derived here, not in the fixture
    before = stored()
    for model in (Source, Party, Agreement, Clause, Event, Renewal, Statement, Citation):
        for row in model._default_manager.all():
            row.save()
    assert stored() == before


@pytest.mark.usefixtures("deal")
@pytest.mark.parametrize("noun", ["agreements", "clauses", "events", "parties", "renewals", "sources", "statements"])
def test_what_was_loaded_can_be_read_and_sent_back_which_changes_nothing(noun: str) -> None:
    client = caller("publisher")
    row = client.get(f"{BASE}/{noun}").json()["results"][0]
    path = f"{BASE}/{noun}/{row.get('slug', row['id'])}"
    read, feed = client.get(path), client.get(f"{BASE}/changes").content
    same = {name: value for name, value in read.json().items() if name in ("title", "name", "text", "number")}
    for method, document in (("PUT", read.content), ("PATCH", json.dumps(same).encode())):
        response = send(client, method, path, document, If_Match=read.headers["ETag"])
        assert (response.status_code, response.content) == (200, read.content)
        assert response.headers["ETag"] == read.headers["ETag"]
    assert client.get(f"{BASE}/changes").content == feed


@pytest.mark.usefixtures("deal")
def test_an_editors_work_survives(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    deal = Agreement.objects.get()
    deal.title = "An editor's title"
    deal.save()
    Clause.objects.get(number="4").citations.all().delete()
    Statement.objects.get(number="S23").delete()
    Clause.objects.create(
        agreement=deal, number="6", position=6, type="other", standing="term", modality="declaration", title="New"
    )
    edited = stored()
    call_command("load_deal")
    assert "kept" in capsys.readouterr().out
    assert stored() == edited


@pytest.mark.usefixtures("deal")
def test_restore_puts_the_rows_back_and_keeps_the_others(stored: Stored) -> None:
    deal, before = Agreement.objects.get(), stored()
    Agreement.objects.update(title="An editor's title", effective="2025-11-01")
    Event.objects.get(number="E1").participants.clear()
    Statement.objects.get(number="S23").delete()
    new = Clause.objects.create(
        agreement=deal, number="6", position=6, type="other", standing="term", modality="declaration", title="New"
    )
    call_command("load_deal", "--restore", verbosity=0)
    assert Clause.objects.filter(pk=new.pk).exists()
    new.delete()
    after = stored()
    assert after["accords_agreement"] == before["accords_agreement"]
    assert {table: len(rows) for table, rows in after.items()} == {table: len(rows) for table, rows in before.items()}
    assert Statement.objects.get(number="S23").citations.exists()


@pytest.mark.usefixtures("deal")
def test_a_restore_that_cannot_be_changes_nothing(stored: Stored) -> None:
    Party.objects.filter(slug="united-states").update(slug="usa")  # one state a country, so the fixture's cannot come
    Agreement.objects.update(title="An editor's title")
    edited = stored()
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("load_deal", "--restore")
    assert stored() == edited
