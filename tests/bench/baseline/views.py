"""The usual service: ModelViewSets with FilterSets, search, ordering and numbered pages, every relation prefetched."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import F, Prefetch, Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import viewsets
from rest_framework.authentication import SessionAuthentication
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.serializers import ModelSerializer

from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Renewal,
    Statement,
)
from tests.bench.baseline.serializers import (
    AgreementSerializer,
    ClauseCitedSerializer,
    ClauseExpandedSerializer,
    ClauseSerializer,
    RenewalSerializer,
    day,
)


class Pages(PageNumberPagination):
    """Fifty rows a page."""

    page_size, page_size_query_param, max_page_size = 50, "page_size", 200


def cited() -> Prefetch:
    """Prefetch the citations of rows."""
    rows = Citation.objects.select_related("source", "agreement").order_by("source", "start", "end", "id")
    return Prefetch("citations", rows)


class Usual(viewsets.ModelViewSet):
    """What all have in common; a project would say it in its settings."""

    pagination_class = Pages
    filter_backends = [DjangoFilterBackend, SearchFilter, OrderingFilter]
    permission_classes = [IsAuthenticatedOrReadOnly]
    authentication_classes = [SessionAuthentication]


class ClauseFilter(django_filters.FilterSet):
    """What can be asked of clauses: words, quantities, dates, parties."""

    agreement = django_filters.CharFilter(field_name="agreement__slug")
    obligor = django_filters.CharFilter(method="with_obligor")

    class Meta:
        model = Clause
        fields = {
            **{name: ["exact"] for name in ("type", "standing", "modality", "scope", "language", "position")},
            **{name: ["gte", "lte"] for name in ("value", "baseline_value", "effective_earliest")},
        }

    def with_obligor(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Filter clauses by their obligor."""
        return queryset.filter(parties__role="obligor", parties__party__slug=value)


class ClauseViewSet(Usual):
    """Clauses with their parties."""

    serializer_class: type[ModelSerializer] = ClauseSerializer
    filterset_class = ClauseFilter
    search_fields = ["title", "text", "commodity", "scope_note"]
    ordering_fields = ["id", "position", "type", "value", "effective_earliest", "updated_at", "created_at"]
    ordering = ["id"]
    queryset = (
        Clause.objects.filter(agreement__is_published=True)
        .select_related("agreement")
        .prefetch_related(Prefetch("parties", ClauseParty.objects.select_related("party").order_by("id")))
    )

    def get_serializer_class(self) -> type[ModelSerializer]:
        """Return the serializer with citations for a single clause."""
        return ClauseCitedSerializer if self.action == "retrieve" else self.serializer_class

    def get_queryset(self) -> QuerySet:
        """Prefetch citations for a single clause."""
        rows = super().get_queryset()
        return rows.prefetch_related(cited()) if self.action == "retrieve" else rows


class ClauseExpandedViewSet(ClauseViewSet):
    """Clauses with their agreements and parties in full."""

    serializer_class = ClauseExpandedSerializer
    queryset = Clause.objects.filter(agreement__is_published=True).prefetch_related(
        Prefetch(
            "agreement",
            Agreement.objects.with_effective_basis().select_related("supersedes", "amends", "option_holder"),
        ),
        Prefetch("parties", ClauseParty.objects.select_related("party__represents").order_by("id")),
    )


class RenewalFilter(django_filters.FilterSet):
    """What can be asked of renewal dates."""

    agreement = django_filters.CharFilter(field_name="agreement__slug")
    days = django_filters.NumberFilter(method="within")

    class Meta:
        model = Renewal
        fields = ["kind", "status", "basis", "sequence"]

    def within(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """Filter renewals that may fall due within this number of days."""
        first = day(self.request)
        return queryset.filter(due_latest__gte=first, due_earliest__lte=first + timedelta(days=int(value)))


class RenewalViewSet(Usual):
    """Renewal dates, earliest first."""

    serializer_class = RenewalSerializer
    filterset_class = RenewalFilter
    ordering_fields = ["due_earliest"]
    ordering = [F("due_earliest").asc(nulls_last=True), "id"]
    queryset = Renewal.objects.filter(agreement__is_published=True).select_related("agreement", "outcome")


class AgreementViewSet(Usual):
    """Agreements with their related rows."""

    serializer_class = AgreementSerializer
    lookup_field = "slug"
    filterset_fields = ["status", "instrument", "renewal_mode"]
    search_fields = ["title", "subject"]
    ordering_fields = ["id", "title", "effective_earliest", "updated_at"]
    ordering = ["id"]
    queryset = (
        Agreement.objects.filter(Q(is_published=True))
        .with_effective_basis()
        .select_related("supersedes", "amends", "option_holder")
        .prefetch_related(
            Prefetch("participations", Participation.objects.select_related("party__represents").order_by("id")),
            Prefetch(
                "clauses",
                Clause.objects.select_related("agreement")
                .prefetch_related(
                    Prefetch("parties", ClauseParty.objects.select_related("party").order_by("id")), cited()
                )
                .order_by("position", "id"),
            ),
            Prefetch(
                "renewals",
                Renewal.objects.select_related("agreement", "outcome")
                .prefetch_related(cited())
                .order_by(F("due_earliest").asc(nulls_last=True), "kind", "id"),
            ),
            Prefetch(
                "events",
                Event.objects.select_related("agreement").prefetch_related("participants", cited()).order_by("id"),
            ),
            Prefetch(
                "statements",
                Statement.objects.select_related("agreement", "speaker")
                .prefetch_related("mentions", cited())
                .order_by("id"),
            ),
            cited(),
        )
    )
