"""The page on which the clauses of an agreement are put in order."""

import re
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accords.admin.autocomplete import clean_id
from accords.admin.clauses import clause_summary, with_parties
from accords.admin.in_place import save_once
from accords.admin.lists import count_of
from accords.admin.refusals import is_read_only, refusal_message
from accords.models import Agreement, Citation, Clause
from accords.models.base import update_fields_for
from accords.services import PublicationGuard, RefusedWrite, may_publish, renewals_changed

ROW = re.compile(r"([0-9]{1,18})@([0-9]{1,10})")  # id@position


class OrderConflict(Exception):
    """Somebody else added, removed or moved clauses since the page was made."""


def ordered_clauses(agreement: Agreement) -> QuerySet[Any]:
    return Clause.objects.filter(agreement=agreement).order_by("position", "pk")


def parse_rows(rows: list[str]) -> dict[int, int]:
    """Return the position at which each clause was shown by its id, in the order of the values `id@position`.

    Raises `BadRequest` for any other value, and if a clause is named twice.
    """
    matches = [ROW.fullmatch(row) for row in rows]
    shown_positions = {int(match[1]): int(match[2]) for match in matches if match}
    if not rows or len(shown_positions) < len(rows):
        raise BadRequest(_("This is not an order of clauses: name each of them once."))
    return shown_positions


def reorder(*, agreement: Agreement, shown_positions: dict[int, int], is_publisher: bool, on: date) -> int:
    """Give an agreement's clauses another order, and return how many of them moved.

    `shown_positions` has the position that each clause had on the page, by id, in the new order. The clauses share the
    same positions as before, or 1, 2, 3 … if two had the same or one was below 1. Raises `OrderConflict` if clauses
    were added, removed or moved since they were shown, and `RefusedWrite` if they are public and the user may not
    publish (`is_publisher`).
    """
    with transaction.atomic():
        clauses = {clause.pk: clause for clause in ordered_clauses(agreement).select_for_update()}
        if {pk: clause.position for pk, clause in clauses.items()} != shown_positions:
            raise OrderConflict
        positions = sorted(shown_positions.values())
        if len({*positions}) < len(positions) or positions[0] < 1:
            positions = [*range(1, len(positions) + 1)]
        moved = [
            (clauses[pk], position)
            for pk, position in zip(shown_positions, positions, strict=True)
            if shown_positions[pk] != position
        ]
        guard = PublicationGuard(is_publisher, [clause for clause, _position in moved])
        for clause, position in moved:
            clause.position = position
            clause.save(update_fields=update_fields_for(Clause, ["position"]))
        if moved:  # if two clauses replace another one on the same day, the last one applies
            renewals_changed([agreement.pk], on=on)
        guard.check()
    return len(moved)


class ClauseOrderView(View):
    """The page; a POST saves the order."""

    http_method_names = ["get", "head", "post", "options"]
    model_admin: Any = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.clause_admin = self.model_admin.admin_site.get_model_admin(Clause)
        if not (self.model_admin.has_view_permission(request) and self.clause_admin.has_view_permission(request)):
            raise PermissionDenied
        self.agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=clean_id(str(kwargs["pk"])))

    def may_change(self, request: HttpRequest) -> bool:
        return self.clause_admin.has_change_permission(request) and not is_read_only(request, self.agreement)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._render(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save the order. Return 400 if it cannot be read, and 409 with this order if it is refused."""
        if not self.may_change(request):
            raise PermissionDenied
        return save_once(request, partial(self._save, request))

    def _save(self, request: HttpRequest) -> HttpResponse:
        try:
            shown_positions = parse_rows(request.POST.getlist("row"))
        except BadRequest as error:
            return self._render(request, str(error), status=400)
        try:
            count = reorder(
                agreement=self.agreement,
                shown_positions=shown_positions,
                is_publisher=may_publish(request.user),
                on=timezone.localdate(),
            )
        except RefusedWrite as error:
            return self._render(request, refusal_message(error), order=[*shown_positions], status=409)
        except OrderConflict:
            message = _(
                "Somebody else added, removed or moved clauses. Your order is kept below: check it and save again."
            )
            return self._render(request, message, order=[*shown_positions], status=409)
        message = ngettext("%d clause was moved.", "%d clauses were moved.", count) % count
        self.model_admin.message_user(request, message, messages.SUCCESS)
        if count:
            self.model_admin.log_change(request, self.agreement, message)
        return HttpResponseRedirect(request.path)

    def _render(self, request: HttpRequest, error: str = "", order: Any = (), status: int = 200) -> HttpResponse:
        """Show the clauses. `order` has ids in an order that was sent and not saved; new clauses come last."""
        clauses = list(with_parties(ordered_clauses(self.agreement)).annotate(n_citation=count_of(Citation, "clause")))
        index_by_id = {pk: index for index, pk in enumerate(order)}
        clauses.sort(key=lambda clause: index_by_id.get(clause.pk, len(index_by_id)))
        for clause in clauses:
            clause.summary = clause_summary(clause)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": _("Order of clauses"),
            "subtitle": str(self.agreement),
            "opts": self.model_admin.opts,
            "agreement": self.agreement,
            "clauses": clauses,
            "error": error,
            "form_id": str(uuid4()),
            "may_change": self.may_change(request),
        }
        return TemplateResponse(request, "accords/clause_order.html", context, status=status)
