"""The addresses of all resources at `/api/v1`, the OpenAPI document, and the icon."""

from functools import cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accords.api import query
from accords.api.errors import ErrorItem, InvalidParameters

NAMES = ("agreements", "clauses", "parties", "renewals", "statements", "events", "sources", "citations", "changes")


def favicon(request: HttpRequest) -> HttpResponse:
    """Return an empty response, which browsers cache for a day: there is no icon."""
    return HttpResponse(status=204, headers={"Cache-Control": "public, max-age=86400"})


_generator_lock = Lock()


@cache
def openapi(form: str) -> bytes:
    """Return the OpenAPI document as `json` or `yaml`. It takes a second to generate: once in each process."""
    renderer = OpenApiJsonRenderer() if form == "json" else OpenApiYamlRenderer()
    content: bytes = renderer.render(SchemaGenerator().get_schema(request=None, public=True), renderer_context={})
    return content


class Schema(SpectacularAPIView):
    """The OpenAPI document: YAML, or JSON by `Accept` or `format=json`."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        with _generator_lock:  # the first run of the generator fails if two threads start it at once
            content = openapi(renderer.format)
        disposition = f'inline; filename="accords.{renderer.format}"'
        return HttpResponse(content, content_type=renderer.media_type, headers={"Content-Disposition": disposition})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise `InvalidParameters` for any parameter except a valid `format`."""
        super().initial(request, *args, **kwargs)
        parameters, errors = query.read(request.META.get("QUERY_STRING", ""), ("format",))
        if parameters.get("format", "yaml") not in ("yaml", "json"):
            errors.append(ErrorItem("format", "unknown_word", "It must be yaml or json."))
        if errors:
            raise InvalidParameters(errors)

    def get_renderers(self) -> list[BaseRenderer]:
        """Return the renderers of the parameter `format`, or all if it names none."""
        renderers: list[BaseRenderer] = super().get_renderers()
        requested = self.request.GET.get("format", "")
        return [renderer for renderer in renderers if requested in str(renderer.format)] or renderers


class Root(APIView):
    """The addresses of all resources."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Where the resources are",
        responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}},
    )
    def get(self, request: Request) -> Response:
        """Return the addresses of the resources by name."""
        query.refuse_parameters(request.META.get("QUERY_STRING", ""))
        return Response({name: request.build_absolute_uri(f"/api/v1/{name}") for name in NAMES})
