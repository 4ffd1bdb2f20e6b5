"""The reading desk: the rows that it writes, and the requests that it refuses."""

from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry

from accords.models import Agreement, Citation, Clause, ClauseParty, Event, Participation, Renewal, Statement
from tests import factories
from tests.admin.desk_data import WORDS, address, passage, problems, tariff
from tests.clients import Client


def logged_additions() -> list[tuple[str, int]]:
    """Return the model name and id of each row that the admin logged as added, oldest first."""
    entries = LogEntry.objects.filter(action_flag=ADDITION).order_by("pk").select_related("content_type")
    return [(entry.content_type.model, int(entry.object_id)) for entry in entries]


def test_a_passage_is_cited_for_a_row_that_is_there(editor: Client, deal: factories.FixtureRows) -> None:
    form = passage(deal.source) | {"target": f"clause:{deal.clause.pk}", "field": "baseline_value"}
    answer = editor.post(address(deal.source, "cite"), form).json()
    citation = Citation.objects.get(field="baseline_value")
    assert (citation.exact, citation.clause, citation.prefix) == (
        WORDS,
        deal.clause,
        factories.TEXT[citation.start - 32 : citation.start],
    )
    assert citation.suffix == factories.TEXT[citation.end : citation.end + 32]
    assert answer["citation"] == [
        citation.pk,
        citation.start,
        citation.end,
        "baseline_value",
        f"clause:{deal.clause.pk}",
    ]
    assert answer["claim"]["label"] == str(deal.clause)
    assert LogEntry.objects.filter(object_id=str(citation.pk), content_type__model="citation").exists()
    assert citation.history.get().history_user.username == "boss"


def test_a_clause_is_made_with_its_parties_and_its_evidence(editor: Client, deal: factories.FixtureRows) -> None:
    parties = {
        "parties-TOTAL_FORMS": "3",
        "parties-0-party": deal.america.pk,
        "parties-0-role": "obligor",
        "parties-1-party": deal.china.pk,
        "parties-1-role": "affected",
        "parties-1-explicit": "on",
    }
    quantity = {"baseline_value": "57", "value": "47", "unit": "%", "scope": "partial", "scope_note": "certaines"}
    answer = editor.post(address(deal.source, "make"), tariff(deal.source, deal.agreement, **parties, **quantity))
    assert answer.status_code == 200, answer.content
    clause = Clause.objects.get(title=WORDS)
    assert (clause.number, clause.position, clause.delta, clause.scope_note) == ("2", 2, -10, "certaines")
    assert {(one.party, one.role, one.explicit) for one in clause.parties.all()} == {
        (deal.america, "obligor", False),
        (deal.china, "affected", True),
    }
    assert [one.exact for one in clause.citations.all()] == [WORDS]
    added = [clause, *clause.parties.order_by("pk"), *clause.citations.all()]
    assert logged_additions() == [(row._meta.model_name, row.pk) for row in added]
    assert answer.json()["claim"]["note"] == "tariff · outcome · 57 → 47 %"


@pytest.mark.parametrize(
    ("fields", "model", "number"),
    [
        (
            {
                "make": "statement",
                "kind": "assertion",
                "polarity": "positive",
                "certainty": "certain",
                "proposition": "So",
            },
            Statement,
            "S3",
        ),
        (
            {
                "make": "statement",
                "kind": "denial",
                "polarity": "negative",
                "certainty": "certain",
                "proposition": "So",
            },
            Statement,
            "S3",
        ),
        ({"make": "event", "kind": "visit", "status": "planned", "date": "XXXX-04"}, Event, "E2"),
    ],
)
def test_statements_and_events_are_made_of_a_passage(
    editor: Client, deal: factories.FixtureRows, fields: dict[str, str], model: Any, number: str
) -> None:
    answer = editor.post(address(deal.source, "make"), passage(deal.source) | fields | {"agreement": deal.agreement.pk})
    assert answer.status_code == 200, answer.content
    row = model.objects.get(number=number)
    assert row.citations.get().exact == WORDS
    assert answer.json()["claim"]["group"] == ("denial" if fields["kind"] == "denial" else fields["make"])


def test_what_follows_from_a_renewal_date_is_settled_with_it(editor: Client, deal: factories.FixtureRows) -> None:
    form = {
        "make": "renewal",
        "agreement": deal.agreement.pk,
        "kind": "renegotiation",
        "basis": "stated",
        "status": "concluded",
        "due": "2026-10-30",
        "sequence": "2",
    }
    assert editor.post(address(deal.source, "make"), passage(deal.source) | form).status_code == 200
    assert Renewal.objects.get(sequence=2, kind="renegotiation").basis == "stated"
    deal.agreement.refresh_from_db()
    assert deal.agreement.renewals_concluded == 1


