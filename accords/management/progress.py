"""A progress bar for commands that take a while."""

import time
from typing import Any

WIDTH = 30


class Bar:
    """A progress bar on a terminal; elsewhere it prints nothing."""

    def __init__(self, stream: Any, total: int, noun: str) -> None:
        self.stream, self.total, self.noun = stream, total, noun
        self.done, self.start, self.is_terminal = 0, time.monotonic(), stream.isatty()

    def advance(self, number: int) -> None:
        """Count some more as done, and draw the bar again."""
        self.done += number
        if not self.is_terminal:
            return
        share = min(1.0, self.done / self.total) if self.total else 1.0
        seconds_left = (time.monotonic() - self.start) * (1 - share) / share if share else 0.0
        filled = "#" * round(WIDTH * share)
        self.stream.write(
            f"\r[{filled:<{WIDTH}}] {share:4.0%} {self.done} {self.noun}, {seconds_left:.0f} s left ", ending=""
        )
        self.stream.flush()

    def end(self) -> None:
        if self.is_terminal:
            self.stream.write("")
