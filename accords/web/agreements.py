"""The page of an agreement: what was agreed, when, what is missing and what was denied, each with its words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Prefetch, prefetch_related_objects
from django.db.models.functions import Length
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accords.db.translation import translate
from accords.models import Agreement, Citation, Clause, Event, Participation, Renewal, Source, Statement
from accords.models.agreements import AgreementQuerySet
from accords.models.citations import field_label
from accords.models.renewals import OPEN
from accords.rules import status
from accords.rules.coverage import merged
from accords.vocabulary import (
    AgreementStatus,
    ClauseRole,
    ClauseType,
    Modality,
    PartyKind,
    PartyRole,
    RenewalBasis,
    RenewalMode,
    RestsOn,
    Scope,
    Standing,
    StatementKind,
    TemporalStatus,
    TermEnds,
    Word,
)
from accords.web.wording import duration_in_words, edtf_in_words, quantity, when

MAX_ROWS = 200  # of a kind; the page links to the list of all
MAX_DATES = 4  # renewal dates of a kind: overdue, coming, without a day
MAX_TEXT = 50_000  # code points of a source up to which the page shows its whole text
DATES = ("announced", "signed", "effective", "ends", "status_since")
WORDS: dict[str, type[Word]] = {"status": AgreementStatus, "term_ends": TermEnds, "renewal_mode": RenewalMode}
DURATIONS = ("term", "notice_period", "notice_opens")
FACTS = (
    *("announced", "signed", "effective", "effective_condition", "status", "status_since", "ends"),
    *("term", "term_from", "term_ends", "renewal_mode", "renewal_intervals", "renewal_condition"),
    *("max_renewals", "option_holder", "notice_period", "notice_opens"),
)
NOT_STATED: tuple[Any, ...] = ("", None, [], AgreementStatus.UNKNOWN, TermEnds.UNSPECIFIED, RenewalMode.UNSPECIFIED)
ROLES = {
    ClauseRole.OBLIGOR: gettext_lazy("Owed by"),
    ClauseRole.OBLIGEE: gettext_lazy("Owed to"),
    ClauseRole.AFFECTED: gettext_lazy("Concerns"),
}


@dataclass
class Quotation:
    """A passage of a source that is cited for a row, with the words around it.

    `supports` has the names of the fields that it supports, each with their own words if these are only a part of it.
    """

    source: Source
    start: int
    end: int
    prefix: str
    exact: str
    suffix: str
    supports: list[tuple[str, str]]

    @property
    def before(self) -> str:
        """Return the prefix from its first whole word; all of it where words have no spaces between them."""
        return self.prefix.partition(" ")[2] or self.prefix

    @property
    def after(self) -> str:
        """Return the suffix to its last whole word."""
        return self.suffix.rpartition(" ")[0] or self.suffix


class DisplayedField(NamedTuple):
    """A date or term of an agreement: its name, its value in words, what it rests on, and the words that say so."""

    name: str
    label: Any
    value: str
    meaning: str
    rests_on: RestsOn | None
    quotations: list[Quotation]


class ClauseEntry(NamedTuple):
    """A clause as the page shows it."""

    clause: Clause
    heading: str
    heading_language: str
    parties: list[tuple[Any, list[Any]]]
    type: ClauseType
    standing: Standing
    modality: Modality
    effect: str
    scope: Scope
    quantity: str
    period: str
    dates: list[tuple[Any, str]]
    asserted_by: list[str]
    quotations: list[Quotation]


class TimelineEntry(NamedTuple):
    """A date, event or renewal date. `day` orders it, and is None if no source says when.

    `when` is the date in words, `what` the title, `note` its status, `state` a CSS class (`today`, `late` or none).
    """

    day: date | None
    when: str
    what: Any
    note: Any
    state: str
    quotations: list[Quotation]


class Passage(NamedTuple):
    """A stretch of a source's text, and where it starts if it is quoted."""

    text: str
    start: int | None


