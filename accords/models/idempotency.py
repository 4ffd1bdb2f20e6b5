"""The first answers to requests that may come again: a repeated one gets the same answer and has no second effect."""

from datetime import datetime

from django.conf import settings
from django.db import models


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    """Questions about keys."""

    def made_before(self, moment: datetime) -> "IdempotencyKeyQuerySet":
        """Keys first used before a moment."""
        return self.filter(created_at__lt=moment)


class IdempotencyKey(models.Model):
    """One key that one caller has used, what was asked with it, and what was answered."""

    caller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", help_text="Whose key it is: others have their own."
    )
    key = models.CharField(max_length=255, help_text="The key, as the caller made it up.")
    fingerprint = models.CharField(max_length=64, help_text="sha256 of the address and the body that came with it.")
    status = models.PositiveSmallIntegerField(help_text="The HTTP status of the answer.")
    headers = models.JSONField(default=dict, help_text="The headers of the answer that tell of what was made.")
    body = models.TextField(help_text="The body of the answer.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True, help_text="When it was first used.")

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotencykey_once")]

    def __str__(self) -> str:
        return self.key
