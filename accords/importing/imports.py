"""Importing an annotation over what is stored: what it would change can be told before, and twice changes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accords.db.audit_log import recorded_as
from accords.importing.annotations import Annotation, Entries, SeedError, Text
from accords.importing.deals import Deal
from accords.importing.rows import Rows
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
from accords.models.citations import TARGETS, missing_citations
from accords.services import affected_agreements, renewals_changed
from accords.vocabulary import RenewalBasis

MOST_ROWS = 1000  # of one annotation: so many take some seconds
NEW, CHANGED, SAME = "new", "changed", "same"
# What names a row among those that are stored.
KEYS: dict[type[models.Model], tuple[str, ...]] = {
    Source: ("slug",),
    Party: ("slug",),
    Agreement: ("slug",),
    Participation: ("agreement", "party", "role"),
    Clause: ("agreement", "number"),
    ClauseParty: ("clause", "party", "role"),
    Event: ("agreement", "number"),
    Renewal: ("agreement", "kind", "sequence"),
    Statement: ("agreement", "number"),
    Citation: ("source", "start", "end", "field", *TARGETS),
}
# What people decide here, and no annotation undoes by saying nothing of it.
DECIDED: dict[type[models.Model], set[str]] = {Agreement: {"is_published"}, Renewal: {"status", "outcome"}}
EVERYWHERE = (Source, Party, Agreement)  # rows that an annotation may name although they are none of its own


class Moved(NamedTuple):
    """A field that changes: its name, and what it held and will hold, as text."""

    field: str
    before: str
    after: str


class Change(NamedTuple):
    """What an import does to one row: `new`, `changed` or `same`; of a changed one the fields."""

    model: type[models.Model]
    pk: int
    name: str
    what: str
    fields: tuple[Moved, ...] = ()

    @property
    def kind(self) -> str:
        """What sort of row it is."""
        return str(self.model._meta.verbose_name)


class Plan(NamedTuple):
    """What an import does: a change for each row of the annotation, and the rows of its agreement that it leaves.

    `affected` has the ids of the agreements whose renewals depend on it. `stays` says that the annotation asks for
    publishing, or for withdrawing, and whoever imports it may do neither.
    """

    agreement: Agreement
    changes: list[Change]
    left: list[models.Model]
    stays: bool
    affected: set[int | None]

    def counts(self) -> dict[type[models.Model], Counter[str]]:
        """How many rows of each kind are new, changed and the same."""
        found: dict[type[models.Model], Counter[str]] = {}
        for change in self.changes:
            found.setdefault(change.model, Counter())[change.what] += 1
        return found

    def of(self, what: str) -> list[Change]:
        """The changes of one sort."""
        return [change for change in self.changes if change.what == what]

    @property
    def digest(self) -> str:
        """The same for two plans that do the same to the same rows."""
        told = [(change.model._meta.label, change.name, change.what, change.fields) for change in self.changes]
        return sha256(repr((told, self.stays)).encode(errors="backslashreplace")).hexdigest()


class Stale(Exception):
    """What an import would do is no longer what was shown; `plan` is what it would do now."""

    def __init__(self, plan: Plan) -> None:
        """Keep the plan."""
        super().__init__("what the import would change is not what was shown")
        self.plan = plan


def preview(annotation: Annotation, *, may_publish: bool) -> Plan:
    """What importing an annotation would do; nothing of it is kept. Raises `SeedError` with every fault."""
    with transaction.atomic():
        found = _enter(annotation, may_publish)
        transaction.set_rollback(True)
    return found


def carry_out(annotation: Annotation, *, may_publish: bool, seen: str | None, at: datetime, on: date) -> Plan:
    """Import an annotation in one transaction, and recompute its renewals. The audit log says `import`.

    `seen` is the digest of the plan that someone agreed to; None = whatever it is. Raises `Stale` where the plan is
    another by now, and `SeedError` with every fault; then nothing was changed.
    """
    with transaction.atomic(), recorded_as("import", at):
        found = _enter(annotation, may_publish)
        if seen is not None and found.digest != seen:
            raise Stale(found)
        if any(change.what != SAME for change in found.changes):
            renewals_changed(found.affected, on=on)
    return found


def _enter(annotation: Annotation, may_publish: bool) -> Plan:
    """Make and change every row, in the transaction of the caller, who may roll it back."""
    rows = StoredRows(annotation.name, may_publish)
    deal = Deal(annotation, rows)
    deal.enter()
    if not rows.faults:
        rows.check_publishing(deal.content)
    if rows.faults:
        raise SeedError(rows.faults)
    affected = affected_agreements(rows.agreement)
    if stored := rows.before.get((Agreement, rows.agreement.pk)):
        affected |= affected_agreements(stored)
    return Plan(rows.agreement, list(rows.changes()), list(rows.left()), rows.stays, affected)


class StoredRows(Rows):
    """The rows of one annotation, each in the place of the stored one of the same natural key, if there is one."""

    def __init__(self, name: str, may_publish: bool) -> None:
        """Start empty. Without `may_publish` an agreement stays as public as it is."""
        super().__init__(name, {})
        self.may_publish, self.stays, self.is_released, self.is_full = may_publish, False, False, False
        self.before: dict[tuple[type[models.Model], int], Any] = {}
        self.moved: dict[tuple[type[models.Model], int], list[Moved]] = {}

    # What Rows asks

    def find(self, model: type[models.Model], name: Text, where: str) -> models.Model | None:
        """The row of that name above this one, else the stored one."""
        key = self._key(model, name)
        if key not in self.known and model in EVERYWHERE and (stored := _by_slug(model, name)):
            self.known[key] = stored
        return super().find(model, name, where)

    def text_of(self, slug: str) -> str | None:
        """The text of the stored source."""
        stored = _by_slug(Source, slug)
        return stored.text if stored else None

    def is_used(self, name: str) -> bool:
        """Whether a source uses a name, of the annotation or stored."""
        return super().is_used(name) or Source.objects.filter(text__contains=name).exists()

    def take_place(self, row: models.Model, entries: Entries, unknown: Set[str]) -> None:
        """Give a row the identity of the stored one, with all that no annotation enters."""
        stored = None if unknown & {*KEYS[type(row)]} else self._stored(row)
        if stored is not None:
            row.pk, row._state.adding = stored.pk, False
            self.before[(type(row), stored.pk)] = stored
            for field in row._meta.concrete_fields:
                decided = field.name in DECIDED.get(type(row), ()) and field.name not in entries
                if (decided or not field.editable) and not field.generated:
                    setattr(row, field.attname, getattr(stored, field.attname))
        if isinstance(row, Agreement):
            self._release(row, stored)

    def admit(self, row: models.Model, where: str, entries: Entries, unread: Set[str] = frozenset()) -> bool:
        """Check and save a row; of too many the rest is not looked at."""
        if len(self.made) < MOST_ROWS:
            return super().admit(row, where, entries, unread)
        if not self.is_full:
            self.faults.add(
                entries.line, where, _("an annotation may have %(most)d rows at most") % {"most": MOST_ROWS}
            )
        self.is_full = True
        row.pk = -next(self.refused)
        return False

    def save_row(self, row: models.Model, where: str, entries: Entries) -> bool:
        """Save a row that is new or differs from the stored one."""
        stored = self.before.get((type(row), row.pk)) if row.pk else None
        moved = [] if stored is None else list(_moved(stored, row))
        is_saved = super().save_row(row, where, entries) if stored is None or moved else True
        self.moved[(type(row), row.pk)] = moved
        return is_saved

    def relate(self, row: models.Model, lists: dict[str, list[Any]]) -> None:
        """Set the relations to many that differ; one that is not entered leads nowhere."""
        for field in row._meta.many_to_many:
            before, after = list(getattr(row, field.name).all()), lists.get(field.name, [])
            if {one.pk for one in before} != {one.pk for one in after}:
                getattr(row, field.name).set(after)
                self.moved[(type(row), row.pk)].append(Moved(field.name, _listed(before), _listed(after)))

    # What became of it

    def check_publishing(self, content: Entries) -> None:
        """An agreement that is published by this has evidence for every claim, for those not of the annotation too."""
        if not self.is_released:
            return
        line = content["agreement"].line_of("is_published")
        for lack in missing_citations([self.agreement])[self.agreement.pk]:
            self.faults.add(line, "agreement, is_published", _("no citation supports %(what)s") % {"what": lack.name})

    def changes(self) -> Iterator[Change]:
        """A change for each row, in the order in which they were made."""
        for row in self.made:
            key = (type(row), row.pk)
            what = NEW if key not in self.before else CHANGED if self.moved[key] else SAME
            yield Change(type(row), row.pk, str(row), what, tuple(self.moved[key]) if what == CHANGED else ())

    def left(self) -> Iterator[models.Model]:
        """Rows of the agreement that the annotation does not have; a computed date follows from its terms."""
        there: dict[type[models.Model], list[int]] = {}
        for row in self.made:
            there.setdefault(type(row), []).append(row.pk)
        for model, found in _of_agreement(self.agreement):
            yield from found.exclude(pk__in=there.get(model, [])).order_by("pk")

    def _stored(self, row: models.Model) -> Any:
        """The stored row of the same natural key, locked; none for a row that stands twice in the annotation."""
        strange = {field.name for field in row._meta.fields} - {*KEYS[type(row)]}
        try:
            row.clean_fields(exclude=strange)
            rows: Any = type(row)._default_manager.select_for_update(of=("self",))
            found = rows.get_by_natural_key(*row.natural_key())  # type: ignore[attr-defined]
        except (ObjectDoesNotExist, ValidationError):
            return None
        return None if (type(row), found.pk) in self.moved else found

    def _release(self, row: Agreement, stored: Agreement | None) -> None:
        """Publish and withdraw only for who may."""
        before = stored is not None and stored.is_published
        if row.is_published == before:
            return
        if not self.may_publish:
            row.is_published, self.stays = before, True
        self.is_released = row.is_published and not before


def _by_slug(model: Any, slug: str) -> Any:
    """The stored row of that slug, if a slug can be like that."""
    try:
        model._meta.get_field("slug").clean(str(slug), None)
    except ValidationError:
        return None
    return model._default_manager.filter(slug=slug).first()


def _moved(stored: models.Model, row: models.Model) -> Iterator[Moved]:
    """The fields that a row would change of the stored one."""
    for field in row._meta.concrete_fields:
        if field.editable and not field.primary_key and getattr(stored, field.attname) != getattr(row, field.attname):
            yield Moved(field.name, _told(stored, field), _told(row, field))


def _told(row: models.Model, field: Any) -> str:
    value = getattr(row, field.name)
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _listed(rows: Iterable[models.Model]) -> str:
    return ", ".join(sorted(str(row) for row in rows))


def _of_agreement(agreement: Agreement) -> Iterator[tuple[type[models.Model], Any]]:
    """Every row that hangs on an agreement, kind by kind."""
    for model in (Participation, Clause, Event, Statement):
        yield model, model._default_manager.filter(agreement=agreement)
    yield ClauseParty, ClauseParty.objects.filter(clause__agreement=agreement).select_related("party")
    yield Renewal, Renewal.objects.filter(agreement=agreement).exclude(basis=RenewalBasis.COMPUTED)
    yield Citation, Citation.objects.of_agreement(agreement.pk).select_related("source").defer("source__text")
