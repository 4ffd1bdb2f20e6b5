"""The quotes of an annotation: checks that each claim has the quotes that it needs, and citations from them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from accords.db.translation import translate
from accords.importing.annotation_rows import FROM_POSITION, AnnotationRows, editable_fields
from accords.importing.annotations import ListNode, MappingNode, Node, TextNode, at_line, expect
from accords.missing_citations import needs_own_citation
from accords.models import Citation, Source
from accords.models.citations import TARGETS, citable_fields, claims
from accords.rules import quotes

WHOLE_ROW = "row"
# Fields with a source's own words: their value is the quote if there is no other.
VERBATIM = frozenset(
    {"subject", "text", "commodity", "scope_note", "place", "date_text", "speaker_label", "trigger"}
    | {"effective_condition", "term_from", "renewal_condition"}
)
SELECTOR = ("exact", "prefix", "suffix")
QUOTE_KEYS = (*SELECTOR, "source", *TARGETS)


class Passage(NamedTuple):
    """A quote found in a source: offsets in code points, end exclusive, and the text around it."""

    exact: str
    start: int
    end: int
    prefix: str
    suffix: str


class Evidence:
    """The quotes of one row. `source` is the name of the source for quotes that name none."""

    def __init__(self, rows: AnnotationRows, row: models.Model, name: str, source: TextNode) -> None:
        self.rows, self.row, self.source, self.errors = rows, row, source, rows.errors
        self.kind = str(row._meta.model_name)
        self.location = f"{row._meta.verbose_name} {name}"
        self.quoted_for_parties: set[tuple[Source, Passage]] = set()

    def cite(self, entries: MappingNode) -> None:
        """Add the citations of a row's entries, and an error for each claim without one."""
        evidence = expect(
            entries.get("evidence", at_line(MappingNode(), entries.line)), MappingNode, self.location, self.errors
        )
        entered = {*entries, *FROM_POSITION.get(type(self.row), ())}
        if "participations" in entries:
            entered.add("parties")
        for field, quote_node in evidence.items():
            if field in citable_fields(type(self.row)) and field not in entered:
                message = _("words are quoted for it, but nothing is entered in it")
                self.errors.add(evidence.line_of(field), f"{self.location}, {field}", message)
            self.quote("" if field == WHOLE_ROW else field, quote_node)
        needed = editable_fields(self.row).keys() & claims(type(self.row)).keys()
        for field in [field for field in entries if field in needed]:
            self.check_claim(field, entries, evidence)
        if not evidence:
            self.errors.add(entries.line, self.location, _("no words are quoted for this row"))

    def check_claim(self, field: str, entries: MappingNode, evidence: MappingNode) -> None:
        """Add an error if a claim has no quote, or if the value of a `VERBATIM` field is in none of its quotes."""
        location, value = f"{self.location}, {field}", entries[field]
        if field in VERBATIM and field not in evidence:
            self.quote(field, value)
        elif field in VERBATIM and not any(str(value) in quote for quote in exact_quotes(evidence[field])):
            message = _("“%(value)s” is not in the words quoted for it; this field is for a source's own words")
            self.errors.add(entries.line_of(field), location, message % {"value": value})
        elif field not in evidence and (
            WHOLE_ROW not in evidence or needs_own_citation(editable_fields(self.row)[field])
        ):
            self.errors.add(entries.line_of(field), location, _("no words are quoted for this claim"))

    def quote(self, field: str, quote_node: Node) -> None:
        """Add a citation for each quote of a field: a text, a mapping with `exact`, or a list of either."""
        location = f"{self.location}, {field or 'whole row'}"
        for node in quote_node if isinstance(quote_node, ListNode) else [quote_node]:
            selector = at_line(MappingNode(exact=node), node.line) if isinstance(node, TextNode) else node
            self.add_citation(field, expect(selector, MappingNode, location, self.errors), location)

    def add_citation(self, field: str, selector: MappingNode, location: str) -> None:
        """Add the citation of one quote; the errors of the quote instead, if it has any."""
        for key in selector.keys() - {*QUOTE_KEYS}:
            message = _("unknown key %(key)r; known: %(known)s") % {"key": key, "known": ", ".join(QUOTE_KEYS)}
            self.errors.add(selector.line_of(key), location, message)
        name = expect(selector.get("source", self.source), TextNode, location, self.errors)
        source = self.rows.find(Source, name, location)
        if not isinstance(source, Source) or source._state.adding:
            return
        passage = self.find_passage(source, selector, location)
        if passage is None:
            return
        if field == "parties":  # one quote may name several parties, and is cited once
            if (source, passage) in self.quoted_for_parties:
                return
            self.quoted_for_parties.add((source, passage))
        citation = Citation(source=source, field=field, **passage._asdict(), **self.targets(selector, location))
        self.rows.check_and_save(citation, location, selector)

    def find_passage(self, source: Source, selector: MappingNode, location: str) -> Passage | None:
        """Return the passage of a source that a quote selects. Without one, add an error with the nearest passage."""
        exact, prefix, suffix = (
            str(expect(selector.get(key, at_line(TextNode(), selector.line)), TextNode, location, self.errors))
            for key in SELECTOR
        )
        try:
            start = quotes.locate(source.text, exact, prefix, suffix)
        except quotes.QuoteError as error:
            self.errors.add(selector.line_of("exact"), location, translate(error.args[0]))
            return None
        end = start + len(exact)
        return Passage(exact, start, end, *quotes.context(source.text, start, end))

    def targets(self, selector: MappingNode, location: str) -> dict[str, models.Model | None]:
        """Return the targets of a citation, by kind: the row of the quote, and rows that the quote names.

        A quote should name none. It is read all the same, so that the error of the model is shown.
        """
        targets: dict[str, models.Model | None] = {}
        for kind in selector.keys() & TARGETS.keys():
            if kind == self.kind:
                message = _("this quote stands under its %(kind)s already") % {"kind": kind}
                self.errors.add(selector.line_of(kind), location, message)
            targets[kind] = self.rows.related(TARGETS[kind], selector[kind], location)
        return targets | {self.kind: self.row}


def exact_quotes(quote_node: Node) -> Iterable[str]:
    """Return the quoted words of a field, without prefixes and suffixes."""
    nodes = quote_node if isinstance(quote_node, ListNode) else [quote_node]
    return [str(node.get("exact", "") if isinstance(node, MappingNode) else node) for node in nodes]
