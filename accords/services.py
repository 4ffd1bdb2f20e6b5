"""Writes that touch several models: keyword-only, each in one transaction, and told the day."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from accords.models import Agreement, Citation, Renewal
from accords.models.evidence import MissingCitation, missing_citations
from accords.rules import durations, renewals, status
from accords.rules.renewals import MAX_BOUNDARIES, Step, Terms
from accords.vocabulary import AgreementStatus, RenewalBasis, RenewalKind, RenewalStatus

CHUNK = 500  # agreements a transaction: few queries, and no one waits long for a lock
MOST_ENDS = 4 * MAX_BOUNDARIES  # of one agreement: more than the days of ten years
AGAIN = (RenewalKind.RENEWAL, RenewalKind.RENEGOTIATION)
READINGS = tuple(f"{of}_{side}" for of in status.Spans._fields for side in status.Span._fields)


@dataclass(frozen=True)
class Projected:
    """What a projection did: the agreements it read, and the rows it added, changed and removed.

    `derived` counts the agreements whose derived columns it changed; `unreadable` names, by slug, those whose terms
    are no dates and durations, which only a write past the models can leave. Their rows stay as they are.
    """

    agreements: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    derived: int = 0
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "Projected") -> "Projected":
        """Both together."""
        return Projected(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


class Release(NamedTuple):
    """What came of publishing or withdrawing: the agreements that changed, and by id what keeps others from it."""

    done: list[Agreement]
    refused: dict[int, list[MissingCitation]]


@dataclass
class _Plan:
    """What is to be written."""

    add: list[Renewal] = field(default_factory=list)
    change: list[Renewal] = field(default_factory=list)
    remove: list[Renewal] = field(default_factory=list)
    derive: list[Agreement] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def include(self, other: "_Plan") -> None:
        """Take over what another plan has."""
        for name, found in vars(other).items():
            getattr(self, name).extend(found)


def horizon(on: date) -> date:
    """The day up to which computed renewal dates are kept: the setting RENEWAL_HORIZON after the day `on`."""
    try:
        return durations.add(on, settings.RENEWAL_HORIZON)
    except durations.OutOfCalendar:
        return date.max


def publish(*, ids: Collection[int], until: date) -> Release:
    """Publish those of these agreements that are drafts and lack no evidence, and project renewals up to `until`.

    One transaction, and a number of queries that does not depend on how many there are. What hangs on an agreement is
    published with it. A claim without a citation keeps all of its agreement from being published.
    """
    with transaction.atomic():
        drafts = list(_locked(ids).filter(is_published=False))
        lacks = missing_citations(drafts)
        ready = [one for one in drafts if not lacks[one.pk]]
        _release(ready, True, until)
    return Release(ready, {pk: found for pk, found in lacks.items() if found})


def withdraw(*, ids: Collection[int], until: date) -> Release:
    """Make drafts again of those of these agreements that are published, and project renewals up to `until`."""
    with transaction.atomic():
        shown = list(_locked(ids).filter(is_published=True))
        _release(shown, False, until)
    return Release(shown, {})


def _locked(ids: Iterable[int]) -> models.QuerySet[Agreement]:
    return Agreement.objects.filter(pk__in=ids).order_by("pk").select_for_update()


def _release(agreements: list[Agreement], is_published: bool, until: date) -> None:
    """Set whether agreements are published, and what follows for them and for those that they replace."""
    for one in agreements:
        one.is_published = is_published
    _save(agreements, "is_published", "updated_at")
    _project([pk for one in agreements for pk in (one.pk, one.supersedes_id)], until)


def project_renewals(*, agreement: Agreement, until: date) -> Projected:
    """Bring an agreement's computed renewal dates and derived columns into line with its terms, up to `until`.

    To be called after every write to an agreement's dates and terms, to its renewal dates, and to which agreement it
    replaces; `horizon(today)` is the usual `until`. Twice in a row it writes nothing the second time. Its rules:

    - `renewals_concluded` counts the renewals and renegotiations recorded as concluded; the days between which
      `rules.status` reads the agreement follow from it.
    - Rows of basis stated and editorial are never touched, and take the place of a computed one of their number.
    - What an editor recorded on a computed row (a status other than projected, an outcome) is never overwritten, and
      such a row never removed. Its date follows the terms, as long as these give one.
    - A computed row that no longer follows is removed. If it is cited, the evidence is worth more than the row's
      date: the row stays, with the date that the terms give beyond `until`, or blank if they give none.
    - Nothing follows a renewal that is known to have been missed, for every step depends on those before it; of a
      terminated agreement only its stated end follows; and nothing of a replaced one after the published agreement
      that replaces it certainly takes effect. So the agreement that this one replaces is projected too.

    `agreement` is up to date afterwards in the columns that are derived.
    """
    with transaction.atomic():
        done = _project([agreement.pk, agreement.supersedes_id], until)
    if done.derived:
        agreement.refresh_from_db(fields=["renewals_concluded", *READINGS])
    return done


def extend_renewals(*, on: date, told: Callable[[Projected], None] = lambda done: None) -> Projected:
    """Do for every agreement what `project_renewals` does, up to the horizon of the day `on`.

    A transaction for each `CHUNK` of agreements, with a number of queries that depends on how many rows change, not
    on how many there are. `told` is called after each with what it did. Idempotent: meant for a daily timer.
    """
    total, last = Projected(), 0
    while chunk := list(Agreement.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            done = _project(chunk, horizon(on))
        told(done)
        total, last = total + done, chunk[-1]
    return total


def _project(ids: Iterable[int | None], until: date) -> Projected:
    """Project the agreements with these ids. They are locked, so that two who do this at once do it in turn."""
    agreements = list(_locked([pk for pk in ids if pk]))
    of_agreement, until_when, plan = _rows(agreements), _replaced(agreements), _Plan()
    for agreement in agreements:
        reach = min(until, until_when.get(agreement.pk, until))
        try:
            plan.include(_planned(agreement, of_agreement[agreement.pk], reach))
        except ValueError:  # an EdtfError or a DurationError: nothing that the models let pass
            plan.unreadable.append(agreement.slug)
    return _carry_out(plan, len(agreements))


def _rows(agreements: list[Agreement]) -> dict[int, list[Any]]:
    """The renewal dates of agreements, by agreement; each knows whether it is cited."""
    cited = Exists(Citation.objects.filter(renewal=OuterRef("pk")))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in Renewal.objects.filter(agreement__in=agreements).annotate(cited=cited):
        found[row.agreement_id].append(row)
    return found


def _replaced(agreements: list[Agreement]) -> dict[int, date]:
    """The day by which a published agreement has certainly replaced each; only those of which one is known."""
    successors = Agreement.objects.published().filter(supersedes__in=agreements, effective_latest__isnull=False)
    pairs = successors.order_by("-effective_latest").values_list("supersedes_id", "effective_latest")
    return dict(pairs)  # the earliest is the last, and stays


def _planned(agreement: Agreement, rows: list[Any], until: date) -> _Plan:
    """What is to be written for one agreement."""
    plan, there = _Plan(), {(row.kind, row.sequence): row for row in rows}
    coming = {(step.kind, step.sequence): step for step in _coming(agreement, rows, until)}
    plan.add += [_row(agreement, step) for key, step in coming.items() if key not in there]
    for key, row in there.items():
        if row.basis == RenewalBasis.COMPUTED:
            _settle(row, coming.get(key) or _beyond(agreement, row), key in coming, plan)
    if _derive(agreement, rows):
        plan.derive.append(agreement)
    return plan


def _coming(agreement: Agreement, rows: list[Any], until: date) -> Iterable[Step]:
    """The steps that follow from an agreement's terms and from what is recorded of the steps before."""
    last = _last_end(rows)
    return (step for step in _steps(_terms(agreement), until) if last is None or step.sequence <= last)


