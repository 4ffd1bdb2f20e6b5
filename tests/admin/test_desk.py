"""The reading desk: what it shows to whom, and what it writes."""

import json
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

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
from tests import cast
from tests.admin.pages import url

WORDS = "Les droits de douane passent de 57 % à 47 % 🌾"
CITE = ("view_source", "add_citation", "view_agreement", "view_citation")


def address(of: Source, name: str = "read") -> str:
    """Where a source is read, or what its page asks."""
    return reverse(f"admin:accords_source_{name}", args=[of.pk])


def data(client: Client, of: Source) -> Any:
    """What the page is drawn from."""
    page = client.get(address(of)).content.decode()
    found = re.search(r'<script id="desk-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def passage(of: Source, words: str = WORDS, **changes: Any) -> dict[str, Any]:
    """The words of a source as the page sends them when they are selected."""
    start = of.text.index(words)
    return {"sha256": of.sha256, "start": start, "end": start + len(words), "exact": words} | changes


def tariff(of: Source, belongs_to: Agreement, **changes: Any) -> dict[str, Any]:
    """A tariff clause as the page sends it."""
    rows = {"parties-TOTAL_FORMS": "0", "parties-INITIAL_FORMS": "0"}
    given = {"type": "tariff", "standing": "outcome", "modality": "obligation", "scope": "unspecified"}
    named = {"make": "clause", "agreement": belongs_to.pk, "title": WORDS, "text": WORDS, "language": "fr"}
    return passage(of) | rows | given | named | changes


def problems(answer: Any) -> Any:
    """Why something was refused."""
    assert answer.status_code == 400, answer.content
    return answer.json()["problems"]


def test_the_page_has_the_text_every_citation_and_every_claim(editor: Client, deal: cast.Cast) -> None:
    shown = data(editor, deal.source)
    assert shown["text"] == cast.TEXT
    cited = {(shown["text"][start:end], field, key) for _id, start, end, field, key in shown["citations"]}
    assert ("de 57 % à 47 %", "value", f"clause:{deal.clause.pk}") in cited
    assert {key for *_rest, key in shown["citations"]} == {claim["key"] for claim in shown["claims"]}
    groups = {claim["key"]: claim["group"] for claim in shown["claims"]}
    assert groups[f"statement:{deal.denial.pk}"] == "denial"
    assert groups[f"clause:{deal.clause.pk}"] == "clause"
    assert shown["agreements"] == [
        {"id": deal.agreement.pk, "title": str(deal.agreement), "draft": False, "url": url(deal.agreement, "change")}
    ]


def test_the_page_is_reached_from_where_sources_and_citations_are(editor: Client, deal: cast.Cast) -> None:
    there = address(deal.source)
    for page in (url(Source), url(deal.source, "change"), url(Citation), url(deal.citation, "change")):
        assert there in editor.get(page).content.decode(), page


def test_coverage_is_told_and_follows_what_is_cited(editor: Client, deal: cast.Cast) -> None:
    before = data(editor, deal.source)["coverage"]
    sent = passage(deal.source, "restent un sujet sensible") | {"target": f"clause:{deal.clause.pk}"}
    after = editor.post(address(deal.source, "cite"), sent).json()["coverage"]
    assert (before["sentences"], before["cited"], after["cited"]) == (5, 4, 5)
    assert before["percent"] < after["percent"] < 100


def test_a_passage_is_cited_for_a_row_that_is_there(editor: Client, deal: cast.Cast) -> None:
    sent = passage(deal.source) | {"target": f"clause:{deal.clause.pk}", "field": "baseline_value"}
    answer = editor.post(address(deal.source, "cite"), sent).json()
    made = Citation.objects.get(field="baseline_value")
    assert (made.exact, made.clause, made.prefix) == (WORDS, deal.clause, cast.TEXT[made.start - 32 : made.start])
    assert made.suffix == cast.TEXT[made.end : made.end + 32]
    assert answer["citation"] == [made.pk, made.start, made.end, "baseline_value", f"clause:{deal.clause.pk}"]
    assert answer["claim"]["label"] == str(deal.clause)
    assert LogEntry.objects.filter(object_id=str(made.pk), content_type__model="citation").exists()
    assert made.history.get().history_user.username == "boss"


def test_a_clause_is_made_with_its_parties_and_its_evidence(editor: Client, deal: cast.Cast) -> None:
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
    made = Clause.objects.get(title=WORDS)
    assert (made.number, made.position, made.delta, made.scope_note) == ("2", 2, -10, "certaines")
    assert {(one.party, one.role, one.explicit) for one in made.parties.all()} == {
        (deal.america, "obligor", False),
        (deal.china, "affected", True),
    }
    assert [one.exact for one in made.citations.all()] == [WORDS]
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
    editor: Client, deal: cast.Cast, fields: dict[str, str], model: Any, number: str
) -> None:
    answer = editor.post(address(deal.source, "make"), passage(deal.source) | fields | {"agreement": deal.agreement.pk})
    assert answer.status_code == 200, answer.content
    made = model.objects.get(number=number)
    assert made.citations.get().exact == WORDS
    assert answer.json()["claim"]["group"] == ("denial" if fields["kind"] == "denial" else fields["make"])


