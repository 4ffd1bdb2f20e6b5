"""The addresses of the pages for people."""

from django.urls import re_path

from accords.api.resource import SLUG
from accords.web.views import AgreementView, ReferenceView, StartView

urlpatterns = [
    re_path(r"^\Z", StartView.as_view(), name="landing"),
    re_path(rf"^agreements/(?P<slug>{SLUG[1]})/?\Z", AgreementView.as_view(), name="agreement"),
    re_path(r"^api/docs/?\Z", ReferenceView.as_view(), name="docs"),
]
