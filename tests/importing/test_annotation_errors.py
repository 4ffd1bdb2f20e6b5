"""Errors of an annotation are reported with file, line, field and what would be right; nothing is written."""

from typing import NamedTuple

import pytest
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from tests.importing.conftest import ANNOTATION, Seeds

NOTE = "us-china-rare-metals-note"


class Fault(NamedTuple):
    """A fault: what replaces which text, words on the line that is blamed, and the message."""

    name: str
    right: str
    wrong: str
    at: str
    message: str


QUOTES = [
    Fault(
        "a corrupted quote",
        "passant de 57 %\n      value",
        "passant de 67 %\n      value",
        "passant de 67 %",
        "clause 3, baseline_value: “passant de 67 %” is not in the source. Nearest passage: “passant de 57 %”.",
    ),
    Fault(
        "another word",
        "certainty: laissent entrevoir",
        "certainty: laissent prévoir",
        "laissent prévoir",
        "statement S21, certainty: “laissent prévoir” is not in the source. Nearest passage: “laissent entrevo”.",
    ),
    Fault(
        "another accent",
        "evidence: vers les Etats-Unis}",
        "evidence: vers les États-Unis}",
        "vers les États-Unis",
        "clause 5, parties: “vers les États-Unis” is not in the source. Nearest passage: “vers les Etats-Unis”.",
    ),
    Fault(
        "a word too many in a folded quote",
        "Ces échanges laissent entrevoir l'ouverture d'une nouvelle phase",
        "Ces échanges laissent clairement entrevoir l'ouverture d'une nouvelle phase",
        "row: >-\n        Ces échanges",
        "statement S21, whole row: “Ces échanges laissent clairement entrevoir",
    ),
    Fault(
        "a quote of the other source",
        "country: Corée du Sud",
        "country: South Korea",
        "country: South Korea",
        "event E1, country: “South Korea” is not in the source. Nearest passage:",
    ),
    Fault(
        "a quote that is repeated",
        "speaker: par Trump\n",
        "speaker: Trump\n",
        "speaker: Trump\n",
        "statement S4, speaker: “Trump” stands more than once in the source (at 30, 452, 1328): say what stands ",
    ),
    Fault(
        "a prefix that is not there",
        'commodity: {exact: métaux rares, prefix: "dans le domaine des "}',
        'commodity: {exact: métaux rares, prefix: "dans le secteur des "}',
        "dans le secteur des",
        "clause 1, commodity: “métaux rares” is in the source, but not between “dans le secteur des ” and “”.",
    ),
    Fault(
        "words of one's own where the source's are wanted",
        "commodity: soja\n",
        "commodity: soybeans\n",
        "commodity: soybeans",
        "clause 4, commodity: “soybeans” is not in the source. Nearest passage:",
    ),
    Fault(
        "own words that are not in their quote",
        "speaker_label: Trump\n    polarity: negative",
        "speaker_label: M. Trump\n    polarity: negative",
        "speaker_label: M. Trump",
        "statement S17, speaker_label: “M. Trump” is not in the words quoted for it",
    ),
    Fault(
        "an alias that no source uses",
        "aliases: [Pékin, Chine]",
        "aliases: [Beijing, Chine]",
        "Beijing",
        "party china, aliases: no source uses the name “Beijing”",
    ),
]

CLAIMS = [
    Fault(
        "a date without words",
        "      date: le mois d'avril prochain\n",
        "",
        "date: XXXX-04",
        "event E2, date: no words are quoted for this claim",
    ),
    Fault(
        "a number without words",
        "      value: à 47 %\n",
        "",
        "    value: 47\n",
        "clause 3, value: no words are quoted for this claim",
    ),
    Fault(
        "a row without words",
        "    evidence:\n      row: signe que Washington reste prudente sur les questions technologiques les plus "
        "sensibles\n"
        "      mentions: Washington reste prudente\n",
        "",
        "  S18:\n",
        "statement S18: no words are quoted for this row",
    ),
    Fault(
        "a party said to be named, without words",
        "- {party: china, role: obligor, explicit: true, evidence: la reprise par la Chine}",
        "- {party: china, role: obligor, explicit: true}",
        "- {party: china, role: obligor, explicit: true}",
        "clause party china in clause 4: no words are quoted that name this party",
    ),
    Fault(
        "a participation without words",
        "- {party: nvidia, role: mentioned, evidence: la société américaine Nvidia}",
        "- {party: nvidia, role: mentioned}",
        "- {party: nvidia, role: mentioned}",
        "participation nvidia: no words are quoted that name this party",
    ),
    Fault(
        "words for nothing",
        "  effective: 2025-10-30  # from the note alone\n",
        "",
        "    effective:\n      - {source",
        "agreement us-china-rare-metals, effective: words are quoted for it, but nothing is entered in it",
    ),
]

