"""One table of cases: contract language, the terms that an editor enters for it, and the dates that follow.

The same rows run through the pure rules, the filters of the database, the API and the calendar. `words` is the language
of a contract or treaty, or the rule of law that decides the case. `steps` are the first dates that follow, in order:
kind and EDTF date; `complete` says that no others follow. `states` gives, for a day, the temporal status and whether
the agreement is in force: `certain`, `possible` or `no`.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One agreement, and the successors that take its place one after the other."""

    name: str
    words: str
    terms: dict[str, Any]
    steps: tuple[str, ...] = ()
    states: dict[str, str] = field(default_factory=dict)
    status: str = "in_force"
    status_since: str = ""
    concluded: int = 0
    editorial: tuple[str, ...] = ()
    successors: tuple[dict[str, Any], ...] = ()
    missing: tuple[str, ...] | None = None
    complete: bool = False

    def __str__(self) -> str:
        return self.name


LAW = "Regulation 1182/71, art. 3(2)(c): a period of years ends with the same date as the day from which it runs"
BGB = "BGB § 188(2), second case: a period whose first day counts ends with the day before"
YEAR = {"effective": "2025-10-30", "term": "P1Y"}
MARCH = {"effective": "2005-03-01", "term": "P1Y", "renewal_mode": "automatic", "unlimited": True}
GENOCIDE = {
    "effective": "1951-01-12",
    "term": "P10Y",
    "term_ends": "same_day",
    "renewal_mode": "automatic",
    "renewal_intervals": ("P5Y",),
    "notice_period": "P6M",
}
LEASE = {
    "effective": "2020-08-01",
    "term": "P36M",
    "renewal_mode": "automatic",
    "renewal_intervals": ("P12M",),
    "notice_period": "P3M",
}
OPTION = {
    "effective": "2021-01-01",
    "term": "P5Y",
    "term_ends": "day_before",
    "renewal_mode": "optional",
    "renewal_intervals": ("P5Y",),
    "max_renewals": 1,
    "notice_period": "P180D",
    "notice_opens": "P12M",
}

