"""Forms that a script submits without leaving the page (`forms.js`), and forms that are saved only once.

The script's request accepts JSON. The response has the address to go to, or the errors by the names of their inputs, so
that the page keeps what was typed. Without the script the same views respond with pages.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accords.admin.display import list_url
from accords.admin.edit_conflicts import SHOWN_FIELD
from accords.models import IdempotencyKey

FORM_ID = re.compile(r"[0-9a-f-]{36}")


def page_config(request: HttpRequest) -> dict[str, Any]:
    """Return the user, the limits and the texts that the scripts of every page read."""
    return {
        "user": request.user.pk,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "max_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "texts": {
            "sending": _("Saving…"),
            "not_saved": _("Not saved."),
            "one_error": _("Please correct the error below."),
            "errors": _("Please correct the errors below."),
            "failed": _("Not saved: no connection to the server. What you typed is still here."),
            "server_error": _("Not saved: the server had an error ({status}). What you typed is still here."),
            "denied": _("Not saved: you may not do this, or the page is too old. What you typed is still here."),
            "too_large": _("Not saved: the texts are too large. What you typed is still here."),
            "logged_out": _("Not saved: you are logged out. What you typed is still here. Log in, then save again."),
            "log_in": _("Log in in a new tab"),
            "log_out": _("What you typed and did not save will be discarded. Log out?"),
            "again": _("Save again"),
            "copy": _("You typed here on {at} and did not save it."),
            "restore": _("Restore"),
            "discard": _("Discard"),
            "restored": _("Restored. It is not saved yet."),
            "restored_in_part": _("Restored, except for entries that were deleted meanwhile. It is not saved yet."),
            "no_copy": _("This is too large to keep a copy in the browser. Save it before you leave the page."),
        },
    }


def is_in_place(request: HttpRequest) -> bool:
    return request.method == "POST" and request.headers.get("Accept") == "application/json"


def logged_out_response(request: HttpRequest) -> JsonResponse:
    """Return 401 with the address of the login, which leads to the index: the script opens it in another tab."""
    query = urlencode({REDIRECT_FIELD_NAME: reverse("admin:index")})
    return JsonResponse({"login": f"{reverse('admin:login')}?{query}"}, status=401)


def as_json(response: HttpResponseBase) -> Any:
    """Return the response to a form as JSON; other pages, such as that of a new token, as they are."""
    if isinstance(response, HttpResponseRedirect):
        return JsonResponse({"location": response.url})
    context = getattr(response, "context_data", None) or {}
    if isinstance(response, TemplateResponse) and "adminform" in context:
        forms = [context["adminform"].form]
        errors: dict[str, list[str]] = {}
        for inline in context.get("inline_admin_formsets", ()):
            forms += inline.formset.forms
            if inline.formset.non_form_errors():
                errors[inline.formset.prefix] = as_html(inline.formset.non_form_errors())
        for form in forms:
            errors |= {form.add_prefix(name): as_html(error_list) for name, error_list in form.errors.items()}
        # With these a choice between conflicting edits is not asked for again.
        fingerprints = {
            form.add_prefix(SHOWN_FIELD): form.data.get(form.add_prefix(SHOWN_FIELD), "")
            for form in forms
            if SHOWN_FIELD in form.fields
        }
        return JsonResponse({"errors": errors, "values": fingerprints}, status=400)
    return response


def as_html(error_list: Any) -> list[str]:
    """Return messages as HTML, escaped unless they are marked as safe."""
    return [conditional_escape(message) for message in error_list]


def save_once(request: HttpRequest, save: Callable[[], HttpResponse]) -> HttpResponse:
    """Save a form, or return the stored response if the same form with the same data was saved before.

    So a double click, or a retry after the response was lost, saves once. A page has a new `form_id` each time that it
    is opened. Simultaneous requests take turns, because the key is unique. The page of a new secret is not stored: a
    repeated request is redirected to the list. Responses with errors are not stored either, because nothing was saved.
    """
    form_id = request.POST.get("form_id", "")
    if not FORM_ID.fullmatch(form_id):
        return save()
    data = sorted((name, request.POST.getlist(name)) for name in request.POST if name != "csrfmiddlewaretoken")
    fingerprint = sha256(repr([request.path, data]).encode()).hexdigest()
    with transaction.atomic():
        key, is_new = IdempotencyKey.objects.get_or_create(
            caller_id=request.user.pk,
            key=f"form:{form_id}",
            defaults={"fingerprint": fingerprint, "status": 0, "body": b""},  # 0 until it is saved
        )
        if key.status and key.fingerprint == fingerprint:
            if key.status != 302:
                return HttpResponse(bytes(key.body), headers=key.headers)
            messages.success(request, _("This was saved already."))
            return HttpResponseRedirect(key.headers["Location"])
        response = save()
        stored = response
        context = getattr(response, "context_data", None) or {}
        is_popup = "popup_response_data" in context
        if isinstance(response, TemplateResponse) and is_popup:
            response.render()
        elif "opts" in context and "adminform" not in context:
            stored = HttpResponseRedirect(list_url(context["opts"].model))
        is_saved = is_popup or isinstance(stored, HttpResponseRedirect | JsonResponse)
        if is_saved and response.status_code < 400:
            key.fingerprint, key.status = fingerprint, stored.status_code
            key.headers = {
                name: stored.headers[name] for name in ("Content-Type", "Location") if name in stored.headers
            }
            key.body = b"" if stored.status_code == 302 else stored.content
            key.save()
        elif is_new:
            key.delete()
        return response
