"""Parties: everyone whom a source names."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accords.db.constraints import country_code, not_blank, not_itself, one_of
from accords.db.fields import Country, Line, Slug, StringList, word_field
from accords.db.search_index import SearchEntry, create_words_model
from accords.models.base import BaseQuerySet, VersionedModel, refuse_cycle
from accords.models.slugs import refuse_used_slug
from accords.vocabulary import COUNTRIES, PartyKind

# The lookups from a party to every agreement that names it, itself or in a related row.
AGREEMENTS_OF_A_PARTY = (
    "participations__agreement",
    "options",
    "clause_roles__clause__agreement",
    "statements__agreement",
    "mentioned_in__agreement",
    "events__agreement",
)


class PartyQuerySet(BaseQuerySet):
    def published(self) -> Self:
        """Return the parties that a published agreement or one of its related rows names."""
        named = Q()
        for path in AGREEMENTS_OF_A_PARTY:
            rows = self.model._default_manager.filter(Q((f"{path}__is_published", True)), pk=OuterRef("pk"))
            named |= Q(Exists(rows))
        return self.filter(named)

    def called(self, slug: Any, code: Any) -> Self:
        """Return the party of this slug, and the state of this ISO 3166-1 alpha-2 code.

        The code is in upper case; None for no state, never blank. Both may be values that are bound later
        (`BoundParameter`).
        """
        return self.filter(Q(slug=slug) | Q(kind=PartyKind.STATE, country=code))

    def with_part(self, parts: Any, agreement: Any = None) -> Self:
        """Return the parties of these participations, or of those in one agreement."""
        return self.filter(pk__in=(parts.filter(agreement=agreement) if agreement else parts).values("party"))

    def of_agreement(self, agreement: Any) -> Self:
        """Return the parties that have any role in this agreement."""
        return self.filter(pk__in=self.related_manager("participations").filter(agreement=agreement).values("party"))

    def get_by_natural_key(self, slug: str) -> "Party":
        party: Party = self.get(slug=slug)
        return party


class Party(VersionedModel):
    """A state, an organization, a person or a group that a source names. Being a party to an agreement is a role."""

    slug = Slug(_("slug"), max_length=100, unique=True, help_text=_("Short, stable name in URLs."))
    name = Line(_("name"), max_length=200, help_text=_("The name in English, as commonly used."))
    kind = word_field(_("kind"), PartyKind, _("What sort of actor it is."))
    country = Country(
        _("country"),
        max_length=2,
        blank=True,
        default="",
        help_text=_("ISO 3166-1 alpha-2 code; blank = none, or not stated."),
    )
    represents = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("represents"),
        null=True,
        blank=True,
        related_name="represented_by",
        help_text=_("For whom it speaks: Trump for the United States."),
    )
    aliases = StringList(_("aliases"), help_text=_("Other names that sources use for it: `Washington`, `Etats-Unis`."))
    search = SearchEntry(head=("name",), body=("aliases",), folded=("name", "aliases"))

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            one_of("kind", PartyKind),
            country_code(),
            not_itself("represents"),
            *not_blank("slug", "name"),
            models.UniqueConstraint(
                fields=["country"],
                condition=Q(kind=PartyKind.STATE) & ~Q(country=""),
                name="party_one_state_a_country",
                violation_error_message=_("There is a state with this country code already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        """Refuse a party that represents itself through others, or whose slug was another party's or is a country code.

        The code names the state of that country: `?party=cn`.
        """
        refuse_cycle(self, "represents")
        code = self.slug.upper()
        if code in COUNTRIES and (self.kind, self.country) != (PartyKind.STATE, code):
            message = _("This is the code of a country, by which its state is found. Choose a longer slug.")
            raise ValidationError({"slug": ValidationError(message, code="reserved_slug")})
        refuse_used_slug(self)


PartyWords = create_words_model(Party, __name__)
