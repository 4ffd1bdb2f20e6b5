"""The texts of the desk's scripts, which the page contains in the language of the reader."""

from django.utils.translation import gettext as _


def messages() -> dict[str, str]:
    """Return the messages by the names that the scripts use. The scripts fill in `{…}`."""
    return {
        "draft": _("draft"),
        "whole": _("the whole entry"),
        "nothing": _("Nothing in this text is cited yet. Select some words to begin."),
        "selected": _("Selected: {quote}"),
        "supports": _("Citations here: {count}"),
        "choose": _("Choose one of the proposals, or clear this field."),
        "none": _("Nothing found."),
        "failed": _("No connection to the server. Nothing you typed is lost: try again."),
        "out": _("You are logged out. Nothing you typed is lost: log in in another tab, then save again."),
        "denied": _("You may not do this, or the page is too old: open it again."),
        "wrong": _("Not saved. See the messages beside the fields."),
        "saved": _("Saved: {label}"),
        "removed": _("The citation was removed."),
        "undone": _("Undone: {label}"),
        "remove": _("Remove this citation?"),
        "remove_title": _("Remove this citation: {quote}"),
        "leave": _("What you typed is not saved. Discard it?"),
        "end": _("No further uncited passage."),
        "no_citation": _("No further citation."),
        "undo": _("Undo"),
        "copy": _("You typed here and did not save it."),
        "restore": _("Restore"),
        "discard": _("Discard"),
    }


def form_titles() -> dict[str, tuple[str, str]]:
    """Return the label of the button and the heading of each form, by form name."""
    return {
        "clause": (_("Clause"), _("New clause")),
        "statement": (_("Statement"), _("New statement")),
        "event": (_("Event"), _("New event")),
        "renewal": (_("Renewal date"), _("New renewal date")),
        "party": (_("Party"), _("Party to the agreement, or mentioned in it")),
        "agreement": (_("Agreement"), _("New agreement, as a draft")),
    }


def shortcuts(may_cite: bool) -> list[tuple[list[str], str]]:
    """Return the keys that work while the text has the focus, with their effects."""
    reading = [
        (["←", "→"], _("previous or next word")),
        (["↑", "↓"], _("ten words back or on")),
        (["N", "Shift+N"], _("next or previous uncited passage")),
        (["J", "Shift+J"], _("next or previous citation")),
        (["U"], _("highlight uncited passages")),
        (["G"], _("go to the claims that the selected words support (↑ and ↓ move, Enter shows the words)")),
        (["?"], _("this help")),
    ]
    citing = [
        (["Shift+→", "Shift+←"], _("extend or shrink the selection by a word")),
        (["Alt+Shift+→", "Alt+Shift+←"], _("extend or shrink the selection by a character")),
        (["Enter"], _("actions for the selected words")),
        (["C"], _("cite them for an existing entry")),
        (["1", "…", "6"], _("new clause, statement, event, renewal date, party or agreement")),
        (["Ctrl+Enter"], _("save the form")),
        (["Esc"], _("close the form, back to the text")),
    ]
    return reading + (citing if may_cite else [])
