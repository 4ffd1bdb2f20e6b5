"""Importing an annotation over stored rows: as the preview shows, all or nothing; a second import changes nothing."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accords.importing import annotations, imports
from accords.importing.annotations import Annotation, AnnotationError, from_file
from accords.importing.imports import ImportPlan, PlanChanged, import_annotation, preview
from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source
from accords.working_copies import make_working_copy
from tests import factories
from tests.importing.conftest import ANNOTATION, SEEDS

pytestmark = pytest.mark.django_db
Stored = Callable[[], dict[str, list[Any]]]

SMALL = """\
reviewed: 2026-11-01T00:00:00Z
source: press
sources:
  press: {file: press.txt, title: A press article, kind: article, language: fr}
parties:
  china: {name: China, kind: state, country: CN, aliases: [la Chine]}
agreement:
  slug: rare-metals
  title: Rare metals
  instrument: announced_deal
  term: P1Y
  renewal_mode: negotiated
  is_published: true
  evidence: {row: un accord d'un an, term: un accord d'un an, renewal_mode: renégocié chaque année}
  participations:
    - {party: china, role: party, evidence: la Chine}
clauses:
  1:
    type: purchase
    standing: outcome
    modality: obligation
    title: Soybeans
    evidence: {row: la Chine achètera du soja américain}
    parties:
      - {party: china, role: obligor, explicit: true, evidence: la Chine}
