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
from accords.web.guides import FOLDER, NAMES, guide, guides, inline_html, with_host

FEATURED = "us-china-rare-metals"  # the agreement on the start page, as long as it is published
MAX_LISTED = 20  # other agreements on the start page


class DayForm(forms.Form):
    """The day for which the page of an agreement is shown."""

    on = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class TranslatedView(TemplateResponseMixin, View):
    """A page in the language that `?language=` names, or else in the one that the browser prefers."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = request.GET.get("language", "")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            response: Any = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):  # while the language is active
                response.render()
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        patch_cache_control(response, no_cache=True, **{"private" if request.user.is_authenticated else "public": True})
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the languages, and the query string with which links keep a language that was chosen."""
        is_chosen = self.request.GET.get("language", "") in dict(settings.LANGUAGES)
        language_query = f"?language={self.request.GET['language']}" if is_chosen else ""
        return super().get_context_data(languages=settings.LANGUAGES, language_query=language_query, **kwargs)  # type: ignore[misc]  # the base is a mixin of any view


class StartView(TranslatedView, TemplateView):
    """The start page: one agreement as an example, and links."""

    template_name = "web/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        published = Agreement.objects.published()
        featured = published.filter(slug=FEATURED).first() or published.order_by("-updated_at", "-pk").first()
        others = published.exclude(pk=featured.pk).order_by("-updated_at", "-pk")[:MAX_LISTED] if featured else ()
        today = timezone.localdate()
        page_context = agreement_context(featured, published, today, today) if featured else {}
        return super().get_context_data(others=others, **page_context, **kwargs)


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
        """Find the agreement also by a slug in capitals, as the API does."""
        self.kwargs["slug"] = self.kwargs["slug"].lower()
        agreement: Agreement = super().get_object(queryset)
        return agreement

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Redirect from a former slug. Return 400, with the page of today, for an invalid day."""
        try:
            response: HttpResponse = super().get(request, *args, **kwargs)
        except Http404:
            if (redirect := redirect_renamed(request)) is None:
                raise
            return redirect
        if self.day_form.errors:
            response.status_code = 400
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        self.day_form = DayForm(self.request.GET)
        day: date | None = self.day_form.cleaned_data.get("on") if self.day_form.is_valid() else None
        visible = Agreement.objects.visible_to(self.request.user)
        page_context = agreement_context(self.object, visible, day or today, today)
        return super().get_context_data(day_form=self.day_form, **page_context, **kwargs)


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
        html = page.html if name == "production" else mark_safe(with_host(page.html, host(self.request)))  # noqa: S308
        problems = sorted((code, inline_html(text)) for code, text in PROBLEMS.items()) if name == "errors" else []
        return super().get_context_data(guide=page, html=html, guides=guides, problems=problems, **kwargs)


class ProblemView(TemplateView):
    """The page to which the `type` of a problem document (RFC 9457) leads, with the meaning of its code."""

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
    text, subtype = path.read_text(encoding="utf-8"), "markdown" if path.suffix == ".md" else "plain"
    if path.stem in NAMES and path.stem != "production":
        text = with_host(text, host(request))
    return HttpResponse(text, content_type=f"text/{subtype}; charset=utf-8")


def llms(request: HttpRequest) -> HttpResponse:
    """Return llms.txt (llmstxt.org): links to the guides and the schema for language models."""
    text = render_to_string("web/llms.txt", {"guides": guides(), "host": host(request)})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def host(request: HttpRequest) -> str:
    """Return the address of this server, with the scheme and without a path."""
    return request.build_absolute_uri("/").removesuffix("/")


class ReferenceView(TemplateView):
    """The reference of the API, in which a script shows the schema: to search, to read and to try."""

    template_name = "web/reference.html"
