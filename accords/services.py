"""Writes that span several models. Each runs in one transaction; the caller passes the day."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from accords.models import Agreement, Citation, Renewal
from accords.models.citations import MissingCitation, missing_citations
from accords.rules import durations, renewals, status
from accords.rules.renewals import MAX_BOUNDARIES, Step, Terms
from accords.vocabulary import AgreementStatus, RenewalBasis, RenewalKind, RenewalStatus

CHUNK_SIZE = 500  # agreements in a transaction of `extend_renewals`, so that locks are short
MAX_PERIODS = 4 * MAX_BOUNDARIES  # of one agreement: more than the days of ten years
NEW_TERM_KINDS = (RenewalKind.RENEWAL, RenewalKind.RENEGOTIATION)
READING_DAYS = tuple(f"{of}_{side}" for of in status.Spans._fields for side in status.Span._fields)


@dataclass(frozen=True)
class RenewalChanges:
    """Numbers of agreements read, and of renewals added, changed and removed.

    `derived` counts agreements with a changed derived column. `unreadable` lists the slugs of agreements whose terms
    are not valid dates and durations, which only a write that bypassed the models can cause; their rows are unchanged.
    """

    agreements: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    derived: int = 0
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "RenewalChanges") -> "RenewalChanges":
        return RenewalChanges(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


class PublishingResult(NamedTuple):
    """The agreements that changed, and by id the missing citations of those that could not be published."""

    changed: list[Agreement]
    refused: dict[int, list[MissingCitation]]


def horizon(on: date) -> date:
    """Return the last day up to which renewals are computed on the day `on` (setting RENEWAL_HORIZON)."""
    try:
        return durations.add(on, settings.RENEWAL_HORIZON)
    except durations.OutOfCalendar:
        return date.max


def publish(*, ids: Collection[int], on: date) -> PublishingResult:
    """Publish the drafts among these agreements, with all their related rows.

    An agreement with a claim that no citation supports stays a draft. The number of queries does not depend on the
    number of agreements.
    """
    with transaction.atomic():
        drafts = list(_locked(Agreement.objects.filter(pk__in=ids, is_published=False)))
        missing = missing_citations(drafts)
        ready = [draft for draft in drafts if not missing[draft.pk]]
        _set_published(ready, True, on)
    return PublishingResult(ready, {pk: citations for pk, citations in missing.items() if citations})


def withdraw(*, ids: Collection[int], on: date) -> PublishingResult:
    """Turn the published ones among these agreements into drafts."""
    with transaction.atomic():
        published = list(_locked(Agreement.objects.filter(pk__in=ids, is_published=True)))
        _set_published(published, False, on)
    return PublishingResult(published, {})


def _set_published(agreements: list[Agreement], is_published: bool, on: date) -> None:
    for agreement in agreements:
        agreement.is_published = is_published
    _save(agreements, "is_published", "updated_at")
    renewals_changed([agreement.pk for agreement in agreements], on=on)


def affected_agreements(row: models.Model) -> set[int | None]:
    """Return the ids of the agreements whose computed renewals depend on a row, for `renewals_changed`.

    Where a write may move the row to another agreement, take the ids before and after it.
    """
    if isinstance(row, Agreement):
        return {row.pk, row.supersedes_id}
    if isinstance(row, Citation):  # a cited renewal is not removed
        row = row.renewal or row
    return {row.agreement_id} if isinstance(row, Renewal) else set()


def renewals_changed(ids: Iterable[int | None], *, on: date) -> RenewalChanges:
    """Recompute the renewals and derived columns of these agreements, and of the agreements that they supersede.

    Call it in the transaction of every write to an agreement or its renewals. None and ids of deleted agreements are
    ignored. A second call changes nothing.

    - `renewals_concluded` counts the renewals and renegotiations that are recorded as concluded. The days between
      which `rules.status` reads the agreement depend on it.
    - Renewals of basis `stated` and `editorial` are never changed. A computed renewal with the same kind and number is
      not added beside them.
    - A computed renewal on which an editor recorded something (a status other than `projected`, an outcome) is never
      removed; only its date follows the terms, as long as these yield one.
    - A computed renewal that no longer follows from the terms is removed, unless it is cited: then it keeps the date
      that the terms yield after the horizon, or becomes undated.
    - Nothing follows a missed renewal, because every period depends on the one before. For a terminated agreement only
      the stated end follows, and for a superseded one nothing after the published agreement that supersedes it
      certainly takes effect.
    """
    wanted = {pk for pk in ids if pk}
    if not wanted:
        return RenewalChanges()
    earlier = Agreement.objects.filter(pk__in=wanted).values("supersedes")
    with transaction.atomic():
        return _recompute(Agreement.objects.filter(Q(pk__in=wanted) | Q(pk__in=earlier)), horizon(on))


def extend_renewals(*, on: date, progress: Callable[[RenewalChanges], None] | None = None) -> RenewalChanges:
    """Recompute the renewals of all agreements up to the horizon of the day `on`, in one transaction per chunk.

    Call `progress` with the changes of each chunk. Idempotent, for a daily timer.
    """
    total, last = RenewalChanges(), 0
    while ids := list(Agreement.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK_SIZE]):
        with transaction.atomic():
            changes = _recompute(Agreement.objects.filter(pk__in=ids), horizon(on))
        if progress:
            progress(changes)
        total, last = total + changes, ids[-1]
    return total


def _locked(agreements: models.QuerySet[Agreement]) -> models.QuerySet[Agreement]:
    """Lock in the order of ids, so that two transactions cannot deadlock."""
    return agreements.order_by("pk").select_for_update(no_key=True)  # others may refer to them meanwhile


@dataclass
class _Difference:
    """Renewals of one agreement to add, to change and to remove."""

    added: list[Renewal] = field(default_factory=list)
    changed: list[Renewal] = field(default_factory=list)
    removed: list[Renewal] = field(default_factory=list)


def _recompute(queryset: models.QuerySet[Agreement], until: date) -> RenewalChanges:
    agreements = list(_locked(queryset))
    stored: dict[int, list[Any]] = defaultdict(list)
    cited = Exists(Citation.objects.filter(renewal=OuterRef("pk")))
    for row in Renewal.objects.filter(agreement__in=agreements).annotate(cited=cited):
        stored[row.agreement_id].append(row)
    successors = Agreement.objects.published().filter(supersedes__in=agreements, effective_latest__isnull=False)
    dates = successors.order_by("-effective_latest").values_list("supersedes_id", "effective_latest")
    superseded_from = dict(dates)  # of several successors, the earliest comes last and is kept
    differences, derived, unreadable = [], [], []
    for agreement in agreements:
        rows = stored[agreement.pk]
        try:
            last_day = min(until, superseded_from.get(agreement.pk, until))
            differences.append(_difference(agreement, rows, last_day))
            if _derive(agreement, rows):
                derived.append(agreement)
        except ValueError:  # EdtfError or DurationError
            unreadable.append(agreement.slug)
    added, changed, removed = (
        [row for difference in differences for row in getattr(difference, one.name)] for one in fields(_Difference)
    )
    Renewal.objects.filter(pk__in=[row.pk for row in removed]).delete()
    Renewal.objects.bulk_create(added)
    _save(changed, "due", "offset", "due_earliest", "due_latest", "updated_at")
    _save(derived, "renewals_concluded", *READING_DAYS, "updated_at")
    return RenewalChanges(
        len(agreements), len(added), len(changed), len(removed), len(derived), unreadable=tuple(unreadable)
    )


def _difference(agreement: Agreement, rows: list[Any], until: date) -> _Difference:
    """Compare the stored renewals of an agreement with those that follow from its terms."""
    terms = agreement.terms
    if agreement.status == AgreementStatus.TERMINATED:  # only a stated end is left
        terms = replace(terms, renewal_mode="none", term="", notice_period="")
    missed = _first_missed(rows)
    steps = {
        (step.kind, step.sequence): step for step in _steps(terms, until) if missed is None or step.sequence <= missed
    }
    there = {(row.kind, row.sequence): row for row in rows}
    found = _Difference()
    for key, step in steps.items():
        if key not in there:
            values = {"kind": step.kind, "sequence": step.sequence, "due": step.due, "offset": step.offset}
            found.added.append(Renewal(agreement=agreement, basis=RenewalBasis.COMPUTED, **values))
    for key, row in there.items():
        if row.basis != RenewalBasis.COMPUTED:
            continue
        is_recorded = row.status != RenewalStatus.PROJECTED or row.outcome_id is not None
        if key not in steps and not is_recorded and not row.cited:
            found.removed.append(row)
            continue
        step_of_row = steps.get(key) or _step_after_horizon(terms, row)
        if step_of_row is None and is_recorded:
            continue
        due, offset = (step_of_row.due, step_of_row.offset) if step_of_row else ("", "")
        if (row.due, row.offset) != (due, offset):
            row.due, row.offset = due, offset
            found.changed.append(row)
    return found


def _first_missed(rows: list[Any]) -> int | None:
    """Return the number of the first missed renewal after the last concluded one."""
    terms = [row for row in rows if row.kind in NEW_TERM_KINDS]
    concluded = max((row.sequence for row in terms if row.status == RenewalStatus.CONCLUDED), default=0)
    missed = (row.sequence for row in terms if row.status == RenewalStatus.MISSED)
    return min((sequence for sequence in missed if sequence > concluded), default=None)


def _steps(terms: Terms, until: date) -> Iterable[Step]:
    """Return the steps until a day; where there are more than MAX_PERIODS ends of periods, only the last ones."""
    found = list(renewals.steps(terms, until=until))
    if len(found) < MAX_BOUNDARIES:
        return found
    last = renewals.ends_by(terms, until)
    starts = range(max(1, last - MAX_PERIODS + 1), last + MAX_BOUNDARIES, MAX_BOUNDARIES)
    return chain.from_iterable(renewals.steps(terms, until=until, first=start) for start in starts)


def _step_after_horizon(terms: Terms, row: Renewal) -> Step | None:
    found = renewals.steps(terms, count=1, first=row.sequence)
    return next((step for step in found if step.kind == row.kind), None)


def _derive(agreement: Agreement, rows: list[Any]) -> bool:
    """Count the concluded renewals, and return whether a derived column must be written."""
    concluded = sum(row.status == RenewalStatus.CONCLUDED and row.kind in NEW_TERM_KINDS for row in rows)
    days = chain.from_iterable(status.spans(agreement.terms, concluded))
    before = (agreement.renewals_concluded, *(getattr(agreement, name) for name in READING_DAYS))
    agreement.renewals_concluded = concluded
    return before != (concluded, *days)


def _save(rows: list[Any], *names: str) -> None:
    """Update fields of many rows in few queries, with the derived values that `save()` would write."""
    for row in rows:
        for name in names:
            row._meta.get_field(name).pre_save(row, add=False)
    if rows:
        manager: models.Manager[Any] = type(rows[0])._default_manager
        manager.bulk_update(rows, names)
