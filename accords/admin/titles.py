"""Titles of forms, and messages of Django's admin that the catalogue translates in other words than Django does.

Django's own French puts "l’objet" before each name, and agrees participles with it. `DJANGO_MESSAGES` is never read: it
marks the messages, which brings them into the catalogue of `accords`, and that comes before Django's.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy

ADD_TITLES: dict[str, Any] = {
    "agreement": _("New agreement"),
    "citation": _("New citation"),
    "clause": _("New clause"),
    "clauseparty": _("New party to a clause"),
    "event": _("New event"),
    "participation": _("New participation"),
    "party": _("New party"),
    "renewal": _("New renewal date"),
    "source": _("New source"),
    "statement": _("New statement"),
    "token": _("New token"),
    "webhook": _("New webhook"),
}
"""The title of an empty form, by the name of its model."""

DJANGO_MESSAGES = (
    gettext_noop("Add %s"),
    gettext_noop("Add another %(model)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Cannot delete %(name)s"),
    gettext_noop("Change"),
    gettext_noop("Change selected %(model)s"),
    gettext_noop("Delete selected %(model)s"),
    gettext_noop("Delete selected %(verbose_name_plural)s"),
    gettext_noop("Go"),
    gettext_noop("None available"),
    gettext_noop("Select %s"),
    gettext_noop("Select all %(total_count)s %(module_name)s"),
    gettext_noop("Select this object for an action - {}"),
    gettext_noop("Successfully deleted %(count)d %(items)s."),
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("You may edit it again below."),
    gettext_noop("View %s"),
    gettext_noop("View selected %(model)s"),
    gettext_noop("0 of %(cnt)s selected"),
    ngettext_lazy("%(total_count)s selected", "All %(total_count)s selected"),
    gettext_noop(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? '
        "All of the following related items will be deleted:"
    ),
    gettext_noop(
        "Are you sure you want to delete the selected %(objects_name)s? "
        "All of the following objects and their related items will be deleted:"
    ),
    gettext_noop(
        "Deleting the %(object_name)s '%(escaped_object)s' would require deleting the following protected related "
        "objects:"
    ),
    gettext_noop(
        "Deleting the %(object_name)s '%(escaped_object)s' would result in deleting related objects, "
        "but your account doesn't have permission to delete the following types of objects:"
    ),
    gettext_noop(
        "Deleting the selected %(objects_name)s would require deleting the following protected related objects:"
    ),
    gettext_noop(
        "Deleting the selected %(objects_name)s would result in deleting related objects, "
        "but your account doesn't have permission to delete the following types of objects:"
    ),
)
