"""The rows that tests of the API ask for: three published agreements, a draft, and their related rows.

Each row has a name by which tests know it: the slug, or `agreement/number`. The draft says MARKER wherever it can.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source, Statement
from tests import factories
from tests.factories import without_validation

MARKER = "zqsecretqz"
NOTE = "The meeting took place on 30 October 2025 in Busan."
CONVENTION = "The present Convention shall remain in effect for a period of ten years. It binds all of them."
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MODELS: dict[str, type[Model]] = {
    "agreements": Agreement,
    "clauses": Clause,
    "parties": Party,
    "renewals": Renewal,
    "statements": Statement,
    "events": Event,
    "sources": Source,
    "citations": Citation,
}


@dataclass
class World:
    """The rows by noun and name."""

    agreements: dict[str, Agreement] = field(default_factory=dict)
    clauses: dict[str, Clause] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    renewals: dict[str, Renewal] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    citations: dict[str, Citation] = field(default_factory=dict)

    def rows(self, noun: str) -> dict[str, Any]:
        """Return the rows of a resource by name."""
        found: dict[str, Any] = getattr(self, noun)
        return found

    def published(self, noun: str) -> dict[str, Any]:
        """Return the rows of a resource that everyone may see."""
        return {name: row for name, row in self.rows(noun).items() if not name.startswith(("draft", "secret"))}

    def name(self, noun: str, pk: int) -> str:
        return next(name for name, row in self.rows(noun).items() if row.pk == pk)

    def cite(self, name: str, target: Model, exact: str, source: str, about: str = "") -> None:
        """Quote a source for a row."""
        self.citations[name] = factories.citation(target, exact, self.sources[source], about)


def sources(world: World) -> None:
    """Create an article, an editors' note and the text of a treaty."""
    note = {"kind": "editorial_note", "language": "en", "title": "Editors' note", "text": NOTE, "published": "2026"}
    treaty = {"kind": "treaty_text", "language": "en", "title": "Convention on Genocide", "text": CONVENTION}
    treaty |= {"published": "1948-12-09", "publisher": "United Nations", "licence": "public domain"}
    press = {"published": "2025-10-31", "publisher": "Le Journal du soir", "licence": "quotation only"}
    world.sources = {
        "press": factories.source(
            "press", title="L'accord sur les métaux rares", url="https://example.org/press", **press
        ),
        "note": factories.source("note", **note),
        "treaty": factories.source("treaty", **treaty),
    }


def parties(world: World) -> None:
    """Create two states, their representatives, and two others."""
    china = factories.party("china", kind="state", country="CN", name="China", aliases=["Pékin"])
    america = factories.party(
        "america", kind="state", country="US", name="United States", aliases=["Washington", "États-Unis"]
    )
    world.parties = {
        "china": china,
        "america": america,
        "trump": factories.party("trump", kind="person", name="Donald Trump", represents=america),
        "xi": factories.party("xi", kind="person", name="Xi Jinping", represents=china),
        "un": factories.party(
            "un", kind="international_organization", name="United Nations", aliases=["Nations unies"]
        ),
        "observers": factories.party("observers", name="Observers"),
    }


def agreements(world: World) -> None:
    """Create a deal that is renegotiated, a convention that renews automatically, and an old deal that has ended."""
    old = {"title": "Old deal", "instrument": "memorandum", "status": "terminated", "announced": "2018-12"}
    old |= {"effective": "2019-01-01", "ends": "2020-12-31", "term": "P2Y", "renewal_mode": "none", "max_renewals": 2}
    convention = {
        "title": "Convention on Genocide",
        "subject": "génocide",
        "instrument": "treaty",
        "status": "in_force",
    }
    convention |= {"signed": "1948-12-09", "effective": "1951-01-12", "term": "P10Y", "renewal_intervals": ["P5Y"]}
    convention |= {"renewal_mode": "automatic", "notice_period": "P6M", "clauses_complete": True}
    convention |= {"unlimited": True, "rests_on": "stated", "deadlines_rest_on": "editorial"}
    old |= {"renewal_intervals": [], "term_ends": "day_before", "status_since": "2021-01-01", "rests_on": "editorial"}
    old |= {"effective_condition": "dès la ratification", "term_from": "à compter de la première livraison"}
    old |= {"renewal_condition": "si la demande dure", "notice_opens": "P1Y"}
    old |= {"option_holder": world.parties["america"]}
    world.agreements["old-deal"] = factories.agreement("old-deal", **old)
    world.agreements["genocide"] = factories.agreement("genocide", **convention)
    deal = {"title": "Deal on rare metals", "subject": "métaux rares", "announced": "2025-10-30"}
    deal |= {"rests_on": "editorial", "amends": world.agreements["genocide"]}
    world.agreements["rare-metals"] = factories.agreement(
        "rare-metals", supersedes=world.agreements["old-deal"], **deal
    )
    parts = [("rare-metals", "china", "party"), ("rare-metals", "america", "party"), ("genocide", "china", "party")]
    parts += [("rare-metals", "trump", "representative"), ("rare-metals", "xi", "representative")]
    parts += [("old-deal", "america", "party"), ("old-deal", "observers", "mentioned"), ("genocide", "un", "mediator")]
    for agreement, party, role in parts:
        factories.participation(world.agreements[agreement], world.parties[party], role)


