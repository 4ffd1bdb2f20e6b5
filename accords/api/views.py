"""The viewset of each resource. Their attributes are explained in resource.py."""

from typing import Any

from django.db.models import F, Prefetch, QuerySet

from accords.api.filters.agreements import AgreementFilterSet
from accords.api.filters.citations import CitationFilterSet
from accords.api.filters.clauses import ClauseFilterSet
from accords.api.filters.events import EventFilterSet
from accords.api.filters.parties import PartyFilterSet
from accords.api.filters.renewals import RenewalFilterSet
from accords.api.filters.sources import SourceFilterSet
from accords.api.filters.statements import StatementFilterSet
from accords.api.mixins import BulkMixin
from accords.api.parsers import LARGE_BYTES
from accords.api.resource import ID, SLUG, Related
from accords.api.serializers.agreement_detail import AgreementDetailSerializer
from accords.api.serializers.citations import CitationSerializer
from accords.api.serializers.clauses import ClauseSerializer
from accords.api.serializers.events import EventSerializer
from accords.api.serializers.parties import PartySerializer
from accords.api.serializers.renewals import RenewalSerializer
from accords.api.serializers.source_detail import SourceSerializer
from accords.api.serializers.statements import StatementSerializer
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
from accords.models.base import BaseQuerySet

STAMPS = {"id": "id", "created_at": "created_at", "updated_at": "updated_at"}


def citations_in_order_of_text() -> BaseQuerySet:
    """Return citations by source, in the order of their positions in its text."""
    citations: BaseQuerySet = Citation.objects.select_related("source", "agreement")
    return citations.order_by("source", "start", "end", "id")


def prefetch_citations() -> "Prefetch[Any]":
    """Return the prefetch of the citations of rows."""
    return Prefetch("citations", citations_in_order_of_text())


def prefetch_cited(relation: str, rows: QuerySet[Any], *order: Any) -> "Prefetch[Any]":
    """Return the prefetch of a relation from agreements to rows with citations, in this order, then by id."""
    rows = rows.select_related("agreement").prefetch_related(prefetch_citations()).order_by(*order, "id")
    return Prefetch(relation, rows)


def principals(*paths: str) -> Related:
    """Return the relations from parties, at these lookup paths, to the parties that they represent."""
    return Related(visible=tuple((f"{path}__represents", Party.objects.all()) for path in paths))


CITATIONS = Related(prefetch=(prefetch_citations(),))
AGREEMENT = Related(
    prefetch=(Prefetch("agreement", Agreement.objects.with_effective_basis()),),
    visible=(("agreement__supersedes", Agreement.objects.all()),),
)
PARTICIPATIONS = Prefetch("participations", Participation.objects.select_related("party").order_by("id"))
CLAUSE_PARTIES = Prefetch("parties", ClauseParty.objects.select_related("party").order_by("id"))
PARTICIPANTS = Prefetch("participants", Party.objects.order_by("id"))
MENTIONS = Prefetch("mentions", Party.objects.order_by("id"))
EARLIEST_FIRST = (F("due_earliest").asc(nulls_last=True), "kind")


class AgreementViewSet(BulkMixin):
    """Agreements: what parties have agreed, according to sources."""

    model, filterset_class, serializer_class = Agreement, AgreementFilterSet, AgreementDetailSerializer
    lookup_field, lookup_value_regex = SLUG
    depends_on_day = True
    orderings = STAMPS | {
        "slug": "slug",
        "title": "title",
        "announced": "announced_earliest",
        "signed": "signed_earliest",
        "effective": "effective_earliest",
        "ends": "ends_earliest",
    }
    in_detail = frozenset({"clauses", "renewals", "events", "statements", "citations"})
    weights = {"clauses": 2, "renewals": 4, "events": 1, "statements": 1, "citations": 1, "parties": 1}
    related = Related(prefetch=(PARTICIPATIONS,), visible=(("supersedes", Agreement.objects.all()),))
    expanded = {
        "parties": principals("participations__party"),
        "clauses": Related(
            prefetch=(prefetch_cited("clauses", Clause.objects.prefetch_related(CLAUSE_PARTIES), "position"),)
        ),
        "renewals": Related(
            prefetch=(prefetch_cited("renewals", Renewal.objects.all(), *EARLIEST_FIRST),),
            visible=(("renewals__outcome", Agreement.objects.all()),),
        ),
        "events": Related(prefetch=(prefetch_cited("events", Event.objects.prefetch_related(PARTICIPANTS)),)),
        "statements": Related(
            prefetch=(
                prefetch_cited("statements", Statement.objects.select_related("speaker").prefetch_related(MENTIONS)),
            )
        ),
        "citations": CITATIONS,
    }

    def rows(self) -> QuerySet[Any]:
        """Return the rows with the annotation `effective_basis`, which their serializer needs."""
        rows: Any = super().rows()
        with_basis: QuerySet[Any] = rows.with_effective_basis()
        return with_basis


