"""The order of an agreement's clauses: all of them on one page, a line each, however many there are."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accords.admin.clauses import summary, with_parties
from accords.admin.lists import tally
from accords.models import Agreement, Citation, Clause
from accords.models.base import update_fields_for

ROW = re.compile(r"([0-9]{1,18})@([0-9]{1,10})")


class Meanwhile(Exception):
    """Someone else changed the clauses since the page was made. Its message says what an editor can do."""


def clauses_of(agreement: Agreement) -> QuerySet[Any]:
    """An agreement's clauses in their order."""
    return Clause.objects.filter(agreement=agreement).order_by("position", "pk")


def read(sent: list[str]) -> dict[int, int]:
    """Ids of clauses in an order, each with the version that was seen, from texts `id@version`.

    Raises `BadRequest` for what is none, or names a clause twice.
    """
    found = [ROW.fullmatch(text) for text in sent]
    rows = {int(one[1]): int(one[2]) for one in found if one}
    if not sent or len(rows) < len(sent):
        raise BadRequest(_("This is no order of clauses: each must be named once, with the version that was seen."))
    return rows


def places(positions: list[int]) -> list[int]:
    """The positions in use, sorted; counted from 1 where two are alike."""
    used = sorted(positions)
    return used if len({*used}) == len(used) and used[0] > 0 else [*range(1, len(used) + 1)]


def put_in_order(*, agreement: Agreement, rows: dict[int, int]) -> int:
    """Give an agreement's clauses the order of `rows` (id: version that was seen); returns how many moved.

    All or nothing. Raises `Meanwhile` if a clause came, went or was changed since.
    """
    with transaction.atomic():
        there = {one.pk: one for one in clauses_of(agreement).select_for_update()}
        if there.keys() != rows.keys():
            raise Meanwhile(
                _("Clauses were added or removed meanwhile. Your order is kept below: look, and save again.")
            )
        changed = [str(one) for pk, one in there.items() if one.version != rows[pk]]
        if changed:
            told = _("Changed meanwhile: %s. Your order is kept below: look, and save again.")
            raise Meanwhile(told % "; ".join(changed[:5]))
        moved = _moved(there, rows)
        for one in moved:
            one.save(update_fields=update_fields_for(Clause, ["position"]))
    return len(moved)


def _moved(there: dict[int, Any], rows: dict[int, int]) -> list[Any]:
    """The clauses whose position changes, with the new one."""
    moved = []
    for pk, position in zip(rows, places([one.position for one in there.values()]), strict=True):
        if there[pk].position != position:
            there[pk].position = position
            moved.append(there[pk])
    return moved


class OrderView(View):
    """The page, and what it sends."""

    http_method_names = ["get", "head", "post", "options"]
    page: Any = None
    """The admin of agreements."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the agreement; who may see it and its clauses."""
        super().setup(request, *args, **kwargs)
        if not (self.page.has_view_permission(request) and self._may(request, "view")):
            raise PermissionDenied
        key = kwargs["pk"]
        self.agreement = get_object_or_404(Agreement, pk=key if key < 2**63 else 0)

    def _may(self, request: HttpRequest, what: str) -> bool:
        clauses = self.page.admin_site.get_model_admin(Clause)
        found: bool = getattr(clauses, f"has_{what}_permission")(request)
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """All clauses, a line each."""
        return self._shown(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write the order; 400 for what is none, 409 where someone else was there meanwhile, with the order kept."""
        if not self._may(request, "change"):
            raise PermissionDenied
        try:
            rows = read(request.POST.getlist("row"))
        except BadRequest as error:
            return self._shown(request, str(error), status=400)
        try:
            moved = put_in_order(agreement=self.agreement, rows=rows)
        except Meanwhile as error:
            return self._shown(request, str(error), [*rows], status=409)
        self._tell(request, moved)
        return HttpResponseRedirect(request.path)

    def _tell(self, request: HttpRequest, moved: int) -> None:
        told = ngettext("%d clause has another place now.", "%d clauses have another place now.", moved) % moved
        self.page.message_user(request, told, messages.SUCCESS)
        if moved:
            self.page.log_change(request, self.agreement, told)

    def _shown(self, request: HttpRequest, refusal: str = "", order: Any = (), status: int = 200) -> HttpResponse:
        """The page, in the order in which it was sent if it was; clauses that came meanwhile stand last."""
        found = list(with_parties(clauses_of(self.agreement)).annotate(n_citation=tally(Citation, "clause")))
        at = {pk: place for place, pk in enumerate(order)}
        found.sort(key=lambda one: at.get(one.pk, len(at)))
        for one in found:
            one.summary = summary(one)
        context = {
            **self.page.admin_site.each_context(request),
            **{"title": _("Order of clauses"), "subtitle": str(self.agreement), "opts": self.page.opts},
            **{"agreement": self.agreement, "clauses": found, "refusal": refusal},
            "may_change": self._may(request, "change"),
        }
        return TemplateResponse(request, "accords/order.html", context, status=status)