def clauses(world: World) -> None:
    """Create clauses with quantities, goods, dates of their own, and one within another."""
    tariff = {
        "type": "tariff",
        "standing": "outcome",
        "modality": "obligation",
        "baseline_value": "57",
        "value": "47",
        "unit": "%",
    }
    tariff |= {
        "title": "Tariffs",
        "scope": "partial",
        "scope_note": "certaines importations chinoises",
        "effective": "2025-11-10",
        "rests_on": "editorial",
    }
    beans = {
        "type": "purchase",
        "standing": "outcome",
        "modality": "obligation",
        "title": "Soybeans",
        "commodity": "soja, bœuf",
    }
    drugs = {
        "type": "law_enforcement",
        "standing": "reported_commitment",
        "modality": "obligation",
        "title": "Fentanyl",
    }
    metals = {
        "title": "Cooperation",
        "commodity": "métaux rares",
        "hs_codes": ["2805", "811212"],
        "text": "un accord d'un an",
    }
    period = {"type": "duration_renewal", "standing": "text", "title": "Duration", "text": CONVENTION, "language": "en"}
    crime = {"type": "definition", "standing": "text", "modality": "prohibition", "title": "Crime", "scope": "all"}
    crime |= {"baseline_value": "0.3", "value": "0.1", "unit": "t", "comparator": "at_most", "per": "P1Y"}
    period |= {"period": "P30D", "trigger": "à compter de la notification", "survives": True}
    deal, convention = world.agreements["rare-metals"], world.agreements["genocide"]
    rows = world.clauses
    rows["rare-metals/1"] = factories.clause(deal, "1", language="fr", **metals)
    rows["rare-metals/2"] = factories.clause(deal, "2", ends="2026-11-10", **tariff)
    rows["rare-metals/3"] = factories.clause(deal, "3", hs_codes=["1201", "020130"], **beans)
    rows["rare-metals/4"] = factories.clause(deal, "4", **drugs)
    rows["rare-metals/4.1"] = factories.clause(deal, "4.1", parent=rows["rare-metals/4"], title="Measures")
    rows["genocide/XIV"] = factories.clause(convention, "XIV", **period)
    rows["genocide/II"] = factories.clause(convention, "II", **crime)
    rows["rare-metals/1"].modifies, rows["rare-metals/1"].modification = rows["genocide/II"], "insertion"
    rows["rare-metals/1"].save()
    entries = [("2", "america", "obligor", False), ("2", "china", "obligee", True), ("3", "china", "obligor", True)]
    entries += [
        ("3", "america", "obligee", False),
        ("4", "china", "obligor", True),
        ("4", "observers", "affected", True),
    ]
    for number, party, role, explicit in entries:
        factories.clause_party(rows[f"rare-metals/{number}"], world.parties[party], role, explicit)


def renewals(world: World) -> None:
    """Create past, future and unknown renewal dates."""
    deal, convention, old = (world.agreements[name] for name in ("rare-metals", "genocide", "old-deal"))
    of_convention = {"basis": "stated", "status": "concluded", "offset": "P10Y"}
    notice = {"kind": "notice_deadline", "due": "2030-07-12", "offset": "", "basis": "editorial", "status": "scheduled"}
    lapse = {"kind": "expiry", "due": "2020-12-31", "offset": "P2Y", "basis": "stated", "status": "concluded"}
    world.renewals = {
        "rare-metals/renegotiation/1": factories.renewal(deal),
        "rare-metals/renegotiation/2": factories.renewal(deal, 2, due="2027-10-30", offset="P2Y"),
        "genocide/renewal/1": factories.renewal(convention, 1, kind="renewal", due="1961-01-12", **of_convention),
        "genocide/notice_deadline/14": factories.renewal(convention, 14, **notice),
        "genocide/review/1": factories.renewal(convention, 1, kind="review", due="XXXX-04", offset="", basis="stated"),
        "old-deal/expiry/1": factories.renewal(old, 1, outcome=deal, **lapse),
    }