RULES = [
    Fault(
        "a denial tied to a clause",
        "    mentions: [nvidia]\n",
        "    mentions: [nvidia]\n    clause: 3\n",
        "clause: 3\n    evidence:\n      row: >-\n        il a démenti",
        "statement S17, clause: A denial has no clause: what was denied is not something that was agreed.",
    ),
    Fault(
        "a denial that affirms",
        "polarity: negative",
        "polarity: positive # wrong",
        "polarity: positive # wrong",
        "statement S17, polarity: A denial is negative: the proposition says what is denied.",
    ),
    Fault(
        "a citation with two targets",
        "row: la reprise par la Chine de l'achat de soja américain",
        "row: {exact: la reprise par la Chine de l'achat de soja américain, agreement: us-china-rare-metals}",
        "row: {exact: la reprise",
        "clause 4, whole row: A citation supports exactly one row: an agreement, clause, statement, event, renewal, participation "
        "or party.",
    ),
    Fault(
        "a citation that names its own row's like",
        "kind: une visite officielle\n",
        "kind: {exact: une visite officielle, event: E1}\n",
        "event: E1}",
        "event E2, kind: this quote stands under its event already",
    ),
    Fault(
        "a flag that is neither true nor false",
        "approximate: true",
        "approximate: yes",
        "approximate: yes",
        "event E1, approximate: write true or false, not 'yes'",
    ),
    Fault(
        "an unknown key",
        "    duration: PT1H40M\n",
        "    duration: PT1H40M\n    length: PT1H40M\n",
        "length:",
        "event E1: unknown key 'length'; known: after, approximate, country, date, ",
    ),
    Fault(
        "an unknown key in a quote",
        f"place: {{source: {NOTE}, exact:",
        f"place: {{source: {NOTE}, sufix: x, exact:",
        "sufix",
        "event E1, place: unknown key 'sufix'; known: exact, prefix, suffix, source, ",
    ),
    Fault(
        "an unknown field of evidence",
        "      kind: a annoncé la conclusion",
        "      sort: a annoncé la conclusion",
        "sort:",
        "statement S1, sort, field: 'sort' is not a field of the statement. Known: ",
    ),
    Fault(
        "an unknown party",
        "    speaker: observers\n",
        "    speaker: pundits\n",
        "speaker: pundits",
        "statement S9, speaker: there is no party 'pundits' above this row",
    ),
    Fault(
        "a row below",
        "    after: E2\n",
        "    after: E4\n",
        "after: E4",
        "event E3, after: there is no event 'E4' above this row",
    ),
    Fault(
        "a row entered twice",
        "  S24:\n",
        "  S23:\n",
        "  S23:\n    kind: outlook\n    polarity: positive\n    certainty: probable",
        "S23: this key stands here twice",
    ),
    Fault(
        "a party that plays a part twice",
        "- {party: observers, role: mentioned,",
        "- {party: nvidia, role: mentioned,",
        "- {party: nvidia, role: mentioned, evidence: de nombreux",
        "participation nvidia: The party has this role from this date already.",
    ),
]

AGREEMENT = [
    Fault(
        "an impossible date",
        "effective: 2025-10-30",
        "effective: 2025-02-30",
        "effective: 2025-02-30",
        "agreement us-china-rare-metals, effective: 2025-02-30: day 30 does not exist; write 2025-02",
    ),
    Fault(
        "a word that is not in the vocabulary",
        "renewal_mode: negotiated",
        "renewal_mode: renewed",
        "renewal_mode: renewed",
        "agreement us-china-rare-metals, renewal_mode: Value 'renewed' is not a valid choice.",
    ),
    Fault(
        "a text that is not there",
        "file: us-china-rare-metals.note.txt",
        "file: ../us-china-rare-metals.note.txt",
        "file: ../us",
        f"source {NOTE}, file: there is no file '../us-china-rare-metals.note.txt' beside the annotation",
    ),
    Fault(
        "a review without its zone",
        "reviewed: 2026-11-23T06:00:00Z",
        "reviewed: 2026-11-23T06:00:00",
        "reviewed: 2026-11-23",
        "reviewed: write an instant such as 2026-01-31T09:00:00Z, not '2026-11-23T06:00:00'",
    ),
]

