"""What can be asked of agreements."""

from accords.api.filters.backend import filter_set
from accords.api.filters.kinds import FlagKind, PartKind, PatternKind, SlugKind, WholeKind, WordKind
from accords.api.filters.parts import every_row, in_force, listed, on_day, searched, source, uncertain
from accords.api.filters.rows import PartyKind, RowKind
from accords.models import Agreement
from accords.vocabulary import AgreementStatus, EffectiveBasis, Instrument, PartyRole, RenewalMode, TemporalStatus

PERIOD = r"P[0-9YMWD]{2,30}"

AgreementFilterSet = filter_set(
    "AgreementFilterSet",
    **listed(
        slug=SlugKind("us-china-rare-metals", help_text="The agreement's slug, in any case."),
        instrument=WordKind(Instrument, "instrument", help_text="The form in which it was made."),
        status=WordKind(AgreementStatus, "status", help_text="Where it stands, as the editors read the sources."),
        renewal_mode=WordKind(RenewalMode, "renewal_mode", help_text="What happens when a term ends."),
        term=PatternKind(PERIOD, "P1Y", "term", help_text="The length of its first term, as written."),
        renewal_interval=PatternKind(
            PERIOD, "P1Y", "renewal_interval", help_text="The length of each further term, as written."
        ),
        notice_period=PatternKind(PERIOD, "P6M", "notice_period", help_text="The notice to be given, as written."),
    ),
    party=PartyKind(ask="with_party", help_text="Agreements in which this party has any role."),
    party_role=WordKind(PartyRole, ask="with_role", help_text="Agreements in which someone has this role."),
    temporal_status=WordKind(
        TemporalStatus,
        ask="of_temporal_status",
        beside=("on",),
        help_text="Where it stands on the day `on`, by its dates and renewal rules.",
    ),
    on=on_day("The day for `temporal_status`, in the filter and in the rows."),
    **in_force(),
    title__icontains=PartKind("title", help_text="Part of the title, whatever its case and accents."),
    subject__icontains=PartKind("subject", help_text="Part of the subject, whatever its case and accents."),
    **uncertain("announced", "were announced"),
    **uncertain("signed", "were signed"),
    **uncertain("effective", "took effect"),
    effective_basis=WordKind(
        EffectiveBasis,
        ask="of_effective_basis",
        help_text="What the effective date rests on: `stated` by a source, or `editorial`.",
    ),
    **uncertain("ends", "end, by an end that a source states,"),
    max_renewals=WholeKind("max_renewals", help_text="How many times at most it can be renewed."),
    max_renewals__isnull=FlagKind(
        "max_renewals", "isnull", help_text="true: no source states how many times it can be renewed."
    ),
    is_published=FlagKind(
        "is_published", help_text="Whether anyone may read it; callers without permission see published ones only."
    ),
    clauses_complete=FlagKind("clauses_complete", help_text="Whether its clauses are all there are."),
    supersedes=RowKind(
        Agreement,
        "supersedes",
        help_text="Agreements that replace this one, by slug.",
    ),
    source=source(
        ask="citing", help_text="Agreements that cite this source, themselves or in what hangs on them; by slug."
    ),
    **searched(Agreement),
    **every_row(),
)
