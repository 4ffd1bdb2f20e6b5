"""System checks: settings of ours that can be wrong, each with a number that its documentation and its test name."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from accords.rules import durations

LONGEST = "P100Y"  # nobody plans renewals beyond a century


def renewal_horizon(**kwargs: Any) -> list[CheckMessage]:
    """Return accords.E001 unless RENEWAL_HORIZON is an ISO 8601 duration of dates, of a century at most."""
    start = date(2000, 1, 1)
    try:
        horizon = durations.add(start, settings.RENEWAL_HORIZON)
    except (durations.DurationError, TypeError) as error:
        return [_error(str(error))]
    return [] if horizon <= durations.add(start, LONGEST) else [_error(f"It is longer than {LONGEST}.")]


def _error(reason: str) -> Error:
    hint = "Write an ISO 8601 duration such as P10Y: how far past today computed renewal dates are kept."
    return Error(f"RENEWAL_HORIZON: {reason}", hint=hint, id="accords.E001")
