"""A viewset per resource: each is a list of decisions, on resource.py."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from accords.api.filters.agreements import AgreementFilters
from accords.api.filters.citations import CitationFilters
from accords.api.filters.clauses import ClauseFilters
from accords.api.filters.events import EventFilters
from accords.api.filters.parties import PartyFilters
from accords.api.filters.renewals import RenewalFilters
from accords.api.filters.sources import SourceFilters
from accords.api.filters.statements import StatementFilters
from accords.api.resource import ID, SLUG, Related, Resource
from accords.api.serializers.citations import CitationSerializer, SourceSerializer
from accords.api.serializers.hanging import ClauseSerializer, EventSerializer, RenewalSerializer, StatementSerializer
from accords.api.serializers.parties import PartySerializer
from accords.api.serializers.whole import AgreementSerializer
from accords.models import Agreement, Citation, Clause, Event, Party, Renewal, Source, Statement

STAMPS = {"id": "id", "created_at": "created_at", "updated_at": "updated_at"}


def cited() -> "Prefetch[Any]":
    """The citations of rows, as they stand in their sources."""
    return Prefetch(
        "citations", Citation.objects.select_related("source", "agreement").order_by("source", "start", "end", "id")
    )


def hanging(name: str, rows: QuerySet[Any], *order: str) -> Related:
    """Rows that hang on agreements, with their evidence."""
    return Related(
        prefetch=(Prefetch(name, rows.select_related("agreement").prefetch_related(cited()).order_by(*order, "id")),)
    )


CITATIONS = Related(prefetch=(cited(),))
AGREEMENT = Related(
    prefetch=(Prefetch("agreement", Agreement.objects.with_effective_basis().select_related("supersedes")),)
)


class Agreements(Resource):
    """Agreements: what parties have agreed, as sources tell it."""

    model, filters, serializer_class = Agreement, AgreementFilters, AgreementSerializer
    lookup_field, lookup_value_regex = SLUG
    dated = True
    orderings = STAMPS | {
        "slug": "slug",
        "title": "title",
        "announced": "announced_earliest",
        "signed": "signed_earliest",
        "effective": "effective_earliest",
        "ends": "ends_earliest",
    }
    in_detail = frozenset({"parties", "clauses", "renewals", "events", "statements", "citations"})
    related = Related(("supersedes",), ("participations__party__represents",))
    expanded = {
        "clauses": hanging("clauses", Clause.objects.prefetch_related("parties__party"), "position"),
        "renewals": hanging(
            "renewals", Renewal.objects.with_replacement().select_related("outcome"), "due_earliest", "kind"
        ),
        "events": hanging("events", Event.objects.prefetch_related("participants")),
        "statements": hanging("statements", Statement.objects.select_related("speaker").prefetch_related("mentions")),
        "citations": CITATIONS,
    }

    def get_queryset(self) -> QuerySet[Any]:
        """Each with what its effective date rests on."""
        rows: Any = super().get_queryset()
        with_basis: QuerySet[Any] = rows.with_effective_basis()
        return with_basis


class Clauses(Resource):
    """Clauses: who owes what to whom, in what quantity."""

    model, filters, serializer_class = Clause, ClauseFilters, ClauseSerializer
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
    related = Related(("agreement",), ("parties__party__represents",))
    expanded = {"agreement": AGREEMENT, "citations": CITATIONS}


class Parties(Resource):
    """Parties: everyone whom a source names."""

    model, filters, serializer_class = Party, PartyFilters, PartySerializer
    lookup_field, lookup_value_regex = SLUG
    orderings = STAMPS | {"slug": "slug", "name": "name", "country": "country"}
    in_detail = frozenset()
    related = Related(("represents__represents",))


class Renewals(Resource):
    """Renewal dates: when agreements end, go on, or must be agreed again."""

    model, filters, serializer_class = Renewal, RenewalFilters, RenewalSerializer
    lookup_field, lookup_value_regex = ID
    dated = True
    orderings = STAMPS | {"due": "due_earliest", "agreement": "agreement_id", "kind": "kind", "sequence": "sequence"}
    default_ordering = "due"
    related = Related(("agreement", "outcome"))
    expanded = {"agreement": AGREEMENT, "citations": CITATIONS}

    def get_queryset(self) -> QuerySet[Any]:
        """Each with what has become of its agreement."""
        rows: Any = super().get_queryset()
        with_replacement: QuerySet[Any] = rows.with_replacement()
        return with_replacement


class Statements(Resource):
    """Statements: who said what about an agreement, apart from what was agreed."""

    model, filters, serializer_class = Statement, StatementFilters, StatementSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {"agreement": "agreement_id", "number": "number", "kind": "kind"}
    related = Related(("agreement", "speaker__represents"), ("mentions__represents",))
    expanded = {"agreement": AGREEMENT, "citations": CITATIONS}


class Events(Resource):
    """Events: what happened or is planned around an agreement."""

    model, filters, serializer_class = Event, EventFilters, EventSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {"date": "date_earliest", "agreement": "agreement_id", "number": "number", "kind": "kind"}
    related = Related(("agreement",), ("participants__represents",))
    expanded = {"agreement": AGREEMENT, "citations": CITATIONS}


class Sources(Resource):
    """Sources: the texts that everything else rests on."""

    model, filters, serializer_class = Source, SourceFilters, SourceSerializer
    lookup_field, lookup_value_regex = SLUG
    orderings = STAMPS | {"slug": "slug", "title": "title", "published": "published_earliest"}
    in_detail = frozenset({"text"})
    expanded = {"citations": CITATIONS}


class Citations(Resource):
    """Citations: the words of a source that say what a row claims."""

    model, filters, serializer_class = Citation, CitationFilters, CitationSerializer
    lookup_field, lookup_value_regex = ID
    orderings = STAMPS | {"source": "source_id", "start": "start", "end": "end"}
    in_detail = frozenset()
    related = Related(("source", "agreement"))