MODES = [
    Case(
        "no renewal, same day",
        "“This Agreement expires one year after its date.” " + LAW,
        {**YEAR, "renewal_mode": "none", "term_ends": "same_day"},
        ("expiry 2026-10-30",),
        {
            "2025-10-29": "upcoming no",
            "2025-10-30": "current certain",
            "2026-10-30": "current certain",
            "2026-10-31": "lapsed no",
        },
        complete=True,
    ),
    Case(
        "no renewal, day before",
        "“… for a term of one year commencing on 30 October 2025.” " + BGB,
        {**YEAR, "renewal_mode": "none", "term_ends": "day_before"},
        ("expiry 2026-10-29",),
        {"2026-10-29": "current certain", "2026-10-30": "lapsed no"},
        complete=True,
    ),
    Case(
        "no renewal, not said how the term is counted",
        "“The term of this Agreement is one year.”",
        {**YEAR, "renewal_mode": "none"},
        ("expiry 2026-10-30",),
        {"2026-10-29": "current certain", "2026-10-30": "unknown possible", "2026-10-31": "lapsed no"},
        missing=("signed", "term_ends"),
        complete=True,
    ),
    Case(
        "no renewal: notice averts nothing",
        "“… expires on the first anniversary. Notices: three months.”",
        {**YEAR, "renewal_mode": "none", "term_ends": "same_day", "notice_period": "P3M"},
        ("expiry 2026-10-30",),
        complete=True,
    ),
    Case(
        "automatic, notice until the same day of an earlier month",
        "Genocide Convention, art. XIV: ten years, then successive periods of five years, denounced six months before",
        GENOCIDE,
        ("notice_deadline 1960-07-12", "renewal 1961-01-12", "notice_deadline 1965-07-12", "renewal 1966-01-12"),
        {
            "1951-01-11": "upcoming no",
            "1961-01-12": "current certain",
            "1961-01-13": "current certain",
            "2026-11-23": "current certain",
        },
        missing=("signed", "max_renewals"),
    ),
    Case(
        "automatic, first term longer than the next, same day",
        "Lease: 36 months from 1 August 2020, then from year to year, three months' notice",
        {**LEASE, "term_ends": "same_day"},
        ("notice_deadline 2023-05-01", "renewal 2023-08-01", "notice_deadline 2024-05-01", "renewal 2024-08-01"),
    ),
    Case(
        "automatic, first term longer than the next, day before",
        "“… beginning on August 1, 2020 and ending on July 31, 2023, and thereafter from year to year.”",
        {**LEASE, "term_ends": "day_before"},
        ("notice_deadline 2023-04-30", "renewal 2023-07-31", "notice_deadline 2024-04-30", "renewal 2024-07-31"),
    ),
    Case(
        "automatic, not said how the term is counted: notice is in time under both",
        "“… for three years, renewed for one year unless notice is given three months before the end.”",
        LEASE,
        ("notice_deadline 2023-04-30", "renewal 2023-08-01", "notice_deadline 2024-04-30", "renewal 2024-08-01"),
        {"2023-07-31": "current certain", "2023-08-01": "current certain", "2023-08-02": "current certain"},
        missing=("signed", "term_ends", "max_renewals"),
    ),
    Case(
        "automatic from a stated end",
        "Register: ends 28 August 2025, renewed by 12 months, two months' notice",
        {"ends": "2025-08-28", "renewal_mode": "automatic", "renewal_intervals": ("P12M",), "notice_period": "P2M"},
        ("notice_deadline 2025-06-28", "renewal 2025-08-28", "notice_deadline 2026-06-28", "renewal 2026-08-28"),
        {"2025-01-01": "unknown possible", "2025-08-29": "current possible"},
        missing=("signed", "effective", "max_renewals"),
    ),
    Case(
        "automatic, last renewal used up",
        "“… shall renew for two additional terms of one year.”",
        {**YEAR, "renewal_mode": "automatic", "term_ends": "same_day", "max_renewals": 2, "notice_period": "P1M"},
        (
            "notice_deadline 2026-09-30",
            "renewal 2026-10-30",
            "notice_deadline 2027-09-30",
            "renewal 2027-10-30",
            "expiry 2028-10-30",
        ),
        {"2028-10-30": "current certain", "2028-10-31": "lapsed no"},
        missing=("signed",),
        complete=True,
    ),
    Case(
        "automatic without a renewal left has no notice deadline",
        "“… no further renewal shall take place.”",
        {**YEAR, "renewal_mode": "automatic", "term_ends": "day_before", "max_renewals": 0, "notice_period": "P1M"},
        ("expiry 2026-10-29",),
        {"2026-10-29": "current certain", "2026-10-30": "lapsed no"},
        complete=True,
    ),
    Case(
        "automatic, without limit",
        "“This Agreement shall renew for an unlimited number of successive one-year terms.”",
        {**YEAR, "renewal_mode": "automatic", "term_ends": "same_day", "unlimited": True, "notice_period": "P90D"},
        ("notice_deadline 2026-08-01", "renewal 2026-10-30"),
        {"2199-01-01": "current certain"},
        missing=("signed",),
    ),
    Case(
        "automatic while a condition is met",
        "“… shall renew for successive one-year terms provided that the minimum volume was reached.”",
        {
            **YEAR,
            "renewal_mode": "automatic",
            "term_ends": "same_day",
            "unlimited": True,
            "notice_period": "P1M",
            "renewal_condition": "provided that the minimum volume was reached",
        },
        ("notice_deadline 2026-09-30", "renewal 2026-10-30"),
        {"2026-10-30": "current certain", "2026-10-31": "unknown possible"},
        missing=("signed", "ends"),
    ),
    Case(
        "automatic under a condition, renewed once",
        "The same, and a source says that it was renewed in 2026",
        {
            **YEAR,
            "renewal_mode": "automatic",
            "term_ends": "same_day",
            "unlimited": True,
            "notice_period": "P1M",
            "renewal_condition": "provided that the minimum volume was reached",
        },
        states={"2027-10-30": "current certain", "2027-10-31": "unknown possible"},
        concluded=1,
    ),
    Case(
        "negotiated",
        "« D'une durée d'un an, l'accord sera renégocié chaque année »",
        {**YEAR, "renewal_mode": "negotiated", "renewal_intervals": ("P1Y",)},
        ("renegotiation 2026-10-30", "renegotiation 2027-10-30"),
        {
            "2025-10-30": "current certain",
            "2026-10-29": "current certain",
            "2026-10-30": "unknown possible",
            "2026-10-31": "renewal_due possible",
        },
        missing=("signed", "term_ends", "max_renewals"),
    ),
    Case(
        "negotiated, notice averts nothing",
        "“The parties shall renegotiate before the end of the year; notices in writing, one month.”",
        {**YEAR, "renewal_mode": "negotiated", "term_ends": "same_day", "notice_period": "P1M", "max_renewals": 1},
        ("renegotiation 2026-10-30", "expiry 2027-10-30"),
        {"2027-10-30": "renewal_due possible", "2027-10-31": "lapsed no"},
        complete=True,
    ),
    Case(
        "negotiated and agreed again",
        "The same, agreed again once",
        {**YEAR, "renewal_mode": "negotiated", "term_ends": "same_day", "max_renewals": 1},
        states={"2027-10-30": "current certain", "2027-10-31": "lapsed no"},
        concluded=1,
    ),
    Case(
        "option with its window",
        "“Tenant may extend for one term of five years by notice not more than 12 months nor less than 180 days before "
        "the expiry.”",
        OPTION,
        ("option_deadline 2025-07-04", "renewal 2025-12-31", "expiry 2030-12-31"),
        {"2025-12-31": "current certain", "2026-01-01": "renewal_due possible", "2031-01-01": "lapsed no"},
        missing=("signed",),
        complete=True,
    ),
    Case(
        "option exercised",
        "The same, exercised",
        OPTION,
        states={"2026-01-01": "current certain", "2030-12-31": "current certain", "2031-01-01": "lapsed no"},
        concluded=1,
    ),
    Case(
        "option without a day to exercise it",
        "“Licensee has the option to extend the term by one year.”",
        {**YEAR, "renewal_mode": "optional", "term_ends": "same_day", "max_renewals": 1},
        ("renewal 2026-10-30", "expiry 2027-10-30"),
        missing=("signed", "notice_period"),
        complete=True,
    ),
    Case(
        "evergreen",
        "“This Agreement continues until terminated by either party.”",
        {"effective": "2020-01-01", "renewal_mode": "evergreen", "notice_period": "P30D"},
        (),
        {"2019-12-31": "upcoming no", "2099-01-01": "current certain"},
        missing=("signed",),
        complete=True,
    ),
    Case(
        "evergreen with its earliest end",
        "“… for an indefinite period, and may be terminated by three months' notice, for the first time to the end of "
        "the second year.”",
        {
            "effective": "2020-01-01",
            "term": "P2Y",
            "term_ends": "day_before",
            "renewal_mode": "evergreen",
            "notice_period": "P3M",
        },
        ("notice_deadline 2021-09-30",),
        {"2021-12-31": "current certain", "2022-01-01": "current certain"},
        missing=("signed",),
        complete=True,
    ),
    Case(
        "evergreen with a stated end",
        "“… for an indefinite period, but no longer than 31 December 2030.”",
        {"effective": "2020-01-01", "ends": "2030-12-31", "renewal_mode": "evergreen", "notice_period": "P3M"},
        ("expiry 2030-12-31",),
        {"2030-12-31": "current certain", "2031-01-01": "lapsed no"},
        complete=True,
    ),
    Case(
        "nothing said of the end of the term",
        "“The initial term is one year.” and no more; a notice might still change what follows",
        {**YEAR, "term_ends": "same_day", "notice_period": "P1M"},
        ("notice_deadline 2026-09-30", "expiry 2026-10-30"),
        {"2026-10-30": "current certain", "2026-10-31": "unknown possible"},
        missing=("signed", "renewal_mode"),
        complete=True,
    ),
    Case(
        "an end and nothing said of what follows",
        "Register: 1 January 2025 to 31 December 2025",
        {"effective": "2025-01-01", "ends": "2025-12-31"},
        ("expiry 2025-12-31",),
        {"2025-12-31": "current certain", "2026-01-01": "lapsed no"},
        complete=True,
    ),
]

