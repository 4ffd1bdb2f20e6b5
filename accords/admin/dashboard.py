"""The front page: what falls due, what waits for someone, what is not settled. Each count is that of a list."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite, SimpleListFilter
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accords.admin.display import desk_url, list_url, page_url
from accords.models import Agreement, Clause, Event, Renewal, Source, Statement
from accords.rules.text import fold

NAMED = 5  # rows of a question that are named; the others are in its list


class Question(NamedTuple):
    """What the front page asks: rows of a model, narrowed as the address of its list narrows them."""

    model: type[Model]
    chosen: dict[str, str]
    order: tuple[str, ...] = ("-updated_at", "-pk")
    joined: tuple[str, ...] = ()


class Panel(NamedTuple):
    """Questions that belong together. `tone` colours their counts where there is anything to do."""

    title: Any
    tone: str
    questions: tuple[Question, ...]


class Answer(NamedTuple):
    """How many rows there are, the address of the list that has exactly these, and the first of them by name."""

    name: str
    rows: int
    url: str
    first: list[tuple[str, str]]
    more: int


BY_DATE = ("due_earliest", "pk")
PANELS = (
    Panel(_("Overdue"), "bad", (Question(Renewal, {"due": "overdue"}, BY_DATE, ("agreement",)),)),
    Panel(_("Due within 90 days"), "warn", (Question(Renewal, {"due": "soon"}, BY_DATE, ("agreement",)),)),
    Panel(_("Drafts, waiting for a publisher"), "warn", (Question(Agreement, {"is_published__exact": "0"}),)),
    Panel(
        _("Without a citation"),
        "warn",
        (
            Question(Agreement, {"evidence": "none"}),
            *(Question(model, {"evidence": "none"}, joined=("agreement",)) for model in (Clause, Statement, Event)),
            Question(Renewal, {"evidence": "none"}, joined=("agreement",)),
        ),
    ),
    Panel(
        _("Dates not settled to the day"),
        "plain",
        (
            Question(Agreement, {"dates": "fuzzy"}),
            *(Question(model, {"dates": "fuzzy"}, joined=("agreement",)) for model in (Clause, Event, Renewal)),
        ),
    ),
)


def found(site: AdminSite, request: HttpRequest, question: Question) -> QuerySet[Any]:
    """The rows of a question: those that its list would show, by the list's own filters."""
    page = site.get_model_admin(question.model)
    rows: QuerySet[Any] = question.model._default_manager.all()
    filters = _own_filters(page.get_list_filter(request))
    for name, value in question.chosen.items():
        if name in filters:
            rows = filters[name](request, {name: [value]}, question.model, page).queryset(request, rows)
        else:
            rows = rows.filter(Q((name, value)))
    return rows


def _own_filters(declared: Iterable[Any]) -> dict[str, Any]:
    """A list's filters that are classes of their own, by their name in addresses."""
    return {
        str(one.parameter_name): one for one in declared if isinstance(one, type) and issubclass(one, SimpleListFilter)
    }


def answer(site: AdminSite, request: HttpRequest, question: Question) -> Answer:
    """Two queries: how many, and the first of them."""
    rows = found(site, request, question)
    count = rows.count()
    first = rows.select_related(*question.joined).order_by(*question.order)[:NAMED]
    named = [(page_url(row), _named(row)) for row in first]
    name = str(question.model._meta.verbose_name if count == 1 else question.model._meta.verbose_name_plural)
    return Answer(name, count, list_url(question.model, **question.chosen), named, count - len(named))


def _named(row: Any) -> str:
    return f"{row} · {row.agreement}" if "agreement" in row._state.fields_cache else str(row)


def panels(site: AdminSite, request: HttpRequest) -> Iterator[dict[str, Any]]:
    """The panels with their answers, as far as the user may see the rows."""
    for panel in PANELS:
        seen = [one for one in panel.questions if site.get_model_admin(one.model).has_view_permission(request)]
        answers = [answer(site, request, one) for one in seen]
        if answers:
            total = sum(one.rows for one in answers)
            yield {"title": panel.title, "tone": panel.tone, "answers": answers, "total": total}


def beginnings(site: AdminSite, request: HttpRequest) -> list[tuple[str, Any]]:
    """What an editor begins with: addresses and names, as far as allowed."""
    offered = ((Source, _("New source")), (Agreement, _("New agreement")))
    return [
        (reverse(f"admin:accords_{model._meta.model_name}_add"), name)
        for model, name in offered
        if site.get_model_admin(model).has_add_permission(request)
    ]


def readings(site: AdminSite, request: HttpRequest) -> list[tuple[str, str]]:
    """The sources that changed last, to go on reading."""
    if not site.get_model_admin(Source).has_view_permission(request):
        return []
    rows = Source.objects.defer("text").order_by("-updated_at", "-pk")[:NAMED]
    return [(desk_url(row.pk), str(row)) for row in rows]


def index(site: AdminSite, request: HttpRequest, extra_context: Any = None) -> Any:
    """The admin's index, which begins with what there is to do."""
    told = {
        "panels": list(panels(site, request)),
        "beginnings": beginnings(site, request),
        "readings": readings(site, request),
    }
    return AdminSite.index(site, request, told | (extra_context or {}))


def in_alphabet(site: AdminSite, request: HttpRequest, app_label: str | None = None) -> list[Any]:
    """The lists as Django's `get_app_list` gives them, in the alphabet of readers: É stands with E."""
    found: list[Any] = AdminSite.get_app_list(site, request, app_label)
    for app in found:
        app["models"].sort(key=lambda model: fold(str(model["name"])))
    return found