def _steps(terms: Terms, until: date) -> Iterable[Step]:
    """All steps until a day; of more than MOST_ENDS ends of periods only the last so many."""
    found = list(renewals.steps(terms, until=until))
    if len(found) < MAX_BOUNDARIES:
        return found
    last = renewals.ends_by(terms, until)
    starts = range(max(1, last - MOST_ENDS + 1), last + MAX_BOUNDARIES, MAX_BOUNDARIES)
    return chain.from_iterable(renewals.steps(terms, until=until, first=start) for start in starts)


def _terms(agreement: Agreement) -> Terms:
    """An agreement's terms; once it is terminated, its stated end alone."""
    terms = agreement.terms
    if agreement.status != AgreementStatus.TERMINATED:
        return terms
    return replace(terms, renewal_mode="none", term="", notice_period="")


def _last_end(rows: list[Any]) -> int | None:
    """The number of the renewal that is known to have been missed, after all that took place; None if there is none."""
    again = [row for row in rows if row.kind in AGAIN]
    held = max((row.sequence for row in again if row.status == RenewalStatus.CONCLUDED), default=0)
    missed = (row.sequence for row in again if row.status == RenewalStatus.MISSED)
    return min((sequence for sequence in missed if sequence > held), default=None)


def _row(agreement: Agreement, step: Step) -> Renewal:
    names = {"kind": step.kind, "sequence": step.sequence, "due": step.due, "offset": step.offset}
    return Renewal(agreement=agreement, basis=RenewalBasis.COMPUTED, **names)