CONVENTIONS = [
    Case(
        "1 March yearly, day before: leap years come back",
        "“… from March 1, 2005, for successive periods of one year.” " + BGB,
        {**MARCH, "term_ends": "day_before", "notice_period": "P1M"},
        (
            "notice_deadline 2006-01-28",
            "renewal 2006-02-28",
            "notice_deadline 2007-01-28",
            "renewal 2007-02-28",
            "notice_deadline 2008-01-29",
            "renewal 2008-02-29",
        ),
    ),
    Case(
        "1 March yearly, same day",
        LAW,
        {**MARCH, "term_ends": "same_day"},
        ("renewal 2006-03-01", "renewal 2007-03-01", "renewal 2008-03-01"),
    ),
    Case(
        "1 February monthly, day before: the last day of each month",
        BGB,
        {"effective": "2025-02-01", "term": "P1M", "term_ends": "day_before", "renewal_mode": "automatic"},
        ("renewal 2025-02-28", "renewal 2025-03-31", "renewal 2025-04-30", "renewal 2025-05-31"),
    ),
    Case(
        "31 January monthly, same day: no decay to 28",
        LAW,
        {"effective": "2025-01-31", "term": "P1M", "term_ends": "same_day", "renewal_mode": "automatic"},
        ("renewal 2025-02-28", "renewal 2025-03-31", "renewal 2025-04-30", "renewal 2025-05-31"),
    ),
    Case(
        "31 January monthly, day before",
        BGB,
        {"effective": "2025-01-31", "term": "P1M", "term_ends": "day_before", "renewal_mode": "automatic"},
        ("renewal 2025-02-27", "renewal 2025-03-30", "renewal 2025-04-29"),
    ),
    Case(
        "29 February yearly, same day",
        "A leap day comes back each leap year. " + LAW,
        {"effective": "2024-02-29", "term": "P1Y", "term_ends": "same_day", "renewal_mode": "automatic"},
        ("renewal 2025-02-28", "renewal 2026-02-28", "renewal 2027-02-28", "renewal 2028-02-29"),
    ),
    Case(
        "29 February yearly, day before",
        BGB,
        {"effective": "2024-02-29", "term": "P1Y", "term_ends": "day_before", "renewal_mode": "automatic"},
        ("renewal 2025-02-27", "renewal 2026-02-27", "renewal 2027-02-27", "renewal 2028-02-28"),
    ),
    Case(
        "30 August by half-years, same day",
        LAW,
        {"effective": "2025-08-30", "term": "P6M", "term_ends": "same_day", "renewal_mode": "automatic"},
        ("renewal 2026-02-28", "renewal 2026-08-30", "renewal 2027-02-28"),
    ),
    Case(
        "a stated end at a month's end, day before",
        "“… until 28 February 2026, and from year to year thereafter.” " + BGB,
        {
            "ends": "2026-02-28",
            "term_ends": "day_before",
            "renewal_mode": "automatic",
            "renewal_intervals": ("P1Y",),
        },
        ("renewal 2026-02-28", "renewal 2027-02-28", "renewal 2028-02-29"),
    ),
    Case(
        "a stated end at a quarter's end, day before",
        "“… until 30 June 2025, renewed by three months at a time.”",
        {"ends": "2025-06-30", "term_ends": "day_before", "renewal_mode": "automatic", "renewal_intervals": ("P3M",)},
        ("renewal 2025-06-30", "renewal 2025-09-30", "renewal 2025-12-31", "renewal 2026-03-31"),
    ),
    Case(
        "a stated end at a quarter's end, same day",
        LAW,
        {"ends": "2025-06-30", "term_ends": "same_day", "renewal_mode": "automatic", "renewal_intervals": ("P3M",)},
        ("renewal 2025-06-30", "renewal 2025-09-30", "renewal 2025-12-30"),
    ),
    Case(
        "a stated end at a quarter's end, not said how it is counted",
        "“… until 30 June 2025, renewed by three months; notice of one month.”",
        {
            "effective": "2024-07-15",
            "ends": "2025-06-30",
            "renewal_mode": "automatic",
            "renewal_intervals": ("P3M",),
            "notice_period": "P1M",
            "max_renewals": 2,
        },
        (
            "notice_deadline 2025-05-30",
            "renewal 2025-06-30",
            "notice_deadline 2025-08-30",
            "renewal 2025-09-30",
            "expiry 2025-12-30",
        ),
        {"2025-12-30": "current certain", "2025-12-31": "unknown possible", "2026-01-01": "lapsed no"},
        missing=("signed", "term_ends"),
        complete=True,
    ),
    Case(
        "the dates decide: day before",
        "“… effective March 1, 2005 … for a period of one year ending February 28, 2006, renewable yearly.”",
        {**MARCH, "ends": "2006-02-28"},
        ("renewal 2006-02-28", "renewal 2007-02-28", "renewal 2008-02-29"),
        missing=("signed", "notice_period"),
    ),
    Case(
        "the dates decide: same day, and the anchor does not decay",
        "“… one month from 31 January 2025, that is until 28 February 2025, and from month to month.”",
        {"effective": "2025-01-31", "term": "P1M", "ends": "2025-02-28", "renewal_mode": "automatic"},
        ("renewal 2025-02-28", "renewal 2025-03-31", "renewal 2025-04-30"),
        missing=("signed", "notice_period", "max_renewals"),
    ),
    Case(
        "the dates decide, even against what was entered",
        "“… from 1 January 2025 to 31 December 2025 (one year).”",
        {
            "effective": "2025-01-01",
            "ends": "2025-12-31",
            "term": "P1Y",
            "term_ends": "same_day",
            "renewal_mode": "automatic",
        },
        ("renewal 2025-12-31", "renewal 2026-12-31"),
    ),
    Case(
        "the dates agree with neither: the stated end is the anchor",
        "“… one year from 15 March 2025, ending on 31 March 2026.”",
        {"effective": "2025-03-15", "ends": "2026-03-31", "term": "P1Y", "renewal_mode": "automatic"},
        ("renewal 2026-03-31", "renewal 2027-03-31"),
        {"2026-03-31": "current certain"},
    ),
    Case(
        "notice shorter than a month at a month's end",
        "“… thirty days before the end of the term.”",
        {**MARCH, "term_ends": "day_before", "notice_period": "P30D"},
        ("notice_deadline 2006-01-29", "renewal 2006-02-28"),
    ),
    Case(
        "weeks",
        "Season ticket of four weeks, rolling on; Regulation 1182/71, art. 3(2)(c): weeks end with the same weekday",
        {"effective": "2025-03-03", "term": "P4W", "term_ends": "same_day", "renewal_mode": "automatic"},
        ("renewal 2025-03-31", "renewal 2025-04-28"),
    ),
    Case(
        "days, first day counted",
        BGB,
        {"effective": "2025-03-01", "term": "P90D", "term_ends": "day_before", "renewal_mode": "none"},
        ("expiry 2025-05-29",),
        {"2025-05-29": "current certain", "2025-05-30": "lapsed no"},
        complete=True,
    ),
]

