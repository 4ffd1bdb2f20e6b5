"""The template context of an agreement's page: its clauses, dates, gaps and denials, each with its quotations."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Min, Prefetch, prefetch_related_objects
from django.db.models.functions import Length
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accords.db.translation import translate
from accords.models import Agreement, Citation, Clause, Event, Participation, Renewal, Source, Statement
from accords.models.agreements import AgreementQuerySet
from accords.models.citations import field_label
from accords.models.renewals import OPEN
from accords.rules import status
from accords.rules.coverage import merge_spans
from accords.vocabulary import (
    AgreementStatus,
    ClauseRole,
    ClauseType,
    Modality,
    PartyKind,
    PartyRole,
    Polarity,
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
from accords.web.wording import duration_in_words, edtf_in_words, event_date_in_words, quantity_text

MAX_ROWS = 200  # of each model; the page links to the list of all
MAX_DATES = 4  # overdue renewals, as many coming ones, and as many without a day
MAX_TEXT = 50_000  # code points of a source up to which the page shows its whole text
DATES = ("announced", "signed", "effective", "ends", "status_since")
VOCABULARIES: dict[str, type[Word]] = {"status": AgreementStatus, "term_ends": TermEnds, "renewal_mode": RenewalMode}
DURATIONS = ("term", "notice_period", "notice_opens")
DISPLAYED_FIELDS = (
    *("announced", "signed", "effective", "effective_condition", "status", "status_since", "ends"),
    *("term", "term_from", "term_ends", "renewal_mode", "renewal_intervals", "renewal_condition"),
    *("max_renewals", "option_holder", "notice_period", "notice_opens"),
)
NOT_STATED: tuple[Any, ...] = ("", None, [], AgreementStatus.UNKNOWN, TermEnds.UNSPECIFIED, RenewalMode.UNSPECIFIED)
# A word of which a prefix may have only the end, or a suffix only the beginning, with the space that sets it apart.
FIRST_WORD, LAST_WORD = re.compile(r"\A\S*\s+"), re.compile(r"\s+\S*\Z")
ROLE_LABELS = {
    ClauseRole.OBLIGOR: gettext_lazy("Owed by"),
    ClauseRole.OBLIGEE: gettext_lazy("Owed to"),
    ClauseRole.AFFECTED: gettext_lazy("Concerns"),
}


@dataclass
class Quotation:
    """A passage of a source that is cited for a row, with the words around it. Offsets are code points.

    `supports` has the labels of the fields that it supports, each with the words that support it, which are blank if
    they are the whole passage.
    """

    source: Source
    start: int
    end: int
    prefix: str
    exact: str
    suffix: str
    supports: list[tuple[str, str]]

    @property
    def text_before(self) -> str:
        """Return the prefix, after "…" and from its second word unless the source begins with it.

        The first word may be a part of one. A prefix without spaces stays whole.
        """
        if len(self.prefix) == self.start:
            return self.prefix
        return f"… {FIRST_WORD.sub('', self.prefix) or self.prefix}"

    @property
    def text_after(self) -> str:
        """Return the suffix up to its last word but one and "…", or all of it if the source ends with it.

        The last word may be a part of one. A suffix without spaces stays whole.
        """
        length: int = self.source.length  # type: ignore[attr-defined]  # annotated by `cited_sources`
        if self.end + len(self.suffix) == length:
            return self.suffix
        return f"{LAST_WORD.sub('', self.suffix) or self.suffix} …"


class DisplayedField(NamedTuple):
    """A date or term of an agreement: its value in words, the meaning of a vocabulary's word, and its evidence."""

    name: str
    label: Any
    value: str
    meaning: str
    rests_on: RestsOn | None
    quotations: list[Quotation]


class ClauseEntry(NamedTuple):
    """A clause as the page shows it.

    `parties` and `dates` have a label for each entry. `effect` is the meaning of the modality, `asserted_by` the
    speakers of statements that affirm the clause.
    """

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
    """A date, event or renewal date, or the day of the page. `day` orders it, and is None if no source says when.

    `note` is the status of an event or renewal, `css_class` is `today`, `late` or blank.
    """

    day: date | None
    date_in_words: str
    title: Any
    note: Any
    css_class: str
    quotations: list[Quotation]


class Passage(NamedTuple):
    """A part of a source's text. `start` is its offset in code points if it is quoted, else None."""

    text: str
    start: int | None


