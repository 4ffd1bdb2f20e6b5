"""The words behind each claim: whether an annotation quotes those that it needs, and the citations they become."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from accords.importing.annotations import Entries, Items, Text, expect, placed
from accords.importing.rows import Rows, enterable
from accords.models import Citation, Source
from accords.models.citations import TARGETS, citable_fields, claims, needs_own_words
from accords.rules import quotes

WHOLE_ROW = "row"
# Fields that hold a source's own words: where nothing else is quoted for them, they are the quote themselves.
VERBATIM = frozenset(
    {"subject", "text", "commodity", "scope_note", "place", "date_text", "speaker_label", "trigger"}
    | {"effective_condition", "term_from", "renewal_condition"}
)
SELECTOR = ("exact", "prefix", "suffix")
QUOTE_KEYS = (*SELECTOR, "source", *TARGETS)


class Passage(NamedTuple):
    """A quote found in a source: offsets in code points, end exclusive, and what stands around it."""

    exact: str
    start: int
    end: int
    prefix: str
    suffix: str


class Evidence:
    """What the entries of one row quote."""

    def __init__(self, rows: Rows, row: models.Model, name: str, source: Text) -> None:
        """Start with the row and its name in faults; `source` is quoted wherever a quote names no other."""
        self.rows, self.row, self.source, self.faults = rows, row, source, rows.faults
        self.kind = str(row._meta.model_name)
        self.where = f"{row._meta.verbose_name} {name}"
        self.quoted_for_parties: set[tuple[Any, ...]] = set()

    def cite(self, entries: Entries) -> None:
        """Make the citations that the row's entries give, and note every claim that has none."""
        given = expect(entries.get("evidence", placed(Entries(), entries.line)), Entries, self.where, self.faults)
        for field, quoted in given.items():
            self._check_use(field, entries, given.line_of(field))
            self.quote("" if field == WHOLE_ROW else field, quoted)
        for field in self._claims(entries):
            self._support(field, entries, given)
        if not given:
            self.faults.add(entries.line, self.where, _("no words are quoted for this row"))

    def quote(self, field: str, quoted: Any) -> None:
        """Cite each quote for a field of the row: a text, a mapping with `exact`, or a list of either."""
        where = f"{self.where}, {field or 'whole row'}"
        for words in quoted if isinstance(quoted, Items) else [quoted]:
            selector = placed(Entries(exact=words), words.line) if isinstance(words, Text) else words
            self._cite_one(field, expect(selector, Entries, where, self.faults), where)

    def _check_use(self, field: str, entries: Entries, line: int) -> None:
        if field in citable_fields(type(self.row)) and field not in entries:
            self.faults.add(line, f"{self.where}, {field}", _("words are quoted for it, but nothing is entered in it"))

    def _claims(self, entries: Entries) -> Iterator[str]:
        """The fields entered that need words."""
        fields = enterable(self.row).keys() & claims(type(self.row)).keys()
        return (field for field in entries if field in fields)

    def _support(self, field: str, entries: Entries, given: Entries) -> None:
        """See that a claim has its words: a source's own words are their own, or stand in those quoted for them."""
        where, value = f"{self.where}, {field}", entries[field]
        if field in VERBATIM and field not in given:
            self.quote(field, value)
        elif field in VERBATIM and not any(str(value) in words for words in _exact(given[field])):
            message = _("“%(value)s” is not in the words quoted for it; this field is for a source's own words") % {
                "value": value
            }
            self.faults.add(entries.line_of(field), where, message)
        elif field not in given and (WHOLE_ROW not in given or needs_own_words(enterable(self.row)[field])):
            self.faults.add(entries.line_of(field), where, _("no words are quoted for this claim"))

    def _cite_one(self, field: str, selector: Entries, where: str) -> None:
        for key in selector.keys() - {*QUOTE_KEYS}:
            self.faults.add(
                selector.line_of(key),
                where,
                _("unknown key %(key)r; known: %(known)s") % {"key": key, "known": ", ".join(QUOTE_KEYS)},
            )
        source = self.rows.find(Source, expect(selector.get("source", self.source), Text, where, self.faults), where)
        if not isinstance(source, Source) or source._state.adding:
            return
        passage = self._locate(source, selector, where)
        if passage is None or (field == "parties" and self._is_repeated(source, passage)):
            return
        citation = Citation(source=source, field=field, **passage._asdict(), **self._targets(selector, where))
        self.rows.admit(citation, where, selector)

    def _locate(self, source: Source, selector: Entries, where: str) -> Passage | None:
        """Where the quote stands in the source; none, and a fault with the nearest passage, if it does not."""
        texts = [expect(selector.get(key, placed(Text(), selector.line)), Text, where, self.faults) for key in SELECTOR]
        exact, prefix, suffix = (str(text) for text in texts)
        try:
            start = quotes.locate(source.text, exact, prefix, suffix)
        except quotes.QuoteError as error:
            self.faults.add(selector.line_of("exact"), where, error.args[0])
            return None
        end = start + len(exact)
        return Passage(exact, start, end, *quotes.context(source.text, start, end))

    def _is_repeated(self, *found: Any) -> bool:
        """Whether the row's parties were quoted so before: one phrase may name several of them."""
        if found in self.quoted_for_parties:
            return True
        self.quoted_for_parties.add(found)
        return False

    def _targets(self, selector: Entries, where: str) -> dict[str, models.Model | None]:
        """The row under which the quote stands, and any other that it names: the model refuses a second one."""
        targets: dict[str, models.Model | None] = {}
        for kind in selector.keys() & TARGETS.keys():
            if kind == self.kind:
                self.faults.add(
                    selector.line_of(kind), where, _("this quote stands under its %(kind)s already") % {"kind": kind}
                )
            targets[kind] = self.rows.find(TARGETS[kind], expect(selector[kind], Text, where, self.faults), where)
        return targets | {self.kind: self.row}


def _exact(quoted: Any) -> Iterator[str]:
    """The words of each quote."""
    for words in quoted if isinstance(quoted, Items) else [quoted]:
        yield str(words.get("exact", "") if isinstance(words, Entries) else words)