def agreement_context(agreement: Agreement, visible: AgreementQuerySet, on: date, today: date) -> dict[str, Any]:
    """Return the template context of an agreement's page on the day `on`; its `more` names the lists that were cut.

    Only agreements among those `visible` are named as its predecessors, successors and amendments.
    """
    rows: dict[str, list[Any]] = {
        "participations": list(agreement.participations.select_related("party__represents")[: MAX_ROWS + 1]),
        "clauses": list(
            agreement.clauses.prefetch_related("parties__party").order_by("position", "pk")[: MAX_ROWS + 1]
        ),
        "statements": list(agreement.statements.select_related("speaker").order_by("pk")[: MAX_ROWS + 1]),
        "events": list(agreement.events.order_by("pk")[: MAX_ROWS + 1]),
    }
    more = [name for name, related in rows.items() if len(related) > MAX_ROWS]
    rows = {name: related[:MAX_ROWS] for name, related in rows.items()} | {"renewals": next_renewals(agreement, on)}
    citations = Prefetch("citations", Citation.objects.order_by("start", "pk"), to_attr="quoted")
    prefetch_related_objects([agreement], citations)
    for related in rows.values():
        prefetch_related_objects(related, citations)
    cited = [agreement, *(row for related in rows.values() for row in related)]
    sources = cited_sources(cited)
    statements = rows["statements"]
    denials = [statement for statement in statements if statement.kind == StatementKind.DENIAL]
    return {
        "agreement": agreement,
        "on": on,
        "temporal_status": TemporalStatus(agreement.temporal_status(on)),
        "rests_on": RestsOn(agreement.rests_on) if agreement.rests_on else None,
        "relations": relations(agreement, visible),
        "participations": by_role(rows["participations"]),
        "quoted_participations": [
            (row, quoted) for row in rows["participations"] if (quoted := quotations(row, sources))
        ],
        "clauses": [clause_entry(clause, statements, sources) for clause in rows["clauses"]],
        "facts": displayed_fields(agreement, sources),
        "missing": [field_label(Agreement, name) for name in agreement.missing],
        "questions": [
            translate(question.asks)
            for question in status.questions(agreement.lifecycle, agreement.announced, agreement.signed)
        ],
        "timeline": timeline(agreement, rows["events"], rows["renewals"], sources, on, today),
        "denials": [(denial, quotations(denial, sources)) for denial in denials],
        "statements": [(row, quotations(row, sources)) for row in statements if row not in denials],
        "sources": [(source, passages(source, cited)) for source in sources.values()],
        "more": more,
    }


def relations(agreement: Agreement, visible: AgreementQuerySet) -> list[tuple[Any, list[Agreement]]]:
    """Return the visible agreements that it replaces or amends, or that replace or amend it."""
    querysets = (
        (_("Takes the place of"), visible.filter(superseded_by=agreement)),
        (_("Replaced by"), visible.filter(supersedes=agreement)),
        (_("Amends"), visible.filter(amended_by=agreement)),
        (_("Amended by"), visible.filter(amends=agreement)),
    )
    named = ((label, list(others.order_by("effective_earliest", "pk")[:MAX_ROWS])) for label, others in querysets)
    return [(label, others) for label, others in named if others]


def next_renewals(agreement: Agreement, on: date) -> list[Renewal]:
    """Return the renewals with an outcome, those overdue on a day, those to come, and open ones without a day."""
    rows: Any = agreement.renewals.order_by("due_earliest", "pk")
    waiting = rows.filter(status__in=OPEN)
    renewals: list[Renewal] = [
        *rows.exclude(status__in=OPEN)[:MAX_ROWS],
        *rows.overdue(True, on)[:MAX_DATES],
        *waiting.possibly_from("due", on)[:MAX_DATES],
        *waiting.date_unknown("due", True)[:MAX_DATES],
    ]
    renewals = list(dict.fromkeys(renewals))
    for row in renewals:
        row.agreement = agreement
    return renewals


def cited_sources(rows: Iterable[Any]) -> dict[int, Source]:
    """Return the sources that the rows cite, by id, without the texts that are too long for a page."""
    ids = {citation.source_id for row in rows for citation in row.quoted}
    sources = Source.objects.filter(pk__in=ids).annotate(length=Length("text")).defer("text").order_by("pk")
    return {source.pk: source for source in sources}


def quotations(row: Any, sources: dict[int, Source], field: str | None = None) -> list[Quotation]:
    """Return the passages cited for a row, or for one of its fields; citations that overlap are one passage."""
    merged_quotations: list[Quotation] = []
    cited = [citation for citation in row.quoted if field in (None, citation.field)]
    for citation in sorted(cited, key=lambda citation: (citation.source_id, citation.start, -citation.end)):
        last = merged_quotations[-1] if merged_quotations else None
        if last is None or last.source.pk != citation.source_id or citation.start >= last.end:
            last = Quotation(
                sources[citation.source_id],
                citation.start,
                citation.end,
                citation.prefix,
                citation.exact,
                citation.suffix,
                [],
            )
            merged_quotations.append(last)
        elif citation.end > last.end:
            last.exact += citation.exact[last.end - citation.start :]
            last.end, last.suffix = citation.end, citation.suffix
        if citation.field:
            last.supports.append((str(field_label(type(row), citation.field)), citation.exact))
    for quotation in merged_quotations:
        quotation.supports = [(label, words if words != quotation.exact else "") for label, words in quotation.supports]
    return merged_quotations


def by_role(rows: Sequence[Participation]) -> list[tuple[PartyRole, list[Participation]]]:
    """Return the participations by role, the parties to the agreement first."""
    groups = ((role, [row for row in rows if row.role == role]) for role in PartyRole)
    return [(role, participations) for role, participations in groups if participations]