def agreement_context(agreement: Agreement, visible: AgreementQuerySet, on: date, today: date) -> dict[str, Any]:
    """Return the template context of an agreement's page on the day `on`.

    Its `more` names the lists that were cut to `MAX_ROWS`: `participations`, `clauses`, `statements`, `events`.
    Only agreements among those `visible` are shown as its predecessors, successors and amendments.
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
    citations = Prefetch("citations", Citation.objects.order_by("start", "pk"), to_attr="fetched_citations")
    prefetch_related_objects([agreement], citations)
    for related in rows.values():
        prefetch_related_objects(related, citations)
    citing_rows = [agreement, *(row for related in rows.values() for row in related)]
    sources = cited_sources(citing_rows)
    statements, speakers = rows["statements"], asserting_speakers(rows["clauses"])
    denials = [statement for statement in statements if statement.kind == StatementKind.DENIAL]
    return {
        "agreement": agreement,
        "on": on,
        "temporal_status": TemporalStatus(agreement.temporal_status(on)),
        "rests_on": RestsOn(agreement.rests_on) if agreement.rests_on else None,
        "relations": relations(agreement, visible),
        "participations": participations_by_role(rows["participations"]),
        "quoted_participations": [
            (row, row_quotations) for row in rows["participations"] if (row_quotations := quotations(row, sources))
        ],
        "clauses": [clause_entry(clause, speakers[clause.pk], sources) for clause in rows["clauses"]],
        "facts": displayed_fields(agreement, sources),
        "missing": [field_label(Agreement, name) for name in agreement.missing],
        "questions": [
            translate(question.text)
            for question in status.questions(agreement.lifecycle, agreement.announced, agreement.signed)
        ],
        "timeline": timeline(agreement, rows["events"], rows["renewals"], sources, on, today),
        "denials": [(denial, quotations(denial, sources)) for denial in denials],
        "statements": [(row, quotations(row, sources)) for row in statements if row not in denials],
        "sources": [(source, passages(source, citing_rows)) for source in sources.values()],
        "more": more,
    }


def relations(agreement: Agreement, visible: AgreementQuerySet) -> list[tuple[Any, list[Agreement]]]:
    """Return the visible agreements that the agreement replaces or amends or that replace or amend it, by label."""
    querysets = (
        (_("Takes the place of"), visible.filter(superseded_by=agreement)),
        (_("Replaced by"), visible.filter(supersedes=agreement)),
        (_("Amends"), visible.filter(amended_by=agreement)),
        (_("Amended by"), visible.filter(amends=agreement)),
    )
    lists = ((label, list(others.order_by("effective_earliest", "pk")[:MAX_ROWS])) for label, others in querysets)
    return [(label, others) for label, others in lists if others]


def next_renewals(agreement: Agreement, on: date) -> list[Renewal]:
    """Return the renewals of which something is recorded, and the first of the open ones.

    These are at most `MAX_DATES` each of those overdue on the day `on`, those to come, and those without a day.
    """
    rows: Any = agreement.renewals.order_by("due_earliest", "pk")
    open_rows = rows.filter(status__in=OPEN)
    renewals: list[Renewal] = [
        *rows.exclude(status__in=OPEN)[:MAX_ROWS],
        *rows.overdue(overdue=True, on=on)[:MAX_DATES],
        *open_rows.possibly_from("due", on)[:MAX_DATES],
        *open_rows.date_unknown("due", unknown=True)[:MAX_DATES],
    ]
    renewals = list(dict.fromkeys(renewals))  # each once
    for row in renewals:
        row.agreement = agreement
    return renewals


def cited_sources(rows: Iterable[Any]) -> dict[int, Source]:
    """Return the sources that the rows cite, by id. Texts are deferred: `passages` reads the short ones."""
    ids = {citation.source_id for row in rows for citation in row.fetched_citations}
    sources = Source.objects.filter(pk__in=ids).annotate(length=Length("text")).defer("text").order_by("pk")
    return {source.pk: source for source in sources}


def quotations(row: Any, sources: dict[int, Source], field: str | None = None) -> list[Quotation]:
    """Return the passages cited for a row, or for one of its fields; citations that overlap are one passage."""
    merged_quotations: list[Quotation] = []
    citations = [citation for citation in row.fetched_citations if field in (None, citation.field)]
    for citation in sorted(citations, key=lambda citation: (citation.source_id, citation.start, -citation.end)):
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
        quotation.supports = [(label, quote if quote != quotation.exact else "") for label, quote in quotation.supports]
    return merged_quotations


def participations_by_role(rows: Sequence[Participation]) -> list[tuple[PartyRole, list[Participation]]]:
    """Return the participations by role, the parties to the agreement first."""
    groups = ((role, [row for row in rows if row.role == role]) for role in PartyRole)
    return [(role, participations) for role, participations in groups if participations]


def asserting_speakers(clauses: Iterable[Clause]) -> dict[int, list[str]]:
    """Return the names of the speakers of statements that affirm these clauses, by id, in the order of statements."""
    affirming = Statement.objects.filter(clause__in=clauses, polarity=Polarity.POSITIVE, speaker__isnull=False)
    pairs = affirming.values("clause", "speaker__name").annotate(first=Min("pk")).order_by("first")
    speakers: dict[int, list[str]] = defaultdict(list)
    for pair in pairs:
        speakers[pair["clause"]].append(pair["speaker__name"])
    return speakers


def clause_entry(clause: Clause, speakers: list[str], sources: dict[int, Source]) -> ClauseEntry:
    """Return the entry of a clause, asserted by these speakers."""
    modality = Modality(clause.modality)
    heading, language = clause.title, "en"  # titles are in English, texts in the language of the source
    if clause.text and (not clause.title or clause.language.partition("-")[0] == get_language()):
        heading, language = clause.text, clause.language
    parties = [
        (label, [party for party in clause.parties.all() if party.role == role]) for role, label in ROLE_LABELS.items()
    ]
    dates = [(field_label(Clause, name), edtf_in_words(getattr(clause, name))) for name in ("effective", "ends")]
    return ClauseEntry(
        clause=clause,
        heading=heading,
        heading_language=language,
        parties=[(label, members) for label, members in parties if members],
        type=ClauseType(clause.type),
        standing=Standing(clause.standing),
        modality=modality,
        effect=modality.meaning.partition(" (")[0],  # the brackets have the words of other vocabularies
        scope=Scope(clause.scope),
        quantity=quantity_text(clause),
        period=duration_in_words(clause.period) if clause.period else "",
        dates=[(label, text) for label, text in dates if text],
        asserted_by=speakers,
        quotations=quotations(clause, sources),
    )


def displayed_fields(agreement: Agreement, sources: dict[int, Source]) -> list[DisplayedField]:
    """Return the dates and terms of an agreement that are stated."""
    bases, fields = agreement.bases(), []
    for name in DISPLAYED_FIELDS:
        value, meaning = getattr(agreement, name), ""
        if name == "max_renewals" and agreement.unlimited:
            value = _("any number")
        elif value in NOT_STATED:
            continue
        elif name in VOCABULARIES:
            word = VOCABULARIES[name](value)
            value, meaning = word.label, word.meaning
        elif name in DATES:
            value = edtf_in_words(value)
        elif name in DURATIONS:
            value = duration_in_words(value)
        elif name == "renewal_intervals":
            value = ", ".join(map(duration_in_words, value))
        basis = RestsOn(bases[name]) if name in bases else None
        field_quotations = quotations(agreement, sources, name)
        fields.append(DisplayedField(name, field_label(Agreement, name), str(value), meaning, basis, field_quotations))
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
    title = _("Today") if on == today else _("The day that you chose")
    entries = [TimelineEntry(on, edtf_in_words(on.isoformat()), title, "", "today", [])]
    for name in DATES:
        if text := getattr(agreement, name):
            day = getattr(agreement, f"{name}_earliest")
            entries.append(TimelineEntry(day, edtf_in_words(text), field_label(Agreement, name), "", "", []))
    states = agreement.participations.filter(party__kind=PartyKind.STATE)
    country_names = dict(states.values_list("party__country", "party__name"))
    for event in events:
        place = ", ".join(filter(None, (event.place, country_names.get(event.country, event.country))))
        title = " · ".join(filter(None, (event.get_kind_display(), place)))
        if event.duration:
            duration_format = _("about %s") if event.approximate else "%s"
            title = f"{title} · {duration_format % duration_in_words(event.duration)}"
        note, date_in_words = event.get_status_display(), event_date_in_words(event)
        entries.append(TimelineEntry(event.date_earliest, date_in_words, title, note, "", quotations(event, sources)))
    for renewal in renewals:
        is_overdue, is_cancelled = renewal.is_overdue(on), renewal.is_cancelled()
        note = (
            _("overdue") if is_overdue else _("will not take place") if is_cancelled else renewal.get_status_display()
        )
        if renewal.basis == RenewalBasis.COMPUTED:
            note = f"{note} · {renewal.get_basis_display()}"
        title, css_class, due = renewal.get_kind_display(), "late" if is_overdue else "", edtf_in_words(renewal.due)
        entries.append(TimelineEntry(renewal.due_earliest, due, title, note, css_class, quotations(renewal, sources)))
    return sorted(entries, key=lambda entry: entry.day or date.max)


def passages(source: Source, rows: Iterable[Any]) -> list[Passage]:
    """Return a source's text, divided where a quotation of the rows begins or ends; an empty list if it is too long."""
    length: int = source.length  # type: ignore[attr-defined]  # annotated by the query
    if length > MAX_TEXT:
        return []
    citations = [citation for row in rows for citation in row.fetched_citations if citation.source_id == source.pk]
    parts, position = [], 0
    for start, end in merge_spans((citation.start, citation.end) for citation in citations):
        parts += [Passage(source.text[position:start], None), Passage(source.text[start:end], start)]
        position = end
    return [*parts, Passage(source.text[position:], None)]
