"""Pages for people: the start page and agreements in English and French; the guides and the reference in English."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import mark_safe
from django.views.generic import DetailView, ListView, TemplateView
from django.views.generic.base import TemplateResponseMixin, View

from accords.api.errors import PROBLEMS
from accords.api.moved import redirect_renamed
from accords.models import Agreement
from accords.web.agreements import agreement_context
from accords.web.guides import FOLDER, NAMES, guide, guides, inline_html, served_from

FEATURED = "us-china-rare-metals"  # the agreement on the start page, as long as it is published
MAX_LISTED = 20


class DayForm(forms.Form):
    """The day on which an agreement is looked at."""

    on = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class TranslatedView(TemplateResponseMixin, View):
    """A page in the language that `?language=` names, or else in the one that the browser prefers."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = request.GET.get("language", "")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            response: Any = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        patch_cache_control(response, no_cache=True, **{"private" if request.user.is_authenticated else "public": True})
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.request.GET.get("language", "") in dict(settings.LANGUAGES)
        query = f"?language={self.request.GET['language']}" if chosen else ""
        return super().get_context_data(languages=settings.LANGUAGES, language_query=query, **kwargs)  # type: ignore[misc]


class StartView(TranslatedView, TemplateView):
    """The start page: an agreement as data, and where to go from there."""

    template_name = "web/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        published = Agreement.objects.published()
        featured = published.filter(slug=FEATURED).first() or published.order_by("-updated_at", "-pk").first()
        others = published.exclude(pk=featured.pk).order_by("-updated_at", "-pk")[:MAX_LISTED] if featured else ()
        today = timezone.localdate()
        shown = agreement_context(featured, published, today, today) if featured else {}
        return super().get_context_data(others=others, **shown, **kwargs)


class AgreementListView(TranslatedView, ListView):
    """The agreements that the user may see, by title."""

    template_name = "web/agreements.html"
    context_object_name = "agreements"
    paginate_by = 50

    def get_queryset(self) -> Any:
        return Agreement.objects.visible_to(self.request.user).order_by("title", "pk")


class AgreementView(TranslatedView, DetailView):
    """An agreement on a day: `?on=YYYY-MM-DD`, default today."""

    template_name = "web/agreement.html"
    context_object_name = "agreement"

    def get_queryset(self) -> Any:
        return Agreement.objects.visible_to(self.request.user).select_related("option_holder")

    def get_object(self, queryset: Any = None) -> Agreement:
        self.kwargs["slug"] = self.kwargs["slug"].lower()
        agreement: Agreement = super().get_object(queryset)
        return agreement

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().get(request, *args, **kwargs)
        except Http404:
            if (moved := redirect_renamed(request)) is None:
                raise
            return moved
        if self.day_form.errors:
            response.status_code = 400
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        self.day_form = DayForm(self.request.GET)
        day: date | None = self.day_form.cleaned_data.get("on") if self.day_form.is_valid() else None
        visible = Agreement.objects.visible_to(self.request.user)
        shown = agreement_context(self.object, visible, day or today, today)
        return super().get_context_data(day_form=self.day_form, **shown, **kwargs)


class GuideIndexView(TemplateView):
    """The list of guides."""

    template_name = "web/guides.html"
    extra_context = {"guides": guides}


class GuideView(TemplateView):
    """A guide as a page."""

    template_name = "web/guide.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        name = self.kwargs["name"]
        if name not in NAMES:
            raise Http404
        page = guide(name)
        html = page.html if name == "production" else mark_safe(served_from(page.html, host(self.request)))  # noqa: S308
        problems = sorted((code, inline_html(text)) for code, text in PROBLEMS.items()) if name == "errors" else []
        return super().get_context_data(guide=page, html=html, guides=guides, problems=problems, **kwargs)


class ProblemView(TemplateView):
    """The page that the `type` of a problem document names: what it means and what to do."""

    template_name = "web/problem.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        code = self.kwargs["code"]
        if code not in PROBLEMS:
            raise Http404
        return super().get_context_data(meaning=inline_html(PROBLEMS[code]), **kwargs)


def guide_file(request: HttpRequest, name: str) -> HttpResponse:
    """Return a file of docs/guide as it is: a guide as Markdown, or a file that it mentions."""
    path = FOLDER / name
    if path not in FOLDER.iterdir():
        raise Http404
    text, form = path.read_text(encoding="utf-8"), "markdown" if path.suffix == ".md" else "plain"
    if path.stem in NAMES and path.stem != "production":
        text = served_from(text, host(request))
    return HttpResponse(text, content_type=f"text/{form}; charset=utf-8")


def llms(request: HttpRequest) -> HttpResponse:
    """Return llms.txt (llmstxt.org): where a language model finds the guides and the schema."""
    text = render_to_string("web/llms.txt", {"guides": guides(), "host": host(request)})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def host(request: HttpRequest) -> str:
    """Return the address of this server without a path."""
    return request.build_absolute_uri("/").removesuffix("/")


class ReferenceView(TemplateView):
    """The reference of the API, made from its schema: to search, to read and to try."""

    template_name = "web/reference.html"
