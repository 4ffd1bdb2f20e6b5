"""Redirects from the old addresses of renamed rows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework import status

from accords.models import Agreement, Party, Source
from accords.models.base import can_view_drafts
from accords.models.slugs import row_id_of_slug

MODELS: dict[str, Any] = {"agreements": Agreement, "parties": Party, "sources": Source}
# The parts of a path that a slug follows, and the resource of the slug.
RESOURCES_OF_SLUGS = {**{name: name for name in MODELS}, "changes-from": "agreements"}


def redirect_renamed(request: HttpRequest | Any) -> HttpResponse | None:
    """Return a redirect to the path with the current slugs; None if no slug in it was renamed.

    The status is 301 for reads, and 308 for writes: a client then repeats the same method and body (RFC 9110, 15.4.9).
    """
    parts = request.path.split("/")
    is_renamed = False
    for index, part_before in enumerate(parts[:-1], 1):
        if (resource := RESOURCES_OF_SLUGS.get(part_before)) is None or not parts[index]:
            continue
        row_id = row_id_of_slug(resource, parts[index], drafts=can_view_drafts(request.user))
        rows = MODELS[resource].objects.visible_to(request.user).filter(pk=row_id)
        slug = rows.values_list("slug", flat=True).first() if row_id is not None else None
        if slug is not None and slug != parts[index].lower():
            parts[index], is_renamed = slug, True
    if not is_renamed:
        return None
    query = request.META.get("QUERY_STRING", "")
    address = request.build_absolute_uri("/".join(parts) + (f"?{query}" if query else ""))
    is_read = request.method in ("GET", "HEAD", "OPTIONS")
    code = status.HTTP_301_MOVED_PERMANENTLY if is_read else status.HTTP_308_PERMANENT_REDIRECT
    return HttpResponse(status=code, headers={"Location": address})
