"""System checks: settings of ours that can be wrong, each with a number that its documentation and its test name."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from accords.rules import durations

LONGEST = "P100Y"  # dates beyond a century are no plan


def renewal_horizon(**kwargs: Any) -> list[CheckMessage]:
    """accords.E001: RENEWAL_HORIZON is an ISO 8601 duration of whole days to years, at most a century."""
    start = date(2000, 1, 1)
    try:
        reach = durations.add(start, settings.RENEWAL_HORIZON)
    except (durations.DurationError, TypeError) as error:
        return [_wrong(str(error))]
    return [] if reach <= durations.add(start, LONGEST) else [_wrong(f"It is longer than {LONGEST}.")]


def _wrong(why: str) -> Error:
    hint = "Write an ISO 8601 duration such as P10Y: how far past today computed renewal dates are kept."
    return Error(f"RENEWAL_HORIZON: {why}", hint=hint, id="accords.E001")