DUE = [
    Fault(
        "a computed date that the terms do not give",
        "sequence: 1\n    due: 2026-10-30",
        "sequence: 1001\n    due: 2026-10-30",
        "due: 2026-10-30",
        "renewal renegotiation 1001, due: the basis is computed, but the agreement's terms give 3026-10-30",
    ),
    Fault(
        "a computed offset that the terms do not give",
        "offset: P1Y\n    basis: computed",
        "offset: P2Y\n    basis: computed",
        "offset: P2Y",
        "renewal renegotiation 1001, offset: the basis is computed, but the agreement's terms give P1001Y",
    ),
]

KIND = [
    Fault(
        "a computed renewal that the terms do not have",
        "  - kind: renegotiation",
        "  - kind: renewal",
        "basis: computed",
        "renewal renewal 1: the basis is computed, but the agreement's terms give nothing",
    ),
]

SECTION = [
    Fault("an unknown section", "renewals:\n", "renewal:\n", "renewal:\n", "unknown section 'renewal'; known: "),
]

# A build takes a second, so each group of faults has one. A fault that would hide others has a group of its own.
GROUPS = {"quotes and rules": QUOTES + RULES + DUE, "claims": CLAIMS + KIND, "agreement": AGREEMENT, "section": SECTION}
Refused = tuple[list[Fault], Seeds, list[str]]


@pytest.fixture(scope="module", params=GROUPS)
def refused(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Refused:
    """Return a group, the seeds with all errors of the group, and the messages."""
    seeds, group = Seeds(tmp_path_factory.mktemp(request.param)), GROUPS[request.param]
    for way in group:
        seeds.replace(way.right, way.wrong)
    with django_db_blocker.unblock():
        return group, seeds, seeds.refusal()


def test_each_fault_is_reported_with_its_line(refused: Refused, subtests: pytest.Subtests) -> None:
    group, seeds, lines = refused
    for way in group:
        with subtests.test(way.name):
            place = f"seeds/{ANNOTATION}:{seeds.line(way.at)}: {way.message}"
            assert [line for line in lines if line.startswith(place)], "\n".join([f"expected {place}", *lines])


@pytest.mark.parametrize("refused", ["quotes and rules", "section"], indirect=True)
def test_nothing_is_reported_that_is_no_fault(refused: Refused) -> None:
    group, seeds, lines = refused
    assert lines[0] == f"{len(lines) - 1} error(s) in the seeds; nothing was written."
    places = tuple(f"seeds/{ANNOTATION}:{seeds.line(way.at)}: {way.message}" for way in group)
    assert [line for line in lines[1:] if not line.startswith(places)] == []


def test_every_fault_is_reported_in_the_order_of_the_lines(small_seeds: Seeds) -> None:
    small_seeds.replace("country: CN", "country: Cn")
    small_seeds.replace("row: Avec cet accord", "row: Avec un accord")
    small_seeds.replace("type: tariff", "type: duty")
    small_seeds.replace("value: à 47 %", "value: à 48 %")
    refusal = small_seeds.refusal()
    assert refusal[0] == "4 error(s) in the seeds; nothing was written."
    assert [line.split(": ")[1] for line in refusal[1:]] == [
        "party china, country",
        "agreement small, whole row",
        "clause 1, type",
        "clause 1, value",
    ]


def test_a_text_that_was_changed_no_longer_has_its_quotes(small_seeds: Seeds) -> None:
    article = small_seeds.folder / "000_06e044fdd82a1ad5.txt"
    article.write_text(article.read_text("utf-8").replace("Avec cet accord", "Avec ce traité"), "utf-8")
    refusal = small_seeds.refusal()
    place = small_seeds.line("Avec cet accord")
    assert f"{ANNOTATION}:{place}: agreement small, whole row: “Avec cet accord” is not in the source." in refusal[1]


def test_the_faults_of_quotes_are_reported_in_the_readers_language(small_seeds: Seeds) -> None:
    small_seeds.replace("value: à 47 %", "value: à 48 %")
    with translation.override("fr"):
        refusal = small_seeds.refusal()
    assert "n’est pas dans la source. Passage le plus proche" in refusal[1]


def test_a_folder_without_annotations_is_refused(seeds: Seeds) -> None:
    seeds.annotation.unlink()
    assert seeds.refusal() == [f"There is no annotation in {seeds.folder}."]
