"""What is published changes only by who may publish, and with evidence: `services.PublicationGuard` on pages."""

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accords.admin.display import change_link, change_url, link
from accords.models.citations import MissingCitation, missing_citations
from accords.services import NotPublisher, Uncited, is_public, may_publish

MAX_LISTED = 10
CONFIRM = "confirm"  # the field of a citation's form


def is_read_only(request: HttpRequest, row: Any) -> bool:
    """Return whether a row is public and the user may not publish, asked once for each row of a request."""
    if row is None or row.pk is None or may_publish(request.user):
        return False
    known: dict[str, Any] = row.__dict__
    if "is_public" not in known:
        known["is_public"] = is_public(row)
    return bool(known["is_public"])


def is_confirmed(form: Any) -> bool:
    """Return whether an editor ticked that the words of a citation still support its row."""
    return bool(getattr(form, "cleaned_data", {}).get(CONFIRM)) and form.instance.pk is not None


def refusal(error: NotPublisher | Uncited) -> SafeString:
    """Return why a write was refused, and what to do."""
    if isinstance(error, Uncited):
        text = _(
            "Not saved: no citation supports what would be public. Cite words for it, or tick “still true” beside the "
            "words that support it."
        )
        return format_html(
            "{} {}", text, format_html_join(", ", "{}", ((claim,) for claim in list_missing(error.missing)))
        )
    if error.agreement is not None:
        text = _("{} is published, and you may not publish. Make a working copy of it and change that.")
        return format_html(text, change_link(error.agreement))
    return format_html(
        "{}", _("Published agreements show this, and you may not publish. Ask a publisher to change it.")
    )


def missing_of(agreement: Any) -> list[MissingCitation]:
    """Return the missing citations of an agreement, found once for a page."""
    known: dict[str, Any] = agreement.__dict__
    if "missing_citations" not in known:
        known["missing_citations"] = missing_citations([agreement])[agreement.pk]
    citations: list[MissingCitation] = known["missing_citations"]
    return citations


def list_missing(missing: list[MissingCitation]) -> list[SafeString]:
    """Return the claims without a citation, as links to the pages where one can be added."""
    links = [link(change_url(claim.row), claim.name) for claim in missing[:MAX_LISTED]]
    if len(missing) > MAX_LISTED:
        links.append(format_html("{}", _("and %d more") % (len(missing) - MAX_LISTED)))
    return links
