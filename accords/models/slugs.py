"""Used slugs: a slug that a row has or had belongs to that row for ever."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accords.db.changes import RESOURCES, WITH_SLUG
from accords.db.constraints import one_of
from accords.db.fields import word_field
from accords.db.slug_triggers import REUSED
from accords.vocabulary import ResourceName

RESOURCE_OF = {RESOURCES[name]: name for name in WITH_SLUG}


class UsedSlug(models.Model):
    """A slug that a row has or had. The database writes it when a transaction is committed (`accords.db.changes`)."""

    resource = word_field("resource", ResourceName, "The resource to which the row belongs.")
    slug = models.CharField(max_length=100, help_text="The slug.")
    row_id = models.BigIntegerField(help_text="The id of the row, which may be deleted by now.")
    was_public = models.BooleanField(help_text="Whether the row was public while it had the slug.")

    class Meta:
        verbose_name = "used slug"
        default_permissions = ()
        constraints = [
            one_of("resource", ResourceName),
            models.UniqueConstraint(fields=["resource", "slug"], name="usedslug_once"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.slug}"


def refuse_used_slug(row: Any) -> None:
    """Raise `ValidationError` if another row has or had the slug: addresses with it lead to that row."""
    resource = RESOURCE_OF[row._meta.db_table]
    if UsedSlug.objects.filter(resource=resource, slug=row.slug).exclude(row_id=row.pk or 0).exists():
        raise ValidationError({"slug": ValidationError(_(REUSED), code="unique")})


def id_of_deleted(row: Any, using: str) -> int | None:
    """Return the id of the deleted row that had the slug of a new row; None without one.

    The new row may have the slug under this id only.
    """
    used_slugs = UsedSlug.objects.using(using).filter(resource=RESOURCE_OF[row._meta.db_table], slug=row.slug)
    pk: int | None = used_slugs.values_list("row_id", flat=True).first()
    return None if type(row)._default_manager.using(using).filter(pk=pk).exists() else pk


def row_id_of_slug(resource: str, slug: str, *, drafts: bool) -> int | None:
    """Return the id of the row that has or had a slug; None without one.

    Without `drafts`, only slugs that a row had while it was public count.
    """
    if not slug.isascii():  # `lower` turns U+212A into ASCII
        return None
    used_slugs = UsedSlug.objects.filter(
        resource=resource, slug=slug.lower(), **({} if drafts else {"was_public": True})
    )
    row_id: int | None = used_slugs.values_list("row_id", flat=True).first()
    return row_id
