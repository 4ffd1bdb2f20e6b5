"""The front doors: a page for people at `/`, the list of resources for programs at `/api/v1`."""

from django.views.generic import TemplateView
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accords.api import query

NAMES = ("agreements", "clauses", "parties", "renewals", "statements", "events", "sources", "citations")


class Landing(TemplateView):
    """Where a person finds the documentation, the admin and the deal."""

    template_name = "accords/landing.html"


class Root(APIView):
    """The addresses of all resources."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}})
    def get(self, request: Request) -> Response:
        """Every resource by name."""
        query.none(request.META.get("QUERY_STRING", ""))
        return Response({name: request.build_absolute_uri(f"/api/v1/{name}") for name in NAMES})
