"""The admin site: Django's, with a dashboard as its index."""

from functools import cache, wraps
from itertools import count
from typing import Any

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog

from accords.admin import dashboard
from accords.admin.autocomplete import AutocompleteView
from accords.admin.in_place import as_json, is_in_place, logged_out_response, page_config
from accords.admin.lists import SafeListMixin
from accords.db.locks import retry_deadlocks
from accords.rules.text import fold


def with_deadlock_retry(view: Any) -> Any:
    """Decorate a view: run a POST again if PostgreSQL ended its transaction because of a deadlock.

    The view must write in one transaction, because what it has committed would be written again.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        attempts = count()

        def attempt() -> Any:
            if next(attempts):
                _undo_attempt(request)
            return view(request, *args, **kwargs)

        return retry_deadlocks(attempt) if request.method == "POST" else view(request, *args, **kwargs)

    return wrapper


def _undo_attempt(request: HttpRequest) -> None:
    """Let the view read the uploaded files from their beginning, and forget its messages.

    Django has no public name for the messages of a request: tried with 5.2.
    """
    for _name, files in request.FILES.lists():
        for file in files:
            file.seek(0)
    request._messages = default_storage(request)  # type: ignore[attr-defined]  # set by Django's middleware


class AccordsAdminSite(admin.AdminSite):
    site_header = site_title = "accords"
    index_title = _("Agreements and their evidence")
    index_template = "accords/dashboard.html"
    enable_nav_sidebar = False  # the tables need its width

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Django's action logs deletions before it deletes, each by itself.
        self.add_action(transaction.atomic(delete_selected), "delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models as Django does. Lists of other applications get `SafeListMixin`, as ours have it."""
        base_class = admin_class or admin.ModelAdmin
        if not issubclass(base_class, SafeListMixin):
            admin_class = type(base_class.__name__, (SafeListMixin, base_class), {})
        super().register(model_or_iterable, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().index(request, dashboard.index_context(self, request) | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Sort the models by their translated names without accents: É is sorted as E."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: fold(str(model["name"])))
        return apps

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        config = {"page_config": page_config(request)} if request.user.is_authenticated else {}
        return super().each_context(request) | config

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Retry deadlocks, and answer forms that a script submits (`in_place`) with JSON, also without a login."""
        page_view = super().admin_view(with_deadlock_retry(view), cacheable)

        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not is_in_place(request):
                return page_view(request, *args, **kwargs)
            if not self.has_permission(request):
                return logged_out_response(request)
            return as_json(page_view(request, *args, **kwargs))

        return wrapper

    def i18n_javascript(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Return the messages of Django's scripts. The catalogue of `accords` translates some of them."""
        response: Any = JavaScriptCatalog.as_view(packages=["django.contrib.admin", "accords"])(request)
        return response

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        response: Any = AutocompleteView.as_view(admin_site=self)(request)
        return response


@cache
def default_site() -> AccordsAdminSite:
    """Return the site, always the same: Django asks again while it imports the model admins, which register with it."""
    return AccordsAdminSite()