def test_what_follows_from_a_renewal_date_is_settled_with_it(editor: Client, deal: cast.Cast) -> None:
    made = {
        "make": "renewal",
        "agreement": deal.agreement.pk,
        "kind": "renegotiation",
        "basis": "stated",
        "status": "missed",
        "due": "2026-10-30",
        "sequence": "2",
    }
    assert editor.post(address(deal.source, "make"), passage(deal.source) | made).status_code == 200
    assert Renewal.objects.get(sequence=2, kind="renegotiation").basis == "stated"
    computed = Renewal.objects.filter(agreement=deal.agreement, basis="computed", kind="renegotiation")
    assert computed.filter(sequence__gt=2).count() == 0


def test_a_party_is_named_and_its_part_cited(editor: Client, deal: cast.Cast) -> None:
    new = {"make": "party", "field": "parties", "agreement": deal.agreement.pk, "role": "mentioned", "party": ""}
    words = (
        passage(deal.source, "Nvidia") | new | {"new-name": "Nvidia", "new-kind": "organization", "new-country": "US"}
    )
    assert editor.post(address(deal.source, "make"), words).status_code == 200
    part = Participation.objects.get(party__slug="nvidia")
    assert (part.role, Citation.objects.get(exact="Nvidia").agreement) == ("mentioned", deal.agreement)
    assert problems(editor.post(address(deal.source, "make"), words))["new-name"]
    again = passage(deal.source, "Chine") | new | {"party": deal.china.pk, "role": "party"}
    assert editor.post(address(deal.source, "make"), again).status_code == 200
    assert Participation.objects.filter(party=deal.china).count() == 1
    nobody = passage(deal.source, "Corée") | new
    assert problems(editor.post(address(deal.source, "make"), nobody))["new-name"]


def test_an_agreement_begins_as_a_draft(editor: Client, deal: cast.Cast) -> None:
    fields = {"make": "agreement", "title": "Begun here", "slug": "begun-here", "instrument": "announced_deal"}
    rest = {"status": "announced", "renewal_mode": "negotiated", "term": "P1Y", "is_published": "on"}
    answer = editor.post(address(deal.source, "make"), passage(deal.source) | fields | rest)
    made = Agreement.objects.get(slug="begun-here")
    assert not made.is_published
    assert answer.json()["agreement"]["draft"]
    assert made.citations.get().exact == WORDS


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
    "counted in UTF-16": ({"end": cast.TEXT.index(WORDS) + len(WORDS) + 1}, "exact"),
    "another text": ({"sha256": "0" * 64}, "sha256"),
    "no such field": ({"field": "delta"}, "field"),
    "no such row": ({"target": "clause:999999"}, "target"),
    "no such kind": ({"target": "party:1"}, "target"),
    "an id beyond all": ({"target": f"clause:{10**40}"}, "target"),
    "no target": ({"target": ""}, "target"),
}


@pytest.mark.parametrize(("changes", "beside"), WRONG.values(), ids=[*WRONG])
def test_what_cannot_be_cited_is_refused_beside_its_field(
    editor: Client, deal: cast.Cast, changes: dict[str, Any], beside: str
) -> None:
    before = Citation.objects.count()
    sent = passage(deal.source) | {"target": f"clause:{deal.clause.pk}"} | changes
    assert problems(editor.post(address(deal.source, "cite"), sent))[beside]
    assert Citation.objects.count() == before


def test_a_wrong_quote_is_answered_with_what_stands_there(editor: Client, deal: cast.Cast) -> None:
    sent = passage(deal.source, exact="passent de 58 % à 47 %", target=f"clause:{deal.clause.pk}")
    (said,) = problems(editor.post(address(deal.source, "cite"), sent))["exact"]
    assert "Nearest passage: “passent de 57 % à 47 %”" in said