def test_a_computed_date_that_the_terms_do_not_give_is_refused(editor: Client, deal: factories.FixtureRows) -> None:
    form = {"make": "renewal", "agreement": deal.agreement.pk, "kind": "renegotiation", "basis": "computed"}
    form |= {"status": "projected", "due": "2030-01-01", "sequence": "2"}
    answer = editor.post(address(deal.source, "make"), passage(deal.source) | form)
    assert answer.status_code == 409
    assert "follows from the terms" in answer.json()["problems"]["__all__"][0]
    assert not Renewal.objects.filter(due="2030-01-01").exists()


def test_a_party_is_named_and_its_part_cited(editor: Client, deal: factories.FixtureRows) -> None:
    new = {"make": "party", "field": "parties", "agreement": deal.agreement.pk, "role": "mentioned", "party": ""}
    words = (
        passage(deal.source, "Nvidia") | new | {"new-name": "Nvidia", "new-kind": "organization", "new-country": "US"}
    )
    assert editor.post(address(deal.source, "make"), words).status_code == 200
    part = Participation.objects.get(party__slug="nvidia")
    assert (part.role, Citation.objects.get(exact="Nvidia").agreement) == ("mentioned", deal.agreement)
    cited = Citation.objects.get(exact="Nvidia")
    assert logged_additions() == [("participation", part.pk), ("party", part.party_id), ("citation", cited.pk)]
    assert problems(editor.post(address(deal.source, "make"), words))["new-name"]
    again = passage(deal.source, "Chine") | new | {"party": deal.china.pk, "role": "party"}
    assert editor.post(address(deal.source, "make"), again).status_code == 200
    assert Participation.objects.filter(party=deal.china).count() == 1
    assert logged_additions()[3:] == [("citation", Citation.objects.get(exact="Chine").pk)]
    nobody = passage(deal.source, "Corée") | new
    assert problems(editor.post(address(deal.source, "make"), nobody))["new-name"]


def test_the_slug_of_a_new_party_is_made_from_its_name_if_it_can_be(
    editor: Client, deal: factories.FixtureRows
) -> None:
    new = {"make": "party", "field": "parties", "agreement": deal.agreement.pk, "role": "mentioned", "party": ""}
    form = passage(deal.source, "Nvidia") | new | {"new-kind": "organization"}
    refused = editor.post(address(deal.source, "make"), form | {"new-name": "\u4e2d\u56fd"})
    assert "No short name for addresses can be made" in str(problems(refused)["new-name"])
    assert editor.post(address(deal.source, "make"), form | {"new-name": "Nvidia_US"}).status_code == 200
    assert Participation.objects.filter(party__slug="nvidia-us").exists()


def test_an_agreement_begins_as_a_draft(editor: Client, deal: factories.FixtureRows) -> None:
    fields = {"make": "agreement", "title": "Begun here", "slug": "begun-here", "instrument": "announced_deal"}
    rest = {"status": "announced", "renewal_mode": "negotiated", "term": "P1Y", "is_published": "on"}
    answer = editor.post(address(deal.source, "make"), passage(deal.source) | fields | rest)
    agreement = Agreement.objects.get(slug="begun-here")
    assert not agreement.is_published
    assert answer.json()["agreement"]["draft"]
    assert agreement.citations.get().exact == WORDS


WRONG = {
    "another quote": ({"exact": "de 58 % à 47 %"}, "exact"),
    "shifted": ({"start": 0}, "exact"),
    "negative": ({"start": -1}, "start"),
    "after the end": ({"start": 10_000, "end": 10_046}, "exact"),
    "huge": ({"end": 10**30}, "end"),
    "the wrong way round": ({"start": 20, "end": 10}, "exact"),
    "no number": ({"start": "abc"}, "start"),
    "no quote": ({"exact": ""}, "exact"),
    "NUL": ({"exact": "a\0b"}, "exact"),
    "counted in UTF-16": ({"end": factories.TEXT.index(WORDS) + len(WORDS) + 1}, "exact"),
    "another text": ({"sha256": "0" * 64}, "sha256"),
    "no such field": ({"field": "delta"}, "field"),
    "no such row": ({"target": "clause:999999"}, "target"),
    "no such kind": ({"target": "party:1"}, "target"),
    "an id beyond all": ({"target": f"clause:{10**40}"}, "target"),
    "no target": ({"target": ""}, "target"),
}


