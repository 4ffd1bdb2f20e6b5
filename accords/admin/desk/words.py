"""What the desk's scripts say, translated where the page is made."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """The sentences by the names that the scripts use; `{…}` is filled in there."""
    return {
        "draft": _("draft"),
        "whole": _("the whole row"),
        "nothing": _("Nothing of this text is cited yet. Select some words in it to begin."),
        "selected": _("Selected: {quote}"),
        "supports": _("Citations here: {count}"),
        "choose": _("Choose one of the proposals, or empty this."),
        "none": _("Nothing found."),
        "failed": _("This could not be sent. Nothing you typed is lost: try again."),
        "out": _("You are no longer logged in. Nothing you typed is lost: log in in another tab, then save again."),
        "denied": _("You have no permission to do this, or the page is too old: open it again."),
        "wrong": _("Not saved: see what stands beside the fields."),
        "saved": _("Saved: {label}"),
        "removed": _("The citation was removed."),
        "remove": _("Remove this citation?"),
        "remove_title": _("Remove this citation: {quote}"),
        "leave": _("What you typed is not saved. Throw it away?"),
        "end": _("No further uncited passage."),
        "no_citation": _("No further citation."),
        "undo": _("Undo"),
    }


def titles() -> dict[str, tuple[str, str]]:
    """What can be made of a passage: a word for the button, and what stands above the form."""
    return {
        "clause": (_("Clause"), _("New clause")),
        "statement": (_("Statement"), _("New statement")),
        "event": (_("Event"), _("New event")),
        "renewal": (_("Renewal date"), _("New renewal date")),
        "party": (_("Party"), _("Party to the agreement, or named by it")),
        "agreement": (_("Agreement"), _("New agreement, as a draft")),
    }


def keys(may_cite: bool) -> list[tuple[list[str], str]]:
    """What each key does while the text has the focus."""
    reading = [
        (["←", "→"], _("the word before, the next word")),
        (["↑", "↓"], _("ten words back or on")),
        (["N", "Shift+N"], _("next or previous passage that nothing cites")),
        (["J", "Shift+J"], _("next or previous citation")),
        (["U"], _("show what is not cited, dim what is")),
        (["G"], _("go to the claims that the chosen words support; in their list ↑ and ↓ move, Enter shows the words")),
        (["?"], _("this help")),
    ]
    citing = [
        (["Shift+→", "Shift+←"], _("choose one word more, or one less")),
        (["Alt+Shift+→", "Alt+Shift+←"], _("choose one character more, or one less")),
        (["Enter"], _("what can be done with the chosen words")),
        (["C"], _("cite them for a row that is there")),
        (["1", "…", "6"], _("make a new clause, statement, event, renewal date, party or agreement of them")),
        (["Ctrl+Enter"], _("save the form")),
        (["Esc"], _("close the form, back to the text")),
    ]
    return reading + (citing if may_cite else [])
