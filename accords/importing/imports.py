"""The import of an annotation into the database, or its preview. A second import changes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accords.db.audit_log import recorded_as
from accords.importing.agreements import AgreementImport
from accords.importing.annotation_rows import AnnotationRows
from accords.importing.annotations import Annotation, AnnotationError, MappingNode, TextNode
from accords.missing_citations import missing_citations
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
from accords.models.citations import TARGETS
from accords.services import (
    NotPublisher,
    PublicationGuard,
    Uncited,
    affected_agreements,
    confirm,
    renewals_changed,
)
from accords.vocabulary import RenewalBasis

MAX_ROWS = 1000  # of one annotation: they take some seconds
NEW, CHANGED, SAME = "new", "changed", "same"
# The fields of the natural key of each model.
KEYS: dict[type[models.Model], tuple[str, ...]] = {
    Source: ("slug",),
    Party: ("slug",),
    Agreement: ("slug",),
    Participation: ("agreement", "party", "role", "since"),
    Clause: ("agreement", "number"),
    ClauseParty: ("clause", "party", "role"),
    Event: ("agreement", "number"),
    Renewal: ("agreement", "kind", "sequence"),
    Statement: ("agreement", "number"),
    Citation: ("source", "start", "end", "field", *TARGETS),
}
# Fields that editors set in the admin or API: an annotation without them does not change them.
SET_BY_EDITORS: dict[type[models.Model], set[str]] = {Agreement: {"is_published"}, Renewal: {"status", "outcome"}}
SHARED = (Source, Party, Agreement)  # models whose stored rows an annotation may name

NOT_PUBLISHER = gettext_lazy(
    "it is published, and you may not publish: import it under another slug, or ask a publisher to import it"
)


class FieldChange(NamedTuple):
    """A field that changes, with its values before and after as text."""

    field: str
    before: str
    after: str


class Change(NamedTuple):
    """The effect of an import on one row (`NEW`, `CHANGED` or `SAME`); `fields` is empty unless the row is changed."""

    model: type[models.Model]
    pk: int
    name: str
    effect: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def kind(self) -> str:
        """Return the translated name of the model."""
        return str(self.model._meta.verbose_name)


class ImportPlan(NamedTuple):
    """The effect of an import: a change for each row of the annotation, and the rows of its agreement not in it.

    `affected` has the ids of the agreements whose renewals depend on it. `keeps_publication` is true if the annotation
    would publish or withdraw the agreement, but the user may not publish.
    """

    agreement: Agreement
    changes: list[Change]
    not_in_annotation: list[models.Model]
    keeps_publication: bool
    affected: set[int | None]

    def counts(self) -> dict[type[models.Model], Counter[str]]:
        """Return the numbers of new, changed and same rows of each model."""
        counters: dict[type[models.Model], Counter[str]] = {}
        for change in self.changes:
            counters.setdefault(change.model, Counter())[change.effect] += 1
        return counters

    def with_effect(self, effect: str) -> list[Change]:
        return [change for change in self.changes if change.effect == effect]

    @property
    def digest(self) -> str:
        """Return a SHA-256 of the changes, in hexadecimal: equal for two plans that change the same rows alike.

        The form that confirms a preview sends it back, and `import_annotation` refuses to do anything else.
        """
        effects = [(change.model._meta.label, change.name, change.effect, change.fields) for change in self.changes]
        return sha256(repr((effects, self.keeps_publication)).encode(errors="backslashreplace")).hexdigest()


class PlanChanged(Exception):
    """The import would have another effect than the one that the user has seen; `plan` is the new one."""

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__("The import would change other rows than the preview showed.")
        self.plan = plan


def preview(annotation: Annotation, *, may_publish: bool) -> ImportPlan:
    """Return the effect of importing an annotation, and store nothing. Raises `AnnotationError` with all errors."""
    with transaction.atomic():
        plan = _write_rows(annotation, may_publish)
        transaction.set_rollback(True)
    return plan


def import_annotation(annotation: Annotation, *, may_publish: bool, agreed_digest: str | None, on: date) -> ImportPlan:
    """Import an annotation in one transaction, with origin `import` in the audit log, and recompute its renewals.

    `agreed_digest` is that of the plan that the user has agreed to, None for any. Raises `PlanChanged` if the plan is
    another by now, and `AnnotationError` with all errors; then nothing is changed.
    """
    with transaction.atomic(), recorded_as("import", grouped=True):
        plan = _write_rows(annotation, may_publish)
        if agreed_digest is not None and plan.digest != agreed_digest:
            raise PlanChanged(plan)
        if any(change.effect != SAME for change in plan.changes):
            renewals_changed(plan.affected, on=on)
    return plan


def _write_rows(annotation: Annotation, may_publish: bool) -> ImportPlan:
    """Write the rows of an annotation, and return the effect of that. Raises `AnnotationError`."""
    rows = UpdatingRows(annotation.name, may_publish)
    imported = AgreementImport(annotation, rows)
    imported.run()
    if not rows.errors:
        rows.check_publication(imported.content["agreement"])  # type: ignore[arg-type]  # a section, as the parser has checked
    if rows.errors:
        raise AnnotationError(rows.errors)
    affected = affected_agreements(rows.agreement)
    if stored := rows.stored.get((Agreement, rows.agreement.pk)):
        affected |= affected_agreements(stored)
    for source in (row for row in rows.saved if isinstance(row, Source)):
        affected |= affected_agreements(source)
    not_in_annotation = list(rows.not_in_annotation())
    return ImportPlan(rows.agreement, list(rows.changes()), not_in_annotation, rows.keeps_publication, affected)


class UpdatingRows(AnnotationRows):
    """The rows of one annotation; each updates the stored row with the same natural key, if there is one."""

    def __init__(self, name: str, may_publish: bool) -> None:
        super().__init__(name, {})
        self.may_publish, self.keeps_publication, self.publishes, self.is_full = may_publish, False, False, False
        self.stored: dict[tuple[type[models.Model], int], models.Model] = {}
        self.field_changes: dict[tuple[type[models.Model], int], list[FieldChange]] = {}

    def find(self, model: type[models.Model], name: TextNode, location: str) -> models.Model | None:
        """Return the row of this name above, or else the stored row of this name."""
        key = self.name_key(model, name)
        if key not in self.by_name and model in SHARED and (stored := _by_slug(model, name)):
            self.by_name[key] = stored
        return super().find(model, name, location)

    def stored_text(self, slug: str) -> str | None:
        stored = _by_slug(Source, slug)
        return stored.text if stored else None

    def is_used(self, name: str) -> bool:
        return super().is_used(name) or Source.objects.filter(text__contains=name).exists()

    def take_stored(self, row: models.Model, entries: MappingNode, unknown: Set[str]) -> None:
        """Give a row the id of the stored row with its natural key, and the values that annotations do not enter.

        Also note whether the import publishes the agreement, and keep its state if the user may not publish.
        """
        stored = None if unknown & {*KEYS[type(row)]} else self._find_stored(row)
        if stored is not None:
            row.pk, row._state.adding = stored.pk, False
            self.stored[(type(row), stored.pk)] = stored
            for field in row._meta.concrete_fields:
                keeps_stored_value = field.name in SET_BY_EDITORS.get(type(row), ()) and field.name not in entries
                if (keeps_stored_value or not field.editable) and not field.generated:
                    setattr(row, field.attname, getattr(stored, field.attname))
        if isinstance(row, Agreement):
            was_published = isinstance(stored, Agreement) and stored.is_published
            if row.is_published != was_published and not self.may_publish:
                row.is_published, self.keeps_publication = was_published, True
            self.publishes = row.is_published and not was_published

    def _find_stored(self, row: models.Model) -> models.Model | None:
        """Return the stored row of the same natural key, locked.

        None if there is none, if the key is not valid, or if the annotation has the row twice.
        """
        other_fields = {field.name for field in row._meta.fields} - {*KEYS[type(row)]}
        try:
            row.clean_fields(exclude=other_fields)
            rows: Any = type(row)._default_manager.select_for_update(of=("self",))
            stored: models.Model = rows.get_by_natural_key(*row.natural_key())  # type: ignore[attr-defined]  # the managers of resources have it
        except (ObjectDoesNotExist, ValidationError):
            return None
        return None if (type(row), stored.pk) in self.field_changes else stored

    def check_and_save(
        self, row: models.Model, location: str, entries: MappingNode, unread: Set[str] = frozenset()
    ) -> bool:
        """Check and save a row. After MAX_ROWS rows, add one error, and check no further rows."""
        if len(self.saved) < MAX_ROWS:
            return super().check_and_save(row, location, entries, unread)
        if not self.is_full:
            message = _("an annotation may have %(most)d rows at most") % {"most": MAX_ROWS}
            self.errors.add(entries.line, location, message)
        self.is_full = True
        row.pk = next(self.unsaved_ids)
        return False

    def save(self, row: models.Model, location: str, entries: MappingNode) -> bool:
        """Save a row that is new or differs from the stored one."""
        stored = self.stored.get((type(row), row.pk)) if row.pk else None
        changes = [] if stored is None else list(_field_changes(stored, row))
        is_saved = super().save(row, location, entries) if stored is None or changes else True
        self.field_changes[(type(row), row.pk)] = changes
        return is_saved

    def set_relations(self, row: models.Model, many_to_many: dict[str, list[models.Model]]) -> None:
        """Set the many-to-many relations that differ. One that is not entered is emptied."""
        for field in row._meta.many_to_many:
            stored, entered = list(getattr(row, field.name).all()), many_to_many.get(field.name, [])
            if {related.pk for related in stored} != {related.pk for related in entered}:
                getattr(row, field.name).set(entered)
                change = FieldChange(field.name, _joined_names(stored), _joined_names(entered))
                self.field_changes[(type(row), row.pk)].append(change)

    def changes(self) -> Iterator[Change]:
        """Yield a change for each row, in the order in which they were saved."""
        for row in self.saved:
            key = (type(row), row.pk)
            effect = NEW if key not in self.stored else CHANGED if self.field_changes[key] else SAME
            fields = tuple(self.field_changes[key]) if effect == CHANGED else ()
            yield Change(type(row), row.pk, str(row), effect, fields)

    def check_publication(self, entries: MappingNode) -> None:
        """Add errors if rows would be public that the user may not publish, or that lack evidence.

        An annotation quotes words for each of its claims, so if it changes a row, all its citations are confirmed.
        """
        keys = {(type(row), row.pk): row for row in self.saved}
        changed = [row for key, row in keys.items() if key not in self.stored or self.field_changes[key]]
        if changed:
            confirm(row for row in self.saved if isinstance(row, Citation))
        try:
            PublicationGuard(self.may_publish).check(changed)
            missing = missing_citations([self.agreement])[self.agreement.pk] if self.publishes else []
        except NotPublisher:
            self.errors.add(entries.line, "agreement", str(NOT_PUBLISHER))
            return
        except Uncited as error:
            missing = error.missing
        for claim in missing:
            message = _("no citation supports %(what)s") % {"what": claim.name}
            self.errors.add(entries.line_of("is_published"), "agreement, is_published", message)

    def not_in_annotation(self) -> Iterator[models.Model]:
        """Yield the rows of the agreement that the annotation does not have, except computed renewals."""
        saved_ids: dict[type[models.Model], list[int]] = {}
        for row in self.saved:
            saved_ids.setdefault(type(row), []).append(row.pk)
        agreement = self.agreement
        querysets: list[models.QuerySet[Any]] = [
            *(
                model._default_manager.filter(agreement=agreement)
                for model in (Participation, Clause, Event, Statement)
            ),
            ClauseParty.objects.filter(clause__agreement=agreement).select_related("party"),
            Renewal.objects.filter(agreement=agreement).exclude(basis=RenewalBasis.COMPUTED),
            Citation.objects.of_agreement(agreement.pk).select_related("source").defer("source__text"),
        ]
        for queryset in querysets:
            yield from queryset.exclude(pk__in=saved_ids.get(queryset.model, [])).order_by("pk")


def _by_slug(model: Any, slug: str) -> Any:
    """Return the stored row with a slug; None without one, or if the text is no valid slug."""
    try:
        model._meta.get_field("slug").clean(str(slug), None)
    except ValidationError:
        return None
    return model._default_manager.filter(slug=slug).first()


def _field_changes(stored: models.Model, row: models.Model) -> Iterator[FieldChange]:
    """Yield the columns in which a row differs from the stored one."""
    for field in row._meta.concrete_fields:
        if field.editable and not field.primary_key and getattr(stored, field.attname) != getattr(row, field.attname):
            yield FieldChange(field.name, _as_text(stored, field), _as_text(row, field))


def _as_text(row: models.Model, field: "Field[Any, Any]") -> str:
    """Return the value of a field for display; empty for None."""
    value = getattr(row, field.name)
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _joined_names(rows: Iterable[models.Model]) -> str:
    return ", ".join(sorted(str(row) for row in rows))