def events(world: World) -> None:
    """Create a meeting, two visits of which one returns the other, and a signature."""
    deal, convention = world.agreements["rare-metals"], world.agreements["genocide"]
    visit = {"kind": "visit", "status": "planned"}
    rows = world.events
    meeting = {"place": "Busan", "date": "2025-10-30", "duration": "PT1H40M", "approximate": True}
    rows["rare-metals/E1"] = factories.event(deal, "E1", **meeting)
    going = {"country": "CN", "date": "XXXX-04", "date_text": "avril prochain"}
    rows["rare-metals/E2"] = factories.event(deal, "E2", after=rows["rare-metals/E1"], **visit | going)
    coming = {"country": "US", "date_text": "plus tard", "reciprocates": rows["rare-metals/E2"]}
    rows["rare-metals/E3"] = factories.event(deal, "E3", after=rows["rare-metals/E2"], **visit | coming)
    signature = {"kind": "signature", "country": "FR", "place": "Palais de Chaillot", "date": "1948-12-09"}
    rows["genocide/E1"] = factories.event(convention, "E1", **signature)
    present = {
        "rare-metals/E1": ("trump", "xi"),
        "rare-metals/E2": ("trump",),
        "rare-metals/E3": ("xi",),
        "genocide/E1": ("un",),
    }
    for name, who in present.items():
        rows[name].participants.set(world.parties[party] for party in who)


def statements(world: World) -> None:
    """Create an announcement, a denial, an analysis and an outlook."""
    deal, convention, trump = world.agreements["rare-metals"], world.agreements["genocide"], world.parties["trump"]
    announcement = {
        "speaker": trump,
        "certainty": "certain",
        "topics": ["tariffs", "trade"],
        "proposition": "Tariffs fall",
    }
    announcement |= {"clause": world.clauses["rare-metals/2"], "event": world.events["rare-metals/E1"]}
    thought = {"kind": "analysis", "polarity": "unknown", "certainty": "possible", "speaker_label": "les observateurs"}
    outlook = {
        "kind": "outlook",
        "certainty": "probable",
        "speaker": world.parties["un"],
        "clause": world.clauses["genocide/XIV"],
    }
    world.statements = {
        "rare-metals/S1": factories.statement(deal, "S1", **announcement),
        "rare-metals/S2": factories.denial(
            deal, "S2", speaker=trump, speaker_label="le président américain", topics=["chips"]
        ),
        "rare-metals/S3": factories.statement(deal, "S3", **thought | {"proposition": "The deal will be renégocié"}),
        "genocide/S1": factories.statement(convention, "S1", **outlook),
    }
    world.statements["rare-metals/S1"].mentions.set([world.parties["china"]])
    world.statements["rare-metals/S2"].mentions.set([world.parties["america"], world.parties["observers"]])


def citations(world: World) -> None:
    """Create at least one citation for each kind of row, from every source."""
    deal, convention = world.agreements["rare-metals"], world.agreements["genocide"]
    world.cite("term", deal, "un accord d'un an", "press", "term")
    world.cite("effective", deal, "30 October 2025", "note", "effective")
    world.cite("value", world.clauses["rare-metals/2"], "de 57 % à 47 %", "press", "value")
    world.cite("baseline", world.clauses["rare-metals/2"], "57 %", "press", "baseline_value")
    world.cite("denial", world.statements["rare-metals/S2"], "Le président a démenti", "press")
    world.cite("yearly", world.renewals["rare-metals/renegotiation/1"], "renégocié chaque année", "press", "kind")
    world.cite("meeting", world.events["rare-metals/E1"], "La rencontre s'est tenue en Corée du Sud", "press")
    world.cite("convention", convention, "ten years", "treaty", "effective")
    world.cite("part", deal.participations.get(party__slug="trump"), "Le président", "press")
    world.cite("party", world.parties["china"], "la Chine achètera", "press", "name")
    world.cite("period", world.clauses["genocide/XIV"], "a period of ten years", "treaty", "text")


