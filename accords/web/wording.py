"""Dates, durations and quantities in the words of the reader's language."""

import math
import re
from datetime import date
from decimal import Decimal

from django.utils.dates import MONTHS
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accords.models import Clause, Event
from accords.rules import durations

DAY, MONTH, YEAR = "j F Y", "F Y", "Y"  # formats of Django's `date` filter
_SEASON = re.compile(r"(?P<year>\d{4})-(?P<season>2[1-4])")
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")
_MONTH_OF_ANY_YEAR = re.compile(r"XXXX-(\d\d)")


def edtf_in_words(edtf: str) -> str:
    """Return an EDTF date as people write it; EDTF text that has no usual form stays as it is."""
    if match := _SEASON.fullmatch(edtf):
        seasons = {
            "21": _("spring %(year)s"),
            "22": _("summer %(year)s"),
            "23": _("autumn %(year)s"),
            "24": _("winter %(year)s"),
        }
        return seasons[match["season"]] % {"year": match["year"]}
    if match := _DATE.fullmatch(edtf):
        year, month, day = (int(part) if part else 0 for part in match.groups())
        if year:
            return date_format(date(year, month or 1, day or 1), DAY if day else MONTH if month else YEAR)
    if match := _MONTH_OF_ANY_YEAR.fullmatch(edtf):
        return _("%(month)s, year not stated") % {"month": MONTHS[int(match[1])]}
    return edtf


def duration_in_words(duration: str) -> str:
    """Return an ISO 8601 duration in words; `open` is a renewal interval without end."""
    if duration == "open":
        return _("without end")
    years, months, weeks, days, hours, minutes, seconds = durations.parse(duration)
    parts = (
        (years, ngettext("%d year", "%d years", years)),
        (months, ngettext("%d month", "%d months", months)),
        (weeks, ngettext("%d week", "%d weeks", weeks)),
        (days, ngettext("%d day", "%d days", days)),
        (hours, ngettext("%d hour", "%d hours", hours)),
        (minutes, ngettext("%d minute", "%d minutes", minutes)),
        (seconds, ngettext("%d second", "%d seconds", seconds)),
    )
    return " ".join(unit_format % number for number, unit_format in parts if number)


def number_text(value: Decimal) -> str:
    """Return a number with the decimal sign and digit groups of the reader's language, and a typographic minus."""
    return number_format(f"{value.normalize():f}", use_l10n=True, force_grouping=True).replace("-", "\u2212")


def quantity_text(clause: Clause) -> str:
    """Return the quantity of a clause, such as `57 % → 47 % (−10 percentage points)`; blank if it has none."""
    before, after = (
        f"{number_text(value)}\u00a0{clause.unit}" if value is not None else ""  # the space does not break
        for value in (clause.baseline_value, clause.value)
    )
    if after:
        comparator = clause.get_comparator_display()
        after = " ".join(filter(None, (comparator, after)))
    if clause.per:
        after = _("%(quantity)s per %(period)s") % {"quantity": after, "period": duration_in_words(clause.per)}
    if not before:
        return after
    if not after:
        return _("%(quantity)s before") % {"quantity": before}
    change = number_text(Decimal(clause.delta))
    if clause.unit == "%":
        # `ngettext` takes an integer: rounded up, 1.5 has the plural, as in English.
        change = ngettext("%s percentage point", "%s percentage points", math.ceil(abs(clause.delta))) % change
    else:
        change = f"{change}\u00a0{clause.delta_unit}"
    return f"{before} → {after} ({change})"


def event_date_in_words(event: Event) -> str:
    """Return the date of an event in words, and the source's own words if they differ; blank if none is stated."""
    stated = edtf_in_words(event.date)
    has_own_words = event.date_text and event.date_text != stated
    own_words = _("“%(words)s”") % {"words": event.date_text} if has_own_words else ""
    return " · ".join(filter(None, (stated, own_words)))
