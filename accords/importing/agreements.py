"""The rows of an annotation, by section: an agreement with its related rows, its sources and its parties."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accords.importing.annotation_rows import AnnotationRows
from accords.importing.annotations import (
    Annotation,
    AnyNode,
    ListNode,
    MappingNode,
    TextNode,
    at_line,
    expect,
    read,
)
from accords.importing.evidence import Evidence
from accords.models import Agreement, Clause, ClauseParty, Event, Participation, Party, Renewal, Source, Statement
from accords.rules.terms import steps
from accords.vocabulary import RenewalBasis

SECTIONS = ("reviewed", "source", "sources", "parties", "agreement", "clauses", "events", "renewals", "statements")


class AgreementImport:
    """The import of one annotation into `rows`, which has the saved rows and the errors after `run`."""

    def __init__(self, annotation: Annotation, rows: AnnotationRows) -> None:
        self.annotation, self.rows, self.errors = annotation, rows, rows.errors
        self.content = read(annotation.content, self.errors)
        self.source, self.reviewed = TextNode(), datetime.min.replace(tzinfo=UTC)

    def run(self) -> None:
        """Add every row of the annotation; none if it cannot be read."""
        if not self.content:
            return
        for key in self.content.keys() - {*SECTIONS}:
            message = _("unknown section %(key)r; known: %(known)s") % {"key": key, "known": ", ".join(SECTIONS)}
            self.errors.add(self.content.line_of(key), "", message)
        self.source, self.reviewed = self.required("source", TextNode), self.review_instant()
        for slug, entries in self.section_rows("sources"):
            self.add_source(slug, entries)
        for slug, entries in self.section_rows("parties"):
            self.add_party(slug, entries)
        self.add_agreement(self.required("agreement", MappingNode))
        agreement = self.rows.agreement
        for position, (number, entries) in enumerate(self.section_rows("clauses"), start=1):
            self.add_clause(Clause(agreement=agreement, number=number, position=position), entries)
        for number, entries in self.section_rows("events"):
            self.add_cited(Event(agreement=agreement, number=number), number, entries)
        for entries in self.list_rows(self.content, "renewals"):
            self.add_renewal(entries)
        for number, entries in self.section_rows("statements"):
            self.add_cited(Statement(agreement=agreement, number=number), number, entries)

    def add_source(self, slug: str, entries: MappingNode) -> None:
        """Add a source with its text, decoded from UTF-8 and not changed otherwise."""
        location = f"source {slug}, file"
        file = expect(entries.get("file", at_line(TextNode(), entries.line)), TextNode, location, self.errors)
        content, text = self.annotation.text(file), None
        try:
            text = self.rows.stored_text(slug) if content is None else content.decode()
        except UnicodeDecodeError as error:
            message = _("%(file)s is not UTF-8 at byte %(byte)d") % {"file": file, "byte": error.start}
            self.errors.add(file.line, location, message)
        else:
            if text is None:
                message = _("there is no file %(file)r beside the annotation") % {"file": str(file)}
                self.errors.add(file.line, location, message)
        self.rows.add(Source(slug=slug, text=text or ""), slug, entries, nested=("file",))

    def add_party(self, slug: str, entries: MappingNode) -> None:
        """Add a party, and an error for each alias that no source uses."""
        self.rows.add(Party(slug=slug), slug, entries)
        aliases = entries.get("aliases")
        for alias in aliases if isinstance(aliases, ListNode) else ():
            if isinstance(alias, TextNode) and not self.rows.is_used(alias):
                message = _("no source uses the name “%(name)s”") % {"name": alias}
                self.errors.add(alias.line, f"party {slug}, aliases", message)

    def add_agreement(self, entries: MappingNode) -> None:
        """Add the agreement with its participations."""
        self.rows.agreement = Agreement()
        slug = str(entries.get("slug", ""))
        evidence = self.add_cited(self.rows.agreement, slug, entries, nested=("participations",))
        for entry in self.list_rows(entries, "participations"):
            name = str(entry.get("party", ""))
            self.rows.add(Participation(agreement=self.rows.agreement), name, entry, nested=("evidence",))
            self.quote_party(evidence, f"participation {name}", entry)

    def add_clause(self, clause: Clause, entries: MappingNode) -> None:
        """Add a clause with its parties."""
        evidence = self.add_cited(clause, clause.number, entries, nested=("parties",))
        for entry in self.list_rows(entries, "parties"):
            name = f"{entry.get('party', '')} in clause {clause.number}"
            self.rows.add(ClauseParty(clause=clause), name, entry, nested=("evidence",))
            self.quote_party(evidence, f"clause party {name}", entry)

    def quote_party(self, evidence: Evidence, location: str, entry: MappingNode) -> None:
        """Cite the words that name a party. Add an error if there are none, unless the entry has `explicit: false`."""
        if "evidence" in entry:
            evidence.quote("parties", entry["evidence"])
        elif entry.get("explicit") != "false":
            self.errors.add(entry.line, location, _("no words are quoted that name this party"))

    def add_renewal(self, entries: MappingNode) -> None:
        """Add a renewal. Add an error if it is computed and the terms yield none, or another date or offset."""
        name = f"{entries.get('kind', '')} {entries.get('sequence', '')}"
        renewal = Renewal(agreement=self.rows.agreement)
        self.add_cited(renewal, name, entries)
        if renewal._state.adding or renewal.basis != RenewalBasis.COMPUTED:
            return
        computed_steps = steps(renewal.agreement.terms, count=1, first=renewal.sequence)
        key = (renewal.kind, renewal.sequence)
        step = next((step for step in computed_steps if (step.kind, step.sequence) == key), None)
        message = _("the basis is computed, but the agreement's terms give %(right)s")
        if step is None:
            self.errors.add(entries.line_of("basis"), f"renewal {name}", message % {"right": _("nothing")})
            return
        for field in ("due", "offset"):
            computed_value = getattr(step, field)
            if getattr(renewal, field) != computed_value:
                values = {"right": computed_value or _("nothing")}
                self.errors.add(entries.line_of(field), f"renewal {name}, {field}", message % values)

    def add_cited(self, row: models.Model, name: str, entries: MappingNode, nested: tuple[str, ...] = ()) -> Evidence:
        """Add a row and its citations. `nested` are the keys of entries that the caller reads itself."""
        self.rows.add(row, name, entries, nested=("evidence", *nested))
        evidence = Evidence(self.rows, row, name, self.source)
        evidence.cite(entries)
        return evidence

    def section_rows(self, name: str) -> Iterator[tuple[str, MappingNode]]:
        """Yield the keys and entries of a mapping at the top level, such as `clauses`."""
        section = expect(self.content.get(name, at_line(MappingNode(), 1)), MappingNode, name, self.errors)
        for key, value in section.items():
            yield key, expect(value, MappingNode, f"{name} {key}", self.errors)

    def list_rows(self, entries: MappingNode, name: str) -> Iterator[MappingNode]:
        """Yield the entries of a list; nothing if it is left out."""
        for item in expect(entries.get(name, at_line(ListNode(), entries.line)), ListNode, name, self.errors):
            yield expect(item, MappingNode, name, self.errors)

    def required(self, name: str, node_class: type[AnyNode]) -> AnyNode:
        """Return a node that every annotation has at its top level. Add an error and return an empty one without it."""
        if name not in self.content:
            self.errors.add(1, name, _("every annotation needs this"))
        return expect(self.content.get(name, at_line(node_class(), 1)), node_class, name, self.errors)

    def review_instant(self) -> datetime:
        """Return when the annotation was reviewed: the `created_at` and `updated_at` of its rows in fixtures.

        Add an error and return the first instant of the calendar if it cannot be read.
        """
        text = self.required("reviewed", TextNode)
        try:
            instant = parse_datetime(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            message = _("write an instant such as 2026-01-31T09:00:00Z, not %(text)r") % {"text": str(text)}
            self.errors.add(text.line, "reviewed", message)
            return self.reviewed
        return instant.astimezone(UTC)
