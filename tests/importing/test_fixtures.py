"""The fixtures are what the seeds give: the same bytes each time; nothing is stored."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from accords.importing.annotations import AnnotationError
from accords.importing.evidence import VERBATIM
from accords.importing.fixtures import build, own_database
from accords.models import Citation, Source
from accords.models.citations import EDITORS_OWN, TARGETS, citable_fields
from tests import factories
from tests.importing.conftest import FIXTURE, FIXTURES, SEEDS, Seeds

ROWS = {
    "source": 2,
    "party": 8,
    "agreement": 1,
    "participation": 8,
    "clause": 5,
    "clauseparty": 10,
    "event": 3,
    "renewal": 1,
    "statement": 25,
    "citation": 148,
}


def rows() -> list[dict[str, Any]]:
    """Return the rows of the fixture in the repository."""
    found: list[dict[str, Any]] = json.loads((FIXTURES / FIXTURE).read_text("utf-8"))
    return found


def fields_of(model: str) -> list[dict[str, Any]]:
    """Return the fields of each row of a model."""
    return [row["fields"] for row in rows() if row["model"] == f"accords.{model}"]


@pytest.mark.django_db
def test_the_article_is_the_one_received() -> None:
    received = (SEEDS / "000_06e044fdd82a1ad5.txt").read_bytes()
    digest = "e5ad9950b3294647863d16bb79c0eba8c5374264823ded81f23f7856efbf5ce3"
    assert hashlib.sha256(received).hexdigest() == digest
    assert len(received.decode()) == 2442
    assert digest in [source["sha256"] for source in fields_of("source")]


def test_the_fixtures_are_what_another_process_without_a_database_builds(tmp_path: Path) -> None:
    elsewhere = {
        "PATH": os.environ["PATH"],
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "SECRET_KEY": "for-this-test-only",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    command = [sys.executable, settings.BASE_DIR / "manage.py", "build_fixtures", "--fixtures", tmp_path / "built"]
    subprocess.run(command, env=elsewhere, cwd=tmp_path, check=True, capture_output=True)
    assert [path.name for path in (tmp_path / "built").iterdir()] == [FIXTURE]
    assert (tmp_path / "built" / FIXTURE).read_bytes() == (FIXTURES / FIXTURE).read_bytes()


def test_the_rows_are_those_that_the_article_supports() -> None:
    assert Counter(row["model"].removeprefix("accords.") for row in rows()) == ROWS


def test_rows_are_named_by_natural_keys_and_come_after_those_they_name() -> None:
    assert not [row for row in rows() if "pk" in row]
    models = [row["model"].removeprefix("accords.") for row in rows()]
    assert models == sorted(models, key=[*ROWS].index)


def test_every_row_bears_the_instant_of_the_review() -> None:
    instants = {row["fields"][name] for row in rows() for name in ("created_at", "updated_at")}
    assert instants == {"2026-11-23T06:00:00Z"}


def test_every_quote_is_its_slice_of_the_source() -> None:
    texts = {source["slug"]: source["text"] for source in fields_of("source")}
    citations = fields_of("citation")
    assert len(citations) >= 30
    for citation in citations:
        text, start, end = texts[citation["source"][0]], citation["start"], citation["end"]
        assert text[start:end] == citation["exact"] != ""
        assert text[max(0, start - 32) : start] == citation["prefix"]
        assert text[end : end + 32] == citation["suffix"]


def test_a_source_says_its_own_sha256() -> None:
    for source in fields_of("source"):
        assert hashlib.sha256(source["text"].encode()).hexdigest() == source["sha256"]


def test_what_is_said_in_a_sources_own_words_stands_in_a_source() -> None:
    texts = [source["text"] for source in fields_of("source")]
    for model in TARGETS:
        for row in fields_of(model):
            for field in VERBATIM & row.keys():
                assert any(row[field] in text for text in texts), (model, field, row[field])


def test_the_fields_for_own_words_are_those_that_say_so() -> None:
    beginnings = ("own words", "How the source names")
    fields = [field for model in TARGETS.values() for field in model._meta.get_fields() if not field.auto_created]
    assert {field.name for field in fields if any(words in str(field.help_text) for words in beginnings)} == VERBATIM


def test_the_fields_that_need_no_words_exist() -> None:
    known = {field for model in TARGETS.values() for field in citable_fields(model)} | {"slug"}
    assert known >= EDITORS_OWN


@pytest.mark.django_db
def test_building_neither_reads_nor_changes_stored_rows(small_seeds: Seeds, stored: Any) -> None:
    alone = build(small_seeds.folder)
    factories.party("china", name="Another name", kind="state", country="CN")
    factories.agreement("small", title="An editor's title")
    before = stored()
    assert build(small_seeds.folder) == alone
    assert stored() == before


@pytest.mark.django_db
def test_the_own_database_is_empty_and_gone_afterwards() -> None:
    outside = connections["default"]
    with suppress(ZeroDivisionError), own_database():
        assert connections["default"] is not outside
        Source.objects.create(slug="here", title="Here", kind="article", language="fr", text="ici")
        raise ZeroDivisionError
    assert connections["default"] is outside
    assert not Source.objects.exists()
    with own_database():
        assert not Source.objects.exists()
        assert not Citation.objects.exists()


def test_a_fixture_edited_by_hand_is_reported(small_seeds: Seeds) -> None:
    call_command("build_fixtures", seeds=small_seeds.folder, fixtures=small_seeds.fixtures)
    call_command("build_fixtures", seeds=small_seeds.folder, fixtures=small_seeds.fixtures, check=True)
    fixture = small_seeds.fixtures / "small.json"
    fixture.write_text(fixture.read_text("utf-8").replace('"value": "47"', '"value": "48"'), "utf-8")
    (small_seeds.fixtures / "stray.json").write_text("[]")
    with pytest.raises(CommandError) as error:
        call_command("build_fixtures", seeds=small_seeds.folder, fixtures=small_seeds.fixtures, check=True)
    lines = [line.strip() for line in str(error.value).splitlines()]
    assert "small.json: differs" in lines
    assert '-   "value": "48",' in lines
    assert '+   "value": "47",' in lines
    assert "stray.json: no annotation gives it; delete it" in lines
    assert '"value": "48"' in fixture.read_text("utf-8"), "a check writes nothing"


def test_a_missing_fixture_is_reported(small_seeds: Seeds) -> None:
    small_seeds.fixtures.mkdir()
    with pytest.raises(CommandError, match=r"small\.json: missing"):
        call_command("build_fixtures", seeds=small_seeds.folder, fixtures=small_seeds.fixtures, check=True)


def test_a_folder_that_cannot_be_written_is_reported(small_seeds: Seeds) -> None:
    small_seeds.fixtures.write_text("a file")
    with pytest.raises(CommandError, match=r"fixtures cannot be read or written: File exists\."):
        call_command("build_fixtures", seeds=small_seeds.folder, fixtures=small_seeds.fixtures)


def test_the_build_says_what_it_wrote(small_seeds: Seeds, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("build_fixtures", seeds=small_seeds.folder, fixtures=small_seeds.fixtures)
    output = capsys.readouterr().out
    assert output.startswith("small.json: 9 rows (sources 1, parties 1, ")
    assert "clauses 1, citations 4)" in output


def test_two_annotations_share_parties_and_give_a_fixture_each(small_seeds: Seeds) -> None:
    alone = build(small_seeds.folder)
    (small_seeds.folder / "z.annotation.yaml").write_text(SECOND, "utf-8")
    first, second = build(small_seeds.folder)
    assert [first] == alone
    assert second.rows == {"agreements": 1, "participations": 1, "clauses": 1, "citations": 3}
    assert second.name == "another.json"
    (small_seeds.folder / "z.annotation.yaml").write_text(
        SECOND + "parties:\n  china: {name: China, kind: state}\n", "utf-8"
    )
    with pytest.raises(
        AnnotationError, match=r"z\.annotation\.yaml:17: party china, slug: Party with this Slug already exists"
    ):
        build(small_seeds.folder)


SECOND = """\
reviewed: 2026-11-23T06:00:00+01:00
source: us-china-rare-metals-article
agreement:
  slug: another
  title: Another
  instrument: other
  evidence: {row: Avec cet accord}
  participations: [{party: china, role: party, evidence: Pékin entend préserver}]
clauses:
  1:
    type: other
    standing: term
    modality: declaration
    title: Another clause
    evidence: {row: désescalade temporaire}
"""
