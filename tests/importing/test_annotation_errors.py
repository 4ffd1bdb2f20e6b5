"""What an annotation must not say is refused with file, line, field and what would be right; nothing is written."""

from typing import NamedTuple

import pytest
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from tests.importing.conftest import ANNOTATION, Seeds

NOTE = "us-china-rare-metals-note"


class Spoilt(NamedTuple):
    """One way to spoil the annotation, the words on the line that is blamed, and what is told about it."""

    name: str
    right: str
    wrong: str
    at: str
    told: str


QUOTES = [
    Spoilt(
        "a corrupted quote",
        "passant de 57 %\n      value",
        "passant de 67 %\n      value",
        "passant de 67 %",
        "clause 3, baseline_value: “passant de 67 %” is not in the source. Nearest passage: “passant de 57 %”.",
    ),
    Spoilt(
        "another word",
        "certainty: laissent entrevoir",
        "certainty: laissent prévoir",
        "laissent prévoir",
        "statement S21, certainty: “laissent prévoir” is not in the source. Nearest passage: “laissent entrevo”.",
    ),
    Spoilt(
        "another accent",
        "evidence: vers les Etats-Unis}",
        "evidence: vers les États-Unis}",
        "vers les États-Unis",
        "clause 5, parties: “vers les États-Unis” is not in the source. Nearest passage: “vers les Etats-Unis”.",
    ),
    Spoilt(
        "a word too many in a folded quote",
        "Ces échanges laissent entrevoir l'ouverture d'une nouvelle phase",
        "Ces échanges laissent clairement entrevoir l'ouverture d'une nouvelle phase",
        "row: >-\n        Ces échanges",
        "statement S21, whole row: “Ces échanges laissent clairement entrevoir",
    ),
    Spoilt(
        "a quote of the other source",
        "country: Corée du Sud",
        "country: South Korea",
        "country: South Korea",
        "event E1, country: “South Korea” is not in the source. Nearest passage:",
    ),
    Spoilt(
        "a quote that is repeated",
        "speaker: par Trump\n",
        "speaker: Trump\n",
        "speaker: Trump\n",
        "statement S4, speaker: “Trump” stands more than once in the source (at 30, 452, 1328): say what stands ",
    ),
    Spoilt(
        "a prefix that is not there",
        'commodity: {exact: métaux rares, prefix: "dans le domaine des "}',
        'commodity: {exact: métaux rares, prefix: "dans le secteur des "}',
        "dans le secteur des",
        "clause 1, commodity: “métaux rares” is in the source, but not between “dans le secteur des ” and “”.",
    ),
    Spoilt(
        "words of one's own where the source's are wanted",
        "commodity: soja\n",
        "commodity: soybeans\n",
        "commodity: soybeans",
        "clause 4, commodity: “soybeans” is not in the source. Nearest passage:",
    ),
    Spoilt(
        "own words that are not in their quote",
        "speaker_label: Trump\n    polarity: negative",
        "speaker_label: M. Trump\n    polarity: negative",
        "speaker_label: M. Trump",
        "statement S17, speaker_label: “M. Trump” is not in the words quoted for it",
    ),
    Spoilt(
        "an alias that no source uses",
        "aliases: [Pékin, Chine]",
        "aliases: [Beijing, Chine]",
        "Beijing",
        "party china, aliases: no source uses the name “Beijing”",
    ),
]

CLAIMS = [
    Spoilt(
        "a date without words",
        "      date: le mois d'avril prochain\n",
        "",
        "date: XXXX-04",
        "event E2, date: no words are quoted for this claim",
    ),
    Spoilt(
        "a number without words",
        "      value: à 47 %\n",
        "",
        "    value: 47\n",
        "clause 3, value: no words are quoted for this claim",
    ),
    Spoilt(
        "a row without words",
        "    evidence:\n      row: signe que Washington reste prudente sur les questions technologiques les plus "
        "sensibles\n"
        "      mentions: Washington reste prudente\n",
        "",
        "  S18:\n",
        "statement S18: no words are quoted for this row",
    ),
    Spoilt(
        "a party said to be named, without words",
        "- {party: china, role: obligor, explicit: true, evidence: la reprise par la Chine}",
        "- {party: china, role: obligor, explicit: true}",
        "- {party: china, role: obligor, explicit: true}",
        "clause party china in clause 4: no words are quoted that name this party",
    ),
    Spoilt(
        "a participation without words",
        "- {party: nvidia, role: mentioned, evidence: la société américaine Nvidia}",
        "- {party: nvidia, role: mentioned}",
        "- {party: nvidia, role: mentioned}",
        "participation nvidia: no words are quoted that name this party",
    ),
    Spoilt(
        "words for nothing",
        "  effective: 2025-10-30  # from the note alone\n",
        "",
        "    effective:\n      - {source",
        "agreement us-china-rare-metals, effective: words are quoted for it, but nothing is entered in it",
    ),
]

