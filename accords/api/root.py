"""The front doors: a page for people at `/`, the list of resources for programs at `/api/v1`."""

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
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


@cache
def redoc_script() -> bytes:
    """Redoc's script without the one image that it would fetch from another host."""
    script: bytes = Path(str(finders.find("drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"))).read_bytes()
    return re.sub(rb"https://cdn\.redoc\.ly/[\w./-]+\.svg", b"data:,", script)


def redoc_js(request: HttpRequest) -> HttpResponse:
    """The script of the Redoc page."""
    return HttpResponse(redoc_script(), content_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


class Root(APIView):
    """The addresses of all resources."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}})
    def get(self, request: Request) -> Response:
        """Every resource by name."""
        query.none(request.META.get("QUERY_STRING", ""))
        return Response({name: request.build_absolute_uri(f"/api/v1/{name}") for name in NAMES})
