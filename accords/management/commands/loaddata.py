"""`manage.py loaddata`: load fixtures as Django does, but create deleted rows again under their former ids."""

from typing import Any

from django.core.management.commands import loaddata
from django.utils import timezone

from accords.models.base import version_of_restored
from accords.models.slugs import RESOURCE_OF, id_of_deleted


class Command(loaddata.Command):
    def save_obj(self, obj: Any) -> bool:
        """Give a row without an id the id of the deleted row that had its slug, which no other row may have.

        `save_obj` is not documented; tried with Django 5.2.
        """
        row = obj.object
        if row.pk is None and row._meta.db_table in RESOURCE_OF and (pk := id_of_deleted(row, self.using)):
            row.pk, row.version = pk, version_of_restored(timezone.now())
        saved: bool = super().save_obj(obj)
        return saved
