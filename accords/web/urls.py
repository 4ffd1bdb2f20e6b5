"""The addresses of the pages for people."""

from django.urls import re_path

from accords.api.resource import SLUG
from accords.web.views import (
    AgreementListView,
    AgreementView,
    GuideIndexView,
    GuideView,
    ProblemView,
    ReferenceView,
    StartView,
    guide_file,
    llms,
)

urlpatterns = [
    re_path(r"^\Z", StartView.as_view(), name="landing"),
    re_path(r"^agreements/?\Z", AgreementListView.as_view(), name="agreements"),
    re_path(rf"^agreements/(?P<slug>{SLUG[1]})/?\Z", AgreementView.as_view(), name="agreement"),
    re_path(r"^guide/?\Z", GuideIndexView.as_view(), name="guides"),
    re_path(r"^guide/(?P<name>[a-z-]+)/?\Z", GuideView.as_view(), name="guide"),
    re_path(r"^guide/(?P<name>[a-z-]+\.[a-z]+)\Z", guide_file, name="guide-file"),
    re_path(r"^problems/(?P<code>[a-z-]+)/?\Z", ProblemView.as_view(), name="problem"),
    re_path(r"^llms\.txt\Z", llms, name="llms"),
    re_path(r"^api/docs/?\Z", ReferenceView.as_view(), name="docs"),
]