def stamps(world: World) -> None:
    """Give every row of a noun an hour of its own, in the order of ids.

    Citations come first: the rows that they support move with them.
    """
    for model in sorted(MODELS.values(), key=lambda model: model is not Citation):
        for hours, pk in enumerate(model._default_manager.order_by("pk").values_list("pk", flat=True)):
            moment = FIRST_DAY + timedelta(hours=hours)
            model._default_manager.filter(pk=pk).update(created_at=moment, updated_at=moment)


def build() -> World:
    """Create the published world."""
    world = World()
    with without_validation():
        for noun in (sources, parties, agreements, clauses, renewals, events, statements, citations, stamps):
            noun(world)
    return world


def _related_rows(world: World, draft: Agreement) -> None:
    """Create the related rows of the draft, with the marker in every text."""
    secret, trump, china = world.parties["secret"], world.parties["trump"], world.parties["china"]
    line = {
        "title": MARKER,
        "commodity": MARKER,
        "scope_note": MARKER,
        "text": MARKER,
        "language": "fr",
        "unit": f"{{{MARKER}}}",
    }
    clause = factories.clause(
        draft, MARKER, hs_codes=["99"], value="1", baseline_value="2", type="dispute_settlement", **line
    )
    event = factories.event(
        draft, MARKER, place=MARKER, date_text=MARKER, date="2024", kind="amendment", status="cancelled"
    )
    fields = {
        "speaker": trump,
        "speaker_label": MARKER,
        "proposition": MARKER,
        "topics": [MARKER],
        "kind": "characterization",
    }
    statement = factories.statement(draft, MARKER, clause=clause, event=event, **fields)
    renewal = factories.renewal(draft, 99, kind="review", due="2026-12", status="missed")
    for who in (secret, trump, china):
        factories.participation(draft, who, "beneficiary")
        factories.clause_party(clause, who, "affected")
        event.participants.add(who)
        statement.mentions.add(who)
    world.clauses["draft"], world.events["draft"], world.statements["draft"] = clause, event, statement
    world.renewals["draft"] = renewal


def _draft(world: World) -> Agreement:
    """Create the draft with a source and a party of its own."""
    world.sources["secret"] = factories.source(
        f"{MARKER}-s", title=MARKER, publisher=MARKER, licence=MARKER, text=f"{MARKER} text"
    )
    world.parties["secret"] = factories.party(
        f"{MARKER}-p", name=MARKER, aliases=[MARKER], represents=world.parties["china"]
    )
    fields = {
        "title": MARKER,
        "subject": MARKER,
        "is_published": False,
        "instrument": "contract",
        "status": "suspended",
    }
    draft = factories.agreement(f"{MARKER}-a", supersedes=world.agreements["genocide"], **fields)
    world.agreements["draft"] = draft
    return draft


def add_draft(world: World) -> None:
    """Create a draft with a row of each kind, to which published rows refer."""
    with without_validation():
        draft = _draft(world)
        _related_rows(world, draft)
        for name in ("agreements", "clauses", "events", "statements", "renewals"):
            row = world.rows(name)["draft"]
            world.citations[f"draft {name}"] = factories.citation(row, MARKER, world.sources["secret"])
            world.citations[f"draft {name} from press"] = factories.citation(
                row, "soja américain", world.sources["press"]
            )
    references: list[tuple[Any, dict[str, Any]]] = [
        (Agreement.objects.filter(slug="old-deal"), {"supersedes": draft}),
        (Renewal.objects.filter(agreement__slug="genocide", kind="renewal", sequence=1), {"outcome": draft}),
        (Party.objects.filter(slug="america"), {"represents": world.parties["secret"]}),
    ]
    for rows, reference in references:
        stored = rows.get().updated_at
        rows.update(**reference)
        rows.update(updated_at=stored)  # the row itself has changed, which its readers may see


@contextmanager
def with_draft(world: World) -> Iterator[World]:
    """Add the draft to a world, and forget its names in the end."""
    names = {noun: {*world.rows(noun)} for noun in MODELS}
    add_draft(world)
    try:
        yield world
    finally:
        for noun, before in names.items():
            for name in world.rows(noun).keys() - before:
                del world.rows(noun)[name]