def test_the_same_words_are_cited_once_for_a_field(editor: Client, deal: cast.Cast) -> None:
    sent = passage(deal.source, target=f"clause:{deal.clause.pk}")
    assert editor.post(address(deal.source, "cite"), sent).status_code == 200
    assert "These words are cited for this already." in str(problems(editor.post(address(deal.source, "cite"), sent)))


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
    editor: Client, deal: cast.Cast, changes: dict[str, Any], beside: str
) -> None:
    before = (Clause.objects.count(), ClauseParty.objects.count(), Citation.objects.count())
    answer = editor.post(address(deal.source, "make"), tariff(deal.source, deal.agreement, **changes))
    assert beside in problems(answer)
    assert (Clause.objects.count(), ClauseParty.objects.count(), Citation.objects.count()) == before


def test_a_citation_is_taken_back_and_its_row_stays(editor: Client, deal: cast.Cast) -> None:
    other = cast.citation(deal.clause, "Autre", cast.source("other", text="Autre texte"))
    there = address(deal.source, "uncite")
    assert problems(editor.post(there, {"citation": other.pk}))["citation"]
    assert problems(editor.post(there, {"citation": "x"}))["citation"]
    answer = editor.post(there, {"citation": deal.citation.pk}).json()
    assert answer["gone"] == deal.citation.pk
    assert not Citation.objects.filter(pk=deal.citation.pk).exists()
    assert Clause.objects.filter(pk=deal.clause.pk).exists()


def test_offsets_count_code_points_beyond_the_basic_plane(editor: Client, deal: cast.Cast) -> None:
    of = cast.source("wide", text="𝄞🌾 un 🤝🏽 accord 𝒳.")
    sent = passage(of, "🤝🏽 accord 𝒳", target=f"clause:{deal.clause.pk}")
    assert sent["start"] == 6
    editor.post(address(of, "cite"), sent)
    made = Citation.objects.get(source=of)
    assert (made.start, made.end, made.prefix, made.suffix) == (6, 17, "𝄞🌾 un ", ".")


def test_line_ends_are_cited_as_the_source_has_them(editor: Client, deal: cast.Cast) -> None:
    of = cast.source("lines", text="Un mot\r\nsuivi d'un autre\n")
    editor.post(address(of, "cite"), passage(of, "mot\r\nsuivi", target=f"clause:{deal.clause.pk}"))
    assert Citation.objects.get(source=of).exact == "mot\r\nsuivi"


# Who may do what


def test_visitors_are_sent_to_the_login(client: Client, deal: cast.Cast) -> None:
    for name in ("read", "find", "cite", "make", "uncite"):
        assert client.get(address(deal.source, name)).status_code == 302


def test_reading_needs_the_permission_to_view_sources(someone: Any, deal: cast.Cast) -> None:
    assert someone("view_agreement").get(address(deal.source)).status_code == 403
    assert someone("view_source").get(address(deal.source)).status_code == 200
    assert someone("view_source").get(reverse("admin:accords_source_read", args=["9" * 30])).status_code == 404


def test_who_may_only_look_gets_no_forms_and_writes_nothing(someone: Any, deal: cast.Cast) -> None:
    client = someone("view_source")
    page = client.get(address(deal.source)).content.decode()
    assert "<form class" not in page
    assert 'id="desk-actions"' not in page
    sent = passage(deal.source, target=f"clause:{deal.clause.pk}")
    for name, fields in (("cite", sent), ("make", tariff(deal.source, deal.agreement)), ("uncite", {"citation": 1})):
        answer = client.post(address(deal.source, name), fields)
        assert (answer.status_code, list(answer.json())) == (403, ["problems"])


def test_each_kind_of_row_needs_its_own_permission(someone: Any, deal: cast.Cast) -> None:
    client = someone(*CITE, "add_clause")
    assert data(client, deal.source)["can"] == {"cite": True, "uncite": False, "make": ["clause"]}
    assert client.post(address(deal.source, "make"), tariff(deal.source, deal.agreement)).status_code == 200
    named = tariff(
        deal.source,
        deal.agreement,
        **{"parties-TOTAL_FORMS": "1", "parties-0-party": deal.china.pk, "parties-0-role": "obligor"},
    )
    assert client.post(address(deal.source, "make"), named).status_code == 403
    statement = passage(deal.source) | {"make": "statement", "agreement": deal.agreement.pk}
    assert client.post(address(deal.source, "make"), statement).status_code == 403
    assert client.post(address(deal.source, "uncite"), {"citation": deal.citation.pk}).status_code == 403
    assert Party.objects.count() == 3


