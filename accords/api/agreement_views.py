"""What stands below one agreement: its renewal dates, or a projection of them, and its annotated sources."""

from dataclasses import replace
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAcceptable
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api.errors import ErrorItem, InvalidParameter
from accords.api.exports import forms
from accords.api.exports.forms import JSON, Form
from accords.api.filters.form_fields import DateField
from accords.api.parameters import ErrorCollector
from accords.api.serializers.consolidated import ConsolidatedSerializer
from accords.api.serializers.renewals import ProjectionSerializer
from accords.api.serializers.source_detail import AnnotatedSourcesSerializer
from accords.api.views import AgreementViewSet, RenewalViewSet
from accords.models import Agreement, Citation, Source
from accords.rules import edtf
from accords.rules.terms import steps
from accords.services import consolidated_text

MAX_PROJECTED = 100
DEFAULT_PROJECTED = 10


def projected(text: str) -> int:
    """How many ends of terms to project. Raises `InvalidParameter`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PROJECTED):
        raise InvalidParameter("count", f"With anchor it must be a whole number from 1 to {MAX_PROJECTED}.")
    return int(text)


def json(text: str) -> Form:
    """The form of a projection. Raises `InvalidParameter` for any but JSON."""
    if text != JSON.name:
        raise InvalidParameter("unknown_format", "A projection is answered in json alone.")
    return JSON


class OneAgreementRenewalViewSet(RenewalViewSet):
    """Renewal dates of the agreement in the path."""

    agreement: Agreement

    def known(self) -> list[str]:
        """The parameters, without the agreement."""
        return [name for name in super().known() if not name.startswith("agreement")]

    def read(self, request: HttpRequest | Request) -> None:
        """Find the agreement, then read the parameters."""
        self.agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=self.kwargs["slug"].lower())
        self.within = {"agreement": self.agreement.pk}
        super().read(request)


class AgreementRenewalViewSet(OneAgreementRenewalViewSet):
    """The renewal dates of one agreement. With `anchor`, what they would be if it took effect then."""

    also_answers = ProjectionSerializer
    projection: tuple[str, int] | None = None
    documented = [
        {
            "name": "anchor",
            "in": "query",
            "required": False,
            "description": "What if it took effect on this day? The answer is a projection; "
            "beside it only `count` may stand, "
            f"the number of ends of terms: 1 to {MAX_PROJECTED}, default {DEFAULT_PROJECTED}.",
            "schema": {"type": "string", "format": "date"},
        }
    ]

    def known(self) -> list[str]:
        """A list's parameters, without the agreement and with the anchor."""
        return ["anchor", *super().known()]

    def read_list(self, given: dict[str, str], faults: ErrorCollector) -> None:
        """Read the anchor and its count, beside which nothing means anything, or a list's parameters."""
        if "anchor" not in given:
            super().read_list(given, faults)
            return
        self.form = faults.read(given, forms.NAME, json, JSON)
        if forms.accepted(self.request).is_file:
            raise NotAcceptable(available_renderers=[JSONRenderer()])
        anchor = faults.read(given, "anchor", lambda text: DateField().clean(text).isoformat(), "")
        self.projection = (anchor, faults.read(given, "count", projected, DEFAULT_PROJECTED))
        faults.found += [
            ErrorItem(name, "means_nothing_here", "With anchor nothing stored is asked: leave it out.")
            for name in given
            if name not in ("anchor", "count", forms.NAME)
        ]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """One page of what is stored, or the projection."""
        if self.projection is None:
            return super().list(request, *args, **kwargs)
        anchor, count = self.projection
        terms = replace(self.agreement.terms, effective=anchor, ends="", term_from="")
        found = [step._asdict() | edtf.bounds(step.due)._asdict() for step in steps(terms, count=count)]
        return Response(
            ProjectionSerializer({"agreement": self.agreement.slug, "anchor": anchor, "results": found}).data
        )


class AnnotatedAgreementViewSet(AgreementViewSet):
    """The sources of one agreement with every quotation, in order: what a reader needs to highlight them."""

    def known(self) -> list[str]:
        """No parameters."""
        return []

    @extend_schema(responses=AnnotatedSourcesSerializer)
    def annotated(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every source with its text and the citations for this agreement."""
        agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=self.kwargs["slug"].lower())
        quotes = (
            Citation.objects.of_agreement(agreement.pk)
            .select_related("source", "agreement")
            .order_by("start", "end", "id")
        )
        sources = (
            Source.objects.of_agreement(agreement.pk).order_by("id").prefetch_related(Prefetch("citations", quotes))
        )
        return Response(
            AnnotatedSourcesSerializer(
                {"agreement": agreement.slug, "sources": sources}, context=self.get_serializer_context()
            ).data
        )


class ConsolidatedAgreementViewSet(AgreementViewSet):
    """The text of one agreement as it stood on a day, with what the agreements that amend it had changed by then."""

    def known(self) -> list[str]:
        """The day alone."""
        return ["on"]

    @extend_schema(responses=ConsolidatedSerializer)
    def consolidated(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every clause of the text, in order, each with the agreement that it comes from."""
        visible = Agreement.objects.visible_to(request.user)
        agreement = get_object_or_404(visible, slug=self.kwargs["slug"].lower())
        context = self.get_serializer_context()
        text, clauses = consolidated_text(agreement, visible=visible, on=context["on"])
        found = [one._asdict() | {"clause": clauses[one.id]} for one in text.clauses]
        told = {"agreement": agreement.slug, "on": context["on"], "certainty": text.certainty, "clauses": found}
        return Response(ConsolidatedSerializer(told, context=context).data)
