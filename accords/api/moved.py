"""Addresses that last: the new address of a row that was renamed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework import status

from accords.models import Agreement, Party, Source
from accords.models.base import can_view_drafts
from accords.models.slugs import row_of_slug

MODELS: dict[str, Any] = {"agreements": Agreement, "parties": Party, "sources": Source}
# What stands before a slug in a path, and the resource of the slug.
BEFORE_SLUGS = {**{name: name for name in MODELS}, "changes-from": "agreements"}


def redirect_renamed(request: HttpRequest | Any) -> HttpResponse | None:
    """Return a redirect to the address under which what a path names is found now; None if no slug in it was renamed.

    301 for reads; 308 for writes, which a client then repeats as they are (RFC 9110, 15.4.9).
    """
    parts = request.path.split("/")
    renamed = False
    for place, before in enumerate(parts[:-1], 1):
        if (resource := BEFORE_SLUGS.get(before)) is None or not parts[place]:
            continue
        row = row_of_slug(resource, parts[place], drafts=can_view_drafts(request.user))
        rows = MODELS[resource].objects.visible_to(request.user).filter(pk=row)
        slug = rows.values_list("slug", flat=True).first() if row is not None else None
        if slug is not None and slug != parts[place].lower():
            parts[place], renamed = slug, True
    if not renamed:
        return None
    query = request.META.get("QUERY_STRING", "")
    address = request.build_absolute_uri("/".join(parts) + (f"?{query}" if query else ""))
    is_read = request.method in ("GET", "HEAD", "OPTIONS")
    code = status.HTTP_301_MOVED_PERMANENTLY if is_read else status.HTTP_308_PERMANENT_REDIRECT
    return HttpResponse(status=code, headers={"Location": address})
