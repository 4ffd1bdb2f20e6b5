"""Pure rules on plain values: uncertain dates, durations, terms, states on a day, quotes, search, units.

Nothing here uses a database, a setting or a clock: callers pass the day.
"""
