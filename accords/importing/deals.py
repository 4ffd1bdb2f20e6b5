"""Walking through an annotation, section by section."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accords.importing.annotations import Annotation, Entries, Items, Text, expect, placed, read
from accords.importing.evidence import Evidence
from accords.importing.rows import Rows
from accords.models import Agreement, Clause, ClauseParty, Event, Participation, Party, Renewal, Source, Statement
from accords.rules.terms import MAX_BOUNDARIES, steps
from accords.vocabulary import RenewalBasis

SECTIONS = ("reviewed", "source", "sources", "parties", "agreement", "clauses", "events", "renewals", "statements")


class Deal:
    """One annotation: an agreement, what hangs on it, and the sources and parties that it brings along."""

    def __init__(self, annotation: Annotation, rows: Rows) -> None:
        """Read the annotation, of which `rows` makes the rows."""
        self.annotation, self.rows, self.faults = annotation, rows, rows.faults
        self.content = read(annotation.content, self.faults)
        self.source, self.reviewed = Text(), datetime.min.replace(tzinfo=UTC)

    def enter(self) -> None:
        """Make every row; `rows` has them and the faults afterwards. Of a file that cannot be read there are none."""
        if self.content:
            self._enter_top()
            self._enter_agreement(self._top("agreement", Entries))
            self._enter_what_hangs_on_it()

    def _enter_top(self) -> None:
        for key in self.content.keys() - {*SECTIONS}:
            self.faults.add(
                self.content.line_of(key),
                "",
                _("unknown section %(key)r; known: %(known)s") % {"key": key, "known": ", ".join(SECTIONS)},
            )
        self.source, self.reviewed = self._top("source", Text), self._instant()
        for slug, entries in self._section("sources"):
            self._enter_source(slug, entries)
        for slug, entries in self._section("parties"):
            self._enter_party(slug, entries)

    def _enter_what_hangs_on_it(self) -> None:
        for position, (number, entries) in enumerate(self._section("clauses"), start=1):
            self._enter_clause(Clause(agreement=self.rows.agreement, number=number, position=position), entries)
        for number, entries in self._section("events"):
            self._claim(Event(agreement=self.rows.agreement, number=number), number, entries)
        for entries in self._list(self.content, "renewals"):
            self._enter_renewal(entries)
        for number, entries in self._section("statements"):
            self._claim(Statement(agreement=self.rows.agreement, number=number), number, entries)

    def _enter_source(self, slug: str, entries: Entries) -> None:
        self.rows.make(Source(slug=slug, text=self._read_text(slug, entries)), slug, entries, nested=("file",))

    def _read_text(self, slug: str, entries: Entries) -> str:
        """The text as received, to the byte."""
        name = expect(entries.get("file", placed(Text(), entries.line)), Text, f"source {slug}, file", self.faults)
        received = self.annotation.text(name)
        try:
            text = self.rows.text_of(slug) if received is None else received.decode()
        except UnicodeDecodeError as error:
            self.faults.add(
                name.line,
                f"source {slug}, file",
                _("%(file)s is not UTF-8 at byte %(byte)d") % {"file": name, "byte": error.start},
            )
            return ""
        if text is None:
            self.faults.add(
                name.line,
                f"source {slug}, file",
                _("there is no file %(file)r beside the annotation") % {"file": str(name)},
            )
        return text or ""

    def _enter_party(self, slug: str, entries: Entries) -> None:
        self.rows.make(Party(slug=slug), slug, entries)
        for alias in entries.get("aliases", ()):
            if isinstance(alias, Text) and not self.rows.is_used(alias):
                self.faults.add(
                    alias.line, f"party {slug}, aliases", _("no source uses the name “%(name)s”") % {"name": alias}
                )

    def _enter_agreement(self, entries: Entries) -> None:
        self.rows.agreement = Agreement()
        evidence = self._claim(self.rows.agreement, str(entries.get("slug", "")), entries, nested=("participations",))
        for entry in self._list(entries, "participations"):
            name = str(entry.get("party", ""))
            self.rows.make(Participation(agreement=self.rows.agreement), name, entry, nested=("evidence",))
            self._quote_party(evidence, f"participation {name}", entry)

    def _enter_clause(self, clause: Clause, entries: Entries) -> None:
        evidence = self._claim(clause, clause.number, entries, nested=("parties",))
        for entry in self._list(entries, "parties"):
            name = f"{entry.get('party', '')} in clause {clause.number}"
            self.rows.make(ClauseParty(clause=clause), name, entry, nested=("evidence",))
            self._quote_party(evidence, f"clause party {name}", entry)

    def _quote_party(self, evidence: Evidence, where: str, entry: Entries) -> None:
        """Cite the words that name a party. Only a party that the editors supplied can do without."""
        if "evidence" in entry:
            evidence.quote("parties", entry["evidence"])
        elif entry.get("explicit") != "false":
            self.faults.add(entry.line, where, _("no words are quoted that name this party"))

    def _enter_renewal(self, entries: Entries) -> None:
        name = f"{entries.get('kind', '')} {entries.get('sequence', '')}"
        renewal = Renewal(agreement=self.rows.agreement)
        self._claim(renewal, name, entries)
        if not renewal._state.adding and renewal.basis == RenewalBasis.COMPUTED:
            self._check_computed(renewal, f"renewal {name}", entries)

    def _check_computed(self, renewal: Renewal, where: str, entries: Entries) -> None:
        """A computed date is what the agreement's terms give, to the letter."""
        coming = steps(renewal.agreement.terms, count=min(renewal.sequence, MAX_BOUNDARIES))
        step = next((step for step in coming if (step.kind, step.sequence) == (renewal.kind, renewal.sequence)), None)
        for field in ("due", "offset"):
            right = getattr(step, field) if step else ""
            if getattr(renewal, field) != right:
                message = _("the basis is computed, but the agreement's terms give %(right)s") % {
                    "right": right or _("nothing")
                }
                self.faults.add(entries.line_of(field), f"{where}, {field}", message)

    def _claim(self, row: models.Model, name: str, entries: Entries, nested: tuple[str, ...] = ()) -> Evidence:
        """Make a row that needs evidence, and cite it."""
        self.rows.make(row, name, entries, nested=("evidence", *nested))
        evidence = Evidence(self.rows, row, name, self.source)
        evidence.cite(entries)
        return evidence

    def _section(self, name: str) -> Iterator[tuple[str, Entries]]:
        """The rows of a section by their keys."""
        section = expect(self.content.get(name, placed(Entries(), 1)), Entries, name, self.faults)
        for key, value in section.items():
            yield key, expect(value, Entries, f"{name} {key}", self.faults)

    def _list(self, entries: Entries, name: str) -> Iterator[Entries]:
        """The rows of a list."""
        for item in expect(entries.get(name, placed(Items(), entries.line)), Items, name, self.faults):
            yield expect(item, Entries, name, self.faults)

    def _top(self, name: str, shape: type) -> Any:
        """What every annotation has at its top level."""
        if name not in self.content:
            self.faults.add(1, name, _("every annotation needs this"))
        return expect(self.content.get(name, placed(shape(), 1)), shape, name, self.faults)

    def _instant(self) -> datetime:
        """When the annotation was reviewed, which its rows bear as `created_at` and `updated_at`."""
        text = self._top("reviewed", Text)
        try:
            found = parse_datetime(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.faults.add(
                text.line,
                "reviewed",
                _("write an instant such as 2026-01-31T09:00:00Z, not %(text)r") % {"text": str(text)},
            )
            return self.reviewed
        return found.astimezone(UTC)
