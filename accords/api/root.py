"""The front doors: a page for people at `/`, the list of resources for programs at `/api/v1`."""

import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accords.api import query
from accords.api.errors import ErrorItem, InvalidParameters

NAMES = ("agreements", "clauses", "parties", "renewals", "statements", "events", "sources", "citations")


@cache
def redoc_script() -> bytes:
    """Redoc's script without the one image that it would fetch from another host."""
    script: bytes = Path(str(finders.find("drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"))).read_bytes()
    return re.sub(rb"https://cdn\.redoc\.ly/[\w./-]+\.svg", b"data:,", script)


def redoc_js(request: HttpRequest) -> HttpResponse:
    """The script of the Redoc page."""
    return HttpResponse(
        redoc_script(), content_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"}
    )


def favicon(request: HttpRequest) -> HttpResponse:
    """No picture, said once a day."""
    return HttpResponse(status=204, headers={"Cache-Control": "public, max-age=86400"})


class Redoc(SpectacularRedocView):
    """The reference: every field on one page."""

    template_name = "accords/redoc.html"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """It writes its own styles while it runs, so it alone may."""
        response.headers["Content-Security-Policy"] = settings.REDOC_POLICY
        return super().finalize_response(request, response, *args, **kwargs)


_one_at_a_time = Lock()


class Schema(SpectacularAPIView):
    """The OpenAPI document: YAML, or JSON by `Accept` or `format=json`."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document."""
        with _one_at_a_time:  # the generator's first run fails in two threads at once
            document: Response = super().get(request, *args, **kwargs)
        return document

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As usual, and refuse any parameter but the format. Raises `InvalidParameters`."""
        super().initial(request, *args, **kwargs)
        given, faults = query.read(request.META.get("QUERY_STRING", ""), ("format",))
        if given.get("format", "yaml") not in ("yaml", "json"):
            faults.append(ErrorItem("format", "unknown_word", "It must be yaml or json."))
        if faults:
            raise InvalidParameters(faults)

    def get_renderers(self) -> list[BaseRenderer]:
        """The renderers of the format that was asked for, or all."""
        found: list[BaseRenderer] = super().get_renderers()
        asked = self.request.GET.get("format", "")
        return [renderer for renderer in found if asked in str(renderer.format)] or found


class Root(APIView):
    """The addresses of all resources."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}})
    def get(self, request: Request) -> Response:
        """Every resource by name."""
        query.none(request.META.get("QUERY_STRING", ""))
        return Response({name: request.build_absolute_uri(f"/api/v1/{name}") for name in NAMES})