INTERVALS = [
    Case(
        "intervals of differing length, the last repeats",
        "“Initial term three years, first renewal two years, then successive one-year terms.”",
        {
            "effective": "2020-01-01",
            "term": "P3Y",
            "term_ends": "same_day",
            "renewal_mode": "automatic",
            "renewal_intervals": ("P2Y", "P1Y"),
        },
        ("renewal 2023-01-01", "renewal 2025-01-01", "renewal 2026-01-01", "renewal 2027-01-01"),
    ),
    Case(
        "intervals that end open",
        "“Two renewals of six months; thereafter until terminated.”",
        {
            "effective": "2025-01-01",
            "term": "P1Y",
            "term_ends": "day_before",
            "renewal_mode": "automatic",
            "renewal_intervals": ("P6M", "P6M", "open"),
            "notice_period": "P1M",
        },
        (
            "notice_deadline 2025-11-30",
            "renewal 2025-12-31",
            "notice_deadline 2026-05-30",
            "renewal 2026-06-30",
            "notice_deadline 2026-11-30",
            "renewal 2026-12-31",
        ),
        {"2027-01-01": "current certain", "2050-01-01": "current certain"},
        missing=("signed",),
        complete=True,
    ),
    Case(
        "an open period at once",
        "“… until 31 December 2025, and unless terminated to that day for an indefinite period.”",
        {
            "effective": "2020-05-01",
            "ends": "2025-12-31",
            "renewal_mode": "automatic",
            "renewal_intervals": ("open",),
            "notice_period": "P6M",
        },
        ("notice_deadline 2025-06-30", "renewal 2025-12-31"),
        {"2025-12-31": "current certain", "2026-01-01": "current certain"},
        complete=True,
    ),
    Case(
        "an open period by agreement only, not yet agreed",
        "“… after two years the parties may agree to continue for an indefinite period.”",
        {
            "effective": "2020-01-01",
            "term": "P2Y",
            "term_ends": "day_before",
            "renewal_mode": "negotiated",
            "renewal_intervals": ("open",),
        },
        ("renegotiation 2021-12-31",),
        {"2021-12-31": "current certain", "2022-01-01": "renewal_due possible"},
        complete=True,
    ),
    Case(
        "an open period by agreement only, agreed",
        "The same, agreed",
        {
            "effective": "2020-01-01",
            "term": "P2Y",
            "term_ends": "day_before",
            "renewal_mode": "negotiated",
            "renewal_intervals": ("open",),
        },
        states={"2022-01-01": "current certain", "2080-01-01": "current certain"},
        concluded=1,
    ),
    Case(
        "no interval and no term: what follows the end is not known",
        "“… until 31 December 2026; renewed if both parties agree.”",
        {"effective": "2020-01-01", "ends": "2026-12-31", "renewal_mode": "negotiated", "max_renewals": 3},
        ("renegotiation 2026-12-31",),
        {"2026-12-31": "current certain", "2027-01-01": "unknown possible"},
        missing=("signed", "renewal_intervals"),
    ),
]

