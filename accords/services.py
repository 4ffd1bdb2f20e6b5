"""Writes that change several models, and the questions that decide about them.

Each write runs in one transaction; the caller passes the day.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, models, transaction
from django.db.models import Exists, F, Model, OuterRef, Q

from accords.db import changes
from accords.db.audit_log import CREATED, unrecorded
from accords.db.locks import retry_deadlocks
from accords.missing_citations import MissingCitation, missing_citations, missing_of_rows, needs_own_citation
from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    EditorialChange,
    Participation,
    Party,
    Renewal,
    Source,
)
from accords.models.base import UPDATED_AT_ONCE, BaseQuerySet, save_rows
from accords.models.citations import TARGETS, WHOLE_ROW, support
from accords.models.renewals import OPEN
from accords.rules import durations, status, succession, terms
from accords.rules.status import Lifecycle
from accords.rules.succession import Provision, Succession
from accords.rules.terms import MAX_BOUNDARIES, Step, Terms
from accords.vocabulary import (
    AgreementStatus,
    FeedChange,
    RenewalBasis,
    RenewalKind,
    RenewalStatus,
    RestsOn,
    SourceKind,
)

CHUNK_SIZE = 500  # agreements in a transaction of `extend_renewals`, so that locks are short
MAX_PERIODS = 4 * MAX_BOUNDARIES  # of one agreement: more than the days of ten years
LATE = timedelta(days=7)  # how long after its day a renewal is still announced as due
NEW_TERM_KINDS = (RenewalKind.RENEWAL, RenewalKind.RENEGOTIATION)
DERIVED_DAYS = tuple(f"{span}_{side}" for span in status.Spans._fields for side in status.Span._fields)
DERIVED = ("renewals_concluded", "rests_on", "deadlines_rest_on", *DERIVED_DAYS)


@dataclass(frozen=True)
class RenewalChanges:
    """The numbers of agreements read, and of renewals added, changed and removed.

    `derived` counts agreements with a changed derived column. `unreadable` lists the slugs of agreements whose terms,
    or those of a successor, are not valid, which only a write that bypassed the models can cause; their rows are
    unchanged.
    """

    agreements: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    derived: int = 0
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "RenewalChanges") -> "RenewalChanges":
        return RenewalChanges(*(getattr(self, counter.name) + getattr(other, counter.name) for counter in fields(self)))


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
    """Publish the drafts among these agreements, with all their related rows, but no working copies.

    An agreement with a claim that no citation supports stays a draft. The number of queries does not depend on the
    number of agreements, except that rows are written in batches.
    """
    with transaction.atomic():
        drafts = list(_lock_in_order(Agreement.objects.filter(pk__in=ids, is_published=False, working_copy_of=None)))
        missing = missing_citations(drafts)
        ready = [draft for draft in drafts if not missing[draft.pk]]
        _set_published(ready, True, on)
    return PublishingResult(ready, {pk: citations for pk, citations in missing.items() if citations})


def withdraw(*, ids: Collection[int], on: date) -> PublishingResult:
    """Turn those of these agreements that are published into drafts."""
    with transaction.atomic():
        published = list(_lock_in_order(Agreement.objects.filter(pk__in=ids, is_published=True)))
        _set_published(published, False, on)
    return PublishingResult(published, {})


def _set_published(agreements: list[Agreement], is_published: bool, on: date) -> None:
    """Publish or withdraw agreements that are locked, and recompute what depends on that."""
    for agreement in agreements:
        agreement.is_published = is_published
    save_rows(agreements, ["is_published", "updated_at"])
    renewals_changed([agreement.pk for agreement in agreements], on=on)


# What is published


class RefusedWrite(Exception):
    """The base of errors of a write that was valid and must be rolled back."""


class NotPublisher(RefusedWrite):
    """A user who may not publish would change what is public: this agreement, or a row that agreements share."""

    def __init__(self, agreement: Agreement | None) -> None:
        super().__init__(str(agreement or "a row that published agreements share"))
        self.agreement = agreement


class Uncited(RefusedWrite):
    """Claims would be public that no citation supports. `missing` names them."""

    def __init__(self, missing: list[MissingCitation]) -> None:
        super().__init__("no citation supports " + ", ".join(claim.name for claim in missing))
        self.missing = missing


class ClaimRow(NamedTuple):
    """A row whose claims need evidence. The id of its agreement is None for rows that agreements share."""

    model: Any
    pk: int
    agreement: int | None


class PublicationGuard:
    """A check that a write changes what is published only with the permission to publish and with evidence.

    Create it before the write with the rows that it changes or deletes, and call `check` after it, in the same
    transaction and after `renewals_changed`, which locks the agreements. Claims that lacked a citation before do not
    prevent a write that does not change them. Citations that came from fixtures, which do not say what they support,
    are set to support what their rows state before the write.
    """

    def __init__(self, is_publisher: bool, rows: Iterable[models.Model] = ()) -> None:
        """Raise `NotPublisher` if one of the rows is public and the user may not publish."""
        self.is_publisher = is_publisher
        self.claim_rows: set[ClaimRow] = set()
        self.already_missing: set[Any] = set()  # keys of the claims that lacked a citation before the write
        self.watch(rows)

    def watch(self, rows: Iterable[models.Model]) -> None:
        """Add rows before they are changed or deleted, and note which of their claims lack a citation already.

        Raises `NotPublisher` if a row is public and the user may not publish.
        """
        added = find_claim_rows(rows) - self.claim_rows
        self.claim_rows |= added
        self.already_missing |= {
            missing.key for missing in self._missing_citations(added, support_loaded_citations=True)
        }

    def check(self, written: Iterable[models.Model] = ()) -> None:
        """Raise `NotPublisher` or `Uncited` if one of these rows, or of those watched, is public and may not be."""
        self.claim_rows |= find_claim_rows(written)
        missing = self._missing_citations(self.claim_rows)
        if new := [claim for claim in missing if claim.key not in self.already_missing]:
            raise Uncited(new)

    def _missing_citations(
        self, rows: set[ClaimRow], *, support_loaded_citations: bool = False
    ) -> list[MissingCitation]:
        """Return the missing citations of the public ones among these rows. Raises `NotPublisher`.

        With `support_loaded_citations`, citations from fixtures are first set to support what the rows state now.
        """
        ids = {row.agreement for row in rows if row.agreement is not None}
        public = (
            {agreement.pk: agreement for agreement in Agreement.objects.published().filter(pk__in=ids)} if ids else {}
        )
        by_model: dict[Any, set[int]] = defaultdict(set)
        for model, pk, agreement in rows:
            if agreement is None or agreement in public:
                by_model[model].add(pk)
        for model in (Party, Source):
            if by_model[model]:
                by_model[model] &= {
                    *model.objects.published().filter(pk__in=by_model[model]).values_list("pk", flat=True)
                }
        if not self.is_publisher and any(by_model.values()):
            raise NotPublisher(next(iter(public.values()), None))
        missing = []
        for model, row_ids in by_model.items():
            if row_ids and model is not Source:
                if support_loaded_citations:
                    support_citations_of_fixtures(model, row_ids)
                missing += missing_of_rows(model._default_manager.filter(pk__in=row_ids))
        return missing


def may_publish(user: User | AnonymousUser) -> bool:
    return bool(user.has_perm("accords.publish_agreement"))


def find_claim_rows(rows: Iterable[models.Model]) -> set[ClaimRow]:
    """Return the rows to whose claims or evidence these rows belong: for a citation, the row that it supports."""
    by_model: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        if row.pk is not None and hasattr(row, "history"):  # only rows of the domain have records
            by_model[type(row)].append(row)
    models.prefetch_related_objects(by_model[Citation], *TARGETS)
    models.prefetch_related_objects(by_model[ClauseParty], "clause")
    claim_rows = set()
    for row in chain.from_iterable(by_model.values()):
        target: Any = row.target if isinstance(row, Citation) else row
        target = target.clause if isinstance(target, ClauseParty) else target
        if isinstance(target, Agreement | Participation):
            agreement = target.pk if isinstance(target, Agreement) else target.agreement_id
            claim_rows.add(ClaimRow(Agreement, agreement, agreement))
        else:
            claim_rows.add(ClaimRow(type(target), target.pk, getattr(target, "agreement_id", None)))
    return claim_rows


def support_citations_of_fixtures(model: type[Model], ids: Collection[int]) -> None:
    """Set citations that a fixture has loaded to support what their rows state, before a write changes it.

    The participations of agreements count as parts of them.
    """
    conditions = [f"{model._meta.model_name}__in"]
    if model is Agreement:
        conditions.append("participation__agreement__in")
    unset = Citation.objects.filter(supported__isnull=True)
    loaded = [citation for condition in conditions for citation in unset.filter(**{condition: ids})]
    if loaded:
        support(loaded)
        with unrecorded():
            Citation.objects.bulk_update(loaded, ["supported"], batch_size=UPDATED_AT_ONCE)


def is_public(row: models.Model) -> bool:
    """Return whether anyone may read a row, or the row to which it belongs."""
    return any(
        Agreement.objects.published().filter(pk=agreement).exists()
        if agreement is not None
        else model._default_manager.published().filter(pk=pk).exists()
        for model, pk, agreement in find_claim_rows([row])
    )


def confirm(citations: Iterable[Citation]) -> list[Citation]:
    """Save that citations support what their rows state now, as a user has checked, and return those that changed."""
    changed = support(citations)
    save_rows(changed, ["supported", "updated_at"])
    return changed


def affected_agreements(row: models.Model) -> set[int | None]:
    """Return the ids of the agreements whose derived values depend on a row, for `renewals_changed`.

    If a write may move the row to another agreement, call this before and after it.
    """
    if isinstance(row, Agreement):
        return {row.pk, row.supersedes_id, row.amends_id}
    if isinstance(row, Renewal):
        return {row.agreement_id, row.outcome_id}
    if isinstance(row, Clause):
        modified = row.modifies.agreement_id if row.modifies else None
        return {row.agreement_id, modified}
    if isinstance(row, Citation):
        target: Any = row.agreement or row.clause or row.renewal
        return {target.pk if isinstance(target, Agreement) else target.agreement_id} if target else set()
    if isinstance(row, Source):  # its kind decides what a date rests on
        citations = Citation.objects.filter(source=row)
        return {*citations.values_list("agreement", flat=True), *citations.values_list("clause__agreement", flat=True)}
    return set()


def renewals_changed(ids: Iterable[int | None], *, on: date) -> RenewalChanges:
    """Recompute the renewals and derived columns of these agreements, and of those that they supersede or amend.

    Call it in the transaction of every write to an agreement, its clauses, its renewals or their citations. None and
    ids of deleted agreements are ignored. A second call changes nothing.

    - `renewals_concluded` counts the renewals and renegotiations that are recorded as concluded, without those whose
      outcome is another published agreement, which replaces it. The days between which `rules.status` reads the
      agreement depend on it.
    - `superseded_low` and `superseded_high` follow from the published successors and theirs, `rests_on` and
      `deadlines_rest_on` from the citations of the dates and terms used, its own and its successors'.
    - `replaced_low` and `replaced_high` of clauses follow from published clauses that substitute or repeal them.
    - Renewals of basis `stated` and `editorial` are never changed. A computed renewal with the same kind and number is
      not added beside them.
    - A computed renewal on which an editor recorded something (a status other than `projected`, an outcome) is never
      removed; only its date follows the terms, as long as these yield one.
    - A computed renewal that no longer follows from the terms is removed, unless it is cited: then it keeps the date
      that the terms yield after the horizon, or becomes undated.
    - There are no renewals after a missed one (`_first_missed`), because every period depends on the one before;
      after a termination, except the stated end if no other day is known; and after a successor has certainly taken
      effect.
    """
    agreements = {pk for pk in ids if pk}
    if not agreements:
        return RenewalChanges()
    with transaction.atomic():
        return _recompute(Agreement.objects.filter(pk__in=_lock_with_predecessors(agreements)), horizon(on))


class FollowsFromTerms(RefusedWrite):
    """A write of computed renewals has been undone, because they follow from the terms of their agreement."""


def check_computed_renewals(
    *, written: Iterable[Model] = (), undated: Iterable[Model] = (), deleted: Iterable[Model] = ()
) -> None:
    """Raise `FollowsFromTerms` if `renewals_changed` has undone a write of renewals; rows of other models are ignored.

    That is so if it removed a row that was written, changed its date or offset, or added a row that was deleted. A date
    and an offset that were left blank may have been filled in, and those of `undated`, rows that were written without
    these, may have changed.
    """
    dated_rows = {row.pk: row for row in written if isinstance(row, Renewal)}
    undated_ids = {row.pk for row in undated if isinstance(row, Renewal)}
    stored_rows = Renewal.objects.in_bulk(dated_rows.keys() | undated_ids)
    if undated_ids - stored_rows.keys():
        raise FollowsFromTerms
    for pk, row in dated_rows.items():
        stored = stored_rows.get(pk)
        if stored is None or row.due not in ("", stored.due) or row.offset not in ("", stored.offset):
            raise FollowsFromTerms
    computed = Renewal.objects.filter(basis=RenewalBasis.COMPUTED)
    deleted_keys = {
        (row.agreement_id, row.kind, row.sequence)
        for row in deleted
        if isinstance(row, Renewal) and row.basis == RenewalBasis.COMPUTED
    }
    same_agreements = computed.filter(agreement__in={agreement for agreement, _kind, _sequence in deleted_keys})
    if not deleted_keys.isdisjoint(same_agreements.values_list("agreement", "kind", "sequence")):
        raise FollowsFromTerms


def _lock_with_predecessors(ids: set[int]) -> set[int]:
    """Lock these agreements and their predecessors, and return the ids of all.

    Predecessors are looked up again after each lock: another transaction that held it may have added some.
    """
    needed, locked = _with_predecessors(ids), set[int]()
    while connection.features.has_select_for_update and needed != locked:
        list(_lock_in_order(Agreement.objects.filter(pk__in=needed)).values_list("pk", flat=True))
        needed, locked = _with_predecessors(needed), needed
    return needed


def _with_predecessors(ids: set[int]) -> set[int]:
    """Add the agreements that these supersede, are the outcome of, or amend, and theirs in turn."""
    all_ids, new = set(ids), ids
    while new:
        rows = Agreement.objects.filter(pk__in=new)
        earlier = {*rows.values_list("supersedes", flat=True), *rows.values_list("amends", flat=True)}
        earlier |= {*Renewal.objects.filter(outcome__in=new).values_list("agreement", flat=True)}
        new = {pk for pk in earlier if pk} - all_ids
        all_ids |= new
    return all_ids


def own_drafts(user: User | AnonymousUser, rows: BaseQuerySet) -> set[int]:
    """Return the ids of those rows that the user created and that are not public.

    The admin and `withdraw_working_copy` let the user delete them without the permission to delete, to undo mistakes;
    other requests of the API do not.
    """
    ids = set(rows.order_by().values_list("pk", flat=True)) - set(rows.published().values_list("pk", flat=True))
    log: Any = rows.model.history.filter(id__in=ids, history_type=CREATED)
    authors = dict(
        log.order_by("history_id").values_list("id", "history_user_id")
    )  # a restored row has several: the last counts
    return {pk for pk, author in authors.items() if author == user.pk}


def extend_renewals(*, on: date, progress: Callable[[RenewalChanges], None] | None = None) -> RenewalChanges:
    """Recompute the renewals of all agreements up to the horizon of the day `on`, in one transaction per chunk.

    Call `progress` with the changes of each chunk. Idempotent, for a daily timer.
    """
    total, last = RenewalChanges(), 0
    while ids := list(Agreement.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK_SIZE]):
        changes = retry_deadlocks(partial(_recompute, Agreement.objects.filter(pk__in=ids), horizon(on)))
        if progress:
            progress(changes)
        total, last = total + changes, ids[-1]
    return total


def announce_due(*, on: date) -> int:
    """Add entries to the feed of changes for open renewals due on a day, or RENEWAL_NOTICE_DAYS (a setting) after it.

    There is one entry for each of the two days, also if this runs several times, or up to `LATE` late. Return the
    number of renewals.
    """
    due: dict[int, Renewal] = {}
    for ahead in (on, on + timedelta(days=settings.RENEWAL_NOTICE_DAYS)):
        rows = Renewal.objects.filter(due_earliest__gt=ahead - LATE, due_earliest__lte=ahead, status__in=OPEN)
        for row in rows.select_related("agreement"):
            day = row.due_earliest - (ahead - on)
            announced = EditorialChange.objects.filter(resource="renewals", row_id=row.pk, change=FeedChange.DUE)
            if not row.is_cancelled() and not announced.filter(at__date__gte=day).exists():
                due[row.pk] = row
    for editorial in (False, True):
        visible = [row for row in due.values() if editorial or row.agreement.is_published]
        with transaction.atomic():
            entries = [(row.pk, row.agreement_id, row.agreement.slug) for row in visible]
            changes.append(FeedChange.DUE, "renewals", entries, editorial=editorial)
    return len(due)


def _lock_in_order(agreements: models.QuerySet[Agreement]) -> models.QuerySet[Agreement]:
    """Return a query set that locks these agreements when it is read, in the order of ids.

    Two such reads do not deadlock. Transactions that read several still can: see `retry_deadlocks`.
    """
    return agreements.order_by("pk").select_for_update(no_key=True)  # others may refer to them meanwhile


@dataclass
class _Difference:
    """Renewals of one agreement to add, to change and to remove."""

    added: list[Renewal] = field(default_factory=list)
    changed: list[Renewal] = field(default_factory=list)
    removed: list[Renewal] = field(default_factory=list)


@transaction.atomic
def _recompute(queryset: models.QuerySet[Agreement], until: date) -> RenewalChanges:
    """Lock agreements, and write their renewals until a day, their derived columns and those of their clauses."""
    agreements = list(_lock_in_order(queryset))
    stored: dict[int, list[Any]] = defaultdict(list)
    cited = Exists(Citation.objects.filter(renewal=OuterRef("pk")))
    others = Agreement.objects.published().exclude(pk=OuterRef("agreement"))
    handed_over = Exists(others.filter(pk=OuterRef("outcome")))
    for row in Renewal.objects.filter(agreement__in=agreements).annotate(cited=cited, handed_over=handed_over):
        stored[row.agreement_id].append(row)
    successors = _successors({agreement.pk for agreement in agreements})
    by_id = lifecycles({*successors, *chain.from_iterable(successors.values())})
    differences, derived, unreadable = [], [], {}
    for agreement in agreements:
        rows = stored[agreement.pk]
        try:
            superseded = succession.find_succession(by_id[pk] for pk in succession.reachable(agreement.pk, successors))
            is_changed = _derive(agreement, rows, superseded, by_id[agreement.pk])
            differences.append(_difference(agreement, rows, until))
        except (KeyError, ValueError):  # `lifecycles` leaves it out; EdtfError or DurationError
            unreadable[agreement.pk] = agreement.slug
            continue
        if is_changed:
            derived.append(agreement)
    added, changed, removed = (
        [row for difference in differences for row in getattr(difference, kind.name)] for kind in fields(_Difference)
    )
    Renewal.objects.filter(pk__in=[row.pk for row in removed]).delete()
    Renewal.objects.bulk_create(added)
    save_rows(changed, ["due", "offset", "due_earliest", "due_latest", "updated_at"])
    save_rows(derived, [*DERIVED, "updated_at"])
    _derive_clauses(agreements, {*unreadable})
    return RenewalChanges(
        len(agreements), len(added), len(changed), len(removed), len(derived), unreadable=tuple(unreadable.values())
    )


def _successors(ids: set[int]) -> dict[int, set[int]]:
    """Return the ids of the published successors of agreements, and of theirs, by the id of the earlier one."""
    successors: dict[int, set[int]] = {pk: set() for pk in ids}
    new = ids
    while new:
        superseding = Agreement.objects.published().filter(supersedes__in=new).values_list("supersedes", "pk")
        concluded = Renewal.objects.filter(
            agreement__in=new, status=RenewalStatus.CONCLUDED, outcome__is_published=True
        )
        pairs = [*superseding, *concluded.exclude(outcome=F("agreement")).values_list("agreement", "outcome")]
        for earlier, later in pairs:
            successors[earlier].add(later)
        new = {later for _, later in pairs} - successors.keys()
        successors |= {pk: set() for pk in new}
    return successors


def lifecycles(ids: set[int]) -> dict[int, Lifecycle]:
    """Return the lifecycles of agreements without their successors, with the basis of their own dates and terms.

    Agreements whose terms are not valid are left out, as far as that is found without computing periods.
    """
    bases = _bases(Citation.objects.filter(agreement__in=ids), "agreement")
    by_id = {}
    for agreement in Agreement.objects.filter(pk__in=ids):
        try:
            names = status.time_premises(agreement.terms, agreement.status, agreement.status_since)
        except ValueError:
            continue
        rests_on = _weakest_basis(names, bases[agreement.pk])
        of_deadlines = _weakest_basis(terms.deadline_premises(agreement.terms), bases[agreement.pk])
        by_id[agreement.pk] = Lifecycle(
            agreement.terms,
            agreement.status,
            agreement.status_since,
            rests_on=rests_on,
            deadlines_rest_on=status.weakest([rests_on, of_deadlines]),
        )
    return by_id


def _weakest_basis(names: list[str], bases: dict[str, str]) -> str:
    """Return the weakest basis among fields of an agreement, given the basis of each cited field and of the whole row.

    A field without a citation counts as `editorial`.
    """
    evidence = (
        bases.get(name) or ("" if needs_own_citation(Agreement._meta.get_field(name)) else bases.get(WHOLE_ROW))
        for name in names
    )
    return status.weakest(basis or RestsOn.EDITORIAL.value for basis in evidence)


def _bases(citations: models.QuerySet[Citation], target: str) -> dict[int, dict[str, str]]:
    """Return `stated` or `editorial` for each cited field, by the id of the target.

    It is `editorial` if only editorial notes are cited.
    """
    bases: dict[int, dict[str, str]] = defaultdict(dict)
    for pk, name, kind in citations.values_list(target, "field", "source__kind"):
        if kind != SourceKind.EDITORIAL_NOTE:
            bases[pk][name] = RestsOn.STATED.value
        bases[pk].setdefault(name, RestsOn.EDITORIAL.value)
    return bases


def _derive_clauses(agreements: list[Agreement], unreadable: set[int]) -> None:
    """Recompute the days before which clauses are replaced, and what their own dates rest on.

    `unreadable` has the ids of agreements whose clauses stay as they are. So do the clauses of an agreement whose first
    day cannot be computed, and they replace no others. Clauses that replace the same clause are compared with each
    other, whatever their agreements.
    """
    clauses = _with_competing_clauses(
        Q(agreement__in=agreements)
        & (
            ~Q(effective="", ends="")
            | ~Q(rests_on="")
            | Q(modified_by__isnull=False)
            | Q(modifies__isnull=False)
            | Q(replaced_low__lt=date.max)
        )
    )
    by_id = lifecycles({clause.agreement_id for clause in clauses if clause.modifies_id is not None})
    provisions: dict[int, Provision] = {}
    for clause in clauses:
        try:
            lifecycle = None if clause.modifies_id is None else by_id[clause.agreement_id]
            provisions[clause.pk] = provision(clause, lifecycle)
        except (KeyError, ValueError):
            unreadable = unreadable | {clause.agreement_id}
    modifying = [
        provisions[clause.pk]
        for clause in clauses
        if clause.pk in provisions and clause.modifies_id is not None and clause.agreement.is_published
    ]
    clauses = [clause for clause in clauses if clause.agreement_id not in unreadable]
    bases, changed = _bases(Citation.objects.filter(clause__in=clauses), "clause"), []
    for clause in clauses:
        last_day = succession.last_day_before_replacement(provisions[clause.pk], modifying)
        dates = [name for name in ("effective", "ends") if getattr(clause, name)]
        basis = status.weakest(bases[clause.pk].get(name, RestsOn.EDITORIAL.value) for name in dates)
        if (clause.replaced_low, clause.replaced_high, clause.rests_on) != (*last_day, basis):
            clause.replaced_low, clause.replaced_high = last_day
            clause.rests_on = basis
            changed.append(clause)
    save_rows(changed, ["replaced_low", "replaced_high", "rests_on", "updated_at"])


def _with_competing_clauses(condition: Q) -> list[Clause]:
    """Return the clauses that fulfil a condition, those that they modify, and all that modify one of these, in turn."""
    clauses: dict[int, Clause] = {}

    def add(condition: Q) -> list[Clause]:
        """Add the clauses that fulfil a condition, and return those that are new."""
        rows = Clause.objects.filter(condition).select_related("agreement").distinct()
        new = [clause for clause in rows if clause.pk not in clauses]
        clauses.update({clause.pk: clause for clause in new})
        return new

    new = add(condition)
    while modified := {clause.modifies_id for clause in new} - {None} - clauses.keys():
        new = add(Q(pk__in=modified))
    new = [*clauses.values()]
    while new:
        new = add(Q(modifies__in=new))
    return [*clauses.values()]


def provision(clause: Clause, agreement: Lifecycle | None) -> Provision:
    """Return a clause as `rules.succession` takes it, given the lifecycle of its agreement if it modifies another.

    If that is None, because the terms cannot be read, the clause may amend the other on any day, or never.
    """
    begins, basis = succession.ALWAYS, RestsOn.STATED.value
    if clause.modifies_id is not None and agreement is None:
        begins = status.Span(date.min, date.max)
    elif clause.modifies_id is not None and agreement is not None:
        begins = succession.provision_begins(clause.effective, agreement)
        basis = (clause.rests_on if clause.effective else agreement.rests_on) or basis
    return Provision(
        clause.pk,
        clause.agreement.slug,
        clause.number,
        clause.position,
        begins,
        clause.modifies_id,
        clause.modification,
        basis,
    )


def consolidated_text(
    agreement: Agreement, *, visible: models.QuerySet[Agreement], on: date
) -> tuple[succession.Consolidation, dict[int, Clause]]:
    """Return the text of an agreement as it was on a day, and its clauses and those that modify them, by id.

    Only amendments among the `visible` agreements count.
    """
    ids = new = {agreement.pk}
    while new:
        new = {*visible.filter(amends__in=new).values_list("pk", flat=True)} - ids
        ids = ids | new
    rows = Clause.objects.filter(agreement__in=ids).select_related("agreement").prefetch_related("parties__party")
    clauses, by_id = {clause.pk: clause for clause in rows}, lifecycles(ids)
    provisions = []
    for clause in clauses.values():
        try:
            provisions.append(provision(clause, by_id.get(clause.agreement_id)))
        except ValueError:
            provisions.append(provision(clause, None))
    return succession.consolidate(agreement.slug, provisions, on), clauses


def _difference(agreement: Agreement, rows: list[Any], until: date) -> _Difference:
    """Compare the stored renewals of an agreement with those that follow from its terms."""
    agreement_terms, until = agreement.terms, min(until, agreement.superseded_high)
    if agreement.status == AgreementStatus.TERMINATED:
        if agreement.status_since:
            until = min(until, agreement.status_before_high)
        else:  # only a stated end is left
            agreement_terms = replace(agreement_terms, renewal_mode="none", term="", notice_period="")
    missed = _first_missed(rows)
    steps = {
        (step.kind, step.sequence): step
        for step in _steps(agreement_terms, until)
        if missed is None or step.sequence <= missed
    }
    existing = {(row.kind, row.sequence): row for row in rows}
    difference = _Difference()
    for key, step in steps.items():
        if key not in existing:
            values = {"kind": step.kind, "sequence": step.sequence, "due": step.due, "offset": step.offset}
            difference.added.append(Renewal(agreement=agreement, basis=RenewalBasis.COMPUTED, **values))
    for key, row in existing.items():
        if row.basis != RenewalBasis.COMPUTED:
            continue
        if key not in steps and row.is_only_computed and not row.cited:
            difference.removed.append(row)
            continue
        step_of_row = steps.get(key) or _step_after_horizon(agreement_terms, row)
        if step_of_row is None and not row.is_only_computed:
            continue
        due, offset = (step_of_row.due, step_of_row.offset) if step_of_row else ("", "")
        if (row.due, row.offset) != (due, offset):
            row.due, row.offset = due, offset
            difference.changed.append(row)
    return difference


def _first_missed(rows: list[Any]) -> int | None:
    """Return the number of the first renewal, renegotiation or option that was missed after the last concluded one.

    No period begins after it. None if none was missed.
    """
    decisions = [row for row in rows if row.kind in (*NEW_TERM_KINDS, RenewalKind.OPTION_DEADLINE)]
    concluded = max((row.sequence for row in decisions if row.status == RenewalStatus.CONCLUDED), default=0)
    missed = (row.sequence for row in decisions if row.status == RenewalStatus.MISSED)
    return min((sequence for sequence in missed if sequence > concluded), default=None)


def _steps(agreement_terms: Terms, until: date) -> Iterable[Step]:
    """Return the steps until a day; where there are more than MAX_PERIODS ends of periods, only the last ones."""
    steps = list(terms.steps(agreement_terms, until=until))
    if len(steps) < MAX_BOUNDARIES:
        return steps
    last = terms.ends_by(agreement_terms, until)
    starts = range(max(1, last - MAX_PERIODS + 1), last + MAX_BOUNDARIES, MAX_BOUNDARIES)
    return chain.from_iterable(terms.steps(agreement_terms, until=until, first=start) for start in starts)


def _step_after_horizon(agreement_terms: Terms, row: Renewal) -> Step | None:
    """Return the step of the kind and number of a renewal, whenever it is due; None if the terms yield none."""
    steps = terms.steps(agreement_terms, count=1, first=row.sequence)
    return next((step for step in steps if step.kind == row.kind), None)


def _derive(agreement: Agreement, rows: list[Any], superseded: Succession, own: Lifecycle) -> bool:
    """Set the derived columns, and return whether one of them has changed.

    `rows` are its renewals, annotated with `handed_over` by `_recompute`. `own` is without successors.
    """
    concluded = sum(
        row.status == RenewalStatus.CONCLUDED and row.kind in NEW_TERM_KINDS and not row.handed_over for row in rows
    )
    stored_values = [getattr(agreement, name) for name in DERIVED]
    agreement.renewals_concluded = concluded
    agreement.rests_on = status.weakest([own.rests_on, superseded.rests_on])
    agreement.deadlines_rest_on = status.weakest([own.deadlines_rest_on, superseded.rests_on])
    agreement.superseded_low, agreement.superseded_high = superseded.last_day
    days = dict(zip(DERIVED_DAYS, chain.from_iterable(status.spans(agreement.lifecycle)), strict=True))
    for name, day in days.items():
        setattr(agreement, name, day)
    return stored_values != [getattr(agreement, name) for name in DERIVED]