def clause_entry(clause: Clause, statements: Iterable[Statement], sources: dict[int, Source]) -> ClauseEntry:
    """Return a clause with its parties by role, its words' meanings, its dates in words, and who asserts it."""
    row: Any = clause
    modality = Modality(clause.modality)
    heading, language = clause.title, "en"  # titles are in English, texts in the language of the source
    if clause.text and (not clause.title or clause.language.partition("-")[0] == get_language()):
        heading, language = clause.text, clause.language
    parties = [(label, [entry for entry in row.parties.all() if entry.role == role]) for role, label in ROLES.items()]
    dates = [(field_label(Clause, name), edtf_in_words(getattr(clause, name))) for name in ("effective", "ends")]
    speakers = [
        str(statement.speaker) for statement in statements if statement.clause_id == clause.pk and statement.speaker
    ]
    return ClauseEntry(
        clause=clause,
        heading=heading,
        heading_language=language,
        parties=[(label, members) for label, members in parties if members],
        type=ClauseType(clause.type),
        standing=Standing(clause.standing),
        modality=modality,
        effect=modality.meaning.partition(" (")[0],  # without the terms of other vocabularies
        scope=Scope(clause.scope),
        quantity=quantity(clause),
        period=duration_in_words(clause.period) if clause.period else "",
        dates=[(label, words) for label, words in dates if words],
        asserted_by=list(dict.fromkeys(speakers)),
        quotations=quotations(clause, sources),
    )


def displayed_fields(agreement: Agreement, sources: dict[int, Source]) -> list[DisplayedField]:
    """Return the dates and terms of an agreement that are stated."""
    bases, fields = agreement.bases(), []
    for name in FACTS:
        value, meaning = getattr(agreement, name), ""
        if name == "max_renewals" and agreement.unlimited:
            value = _("any number")
        elif value in NOT_STATED:
            continue
        elif name in WORDS:
            word = WORDS[name](value)
            value, meaning = word.label, word.meaning
        elif name in DATES:
            value = edtf_in_words(value)
        elif name in DURATIONS:
            value = duration_in_words(value)
        elif name == "renewal_intervals":
            value = ", ".join(map(duration_in_words, value))
        basis = RestsOn(bases[name]) if name in bases else None
        words = quotations(agreement, sources, name)
        fields.append(DisplayedField(name, field_label(Agreement, name), str(value), meaning, basis, words))
    return fields


def timeline(
    agreement: Agreement,
    events: Iterable[Event],
    renewals: Iterable[Renewal],
    sources: dict[int, Source],
    on: date,
    today: date,
) -> list[TimelineEntry]:
    """Return the dates, events and renewal dates of an agreement in order, with the day `on`; undated ones last."""
    now = _("Today") if on == today else _("The day that you chose")
    entries = [TimelineEntry(on, edtf_in_words(on.isoformat()), now, "", "today", [])]
    for name in DATES:
        if text := getattr(agreement, name):
            day = getattr(agreement, f"{name}_earliest")
            entries.append(TimelineEntry(day, edtf_in_words(text), field_label(Agreement, name), "", "", []))
    parties = agreement.participations.filter(party__kind=PartyKind.STATE)
    states = dict(parties.values_list("party__country", "party__name"))
    for event in events:
        event_row: Any = event
        place = ", ".join(filter(None, (event.place, states.get(event.country, event.country))))
        description = " · ".join(filter(None, (event_row.get_kind_display(), place)))
        status = event_row.get_status_display()
        if event.duration:
            duration_format = _("about %s") if event.approximate else "%s"
            description = f"{description} · {duration_format % duration_in_words(event.duration)}"
        entries.append(
            TimelineEntry(event.date_earliest, when(event), description, status, "", quotations(event, sources))
        )
    for renewal in renewals:
        row: Any = renewal
        is_overdue, is_cancelled = renewal.is_overdue(on), renewal.is_cancelled()
        note = _("overdue") if is_overdue else _("will not take place") if is_cancelled else row.get_status_display()
        if renewal.basis == RenewalBasis.COMPUTED:
            note = f"{note} · {row.get_basis_display()}"
        kind, state, words = row.get_kind_display(), "late" if is_overdue else "", quotations(renewal, sources)
        entries.append(TimelineEntry(renewal.due_earliest, edtf_in_words(renewal.due), kind, note, state, words))
    return sorted(entries, key=lambda entry: entry.day or date.max)


def passages(source: Source, rows: Iterable[Any]) -> list[Passage]:
    """Return a source's text in passages that are quoted for the rows or not; an empty list if it is too long."""
    length: int = source.length  # type: ignore[attr-defined]
    if length > MAX_TEXT:
        return []
    citations = [citation for row in rows for citation in row.quoted if citation.source_id == source.pk]
    parts, position = [], 0
    for start, end in merged((citation.start, citation.end) for citation in citations):
        parts += [Passage(source.text[position:start], None), Passage(source.text[start:end], start)]
        position = end
    return [*parts, Passage(source.text[position:], None)]
