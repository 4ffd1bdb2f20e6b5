"""The views below one agreement: its renewal dates, projection, annotated sources and consolidated text."""

from dataclasses import replace
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api import query
from accords.api.errors import ErrorItem, InvalidParameter
from accords.api.filters.filter_types import DateField
from accords.api.query import ErrorCollector
from accords.api.serializers.consolidated import ConsolidatedSerializer
from accords.api.serializers.renewals import ProjectionSerializer
from accords.api.serializers.source_detail import AnnotatedSourcesSerializer
from accords.api.views import AgreementViewSet, RenewalViewSet
from accords.models import Agreement, Citation, Source
from accords.rules import edtf
from accords.rules.terms import steps
from accords.services import consolidated_text

MAX_PROJECTED = 100  # ends of terms in a projection
DEFAULT_PROJECTED = 10


def parse_projected_count(text: str) -> int:
    """Return the number of ends of terms to project. Raises `InvalidParameter`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PROJECTED):
        raise InvalidParameter("count", f"It must be a whole number from 1 to {MAX_PROJECTED}.")
    return int(text)


class AgreementRenewalViewSet(RenewalViewSet):
    """The renewal dates of one agreement."""

    agreement: Agreement  # set by `read`; the title of a calendar names it

    def allowed_parameters(self) -> list[str]:
        return [name for name in super().allowed_parameters() if not name.startswith("agreement")]

    def read(self, request: HttpRequest | Request) -> None:
        """Find the agreement, then parse the parameters, so that 404 comes before errors of parameters."""
        self.agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=self.kwargs["slug"].lower())
        self.within = {"agreement": self.agreement.pk}
        super().read(request)


class AgreementProjectionViewSet(AgreementViewSet):
    """What the renewal dates of one agreement would be if it took effect on the day `anchor`. Nothing is stored."""

    projection: tuple[str, int]  # the anchor (`YYYY-MM-DD`) and the number of ends of terms
    documented = [
        {
            "name": "anchor",
            "in": "query",
            "required": True,
            "description": "The day on which the agreement would take effect.",
            "example": "2025-10-30",
            "schema": {"type": "string", "format": "date"},
        },
        {
            "name": "count",
            "in": "query",
            "required": False,
            "description": "The number of ends of terms.",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PROJECTED, "default": DEFAULT_PROJECTED},
        },
    ]

    def allowed_parameters(self) -> list[str]:
        return ["anchor", "count"]

    def read(self, request: HttpRequest | Request) -> None:
        """Parse the parameters. Raises `InvalidParameters` with every error."""
        self.parameters, items = query.read(request.META.get("QUERY_STRING", ""), self.allowed_parameters())
        self.values, errors = {}, ErrorCollector(items)
        if "anchor" not in self.parameters:
            errors.items.append(ErrorItem("anchor", "required", "Name the day on which it would take effect."))
        anchor = errors.read(self.parameters, "anchor", lambda text: DateField().clean(text).isoformat(), "")
        self.projection = (anchor, errors.read(self.parameters, "count", parse_projected_count, DEFAULT_PROJECTED))
        errors.raise_errors()

    @extend_schema(summary="Project the renewal dates of one agreement", responses=ProjectionSerializer)
    def projected(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the ends of terms that follow from the anchor."""
        agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=self.kwargs["slug"].lower())
        anchor, count = self.projection
        terms = replace(agreement.terms, effective=anchor, ends="", term_from="")
        projections = [step._asdict() | edtf.bounds(step.due)._asdict() for step in steps(terms, count=count)]
        return Response(
            ProjectionSerializer({"agreement": agreement.slug, "anchor": anchor, "results": projections}).data
        )


class AnnotatedAgreementViewSet(AgreementViewSet):
    """The sources of one agreement, each with its text and all quotations in order, to highlight them in the text."""

    def allowed_parameters(self) -> list[str]:
        return []

    @extend_schema(summary="Read an agreement's sources with every quotation", responses=AnnotatedSourcesSerializer)
    def annotated(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return every source of the agreement with its text and citations."""
        agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=self.kwargs["slug"].lower())
        citations = (
            Citation.objects.of_agreement(agreement.pk)
            .select_related("source", "agreement")
            .order_by("start", "end", "id")
        )
        sources = (
            Source.objects.of_agreement(agreement.pk).order_by("id").prefetch_related(Prefetch("citations", citations))
        )
        return Response(
            AnnotatedSourcesSerializer(
                {"agreement": agreement.slug, "sources": sources}, context=self.get_serializer_context()
            ).data
        )


class ConsolidatedAgreementViewSet(AgreementViewSet):
    """The text of one agreement on a day, with the amendments by other agreements until then."""

    def allowed_parameters(self) -> list[str]:
        return ["on"]

    @extend_schema(summary="Read the text of an agreement as it stood on a day", responses=ConsolidatedSerializer)
    def consolidated(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the clauses of the text, in order, each with the agreement that it comes from."""
        visible_agreements = Agreement.objects.visible_to(request.user)
        agreement = get_object_or_404(visible_agreements, slug=self.kwargs["slug"].lower())
        context = self.get_serializer_context()
        amendments = visible_agreements.filter(working_copy_of=None)  # working copies amend nothing until published
        text, clauses = consolidated_text(agreement, visible=amendments, on=context["on"])
        entries = [entry._asdict() | {"clause": clauses[entry.id]} for entry in text.clauses]
        representation = {
            "agreement": agreement.slug,
            "on": context["on"],
            "certainty": text.certainty,
            "clauses": entries,
        }
        return Response(ConsolidatedSerializer(representation, context=context).data)
