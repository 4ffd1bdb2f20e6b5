"""Sources: the texts that everything else rests on."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accords.db.constraints import not_blank, one_of, valid_edtf
from accords.db.fields import EdtfBound, Language, Line, Sha256, Slug, Text, edtf_field, word_field
from accords.db.search_index import SearchEntry, create_words_model
from accords.models.base import BaseQuerySet, VersionedModel
from accords.models.parties import AGREEMENTS_OF_A_PARTY, Party
from accords.models.slugs import refuse_used_slug
from accords.vocabulary import SourceKind

# The targets that a citation can have, and the lookup of the agreement of each. A party has no agreement of its own.
TARGET_AGREEMENTS = {
    "agreement": "agreement",
    "clause": "clause__agreement",
    "statement": "statement__agreement",
    "event": "event__agreement",
    "renewal": "renewal__agreement",
    "participation": "participation__agreement",
}


def parties_named(lookup: str, value: Any) -> QuerySet[Party]:
    """Return the parties that an agreement with `lookup` = value names, itself or in a related row."""
    named = Q()
    for path in AGREEMENTS_OF_A_PARTY:  # by subqueries: joins would return a party as often as it is named
        named |= Q(pk__in=Party.objects.filter(Q((f"{path}__{lookup}", value))).values("pk"))
    return Party.objects.filter(named)


def about_agreement(lookup: str, value: Any) -> Q:
    """Return the condition of citations whose target belongs to an agreement with `lookup` = value.

    A party belongs to every agreement that names it.
    """
    condition = Q(party__in=parties_named(lookup, value).values("pk"))
    for path in TARGET_AGREEMENTS.values():
        condition |= Q((f"{path}__{lookup}", value))
    return condition


class SourceQuerySet(BaseQuerySet):
    def published(self) -> Self:
        """Return the sources that support a published agreement, its related rows, or the parties that these name."""
        return self.filter(Exists(self.related_manager("citations").published().filter(source=OuterRef("pk"))))

    def of_agreement(self, agreement: Any) -> Self:
        """Return the sources that support the agreement, its related rows, or the parties that these name."""
        return self.filter(pk__in=self.related_manager("citations").of_agreement(agreement).values("source"))

    def get_by_natural_key(self, slug: str) -> "Source":
        source: Source = self.get(slug=slug)
        return source


class Source(VersionedModel):
    """A text as it was received, which citations quote. Once cited it never changes; a corrected text is a new one."""

    slug = Slug(_("slug"), max_length=100, unique=True, help_text=_("Short, stable name in URLs."))
    title = Line(_("title"), max_length=300, help_text=_("The text's own title, or the editors' description of it."))
    kind = word_field(_("kind"), SourceKind, _("What sort of text it is."))
    language = Language(_("language"), max_length=35, help_text=_("The language of the text (BCP 47): `fr`."))
    text = Text(_("text"), help_text=_("The whole text, exactly as received. Citations count its Unicode code points."))
    sha256 = Sha256(
        _("SHA-256"),
        of="text",
        help_text=_("sha256 of the text in UTF-8, hexadecimal, so that anyone can check what was read."),
    )
    published = edtf_field(pgettext_lazy("field", "published"), _("When the text was published."))
    published_earliest = EdtfBound(_("published earliest"), of="published", side="earliest")
    published_latest = EdtfBound(_("published latest"), of="published", side="latest")
    publisher = Line(
        _("publisher"), max_length=200, blank=True, default="", help_text=_("Who published it; blank = not known.")
    )
    url = models.URLField(
        _("URL"), max_length=500, blank=True, default="", help_text=_("Where it was published; blank = not known.")
    )
    licence = Line(
        _("licence"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("On what terms the text may be used; blank = not known."),
    )
    search = SearchEntry(head=("title",), body=("text",), language="language", folded=("title", "publisher", "licence"))

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            one_of("kind", SourceKind),
            *valid_edtf("published"),
            *not_blank("slug", "title", "language", "text"),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        """Refuse a slug that was another source's, and a new text if the text is cited (so does a trigger)."""
        refuse_used_slug(self)
        if self.pk and self.citations.exists():
            stored_text = type(self).objects.filter(pk=self.pk).values_list("text", flat=True).first()
            if stored_text != self.text:
                message = _("This text is cited, so it cannot change. Enter the corrected text as a new source.")
                raise ValidationError({"text": ValidationError(message, code="cited")})


SourceWords = create_words_model(Source, __name__)
