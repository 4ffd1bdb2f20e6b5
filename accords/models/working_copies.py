"""Working copies: which row of a draft was copied from which row of the published agreement, and what it said then."""

from django.db import models

from accords.models.agreements import Agreement


class CopiedRow(models.Model):
    """A row of a working copy, the row from which it was copied, and the values that both had then."""

    working_copy = models.ForeignKey(Agreement, models.CASCADE, related_name="copied_rows", help_text="The draft.")
    kind = models.CharField(max_length=20, help_text="The model of both rows: `clause`.")
    row_id = models.PositiveBigIntegerField(help_text="The id of the copy.")
    origin_id = models.PositiveBigIntegerField(help_text="The id of the row that was copied.")
    values = models.JSONField(help_text="The values when the copy was made, by field.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["working_copy", "kind", "row_id"], name="copiedrow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id} from {self.origin_id}"
