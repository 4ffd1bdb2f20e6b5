"""The number of examples that Hypothesis tries of a property: few in the suite, FUZZ_EXAMPLES in `make fuzz`."""

import os


def examples(few: int) -> int:
    """Return `few`, or FUZZ_EXAMPLES if that is set."""
    return int(os.environ.get("FUZZ_EXAMPLES") or few)
