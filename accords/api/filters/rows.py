"""The kinds of filters that name a row of another resource: by its slug, its id, or a state's code."""

from typing import Any

from django.db.models import Model, Q
from django.http import HttpRequest

from accords.api.errors import InvalidParameter
from accords.api.filters.kinds import Kind, WholeKind
from accords.db.compiled_query import CompiledQuery
from accords.db.parameters import BoundParameter
from accords.models import Party
from accords.models.base import can_view_drafts


class RowKind(Kind):
    """A row of another resource by its slug, in any case; its value is the row's id.

    One that does not exist, or that the caller may not see, is an error: a mistyped name must not look like an answer.
    """

    binds = True

    def __init__(
        self,
        model: type[Model],
        field_name: str | None = None,
        *,
        ask: str = "",
        example: str = "",
        help_text: str = "",
    ) -> None:
        """Look for rows of this model."""
        super().__init__(field_name, ask=ask, help_text=help_text)
        self.model, self.what = model, str(model._meta.verbose_name)
        self.schema = {"type": "string", "maxLength": 100} | ({"example": example} if example else {})
        self.statements: dict[bool, CompiledQuery] = {}

    @property
    def column(self) -> str | None:
        """The id."""
        return f"{self.field_name}__pk"

    def names(self, text: str, request: HttpRequest) -> dict[str, Any]:
        """What the rows are found by."""
        return {"slug": text.lower() if text.isascii() else None}  # no ſ for s

    def find(self) -> Any:
        """The rows of what `names` gives."""
        return self.model._default_manager.filter(Q(("slug", BoundParameter.named("slug"))))

    def parse(self, text: str, request: HttpRequest) -> int:
        """The row's id."""
        drafts = can_view_drafts(request.user)
        if drafts not in self.statements:
            self.statements[drafts] = CompiledQuery(self.find().visible_to(request.user).order_by().values_list("pk"))
        found = self.statements[drafts].run(self.names(text, request))
        if not found:
            raise InvalidParameter(f"unknown_{self.what}", f"There is no such {self.what}.")
        pk: int = found[0][0]
        return pk


class IdKind(RowKind):
    """A row of another resource by its id."""

    def __init__(self, model: type[Model], field_name: str, *, help_text: str = "") -> None:
        """Look the row up by id."""
        super().__init__(model, field_name, help_text=help_text)
        self.schema = WholeKind.schema

    def names(self, text: str, request: HttpRequest) -> dict[str, Any]:
        """The id."""
        return {"pk": WholeKind().parse(text, request)}

    def find(self) -> Any:
        """The row of that id."""
        return self.model._default_manager.filter(Q(("pk", BoundParameter.named("pk"))))


class PartyKind(RowKind):
    """A party by its slug, or a state by its ISO 3166-1 alpha-2 code."""

    def __init__(self, field_name: str | None = None, *, ask: str = "", help_text: str = "") -> None:
        """Look the party up by either name."""
        help_text += " A party's slug, or the ISO 3166-1 alpha-2 code of a state (`CN`)."
        super().__init__(Party, field_name, ask=ask, example="CN", help_text=help_text.strip())

    def names(self, text: str, request: HttpRequest) -> dict[str, Any]:
        """Its slug, and its code if it has the form of one."""
        return super().names(text, request) | {"code": text.upper() if len(text) == 2 and text.isascii() else None}

    def find(self) -> Any:
        """The party of either name."""
        return Party.objects.called(BoundParameter.named("slug"), BoundParameter.named("code"))