events:
  E1: {kind: meeting, status: held, participants: [china], evidence: {row: La rencontre s'est tenue en Corée du Sud}}
renewals:
  - {kind: renegotiation, sequence: 1, basis: stated, due: 2026-10, evidence: {row: renégocié chaque année, due: chaque année}}
"""


def small(**changes: str) -> Annotation:
    """Return the small annotation after replacements: `right="wrong"`, in order."""
    text = SMALL
    for right, wrong in changes.items():
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    return Annotation("small.yaml", text.encode(), {"press.txt": factories.TEXT.encode()}.get)


def imported(annotation: Annotation, may_publish: bool = True, agreed: str | None = None) -> ImportPlan:
    return import_annotation(annotation, may_publish=may_publish, agreed_digest=agreed, on=date(2018, 1, 1))


def faults(annotation: Annotation) -> list[str]:
    """Return the errors of an annotation."""
    with pytest.raises(AnnotationError) as refused:
        preview(annotation, may_publish=True)
    return str(refused.value).splitlines()


def test_a_preview_shows_every_row_and_leaves_none(stored: Stored) -> None:
    before = stored()
    plan = preview(small(), may_publish=True)
    counts = {model.__name__: dict(counted) for model, counted in plan.counts().items()}
    assert counts == {
        "Source": {"new": 1},
        "Party": {"new": 1},
        "Agreement": {"new": 1},
        "Participation": {"new": 1},
        "Clause": {"new": 1},
        "ClauseParty": {"new": 1},
        "Event": {"new": 1},
        "Renewal": {"new": 1},
        "Citation": {"new": 9},
    }
    assert stored() == before


def test_what_is_no_entry_of_its_own_can_be_quoted_with_the_row() -> None:
    """The number of a clause is its key, and the parties of an agreement are its participations."""
    imported(
        small(**{"{row: la": "{number: La rencontre, row: la", "{row: un accord": "{parties: accord, row: un accord"})
    )
    quoted = Citation.objects.filter(field__in=["number", "parties"], clause__isnull=False)
    assert {(one.field, one.exact) for one in quoted} == {("number", "La rencontre"), ("parties", "la Chine")}
    quoted = Citation.objects.filter(field="parties", agreement__isnull=False)
    assert {one.exact for one in quoted} == {"accord", "la Chine"}


def test_what_was_shown_is_done_and_a_second_time_nothing(stored: Stored) -> None:
    plan = preview(small(), may_publish=True)
    assert imported(small(), agreed=plan.digest).digest == plan.digest
    assert Agreement.objects.get().is_published
    assert {record.through for record in Clause.history.all()} == {"import"}
    before, records = stored(), Clause.history.count()
    again = imported(small())
    assert {change.effect for change in again.changes} == {"same"}
    assert (stored(), Clause.history.count()) == (before, records)


def test_only_what_differs_is_changed_and_reported_field_by_field(stored: Stored) -> None:
    imported(small())
    other = Clause.objects.create(agreement=Agreement.objects.get(), number="9", position=9, title="By hand", **KINDS)
    Event.objects.get().participants.clear()
    Clause.objects.filter(number="1").update(title="Corn")
    Renewal.objects.filter(basis="stated").update(status="concluded")
    plan = imported(small(P1Y="P2Y"))
    changes = {
        (change.kind, one.field, one.before, one.after)
        for change in plan.with_effect("changed")
        for one in change.fields
    }
    assert changes == {
        ("agreement", "term", "P1Y", "P2Y"),
        ("clause", "title", "Corn", "Soybeans"),
        ("event", "participants", "", "China"),
    }
    assert plan.not_in_annotation == [other]
    assert Renewal.objects.get(basis="stated").status == "concluded", "people decide what became of it"
    assert list(Event.objects.get().participants.all()) == [Party.objects.get()]
    assert Clause.history.filter(id=Clause.objects.get(number="1").pk).count() == 3


KINDS = {"type": "other", "standing": "text", "modality": "declaration"}


def test_what_changed_since_it_was_shown_is_not_overwritten(stored: Stored) -> None:
    imported(small())
    agreed = preview(small(Soybeans="Soya"), may_publish=True).digest
    Clause.objects.update(title="Corn")
    before = stored()
    with pytest.raises(PlanChanged) as refused:
        imported(small(Soybeans="Soya"), agreed=agreed)
    assert [one.before for change in refused.value.plan.with_effect("changed") for one in change.fields] == ["Corn"]
    assert stored() == before


def test_every_fault_is_reported_with_its_line_and_nothing_is_done(stored: Stored) -> None:
    imported(small())
    before = stored()
    wrong = small(
        **{
            "row: la Chine achètera": "row: la Chine achetera",
            "country: CN": "country: Cn",
            "kind: meeting": "kind: party",
        }
    )
    messages = faults(wrong)
    assert [line.split(": ")[0] for line in messages] == ["small.yaml:6", "small.yaml:23", "small.yaml:27"]
    assert "Nearest passage: “la Chine achètera du soja américain”" in messages[1]
    assert stored() == before


def test_a_source_that_is_stored_needs_no_file_and_its_text_never_changes() -> None:
    imported(small())
    without = Annotation("small.yaml", SMALL.encode(), {}.get)
    assert {change.effect for change in preview(without, may_publish=True).changes} == {"same"}
    other = Annotation("small.yaml", SMALL.encode(), {"press.txt": (factories.TEXT + " Fin.").encode()}.get)
    assert "This text is cited, so it cannot change" in faults(other)[0]
    unknown = Annotation("small.yaml", SMALL.replace("source: press", "source: other").encode(), {}.get)
    assert "there is no source 'other' above this row" in faults(unknown)[0]


@pytest.mark.parametrize("name", ["../press.txt", "/etc/passwd", "..", "folder"])
def test_no_name_leads_to_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "press.txt").write_text(factories.TEXT)
    (tmp_path / "in" / "folder").mkdir(parents=True)
    (tmp_path / "in" / "small.yaml").write_text(SMALL.replace("press.txt", f'"{name}"'))
    for annotation in (small(**{"press.txt": f'"{name}"'}), from_file(tmp_path / "in" / "small.yaml")):
        assert f"source press, file: there is no file '{name}'" in faults(annotation)[0]
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: &a [x]\nb: *a", "references"),
        (b"a: !!python/name:os.system x", "types"),
        (b"[" * 200_000, "deep"),
        (b'a: "\\0"', "control characters"),
        (b'a: "\\ud800"', "halves of characters"),
        (b"a: \xff", "UTF-8"),
        (b"a: \x00", "control characters and halves of characters are not accepted"),
        (b"", "a mapping of names to values is needed"),
    ],
)
def test_bombs_and_what_is_no_text_are_refused(content: bytes, says: str) -> None:
    assert says in "\n".join(faults(Annotation("x.yaml", content, {}.get)))


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MAX_ROWS", 3)
    messages = faults(small())
    assert [line for line in messages if "3 rows at most" in line]
    monkeypatch.setattr(annotations, "MAX_NODES", 50)
    assert "more than 50 texts" in faults(small())[0]


def test_who_may_not_publish_imports_a_draft_and_withdraws_nothing() -> None:
    plan = imported(small(), may_publish=False)
    assert (plan.keeps_publication, Agreement.objects.get().is_published) == (True, False)
    assert not imported(small()).keeps_publication
    plan = imported(small(**{"is_published: true": "is_published: false"}), may_publish=False)
    assert (plan.keeps_publication, Agreement.objects.get().is_published) == (True, True)
    imported(small(**{"  is_published: true\n": ""}))
    assert Agreement.objects.get().is_published, "silence withdraws nothing"


def test_nothing_is_published_past_a_claim_without_a_citation() -> None:
    imported(small(), may_publish=False)
    factories.clause(Agreement.objects.get(), "9", title="By hand")
    assert faults(small()) == ["small.yaml:13: agreement, is_published: no citation supports 9 By hand"]


def test_a_working_copy_is_not_published_as_a_second_agreement() -> None:
    imported(small())
    copy = make_working_copy(agreement=Agreement.objects.get(), on=date(2018, 1, 1))
    message = "It is a working copy: publish it as one."
    assert faults(small(**{"slug: rare-metals": f"slug: {copy.slug}"})) == [
        f"small.yaml:13: agreement {copy.slug}, is_published: {message}"
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=copy.pk).update(is_published=True)


def test_the_command_reports_what_it_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    (tmp_path / "press.txt").write_text(factories.TEXT)
    call_command("import_annotation", str(file), dry_run=True)
    assert capsys.readouterr().out.endswith("Would be 17 new, 0 changed, 0 same.\n")
    assert not Citation.objects.exists()
    call_command("import_annotation", str(file))
    file.write_text(SMALL.replace("Soybeans", "Soya"))
    call_command("import_annotation", str(file))
    assert "  title: “Soybeans” → “Soya”\n" in capsys.readouterr().out
    file.write_text("a: 1")
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("import_annotation", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_annotation", str(tmp_path / "none.yaml"))


# It comes last, because the deal stays loaded until the end of the module.


@pytest.mark.usefixtures("deal")
def test_the_deal_is_what_its_annotation_says(stored: Stored) -> None:
    before = stored()
    assert {change.effect for change in imported(from_file(SEEDS / ANNOTATION)).changes} == {"same"}
    assert stored() == before
