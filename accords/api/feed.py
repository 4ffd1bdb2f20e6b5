"""The feed of changes: its cursors, and its entries in the order of commits.

It has two audiences, each with entries of its own: with `drafts` users who may view drafts, else everyone.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.core import signing
from rest_framework import exceptions, status

from accords.api.errors import InvalidParameter
from accords.db.changes import last_position
from accords.models.changes import entries
from accords.models.slugs import row_id_of_slug

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 200, 1000
NOW = "now"
signer = signing.Signer(salt="accords.api.changes")


class CursorGone(exceptions.APIException):
    """The entries after a cursor are no longer kept, or the cursor is not one of this audience's feed as it is now."""

    status_code = status.HTTP_410_GONE
    default_code = "cursor_gone"
    default_detail = (
        "Reading cannot continue at this cursor: the changes after it are not kept any more, it was given to another "
        "audience, or the data were restored from a backup. Read the lists again as files, and continue at the cursor "
        "in their header Accords-Cursor."
    )


class FeedCursor(NamedTuple):
    """A position in the feed of one audience: that of the last entry that a client has read.

    `at` is the instant of that entry. If the entry now has another one, the database was restored from a backup and
    has counted on. It is None for position 0, and for an entry that is no longer kept.
    """

    drafts: bool
    position: int
    at: datetime | None

    def encode(self) -> str:
        """Return the cursor as opaque, signed text."""
        return signer.sign_object([int(self.drafts), self.position, self.at and self.at.isoformat()])

    @classmethod
    def decode(cls, text: str) -> "FeedCursor | None":
        """Return the cursor of a text; None for `now`, the end of the feed. Raises `InvalidParameter`."""
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


class FeedQuery(NamedTuple):
    """The parameters of a request for entries."""

    after: FeedCursor | None  # None: no entries, only the cursor of the end
    size: int  # of a page
    agreement: str | None = None  # only entries of the agreement with this slug and of its related rows
    resource: str | None = None  # only entries of this resource


def current_cursor(drafts: bool) -> FeedCursor:
    """Return the cursor of the end of a feed, as this transaction sees it."""
    position = last_position(drafts)
    return FeedCursor(drafts, position, time_of_entry(drafts, position))


def time_of_entry(drafts: bool, position: int) -> datetime | None:
    """Return the instant at which the entry at a position was written; None if there is no such entry (any more)."""
    instant: datetime | None = entries(drafts).filter(position=position).values_list("at", flat=True).first()
    return instant


class FeedPage(NamedTuple):
    """Entries in order, whether more follow, and the cursor after them."""

    entries: list[Any]
    more: bool
    cursor: FeedCursor


def read_entries(feed_query: FeedQuery, drafts: bool) -> FeedPage:
    """Return a page of the feed. Raises `CursorGone` as `check_cursor` does."""
    end = current_cursor(drafts)
    after = feed_query.after
    if after is None:
        return FeedPage([], more=False, cursor=end)
    check_cursor(after, end)
    rows = entries(drafts).after(after.position)
    if feed_query.resource is not None:
        rows = rows.filter(resource=feed_query.resource)
    if feed_query.agreement is not None:
        agreement_id = row_id_of_slug("agreements", feed_query.agreement, drafts=drafts)
        rows = rows.filter(agreement_id=agreement_id or 0)  # 0: no entry, if there is no such agreement
    page = list(rows[: feed_query.size + 1])  # an entry more than the page has shows whether there is another page
    more, page = len(page) > feed_query.size, page[: feed_query.size]
    # The end, and not the last entry: others may have been left out by the filters.
    return FeedPage(page, more, FeedCursor(drafts, page[-1].position, page[-1].at) if more else end)


def check_cursor(cursor: FeedCursor, end: FeedCursor) -> None:
    """Raise `CursorGone` if reading cannot continue at a cursor.

    That is so if it is of another audience, if entries after it were deleted, and if it is of a later or another state
    of the data than this one, which was restored from a backup.
    """
    oldest = entries(end.drafts).order_by("position").values_list("position", flat=True).first()
    is_kept = cursor.position == end.position if oldest is None else cursor.position >= oldest - 1
    at = time_of_entry(end.drafts, cursor.position)
    was_restored = cursor.at is not None and at is not None and cursor.at != at
    if cursor.drafts != end.drafts or not is_kept or cursor.position > end.position or was_restored:
        raise CursorGone
