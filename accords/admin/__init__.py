"""How editors see and type: an admin per noun, on Django's own admin site."""

from functools import partial

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accords.admin import dashboard
from accords.admin.agreements import AgreementAdmin, ParticipationAdmin
from accords.admin.autocomplete import PickView
from accords.admin.citations import CitationAdmin
from accords.admin.clauses import ClauseAdmin, ClausePartyAdmin
from accords.admin.events import EventAdmin
from accords.admin.parties import PartyAdmin
from accords.admin.renewals import RenewalAdmin
from accords.admin.sources import SourceAdmin
from accords.admin.statements import StatementAdmin
from accords.admin.tokens import TokenAdmin, TokenFailureAdmin

__all__ = [
    "AgreementAdmin",
    "CitationAdmin",
    "ClauseAdmin",
    "ClausePartyAdmin",
    "EventAdmin",
    "ParticipationAdmin",
    "PartyAdmin",
    "RenewalAdmin",
    "SourceAdmin",
    "StatementAdmin",
    "TokenAdmin",
    "TokenFailureAdmin",
]

admin.site.site_header = "accords"
admin.site.site_title = "accords"
admin.site.index_title = _("Agreements and their evidence")
admin.site.site_url = "/"
admin.site.autocomplete_view = PickView.as_view(admin_site=admin.site)  # type: ignore[method-assign, assignment]
admin.site.enable_nav_sidebar = False  # the tables need its width
admin.site.index = partial(dashboard.index, admin.site)  # type: ignore[method-assign]
admin.site.get_app_list = partial(dashboard.in_alphabet, admin.site)  # type: ignore[method-assign]
admin.site.index_template = "accords/front.html"
