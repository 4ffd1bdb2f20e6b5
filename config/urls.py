"""The URLs of the project."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("accords.api.urls")),
    path("admin/language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("accords.web.urls")),
]

handler400 = "accords.api.errors.bad_request"
handler403 = "accords.api.errors.forbidden"
handler404 = "accords.api.errors.not_found"
handler500 = "accords.api.errors.server_error"
