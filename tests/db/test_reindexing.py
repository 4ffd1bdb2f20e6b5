"""The search index is current after every write, in the same transaction; writes past the ORM are noted."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from accords.db.audit_log import unrecorded
from accords.db.reindexing import is_indexed, noted_ids, stale_ids
from accords.db.search_index import compile_query, indexed_models, search_entry_field, searched_models
from accords.models import Citation, Clause, Party, Source
from accords.models.base import update_fields_for
from accords.rules.search_query import parse
from tests import factories

pytestmark = pytest.mark.django_db


def matching_ids(word: str, model: Any = Clause) -> list[int]:
    """Return the ids of the rows with a word; of clauses with one in the title, by its folded copy too."""
    ids = sorted(model.objects.matching(compile_query(parse(word))).values_list("pk", flat=True))
    if word in ("before", "after"):
        assert ids == sorted(model.objects.filter(title__folded_contains=word).values_list("pk", flat=True))
    return ids


def sql(statement: str, *params: Any) -> list[Any]:
    """Run SQL that the application does not know of."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def clause() -> Clause:
    """Create a clause that has the word `before`."""
    return factories.clause(factories.agreement(), title="Before")


def save(clause: Clause) -> None:
    clause.title = "After"
    clause.save()


def save_some(clause: Clause) -> None:
    clause.title = "After"
    clause.save(update_fields=update_fields_for(Clause, ["title"]))


def update(clause: Clause) -> None:
    assert Clause.objects.filter(title="Before").update(title="After") == 1


def update_by_expression(clause: Clause) -> None:
    Clause.objects.update(title=Concat(Value("After of "), F("number")))


def update_in_bulk(clause: Clause) -> None:
    clause.title = "After"
    Clause.objects.bulk_update([clause], ["title"])


def create_or_update_in_bulk(clause: Clause) -> None:
    again = Clause(**{f.attname: getattr(clause, f.attname) for f in Clause._meta.concrete_fields if not f.generated})
    again.pk, again.title = None, "After"
    with unrecorded():
        Clause.objects.bulk_create(
            [again], update_conflicts=True, update_fields=["title"], unique_fields=["agreement", "number"]
        )


def update_or_create(clause: Clause) -> None:
    Clause.objects.update_or_create(pk=clause.pk, defaults={"title": "After"})


WRITES = [
    save,
    save_some,
    update,
    update_by_expression,
    update_in_bulk,
    create_or_update_in_bulk,
    update_or_create,
]


@pytest.mark.parametrize("write", WRITES)
def test_a_changed_row_is_found_by_what_it_says_now(write: Callable[[Clause], None], clause: Clause) -> None:
    assert matching_ids("before") == [clause.pk]
    write(clause)
    assert (matching_ids("before"), matching_ids("after")) == ([], [clause.pk])
    assert noted_ids(Clause, "default") == []


def test_a_partial_save_without_the_derived_columns_marks_the_row_as_stale(clause: Clause) -> None:
    clause.title = "After"
    clause.save(update_fields=["title"])
    assert noted_ids(Clause, "default") == [clause.pk]


def test_a_row_that_is_there_already_keeps_its_words(clause: Clause) -> None:
    same = {f.attname: getattr(clause, f.attname) for f in Clause._meta.concrete_fields if not f.generated}
    with unrecorded():
        Clause.objects.bulk_create([Clause(**same | {"title": "After"})], ignore_conflicts=True)
    assert (matching_ids("before"), matching_ids("after")) == ([clause.pk], [])


def test_rows_made_in_bulk_are_found() -> None:
    Party.objects.bulk_create([Party(slug=name, name=name, kind="group", aliases=[f"alias {name}"]) for name in "abc"])
    assert matching_ids("alias", Party) == sorted(Party.objects.values_list("pk", flat=True))


def test_rows_from_a_fixture_are_found(tmp_path: Path) -> None:
    row = {"model": "accords.party", "fields": {"slug": "x", "name": "Loaded", "kind": "group", "aliases": ["Chargée"]}}
    stamps = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    row["fields"] |= stamps
    (tmp_path / "x.json").write_text(json.dumps([row]))
    for _ in range(2):
        call_command("loaddata", tmp_path / "x.json", verbosity=0)
        assert matching_ids("charge", Party) == [Party.objects.get(slug="x").pk]


def test_what_is_deleted_is_gone_from_the_index_with_its_related_rows(clause: Clause) -> None:
    clause.agreement.delete()
    assert matching_ids("before") == []
    assert sql("SELECT count(*) FROM accords_clause_words") == [(0,)]
    assert sql("SELECT count(*) FROM accords_clause_folded") == [(0,)]


