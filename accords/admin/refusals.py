"""Writes that `accords.services` refuses, on pages: who may not publish, what has no evidence, what is computed."""

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accords.admin.display import change_link, change_url, link
from accords.missing_citations import MissingCitation, missing_citations
from accords.services import FollowsFromTerms, NotPublisher, RefusedWrite, Uncited, is_public, may_publish

MAX_LISTED = 10  # claims without a citation
CONFIRM = "confirm"  # the checkbox “still true” of a citation's form


def is_read_only(request: HttpRequest, row: Any) -> bool:
    """Return whether a row is public and the user may not publish. It asks the database once for each instance."""
    if row is None or row.pk is None or may_publish(request.user):
        return False
    if not hasattr(row, "is_public"):
        row.is_public = is_public(row)
    return bool(row.is_public)


def is_confirmed(form: Any) -> bool:
    """Return whether an editor confirms with this form that a stored citation still supports its row."""
    return bool(getattr(form, "cleaned_data", {}).get(CONFIRM)) and form.instance.pk is not None


def refusal_message(error: RefusedWrite) -> SafeString:
    """Return a message that says why nothing was saved and how the change can be made."""
    if isinstance(error, FollowsFromTerms):
        message = _(
            "Not saved: a computed date follows from the terms and from recorded outcomes. Change those, or choose "
            "another basis."
        )
        return format_html("{}", message)
    if isinstance(error, Uncited):
        message = _(
            "Not saved: no citation supports what would be public. Cite words for it, or tick “still true” beside the "
            "words that support it."
        )
        return format_html(
            "{} {}", message, format_html_join(", ", "{}", ((claim_link,) for claim_link in claim_links(error.missing)))
        )
    if isinstance(error, NotPublisher) and error.agreement is not None:
        message = _("{} is published, and you may not publish. Make a working copy of it and change that.")
        return format_html(message, change_link(error.agreement))
    # a source or a party, which several agreements share
    return format_html(
        "{}", _("Published agreements show this, and you may not publish. Ask a publisher to change it.")
    )


def cached_missing_citations(agreement: Any) -> list[MissingCitation]:
    """Return the missing citations of an agreement. It asks the database once for each instance."""
    if not hasattr(agreement, "missing_citations"):
        agreement.missing_citations = missing_citations([agreement])[agreement.pk]
    missing: list[MissingCitation] = agreement.missing_citations
    return missing


def claim_links(missing: list[MissingCitation]) -> list[SafeString]:
    """Return links to claims without a citation, at most `MAX_LISTED`, and the number of the others.

    They lead to the pages of the rows, where a citation can be added.
    """
    links = [link(change_url(claim.row), claim.name) for claim in missing[:MAX_LISTED]]
    if len(missing) > MAX_LISTED:
        links.append(format_html("{}", _("and %d more") % (len(missing) - MAX_LISTED)))
    return links
