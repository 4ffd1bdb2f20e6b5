"""The entries of the feed of changes, which the database writes (`accords.db.changes`)."""

from datetime import datetime
from typing import Any, Self

from django.db import models

from accords.db.constraints import one_of
from accords.db.fields import word_field
from accords.vocabulary import FeedChange, ResourceName

PRUNED_AT_ONCE = 1000  # entries that one statement deletes


class ChangeQuerySet(models.QuerySet[Any]):
    def after(self, position: int) -> Self:
        """Return the entries after a position, in order."""
        return self.filter(position__gt=position).order_by("position")

    def prune(self, before: datetime) -> int:
        """Delete the oldest entries, up to the last one before an instant. Return how many were deleted.

        The newest of all is kept: by it, a cursor at the end of the feed is still known.
        """
        deleted, last = 0, self.order_by("-position").values_list("position", flat=True).first()
        while True:
            oldest = list(self.order_by("position").values_list("position", "at")[:PRUNED_AT_ONCE])
            positions = [position for position, at in oldest if at < before and position != last]
            if positions:
                deleted += self.filter(position__lte=positions[-1]).delete()[0]
            if len(positions) < PRUNED_AT_ONCE:
                return deleted


class Change(models.Model):
    """What became of a row for one audience, when a transaction was committed."""

    position = models.BigIntegerField(primary_key=True, help_text="The place in the order of commits, from 1.")
    at = models.DateTimeField(help_text="When the change was committed.")
    change = word_field("change", FeedChange, "What became of the row.")
    resource = word_field("resource", ResourceName, "The resource to which the row belongs.")
    row_id = models.BigIntegerField(help_text="The id of the row.")
    slug = models.CharField(max_length=100, help_text="The slug of the row then; empty if its kind has none.")
    agreement_id = models.BigIntegerField(null=True, help_text="The id of the agreement to which the row belongs.")
    agreement_slug = models.CharField(max_length=100, help_text="The slug of that agreement then.")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()
        constraints = [one_of("change", FeedChange), one_of("resource", ResourceName)]
        indexes = [
            models.Index(fields=["resource", "position"], name="%(class)s_resource"),
            models.Index(fields=["agreement_id", "position"], name="%(class)s_agreement"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.resource} {self.row_id} {self.change}"


class PublicChange(Change):
    """A change as anonymous users see it."""

    class Meta(Change.Meta):
        verbose_name = "public change"


class EditorialChange(Change):
    """A change as users who may view drafts see it."""

    class Meta(Change.Meta):
        verbose_name = "editorial change"


def entries(drafts: bool) -> ChangeQuerySet:
    """Return the entries of an audience: users who may view drafts if `drafts`, else everyone."""
    return (EditorialChange if drafts else PublicChange).objects.all()
