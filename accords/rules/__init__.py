"""Pure rules about time, on plain values: uncertain dates, durations, what a term does next, what is in force when.

Nothing here knows a database, a setting or a clock: whoever asks about a day hands it in.
"""
