"""The feed of changes: its cursors, and the entries after one, for one audience in the order of commits."""

from datetime import datetime
from typing import Any, NamedTuple

from django.core import signing
from django.db import connection
from rest_framework import exceptions, status

from accords.api.errors import InvalidParameter
from accords.db import changes
from accords.models import EditorialChange, PublicChange
from accords.models.slugs import row_of_slug

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 200, 1000
NOW = "now"
signer = signing.Signer(salt="accords.api.changes")


class CursorGone(exceptions.APIException):
    """The entries after a cursor are not kept any more."""

    status_code = status.HTTP_410_GONE
    default_code = "cursor_gone"
    default_detail = (
        "The changes after this cursor are not kept any more. Read the lists again as files, and go on from the cursor "
        "in their header Accords-Cursor."
    )


class FeedCursor(NamedTuple):
    """A place in the feed of one audience. `at` is the instant of its entry, by which a restored backup is noticed."""

    drafts: bool
    position: int
    at: datetime | None

    def encode(self) -> str:
        """Return the cursor as opaque, signed text."""
        return signer.sign_object([int(self.drafts), self.position, self.at and self.at.isoformat()])

    @classmethod
    def decode(cls, text: str) -> "FeedCursor | None":
        """Return a cursor; None stands for `now`. Raises `InvalidParameter`."""
        if text == NOW:
            return None
        try:
            drafts, position, at = signer.unsign_object(text)
            return cls(bool(drafts), int(position), at and datetime.fromisoformat(at))
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise InvalidParameter(
                "cursor", "This cursor is not one of the feed's. Take one from after=now."
            ) from error


def parse_page_size(text: str) -> int:
    """Return the number of entries on a page. Raises `InvalidParameter`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise InvalidParameter("page_size", f"It must be a whole number from 1 to {MAX_PAGE_SIZE}.")
    return int(text)


class Question(NamedTuple):
    """What is asked of the feed: entries after a cursor (None: only where it ends), perhaps of one agreement."""

    after: FeedCursor | None
    size: int
    agreement: str | None = None
    resource: str | None = None


def current_cursor(drafts: bool) -> FeedCursor:
    """Return the end of the feed of an audience, as this transaction sees it."""
    with connection.cursor() as cursor:
        column = "editorial" if drafts else "public"
        cursor.execute(f"SELECT {column} FROM {changes.COUNT}")  # noqa: S608 - names of ours
        [position] = cursor.fetchone()
    return FeedCursor(drafts, position, time_of_entry(drafts, position))


def entries(drafts: bool) -> Any:
    """Return the manager of an audience's entries: with `drafts` those for users who may view drafts."""
    model: Any = EditorialChange if drafts else PublicChange
    return model.objects


def time_of_entry(drafts: bool, position: int) -> datetime | None:
    """Return when the entry at a position was written; None if it is not kept."""
    instant: datetime | None = entries(drafts).filter(position=position).values_list("at", flat=True).first()
    return instant


class FeedPage(NamedTuple):
    """Entries in order, whether more follow, and the cursor after them."""

    entries: list[Any]
    more: bool
    cursor: FeedCursor


def read_entries(question: Question, drafts: bool) -> FeedPage:
    """Return a page of the feed. Raises `CursorGone` if entries after the cursor were deleted."""
    end = current_cursor(drafts)
    after = question.after
    if after is None:
        return FeedPage([], False, end)
    refuse_gone(after, end)
    rows = entries(drafts).after(after.position)
    if question.resource is not None:
        rows = rows.filter(resource=question.resource)
    if question.agreement is not None:
        agreement = row_of_slug("agreements", question.agreement, drafts=drafts)
        rows = rows.filter(agreement_id=agreement or 0)
    page = list(rows[: question.size + 1])
    more, page = len(page) > question.size, page[: question.size]
    return FeedPage(page, more, FeedCursor(drafts, page[-1].position, page[-1].at) if more else end)


def refuse_gone(cursor: FeedCursor, end: FeedCursor) -> None:
    """Raise `CursorGone` if a cursor is another audience's, or the entries after it are not all there."""
    oldest = entries(end.drafts).order_by("position").values_list("position", flat=True).first()
    is_kept = cursor.position == end.position if oldest is None else cursor.position >= oldest - 1
    at = time_of_entry(end.drafts, cursor.position)
    moved = cursor.at is not None and at is not None and cursor.at != at
    if cursor.drafts != end.drafts or not is_kept or cursor.position > end.position or moved:
        raise CursorGone


def settle() -> None:
    """Write the entries of changes that were made outside Django's transactions."""
    with connection.cursor() as cursor:
        cursor.execute(changes.PENDING)
        if cursor.fetchone() is None:
            return
        if connection.vendor == "postgresql":
            cursor.execute("SELECT 1 FROM accords_revision FOR UPDATE")
            cursor.execute("SELECT accords_change_settle()")
            return
    changes.settle(connection.connection)