@pytest.mark.parametrize(("changes", "beside"), WRONG.values(), ids=[*WRONG])
def test_what_cannot_be_cited_is_refused_beside_its_field(
    editor: Client, deal: factories.FixtureRows, changes: dict[str, Any], beside: str
) -> None:
    before = Citation.objects.count()
    form = passage(deal.source) | {"target": f"clause:{deal.clause.pk}"} | changes
    assert problems(editor.post(address(deal.source, "cite"), form))[beside]
    assert Citation.objects.count() == before


def test_a_wrong_quote_is_answered_with_what_stands_there(editor: Client, deal: factories.FixtureRows) -> None:
    form = passage(deal.source, exact="passent de 58 % à 47 %", target=f"clause:{deal.clause.pk}")
    (message,) = problems(editor.post(address(deal.source, "cite"), form))["exact"]
    assert "Nearest passage: “passent de 57 % à 47 %”" in message


def test_the_same_words_are_cited_once_for_a_field(editor: Client, deal: factories.FixtureRows) -> None:
    form = passage(deal.source, target=f"clause:{deal.clause.pk}")
    assert editor.post(address(deal.source, "cite"), form).status_code == 200
    assert "These words are cited for this already." in str(problems(editor.post(address(deal.source, "cite"), form)))


@pytest.mark.parametrize(
    ("changes", "beside"),
    [
        ({"exact": "forged"}, "exact"),
        ({"type": ""}, "type"),
        ({"type": "nonsense"}, "type"),
        ({"value": "47"}, "unit"),
        ({"agreement": "999999"}, "agreement"),
        ({"agreement": "x"}, "agreement"),
        ({"title": "a\0b"}, "title"),
        ({"number": "1"}, "number"),
        ({"parties-TOTAL_FORMS": "1", "parties-0-party": "999999", "parties-0-role": "obligor"}, "parties-0-party"),
        ({"parties-TOTAL_FORMS": "x"}, "__all__"),
        ({"make": "token"}, "make"),
        ({"make": ""}, "make"),
    ],
)
def test_a_clause_that_cannot_be_made_leaves_nothing_behind(
    editor: Client, deal: factories.FixtureRows, changes: dict[str, Any], beside: str
) -> None:
    before = (Clause.objects.count(), ClauseParty.objects.count(), Citation.objects.count())
    answer = editor.post(address(deal.source, "make"), tariff(deal.source, deal.agreement, **changes))
    assert beside in problems(answer)
    assert (Clause.objects.count(), ClauseParty.objects.count(), Citation.objects.count()) == before


def test_a_citation_is_taken_back_and_its_row_stays(editor: Client, deal: factories.FixtureRows) -> None:
    other = factories.citation(deal.clause, "Autre", factories.source("other", text="Autre texte"))
    there = address(deal.source, "uncite")
    assert problems(editor.post(there, {"citation": other.pk}))["citation"]
    assert problems(editor.post(there, {"citation": "x"}))["citation"]
    answer = editor.post(there, {"citation": deal.citation.pk}).json()
    assert answer["gone"] == deal.citation.pk
    assert not Citation.objects.filter(pk=deal.citation.pk).exists()
    assert Clause.objects.filter(pk=deal.clause.pk).exists()


def test_offsets_count_code_points_beyond_the_basic_plane(editor: Client, deal: factories.FixtureRows) -> None:
    of = factories.source("wide", text="𝄞🌾 un 🤝🏽 accord 𝒳.")
    form = passage(of, "🤝🏽 accord 𝒳", target=f"clause:{deal.clause.pk}")
    assert form["start"] == 6
    editor.post(address(of, "cite"), form)
    citation = Citation.objects.get(source=of)
    assert (citation.start, citation.end, citation.prefix, citation.suffix) == (6, 17, "𝄞🌾 un ", ".")


def test_line_ends_are_cited_as_the_source_has_them(editor: Client, deal: factories.FixtureRows) -> None:
    of = factories.source("lines", text="Un mot\r\nsuivi d'un autre\n")
    editor.post(address(of, "cite"), passage(of, "mot\r\nsuivi", target=f"clause:{deal.clause.pk}"))
    assert Citation.objects.get(source=of).exact == "mot\r\nsuivi"