def test_what_is_rolled_back_is_not_found(clause: Clause) -> None:
    with transaction.atomic():
        save(clause)
        assert matching_ids("after") == [clause.pk]
        transaction.set_rollback(True)
    assert (matching_ids("before"), matching_ids("after")) == ([clause.pk], [])


def test_the_language_of_a_row_decides_its_stems(clause: Clause) -> None:
    Clause.objects.update(text="contrôles", language="de")
    assert matching_ids("contrôle") == []
    Clause.objects.update(language="fr")
    assert matching_ids("contrôle") == [clause.pk]


def test_the_words_pass_through_and_leave_neither_text_nor_version_behind(clause: Clause) -> None:
    assert sql("SELECT search, version FROM accords_clause") == [(None, 1)]
    save(clause)
    update(Clause.objects.create(**sibling(clause, "Before")))
    assert sql("SELECT search, version FROM accords_clause ORDER BY id") == [(None, 2), (None, 2)]
    call_command("rebuild_search", stdout=StringIO())
    assert sql("SELECT search, version FROM accords_clause ORDER BY id") == [(None, 2), (None, 2)]


def sibling(clause: Clause, title: str) -> dict[str, Any]:
    """Return the fields of another clause of the same agreement."""
    plain = {"type": "cooperation", "standing": "term", "modality": "declaration"}
    return plain | {"agreement": clause.agreement, "number": "2", "position": 2, "title": title}


def test_a_row_written_by_hand_is_noted_and_the_command_indexes_it(clause: Clause) -> None:
    sql("UPDATE accords_clause SET title = 'After' WHERE id = %s", clause.pk)
    assert stale_ids(Clause, "default") == [clause.pk]
    assert rebuild_search("--stale") == "Indexed 1 rows; 1 were out of date."
    assert (matching_ids("before"), matching_ids("after")) == ([], [clause.pk])
    assert rebuild_search("--stale") == "Indexed 0 rows; 0 were out of date."


def test_the_next_write_does_not_wait_for_what_a_hand_has_left(clause: Clause) -> None:
    sql("UPDATE accords_clause SET title = 'After' WHERE id = %s", clause.pk)
    other = Clause.objects.create(**sibling(clause, "Other"))
    Clause.objects.filter(pk=other.pk).update(title="Another")
    assert noted_ids(Clause, "default") == [clause.pk]


def test_the_whole_index_can_be_built_anew(clause: Clause) -> None:
    sql("DELETE FROM accords_clause_words")
    sql("DELETE FROM accords_clause_folded")
    assert matching_ids("before") == []
    assert rebuild_search() == "Indexed 2 rows; 1 were out of date."
    assert matching_ids("before") == [clause.pk]
    assert rebuild_search() == "Indexed 2 rows; 0 were out of date."


def rebuild_search(*options: str) -> str:
    """Run `rebuild_search` and return its output."""
    out = StringIO()
    call_command("rebuild_search", *options, stdout=out)
    return out.getvalue().strip()


def test_a_row_without_its_folded_copy_alone_is_out_of_date(clause: Clause) -> None:
    sql("DELETE FROM accords_clause_folded")
    assert not is_indexed(Clause, "default")
    assert rebuild_search("--stale") == "Indexed 1 rows; 1 were out of date."
    assert is_indexed(Clause, "default")


def test_the_quote_of_a_citation_is_found_by_its_folded_copy() -> None:
    citation = factories.citation(factories.agreement(), "soja", factories.source())
    assert Citation.objects.filter(exact__folded_contains="SÓJ").get() == citation
    citation.delete()
    assert sql("SELECT count(*) FROM accords_citation_folded") == [(0,)]


def test_every_indexed_model_has_its_index_and_its_watch() -> None:
    assert {*indexed_models()} - {*searched_models()} == {Citation}
    for model in searched_models():
        assert model._meta.get_field("indexed").related_model._meta.db_table == f"{model._meta.db_table}_words"
    for model in indexed_models():
        field: Any = search_entry_field(model)
        names = {part.name for part in model._meta.concrete_fields}
        assert field.dependencies <= names
        name = "words_stale" if connection.vendor == "sqlite" else "words_1_stale"
        watch = sql(TRIGGER[connection.vendor], f"{model._meta.db_table}_{name}")[0][0]
        listed = watch.replace('"', "").split("UPDATE OF ")[1].split(" ON ")[0]
        assert set(listed.split(", ")) == field.dependencies


TRIGGER = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s",
    "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s",
}


def test_a_text_of_more_words_than_an_index_row_holds_is_found_by_its_beginning() -> None:
    text = " ".join(f"w{number}x" for number in range(150_000))
    source = Source.objects.create(slug="long", title="Long", kind="article", language="de", text=text)
    assert matching_ids("w1x w1000x", Source) == [source.pk]
    assert matching_ids("w149999x", Source) == []