RULES = [
    Spoilt(
        "a denial tied to a clause",
        "    mentions: [nvidia]\n",
        "    mentions: [nvidia]\n    clause: 3\n",
        "clause: 3\n    evidence:\n      row: >-\n        il a démenti",
        "statement S17, clause: A denial has no clause: what was denied is not something that was agreed.",
    ),
    Spoilt(
        "a denial that affirms",
        "polarity: negative",
        "polarity: positive # spoilt",
        "polarity: positive # spoilt",
        "statement S17, polarity: A denial is negative: the proposition says what is denied.",
    ),
    Spoilt(
        "a citation with two targets",
        "row: la reprise par la Chine de l'achat de soja américain",
        "row: {exact: la reprise par la Chine de l'achat de soja américain, agreement: us-china-rare-metals}",
        "row: {exact: la reprise",
        "clause 4, whole row: A citation supports exactly one row: an agreement, clause, statement, event, renewal, participation "
        "or party.",
    ),
    Spoilt(
        "a citation that names its own row's like",
        "kind: une visite officielle\n",
        "kind: {exact: une visite officielle, event: E1}\n",
        "event: E1}",
        "event E2, kind: this quote stands under its event already",
    ),
    Spoilt(
        "a flag that is neither true nor false",
        "approximate: true",
        "approximate: yes",
        "approximate: yes",
        "event E1, approximate: write true or false, not 'yes'",
    ),
    Spoilt(
        "an unknown key",
        "    duration: PT1H40M\n",
        "    duration: PT1H40M\n    length: PT1H40M\n",
        "length:",
        "event E1: unknown key 'length'; known: after, approximate, country, date, ",
    ),
    Spoilt(
        "an unknown key in a quote",
        f"place: {{source: {NOTE}, exact:",
        f"place: {{source: {NOTE}, sufix: x, exact:",
        "sufix",
        "event E1, place: unknown key 'sufix'; known: exact, prefix, suffix, source, ",
    ),
    Spoilt(
        "an unknown field of evidence",
        "      certainty: laissent entrevoir",
        "      sureness: laissent entrevoir",
        "sureness",
        "statement S21, sureness, field: 'sureness' is not a field of the statement. Known: ",
    ),
    Spoilt(
        "an unknown party",
        "    speaker: observers\n",
        "    speaker: pundits\n",
        "speaker: pundits",
        "statement S9, speaker: there is no party 'pundits' above this row",
    ),
    Spoilt(
        "a row below",
        "    after: E2\n",
        "    after: E4\n",
        "after: E4",
        "event E3, after: there is no event 'E4' above this row",
    ),
    Spoilt(
        "a row entered twice",
        "  S24:\n",
        "  S23:\n",
        "  S23:\n    kind: outlook\n    polarity: positive\n    certainty: probable",
        "S23: this key stands here twice",
    ),
    Spoilt(
        "a party that plays a part twice",
        "- {party: observers, role: mentioned,",
        "- {party: nvidia, role: mentioned,",
        "- {party: nvidia, role: mentioned, evidence: de nombreux",
        "participation nvidia: The party has this role from this date already.",
    ),
]

AGREEMENT = [
    Spoilt(
        "an impossible date",
        "effective: 2025-10-30",
        "effective: 2025-02-30",
        "effective: 2025-02-30",
        "agreement us-china-rare-metals, effective: 2025-02-30: day 30 does not exist; write 2025-02",
    ),
    Spoilt(
        "a word that is not in the vocabulary",
        "renewal_mode: negotiated",
        "renewal_mode: renewed",
        "renewal_mode: renewed",
        "agreement us-china-rare-metals, renewal_mode: Value 'renewed' is not a valid choice.",
    ),
    Spoilt(
        "a text that is not there",
        "file: us-china-rare-metals.note.txt",
        "file: ../us-china-rare-metals.note.txt",
        "file: ../us",
        f"source {NOTE}, file: there is no file '../us-china-rare-metals.note.txt' beside the annotation",
    ),
    Spoilt(
        "a review without its zone",
        "reviewed: 2026-11-23T06:00:00Z",
        "reviewed: 2026-11-23T06:00:00",
        "reviewed: 2026-11-23",
        "reviewed: write an instant such as 2026-01-31T09:00:00Z, not '2026-11-23T06:00:00'",
    ),
]