class ClauseViewSet(BulkMixin):
    """Clauses: who owes what to whom, in what quantity."""

    model, filterset_class, serializer_class = Clause, ClauseFilterSet, ClauseSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {
        "agreement": "agreement_id",
        "position": "position",
        "number": "number",
        "type": "type",
        "value": "value",
        "baseline_value": "baseline_value",
        "delta": "delta",
        "effective": "effective_earliest",
        "ends": "ends_earliest",
    }
    weights = {"highlight": 2}
    related = Related(("agreement",), (CLAUSE_PARTIES,))
    expanded = {"agreement": AGREEMENT, "parties": principals("parties__party"), "citations": CITATIONS}


class PartyViewSet(BulkMixin):
    """Parties: everyone whom a source names."""

    model, filterset_class, serializer_class = Party, PartyFilterSet, PartySerializer
    lookup_field, lookup_value_regex = SLUG
    orderings = STAMPS | {"slug": "slug", "name": "name", "country": "country"}
    in_detail = frozenset()
    related = Related(visible=(("represents", Party.objects.all()),))
    expanded = {"represents": principals("represents")}


class RenewalViewSet(BulkMixin):
    """Renewal dates: when agreements end, continue, or must be agreed again."""

    model, filterset_class, serializer_class = Renewal, RenewalFilterSet, RenewalSerializer
    lookup_field, lookup_value_regex = ID
    depends_on_day = True
    orderings = STAMPS | {"due": "due_earliest", "agreement": "agreement_id", "kind": "kind", "sequence": "sequence"}
    default_ordering = "due"
    related = Related(("agreement",), visible=(("outcome", Agreement.objects.all()),))
    expanded = {"agreement": AGREEMENT, "citations": CITATIONS}


class StatementViewSet(BulkMixin):
    """Statements: who said what about an agreement, apart from what was agreed."""

    model, filterset_class, serializer_class = Statement, StatementFilterSet, StatementSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {"agreement": "agreement_id", "number": "number", "kind": "kind"}
    related = Related(("agreement", "speaker"), (MENTIONS,))
    expanded = {
        "agreement": AGREEMENT,
        "speaker": principals("speaker"),
        "mentions": principals("mentions"),
        "citations": CITATIONS,
    }


class EventViewSet(BulkMixin):
    """Events: what happened or is planned around an agreement."""

    model, filterset_class, serializer_class = Event, EventFilterSet, EventSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {"date": "date_earliest", "agreement": "agreement_id", "number": "number", "kind": "kind"}
    related = Related(("agreement",), (PARTICIPANTS,))
    expanded = {"agreement": AGREEMENT, "participants": principals("participants"), "citations": CITATIONS}


class SourceViewSet(BulkMixin):
    """Sources: the texts that support all other data."""

    model, filterset_class, serializer_class = Source, SourceFilterSet, SourceSerializer
    lookup_field, lookup_value_regex = SLUG
    orderings = STAMPS | {"slug": "slug", "title": "title", "published": "published_earliest"}
    in_detail = frozenset({"text"})
    max_body_bytes = LARGE_BYTES
    weights = {"text": 10, "citations": 10, "highlight": 20}
    expanded = {"citations": Related(visible=(("citations", citations_in_order_of_text()),))}


class CitationViewSet(BulkMixin):
    """Citations: the words of a source that say what a row claims."""

    model, filterset_class, serializer_class = Citation, CitationFilterSet, CitationSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {"source": "source_id", "start": "start", "end": "end"}
    in_detail = frozenset()
    related = Related(("source", "agreement"))