def test_drafts_are_seen_by_who_may_see_agreements(someone: Any, deal: cast.Cast) -> None:
    draft = cast.agreement("hidden", is_published=False)
    cast.citation(draft, "un sujet sensible", deal.source)
    seen = data(someone("view_source", "view_agreement"), deal.source)
    assert {one["title"]: one["draft"] for one in seen["agreements"]} == {str(deal.agreement): False, str(draft): True}
    blind = someone("view_source", "add_citation", "add_clause")
    assert "hidden" not in json.dumps(data(blind, deal.source))
    sent = passage(deal.source, target=f"agreement:{draft.pk}")
    assert problems(blind.post(address(deal.source, "cite"), sent))["target"]
    assert problems(blind.post(address(deal.source, "make"), tariff(deal.source, draft)))["agreement"]


def test_writing_takes_a_post_with_a_token(boss: Any, deal: cast.Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    for name in ("cite", "make", "uncite"):
        assert client.get(address(deal.source, name)).status_code == 405
        assert client.post(address(deal.source, name), {}).status_code == 403
    assert client.post(address(deal.source), {}).status_code in (403, 405)


# Proposals


def found(client: Client, of: Source, **asked: Any) -> list[str]:
    """The names of what is proposed."""
    return [one["text"] for one in client.get(address(of, "find"), asked).json()["found"]]


def test_proposals_begin_with_what_is_near(editor: Client, deal: cast.Cast) -> None:
    cast.party("aardvark")
    cast.agreement("aaa")
    assert found(editor, deal.source, what="party", agreement=deal.agreement.pk)[0] == "China"
    assert found(editor, deal.source, what="agreement")[0] == str(deal.agreement)
    assert found(editor, deal.source, what="party", q="aard") == ["Aardvark"]
    assert str(deal.denial) in found(editor, deal.source, what="row", q="nvidia")


def test_proposals_keep_to_an_agreement(editor: Client, deal: cast.Cast) -> None:
    cast.clause(cast.agreement("other"), "1", title="Elsewhere")
    assert found(editor, deal.source, what="clause", agreement=deal.agreement.pk) == [str(deal.clause)]


def test_proposals_show_no_one_more_than_lists_do(someone: Any, deal: cast.Cast) -> None:
    draft = cast.agreement("hidden", is_published=False)
    cast.clause(draft, "1", title="Secret")
    client = someone("view_source", "view_clause")
    assert found(client, deal.source, what="party") == []
    assert found(client, deal.source, what="clause") == [str(deal.clause)]


@pytest.mark.parametrize("asked", [{"what": "token"}, {}, {"what": "row\0"}])
def test_what_cannot_be_looked_for_is_refused(editor: Client, deal: cast.Cast, asked: dict[str, str]) -> None:
    assert problems(editor.get(address(deal.source, "find"), asked))["what"]


@pytest.mark.parametrize("asked", [{"q": "\0"}, {"agreement": "9" * 40}, {"q": "'\"((" * 500}, {"agreement": "x"}])
def test_odd_questions_find_nothing(editor: Client, deal: cast.Cast, asked: dict[str, str]) -> None:
    assert found(editor, deal.source, what="clause", **asked) == []


# Size


def test_the_page_costs_the_same_queries_however_much_is_cited(editor: Client, deal: cast.Cast) -> None:
    def queries(of: Source) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert editor.get(address(of)).status_code == 200
        return len(captured)

    few = queries(deal.source)
    large = cast.source("large", text="Un mot de plus. " * 2_000)
    rows = [
        *(cast.clause(deal.agreement, str(number)) for number in range(2, 22)),
        *(cast.statement(deal.agreement, f"S{number}", speaker=deal.trump) for number in range(3, 13)),
        cast.clause(cast.agreement("other", is_published=False), "1"),
    ]
    Citation.objects.bulk_create(
        Citation(
            source=large,
            start=start,
            end=start + 6,
            exact=large.text[start : start + 6],
            **{rows[number % len(rows)]._meta.model_name: rows[number % len(rows)]},
        )
        for number, start in enumerate(range(0, 16 * 500, 16))
    )
    assert queries(large) == few <= 9
    assert len(data(editor, large)["citations"]) == 500
