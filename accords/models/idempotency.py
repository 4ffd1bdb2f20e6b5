"""Idempotency keys: the responses to POST requests that a client may repeat."""

from datetime import datetime

from django.conf import settings
from django.db import models


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def created_before(self, moment: datetime) -> "IdempotencyKeyQuerySet":
        """Return the keys that were first used before a moment."""
        return self.filter(created_at__lt=moment)


class IdempotencyKey(models.Model):
    """A key that a user has sent, and the response to the request that came with it."""

    caller = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        help_text="The user who sent it; other users may send the same key.",
    )
    key = models.CharField(max_length=255, help_text="The key.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the address and the body of the request.")
    status = models.PositiveSmallIntegerField(help_text="The HTTP status of the response.")
    headers = models.JSONField(default=dict, help_text="The headers of the response that describe the new row.")
    body = models.BinaryField(help_text="The body of the response, uncompressed.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True, help_text="When it was first used.")

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotencykey_once")]

    def __str__(self) -> str:
        return self.key