STATUSES = (
    [
        Case(
            f"status {word}, no day",
            "VCLT art. 24: a treaty enters into force as it provides; the status is the editor's reading",
            {"effective": "2020-01-01", "renewal_mode": "evergreen"},
            states={"2019-12-31": before, "2022-01-01": later},
            status=word,
            missing=missing,
        )
        for word, before, later, missing in (
            ("announced", "upcoming no", "current possible", ("announced", "signed", "notice_period")),
            ("signed", "upcoming no", "current possible", ("signed", "notice_period")),
            ("in_force", "upcoming no", "current certain", ("signed", "notice_period")),
            ("unknown", "upcoming no", "current certain", ("signed", "notice_period")),
            ("suspended", "upcoming no", "unknown possible", ("signed", "status_since", "notice_period")),
            ("terminated", "unknown no", "unknown possible", ("signed", "status_since")),
        )
    ]
    + [
        Case(
            f"status {word} since 1 May 2021",
            "VCLT arts. 54, 57, 70 and 72: a termination or suspension takes effect from a day on, not before",
            {"effective": "2020-01-01", "renewal_mode": "evergreen", "notice_period": "P1M"},
            states={"2020-06-01": before, "2021-04-30": before, "2021-05-01": later, "2030-01-01": later},
            status=word,
            status_since="2021-05-01",
        )
        for word, before, later in (
            ("announced", "current possible", "current possible"),
            ("signed", "current possible", "current possible"),
            ("in_force", "current certain", "current certain"),
            ("unknown", "current certain", "current certain"),
            ("suspended", "current certain", "suspended no"),
            ("terminated", "current certain", "terminated no"),
        )
    ]
    + [
        Case(
            "in force since a day, and no effective date",
            "“… has been in force since 2019”, says a register",
            {"renewal_mode": "evergreen", "notice_period": "P1M"},
            states={"2018-12-31": "unknown possible", "2019-12-31": "current certain", "2020-01-01": "current certain"},
            status_since="2019",
            missing=("signed", "effective"),
        ),
        Case(
            "suspended some time in a month",
            "“Operations were suspended in May 2021.” VCLT art. 72",
            {"effective": "2020-01-01", "renewal_mode": "evergreen"},
            states={"2021-04-30": "current certain", "2021-05-15": "unknown possible", "2021-05-31": "suspended no"},
            status="suspended",
            status_since="2021-05",
        ),
        Case(
            "terminated by a day that is not known",
            "“… is no longer in force”, said a record of 30 June 2022",
            {"effective": "2020-01-01", "renewal_mode": "evergreen"},
            states={"2021-01-01": "unknown possible", "2022-06-30": "terminated no"},
            status="terminated",
            status_since="../2022-06-30",
        ),
        Case(
            "terminated at its stated end",
            "VCLT art. 54(a): the termination takes place in conformity with the treaty",
            {
                "effective": "2020-01-01",
                "ends": "2026-03-31",
                "renewal_mode": "automatic",
                "renewal_intervals": ("P1Y",),
            },
            states={"2026-03-31": "current certain", "2026-04-01": "terminated no"},
            status="terminated",
            missing=("signed",),
        ),
        Case(
            "terminated before its stated end",
            "“… terminated for convenience with effect of 1 July 2025.”",
            {"effective": "2020-01-01", "ends": "2026-03-31", "renewal_mode": "none"},
            states={"2025-06-30": "current certain", "2025-07-01": "terminated no", "2026-04-01": "terminated no"},
            status="terminated",
            status_since="2025-07-01",
        ),
    ]
)