def _beyond(agreement: Agreement, row: Any) -> Step | None:
    """The step of a row's kind and number, however far off; None if the terms give none."""
    if not (_is_recorded(row) or row.cited):
        return None
    found = renewals.steps(_terms(agreement), count=1, first=row.sequence)
    return next((step for step in found if step.kind == row.kind), None)


def _is_recorded(row: Any) -> bool:
    return row.status != RenewalStatus.PROJECTED or row.outcome_id is not None


def _settle(row: Any, step: Step | None, is_due: bool, plan: _Plan) -> None:
    """Plan what becomes of a computed row. `step` is what the terms give for it, `is_due` whether it is kept."""
    if step is None and _is_recorded(row):
        return
    if not (is_due or _is_recorded(row) or row.cited):
        plan.remove.append(row)
        return
    due, offset = (step.due, step.offset) if step else ("", "")
    if (row.due, row.offset) != (due, offset):
        row.due, row.offset = due, offset
        plan.change.append(row)


def _derive(agreement: Agreement, rows: list[Any]) -> bool:
    """Count what is concluded, and say whether a derived column of the agreement is to be written."""
    concluded = sum(row.status == RenewalStatus.CONCLUDED and row.kind in AGAIN for row in rows)
    spans = chain.from_iterable(status.spans(agreement.terms, concluded))
    before = (agreement.renewals_concluded, *(getattr(agreement, name) for name in READINGS))
    agreement.renewals_concluded = concluded
    return before != (concluded, *spans)


def _carry_out(plan: _Plan, agreements: int) -> Projected:
    Renewal.objects.filter(pk__in=[row.pk for row in plan.remove]).delete()
    Renewal.objects.bulk_create(plan.add)
    _save(plan.change, "due", "offset", "due_earliest", "due_latest", "updated_at")
    _save(plan.derive, "renewals_concluded", *READINGS, "updated_at")
    done = (len(plan.add), len(plan.change), len(plan.remove), len(plan.derive))
    return Projected(agreements, *done, unreadable=tuple(plan.unreadable))


def _save(rows: list[Any], *names: str) -> None:
    """Write some fields of many rows in few queries, each derived as `save` derives it."""
    for row in rows:
        for name in names:
            row._meta.get_field(name).pre_save(row, add=False)
    if rows:
        manager: models.Manager[Any] = type(rows[0])._default_manager
        manager.bulk_update(rows, names)