DUE = [
    Spoilt(
        "a computed date that the terms do not give",
        "due: 2026-10-30",
        "due: 2026-10-31",
        "due: 2026-10-31",
        "renewal renegotiation 1, due: the basis is computed, but the agreement's terms give 2026-10-30",
    ),
]

KIND = [
    Spoilt(
        "a computed renewal that the terms do not have",
        "  - kind: renegotiation",
        "  - kind: renewal",
        "due: 2026-10-30",
        "renewal renewal 1, due: the basis is computed, but the agreement's terms give nothing",
    ),
]

SECTION = [
    Spoilt("an unknown section", "renewals:\n", "renewal:\n", "renewal:\n", "unknown section 'renewal'; known: "),
]

# Each group is spoilt at once, for building takes a second; what would hide another fault stands in a group of its own.
GROUPS = {"quotes": QUOTES, "claims": CLAIMS, "rules": RULES, "agreement": AGREEMENT, "due": DUE, "kind": KIND}
GROUPS["section"] = SECTION
Refused = tuple[list[Spoilt], Seeds, list[str]]


@pytest.fixture(scope="module", params=GROUPS)
def refused(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Refused:
    """Return a group, the seeds with all errors of the group, and the messages."""
    seeds, group = Seeds(tmp_path_factory.mktemp(request.param)), GROUPS[request.param]
    for way in group:
        seeds.spoil(way.right, way.wrong)
    with django_db_blocker.unblock():
        return group, seeds, seeds.refusal()


def test_each_fault_is_told_with_its_line(refused: Refused, subtests: pytest.Subtests) -> None:
    group, seeds, lines = refused
    for way in group:
        with subtests.test(way.name):
            place = f"seeds/{ANNOTATION}:{seeds.line(way.at)}: {way.told}"
            assert [line for line in lines if line.startswith(place)], "\n".join([f"expected {place}", *lines])


@pytest.mark.parametrize("refused", ["quotes", "rules", "due", "section"], indirect=True)
def test_nothing_is_told_that_is_no_fault(refused: Refused) -> None:
    group, seeds, lines = refused
    assert lines[0] == f"{len(lines) - 1} error(s) in the seeds; nothing was written."
    places = tuple(f"seeds/{ANNOTATION}:{seeds.line(way.at)}: {way.told}" for way in group)
    assert [line for line in lines[1:] if not line.startswith(places)] == []


def test_every_fault_is_told_not_only_the_first(seeds: Seeds) -> None:
    seeds.spoil("effective: 2025-10-30", "effective: 2025-13-30")
    seeds.spoil("type: coopération encadrée", "type: coopération cadrée")
    seeds.spoil("    mentions: [nvidia]\n", "    mentions: [nvidia]\n    clause: 3\n")
    seeds.spoil("certainty: laissent entrevoir", "certainty: laissent voir")
    refusal = seeds.refusal()
    assert refusal[0] == "4 error(s) in the seeds; nothing was written."
    assert [line.split(": ")[1] for line in refusal[1:]] == [
        "agreement us-china-rare-metals, effective",
        "clause 1, type",
        "statement S17, clause",
        "statement S21, certainty",
    ]


def test_a_text_that_was_changed_no_longer_has_its_quotes(seeds: Seeds) -> None:
    article = seeds.folder / "000_06e044fdd82a1ad5.txt"
    article.write_text(article.read_text("utf-8").replace("métaux rares", "terres rares"), "utf-8")
    refusal = "\n".join(seeds.refusal())
    assert "agreement us-china-rare-metals, subject: “métaux rares” is not in the source. Nearest passage: “" in refusal


def test_the_faults_of_quotes_are_told_in_the_readers_language(seeds: Seeds) -> None:
    seeds.spoil("certainty: laissent entrevoir", "certainty: laissent voir")
    with translation.override("fr"):
        refusal = seeds.refusal()
    assert "n’est pas dans la source. Passage le plus proche" in refusal[1]


def test_a_folder_without_annotations_is_refused(seeds: Seeds) -> None:
    seeds.annotation.unlink()
    assert seeds.refusal() == [f"There is no annotation in {seeds.folder}."]