UNCERTAIN = [
    Case(
        "a year as effective date",
        "“… concluded in 2025 for one year.”",
        {"effective": "2025", "term": "P1Y", "term_ends": "same_day", "renewal_mode": "none"},
        ("expiry 2026",),
        {
            "2024-12-31": "upcoming no",
            "2025-06-01": "unknown possible",
            "2025-12-31": "current certain",
            "2026-01-01": "current certain",
            "2026-01-02": "unknown possible",
            "2027-01-01": "lapsed no",
        },
    ),
    Case(
        "a year as effective date, day before",
        "“… concluded in 2025 for one year”, the first day counts",
        {"effective": "2025", "term": "P1Y", "term_ends": "day_before", "renewal_mode": "none"},
        ("expiry 2025-12-31/2026-12-30",),
        {"2025-12-31": "current certain", "2026-01-01": "unknown possible", "2026-12-31": "lapsed no"},
    ),
    Case(
        "a month without a year",
        "« … à partir d'avril prochain, pour un an »",
        {"effective": "XXXX-04", "term": "P1Y", "term_ends": "same_day", "renewal_mode": "negotiated"},
        ("renegotiation XXXX-04",),
        {"2026-01-01": "unknown possible"},
    ),
    Case(
        "an end in a year, after a start on a day of it",
        "“This Decision applies from 1 June 2024”; the register says that it ended in 2024",
        {"effective": "2024-06-01", "ends": "2024", "renewal_mode": "none"},
        states={
            "2024-03-01": "upcoming no",
            "2024-06-01": "current certain",
            "2024-07-01": "unknown possible",
            "2025-01-01": "lapsed no",
        },
    ),
    Case(
        "an end on a day without a year",
        "“This Agreement applies from 1 June 2024 until April.”",
        {"effective": "2024-06-01", "ends": "XXXX-04", "renewal_mode": "none"},
        states={"1990-01-01": "upcoming no", "2024-05-31": "upcoming no", "2030-01-01": "unknown possible"},
    ),
    Case(
        "a start that the editors supply",
        "The article has no date; the editors count it from the day of the meeting",
        {**YEAR, "renewal_mode": "negotiated", "term_ends": "same_day"},
        ("renegotiation 2026-10-30",),
        {"2025-10-29": "upcoming no", "2025-10-30": "current possible", "2026-10-31": "renewal_due possible"},
        editorial=("effective",),
    ),
    Case(
        "an end that the editors supply",
        "“… for an indefinite period”; the editors' note says that it ended in 2024",
        {"effective": "2020-01-01", "ends": "2024-12-31", "renewal_mode": "none"},
        states={"2022-01-01": "current possible", "2025-01-01": "lapsed no"},
        editorial=("ends",),
    ),
    Case(
        "in force on a condition",
        "“This Treaty shall enter into force thirty days after the deposit of the second instrument of ratification.”",
        {
            "effective_condition": "thirty days after the deposit of the second instrument of ratification",
            "term": "P10Y",
            "term_ends": "same_day",
            "renewal_mode": "automatic",
            "notice_period": "P1Y",
            "unlimited": True,
        },
        (),
        {"2026-01-01": "unknown possible"},
        status="signed",
        missing=("signed", "effective", "ends"),
        complete=True,
    ),
    Case(
        "in force on a condition that was met",
        "The same; the second instrument was deposited on 2 May 2021",
        {
            "effective": "2021-06-01",
            "effective_condition": "thirty days after the deposit of the second instrument of ratification",
            "term": "P10Y",
            "term_ends": "same_day",
            "renewal_mode": "automatic",
            "notice_period": "P1Y",
            "unlimited": True,
        },
        ("notice_deadline 2030-06-01", "renewal 2031-06-01"),
        {"2021-05-31": "upcoming no", "2021-06-01": "current certain"},
        missing=("signed",),
    ),
    Case(
        "a term counted from an event",
        "“The term is two years from the first delivery.”",
        {
            "effective": "2025-01-15",
            "term": "P2Y",
            "term_from": "from the first delivery",
            "term_ends": "same_day",
            "renewal_mode": "none",
        },
        (),
        {"2025-01-14": "upcoming no", "2025-06-01": "unknown possible", "2040-01-01": "unknown possible"},
        missing=("signed", "ends"),
        complete=True,
    ),
    Case(
        "a term counted from an event that took place",
        "The same; the first delivery was on 1 March 2025, so it ends on 1 March 2027",
        {
            "effective": "2025-01-15",
            "ends": "2027-03-01",
            "term": "P2Y",
            "term_from": "from the first delivery",
            "term_ends": "same_day",
            "renewal_mode": "none",
        },
        ("expiry 2027-03-01",),
        {"2027-03-01": "current certain", "2027-03-02": "lapsed no"},
        missing=("signed",),
        complete=True,
    ),
    Case(
        "begun in a year or in any later one",
        "“… lasts five years from the day on which it begins to apply”, which was 2025 at the earliest",
        {"effective": "2025/9998", "term": "P5Y", "term_ends": "same_day", "renewal_mode": "none"},
        ("expiry 2030/",),
        {"2029-12-31": "current certain", "2030-01-01": "current certain", "2040-01-01": "unknown possible"},
        status_since="2025-06-01",
        complete=True,
    ),
    Case(
        "prolonged once from an end in a year or in any later one",
        "“The option to prolong it by two years has been exercised”; it was to end in 2030 at the earliest",
        {"ends": "2030/9999", "renewal_mode": "optional", "renewal_intervals": ("P2Y",), "term_ends": "same_day"},
        ("renewal 2030/9999", "renewal 2032/", "renewal 2034/"),
        {"2032-01-01": "current certain", "2032-01-02": "unknown possible", "2040-01-01": "unknown possible"},
        status_since="2025-06-01",
        concluded=1,
    ),
    Case(
        "nothing is stated",
        "“The parties have reached an agreement.”",
        {},
        (),
        {"2026-01-01": "unknown possible"},
        status="unknown",
        missing=("signed", "effective", "ends", "term", "renewal_mode"),
        complete=True,
    ),
]

