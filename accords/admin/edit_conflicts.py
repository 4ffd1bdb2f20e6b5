"""No save overwrites what someone else saved meanwhile: each form knows the version that it was made from."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accords.models.base import VersionedModel

NAME = "seen"
UNTOLD = {"updated_at", "created_at"}


class Seen(forms.CharField):
    """The version that an editor saw, and when: `7@2026-11-24T12:00:00+00:00`. It is never a change by itself."""

    def __init__(self) -> None:
        """Hidden; a form that never had it is not one of our pages."""
        super().__init__(required=False, widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """No."""
        return False


def is_versioned(model: type[Model]) -> bool:
    """Whether the database counts the writes to rows of this model."""
    return issubclass(model, VersionedModel)


def told(version: int) -> str:
    """What a page remembers of a row that is shown now."""
    return f"{version}@{timezone.now().isoformat()}"


def refuse_stale(row: Any, seen: str) -> None:
    """Compare what was seen with the row as it is stored, and lock that. Raises `ValidationError` if it has changed.

    The error tells what changed meanwhile, as the change log has it.
    """
    version, _at, instant = seen.partition("@")
    stored = type(row)._base_manager.select_for_update().filter(pk=row.pk).values_list("version", flat=True).first()
    if not version.isdigit() or stored is None or int(version) == stored:
        return
    raise ValidationError(meanwhile(row, since(instant)), code="stale")


def since(text: str) -> datetime:
    """The instant that a page remembers; now, if it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return timezone.now()
    return found if found.tzinfo else timezone.now()


def meanwhile(row: Any, instant: datetime) -> SafeString:
    """What became of a row since an instant, and what an editor can do about it."""
    records = type(row).history.filter(id=row.pk).select_related("history_user")
    last, before = records.first(), records.filter(history_date__lte=instant).first()
    who = last.history_user if last and last.history_user and last.history_date > instant else _("someone else")
    changes = [
        (capfirst(field.verbose_name), _shown(before, field), _shown(last, field))
        for field in (last.tracked_fields if last and before else ())
        if field.name not in UNTOLD and getattr(last, field.attname) != getattr(before, field.attname)
    ]
    what = format_html_join("; ", "{}: “{}” → “{}”", changes) or _("what is written as part of it, such as citations")
    return format_html(
        _("{} changed this meanwhile: {}. Nothing you typed is lost: save again to put it in place of that."), who, what
    )


def _shown(record: Any, field: Any) -> str:
    value = getattr(record, field.attname)
    return str(dict(field.flatchoices).get(value, value) if field.choices else value)
