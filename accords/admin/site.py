"""The admin site: Django's, with a dashboard as its index."""

from functools import cache
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accords.admin import dashboard
from accords.admin.autocomplete import AutocompleteView
from accords.rules.text import fold


class AccordsAdminSite(admin.AdminSite):
    site_header = site_title = "accords"
    index_title = _("Agreements and their evidence")
    index_template = "accords/dashboard.html"
    enable_nav_sidebar = False  # the tables need its width

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().index(request, dashboard.context(self, request) | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Sort the models in the alphabet of readers: É stands with E."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: fold(str(model["name"])))
        return apps

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        response: Any = AutocompleteView.as_view(admin_site=self)(request)
        return response


@cache
def default_site() -> AccordsAdminSite:
    """Return the one site. Django asks again while it imports the model admins, which register themselves with it."""
    return AccordsAdminSite()