EVERGREEN = {"effective": "2010-01-01", "renewal_mode": "evergreen", "notice_period": "P1M"}


def later(effective: str, **fields: Any) -> dict[str, Any]:
    """Return a successor without end that applies from a day."""
    return {**EVERGREEN, "effective": effective, "status": "in_force"} | fields


SUCCESSIONS = [
    Case(
        "superseded from the day the later takes effect",
        "VCLT art. 59(1): a later treaty on the same subject terminates the earlier",
        EVERGREEN,
        states={"2019-12-31": "current certain", "2020-01-01": "superseded no", "2030-01-01": "superseded no"},
        successors=(later("2020-01-01"),),
    ),
    Case(
        "a chain of three",
        "“This Agreement supersedes the agreement of 2015, which superseded that of 2010.”",
        EVERGREEN,
        states={"2014-12-31": "current certain", "2015-01-01": "superseded no", "2021-01-01": "superseded no"},
        successors=(later("2015-01-01"), later("2020-01-01")),
    ),
    Case(
        "a chain whose last takes effect first",
        "The agreement that was to follow never came to apply: another took its place before it began",
        EVERGREEN,
        states={"2017-12-31": "current certain", "2018-01-01": "superseded no", "2020-06-01": "superseded no"},
        successors=(later("2020-01-01"), later("2018-01-01")),
    ),
    Case(
        "a successor that is only signed",
        "VCLT art. 24: before its entry into force it replaces nothing with certainty",
        EVERGREEN,
        states={"2019-12-31": "current certain", "2020-01-01": "unknown possible"},
        successors=(later("2020-01-01", status="signed"),),
    ),
    Case(
        "a successor without a date",
        "“… replaces the former agreement”, and no source says since when",
        EVERGREEN,
        states={"2020-01-01": "unknown possible"},
        successors=(later(""),),
    ),
    Case(
        "a successor whose month is known",
        "“… in force since June 2020, in place of the former.”",
        EVERGREEN,
        states={"2020-05-31": "current certain", "2020-06-15": "unknown possible", "2020-06-30": "superseded no"},
        successors=(later("2020-06"),),
    ),
    Case(
        "a successor that was terminated before it began",
        "VCLT art. 54(b): ended by consent before its entry into force",
        EVERGREEN,
        states={"2021-01-01": "current certain"},
        successors=(later("2020-01-01", status="terminated", status_since="2019-06-01"),),
    ),
    Case(
        "superseded after it had lapsed",
        "The old agreement ended in 2015, the new one applies from 2020",
        {"effective": "2010-01-01", "ends": "2015-12-31", "renewal_mode": "none"},
        states={"2015-12-31": "current certain", "2016-01-01": "lapsed no", "2020-01-01": "superseded no"},
        successors=(later("2020-01-01"),),
    ),
    Case(
        "renegotiated into another agreement",
        "“The parties concluded a new agreement, which applies from 30 October 2026.”",
        {**YEAR, "renewal_mode": "negotiated", "term_ends": "same_day"},
        states={"2026-10-29": "current certain", "2026-10-30": "superseded no", "2027-01-01": "superseded no"},
        successors=(later("2026-10-30"),),
    ),
]

CASES = [*MODES, *CONVENTIONS, *INTERVALS, *STATUSES, *UNCERTAIN, *SUCCESSIONS]

# A party's time in an agreement: since, until, a day, and whether it takes part: `certain`, `possible` or `no`.
PARTIES = [
    ("a party from the start", "", "", "2020-01-01", "certain"),
    ("a party that acceded, VCLT art. 15", "2020-05-01", "", "2020-04-30", "no"),
    ("a party that acceded, VCLT art. 15", "2020-05-01", "", "2020-05-01", "certain"),
    ("acceded in a year", "2020", "", "2020-06-01", "possible"),
    ("acceded in a year", "2020", "", "2020-12-31", "certain"),
    ("a party that withdrew, VCLT art. 54", "", "2021-12-31", "2021-12-31", "certain"),
    ("a party that withdrew, VCLT art. 54", "", "2021-12-31", "2022-01-01", "no"),
    ("withdrew in a month", "2010", "2021-12", "2021-12-15", "possible"),
    ("withdrew on a day without a year", "2010", "XXXX-12", "2021-12-15", "possible"),
    ("came back after it had left", "2024-01-01", "", "2023-06-01", "no"),
    ("came back after it had left", "2024-01-01", "", "2024-01-01", "certain"),
]
