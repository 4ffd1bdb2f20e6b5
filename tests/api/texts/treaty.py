"""A treaty on a river, its protocol, and what its depositary records of the parties."""

from typing import Any

from tests.api.texts import Encoding, cite

TREATY = """\
CONVENTION ON NAVIGATION ON THE LOWER OSK

Done at Marten on 14 May 2018 by Aldovia, Brennia and Corvenia, in a single copy in the English language, which the \
Government of Aldovia, as depositary, keeps.

Article 1. The Lower Osk is open to vessels of all parties.
Article 2. No party shall charge a toll of more than three percent (3 %) of the value of the cargo.
Article 3. Goods of chapters 25 to 27 of the Harmonized System are free of duty in transit.
Article 4. The parties set up the Osk Commission, which meets at least once a year.
Article 5. Each party shall keep a channel of a depth of two metres (2 m).
Article 6. A vessel in distress may put in at any port.
Article 7. A dispute that is not settled within six months from the request for talks goes to arbitration.
Article 8. The parties shall exchange data on the water level.
Article 9. This Convention is subject to ratification. It enters into force on the first day of the second month after \
the deposit of the second instrument of ratification.
Article 10. Pending its entry into force, Aldovia and Brennia apply Articles 1 and 2 from 1 June 2018 on.
Article 11. This Convention remains in force for ten years, and thereafter for successive periods of five years, unless \
it is denounced at least twelve months before the end of the current period.
Article 12. Any party may withdraw from this Convention by notice of six months.
Article 13. Any other state may accede to this Convention.
"""
PROTOCOL = """\
PROTOCOL of 1 September 2021 to the Convention on Navigation on the Lower Osk, in force from 1 January 2022.

Article I. Article 5 is replaced by: "Each party shall keep a channel of a depth of three metres (3 m)."
Article II. After Article 5 is inserted, as Article 5a: "The Osk Commission publishes the depth every month."
"""
RECORD = """\
Record of the depositary of the Convention on Navigation on the Lower Osk.
Aldovia deposited its instrument of ratification on 2 November 2018.
Brennia deposited its instrument of ratification on 20 March 2019, with a reservation to Article 8.
The Convention entered into force on 1 May 2019.
Corvenia signed and did not ratify.
Dravonia acceded on 10 February 2020; the Convention applies to it from 1 April 2020 on.
Dravonia gave notice of withdrawal on 30 June 2023; it was a party until 31 December 2023.
Dravonia acceded again on 4 March 2025 and is a party from 1 May 2025 on.
The operation of Article 8 was suspended on 5 July 2024.
"""
MAIN, PROTO, REC = "osk-convention", "osk-protocol", "osk-record"
STATES = ["aldovia", "brennia", "corvenia", "dravonia"]


def article(number: int, type_: str, modality: str, text: str, **fields: Any) -> dict[str, Any]:
    """Return an article of the convention with citations of its text and of the fields in `words`."""
    words = fields.pop("words", {})
    own = {"number": str(number), "position": number, "type": type_, "modality": modality, "text": text}
    citations = [cite(MAIN, text), *(cite(MAIN, exact, name) for name, exact in words.items())]
    return {"agreement": MAIN, "standing": "text", "language": "en"} | own | fields | {"citations": citations}


def change(position: int, modification: str, text: str, **fields: Any) -> dict[str, Any]:
    """Return an article of the protocol that modifies Article 5."""
    own = {"number": str(position), "position": position, "text": text, "modification": modification, "modifies": "5"}
    common = {"agreement": PROTO, "standing": "text", "language": "en", "modality": "obligation"}
    return common | own | fields | {"citations": [cite(PROTO, text)]}


def event(number: int, kind: str, date: str, exact: str, *who: str, source: str = REC) -> dict[str, Any]:
    """Return an event that the depositary recorded."""
    own = {"agreement": MAIN, "number": f"E{number}", "kind": kind, "status": "held", "date": date}
    return own | {"participants": list(who), "citations": [cite(source, exact), cite(source, exact, "date")]}


RIVER_TREATY = Encoding(
    sources=[
        {"slug": MAIN, "title": "Convention", "kind": "treaty_text", "language": "en", "text": TREATY},
        {"slug": PROTO, "title": "Protocol", "kind": "treaty_text", "language": "en", "text": PROTOCOL},
        {"slug": REC, "title": "Depositary's record", "kind": "official_record", "language": "en", "text": RECORD},
    ],
    parties=[
        *({"slug": state, "name": state.title(), "kind": "state"} for state in STATES),
        {"slug": "osk-commission", "name": "Osk Commission", "kind": "international_organization"},
    ],
    agreements=[
        {
            "slug": MAIN,
            "title": "Convention on Navigation on the Lower Osk",
            "instrument": "treaty",
            "status": "in_force",
            "status_since": "2019-05-01",
            "signed": "2018-05-14",
            "effective": "2019-05-01",
            "effective_condition": (
                "on the first day of the second month after the deposit of the second instrument of ratification"
            ),
            "term": "P10Y",
            "term_ends": "same_day",
            "renewal_mode": "automatic",
            "renewal_intervals": ["P5Y"],
            "notice_period": "P12M",
            "clauses_complete": True,
            "parties": [
                {"party": "aldovia", "role": "depositary"},
                {"party": "aldovia", "role": "party"},
                {"party": "brennia", "role": "party"},
                {"party": "corvenia", "role": "signatory"},
                {"party": "dravonia", "role": "party", "since": "2020-04-01", "until": "2023-12-31"},
                {"party": "dravonia", "role": "party", "since": "2025-05-01"},
                {"party": "osk-commission", "role": "mentioned"},
            ],
            "citations": [
                cite(MAIN, "CONVENTION ON NAVIGATION ON THE LOWER OSK"),
                cite(REC, "The Convention entered into force on 1 May 2019.", "status"),
                cite(REC, "entered into force on 1 May 2019", "status_since"),
                cite(MAIN, "14 May 2018", "signed"),
                cite(REC, "entered into force on 1 May 2019", "effective"),
                cite(MAIN, "on the first day of the second month", "effective_condition"),
                cite(MAIN, "remains in force for ten years", "term"),
                cite(MAIN, "thereafter for successive periods of five years", "renewal_mode"),
                cite(MAIN, "successive periods of five years", "renewal_intervals"),
                cite(MAIN, "at least twelve months before the end", "notice_period"),
                cite(MAIN, "the Government of Aldovia, as depositary", "parties"),
            ],
        },
        {
            "slug": PROTO,
            "title": "Protocol to the Convention on Navigation on the Lower Osk",
            "instrument": "treaty",
            "status": "in_force",
            "signed": "2021-09-01",
            "effective": "2022-01-01",
            "renewal_mode": "evergreen",
            "amends": MAIN,
            "citations": [
                cite(PROTO, "PROTOCOL of 1 September 2021"),
                cite(PROTO, "1 September 2021", "signed"),
                cite(PROTO, "in force from 1 January 2022", "effective"),
            ],
        },
    ],
    clauses=[
        article(1, "market_access", "permission", "The Lower Osk is open to vessels of all parties."),
        article(
            2,
            "tariff",
            "prohibition",
            "No party shall charge a toll of more than three percent (3 %) of the value of the cargo.",
            value=3,
            unit="%",
            comparator="at_most",
            words={"value": "3 %", "comparator": "more than three percent"},
        ),
        article(
            3,
            "tariff",
            "prohibition",
            "Goods of chapters 25 to 27 of the Harmonized System are free of duty in transit.",
            value=0,
            unit="%",
            comparator="exactly",
            hs_codes=["25-27"],
            commodity="Goods of chapters 25 to 27 of the Harmonized System",
        ),
        article(4, "institution", "declaration", "The parties set up the Osk Commission"),
        article(
            5,
            "other",
            "obligation",
            "Each party shall keep a channel of a depth of two metres (2 m).",
            value=2,
            unit="m",
            words={"value": "two metres (2 m)"},
        ),
        article(6, "other", "permission", "A vessel in distress may put in at any port."),
        article(
            7,
            "dispute_settlement",
            "obligation",
            "A dispute that is not settled within six months from the request for talks goes to arbitration.",
            period="P6M",
            trigger="from the request for talks",
        ),
        article(8, "cooperation", "obligation", "The parties shall exchange data on the water level."),
        article(9, "duration_renewal", "declaration", "This Convention is subject to ratification."),
        article(
            10,
            "duration_renewal",
            "obligation",
            "Pending its entry into force, Aldovia and Brennia apply Articles 1 and 2 from 1 June 2018 on.",
            effective="2018-06-01",
            words={"effective": "from 1 June 2018 on"},
            parties=[
                {"party": "aldovia", "role": "obligor", "explicit": True},
                {"party": "brennia", "role": "obligor", "explicit": True},
            ],
        ),
        article(11, "duration_renewal", "declaration", "This Convention remains in force for ten years"),
        article(
            12,
            "termination",
            "permission",
            "Any party may withdraw from this Convention by notice of six months.",
            period="P6M",
        ),
        article(13, "other", "permission", "Any other state may accede to this Convention."),
        change(
            1,
            "substitution",
            "Each party shall keep a channel of a depth of three metres (3 m).",
            type="other",
            value=3,
            unit="m",
        ),
        change(2, "insertion", "The Osk Commission publishes the depth every month.", type="institution", number="5a"),
    ],
    events=[
        event(1, "signature", "2018-05-14", "14 May 2018", "aldovia", "brennia", "corvenia", source=MAIN),
        event(2, "provisional_application", "2018-06-01", "from 1 June 2018 on", "aldovia", "brennia", source=MAIN),
        event(3, "ratification", "2018-11-02", "2 November 2018", "aldovia"),
        event(4, "ratification", "2019-03-20", "20 March 2019", "brennia"),
        event(5, "reservation", "2019-03-20", "20 March 2019, with a reservation to Article 8", "brennia"),
        event(6, "entry_into_force", "2019-05-01", "1 May 2019"),
        event(7, "accession", "2020-02-10", "10 February 2020", "dravonia"),
        event(8, "notice", "2023-06-30", "notice of withdrawal on 30 June 2023", "dravonia"),
        event(9, "withdrawal", "2023-12-31", "until 31 December 2023", "dravonia"),
        event(10, "accession", "2025-03-04", "4 March 2025", "dravonia"),
        event(11, "suspension", "2024-07-05", "suspended on 5 July 2024"),
    ],
    facts=[
        ("when it was signed", f"agreements/{MAIN}", "signed", "2018-05-14"),
        (
            "on what condition it enters into force",
            f"agreements/{MAIN}",
            "effective_condition",
            "on the first day of the second month after the deposit of the second instrument of ratification",
        ),
        ("when it entered into force", f"agreements/{MAIN}", "effective", "2019-05-01"),
        ("that it was not in force before", f"agreements/{MAIN}?on=2019-04-30", "temporal_status", "upcoming"),
        ("that it was in force then", f"agreements/{MAIN}?on=2019-05-01", "temporal_status", "current"),
        (
            "certainly in force in 2035",
            "agreements?in_force_on=2035-01-01&certainty=certain&amends__isnull=true&instrument=treaty",
            "slug",
            [MAIN],
        ),
        ("what is missing", f"agreements/{MAIN}", "missing", ["max_renewals"]),
        (
            "until when it can be denounced",
            f"renewals?agreement={MAIN}&kind=notice_deadline&due_before=2035-01-01",
            "due",
            ["2028-05-01", "2033-05-01"],
        ),
        (
            "the ends of its periods",
            f"renewals?agreement={MAIN}&kind=renewal&due_before=2035-01-01",
            "due",
            ["2029-05-01", "2034-05-01"],
        ),
        ("signatories", f"parties?agreement={MAIN}&role=signatory", "slug", ["corvenia"]),
        ("the depositary", f"parties?agreement={MAIN}&role=depositary", "slug", ["aldovia"]),
        ("parties in time", "agreements?party=dravonia&in_force_on=2021-01-01&certainty=certain", "slug", [MAIN]),
        ("a party that left", "agreements?party=dravonia&in_force_on=2024-06-01", "slug", []),
        (
            "a party that came back",
            "agreements?party=dravonia&in_force_on=2025-05-01&certainty=certain",
            "slug",
            [MAIN],
        ),
        (
            "where it was signed",
            f"events?agreement={MAIN}&kind=signature",
            "participants",
            [["aldovia", "brennia", "corvenia"]],
        ),
        ("provisional application", f"events?agreement={MAIN}&kind=provisional_application", "date", ["2018-06-01"]),
        (
            "ratifications",
            f"events?agreement={MAIN}&kind=ratification&ordering=date",
            "date",
            ["2018-11-02", "2019-03-20"],
        ),
        ("when Brennia ratified", "events?kind=ratification&participant=brennia", "date", ["2019-03-20"]),
        ("a reservation", f"events?agreement={MAIN}&kind=reservation", "participants", [["brennia"]]),
        ("entry into force as an event", f"events?agreement={MAIN}&kind=entry_into_force", "date", ["2019-05-01"]),
        (
            "accessions",
            "events?kind=accession&participant=dravonia&ordering=date",
            "date",
            ["2020-02-10", "2025-03-04"],
        ),
        ("notice of withdrawal", f"events?agreement={MAIN}&kind=notice", "date", ["2023-06-30"]),
        ("withdrawal", f"events?agreement={MAIN}&kind=withdrawal", "date", ["2023-12-31"]),
        ("a suspension", f"events?agreement={MAIN}&kind=suspension", "date", ["2024-07-05"]),
        ("the greatest toll", f"clauses?agreement={MAIN}&comparator=at_most&unit=%25", "value", [3]),
        ("goods that are free, by a code within the range", f"clauses?agreement={MAIN}&hs_code=2603", "number", ["3"]),
        ("goods that are not", f"clauses?agreement={MAIN}&hs_code=28", "number", []),
        ("the commission", f"clauses?agreement={MAIN}&type=institution", "number", ["4"]),
        (
            "the channel at first",
            f"clauses?agreement={MAIN}&number=5&in_force_on=2021-12-31&certainty=certain",
            "value",
            [2],
        ),
        (
            "the channel since the protocol",
            f"clauses?agreement={PROTO}&unit=m&in_force_on=2022-01-01&certainty=certain",
            "value",
            [3],
        ),
        ("the old depth has ended", f"clauses?agreement={MAIN}&number=5&in_force_on=2022-01-01", "value", []),
        ("time for talks", f"clauses?agreement={MAIN}&type=dispute_settlement", "period", ["P6M"]),
        ("provisional duties of Aldovia", f"clauses?agreement={MAIN}&obligor=aldovia", "effective", ["2018-06-01"]),
        ("withdrawal by notice", f"clauses?agreement={MAIN}&type=termination", "period", ["P6M"]),
        ("that the text is complete", f"agreements/{MAIN}", "clauses_complete", True),
        (
            "the text with the protocol",
            f"agreements/{MAIN}/consolidated?on=2022-01-01",
            "clauses.number",
            ["1", "2", "3", "4", "5", "5a", "6", "7", "8", "9", "10", "11", "12", "13"],
        ),
        ("certainty of that text", f"agreements/{MAIN}/consolidated?on=2022-01-01", "certainty", "certain"),
    ],
    misfits=[
        "The commission meets at least once a year: how often something recurs within a clause stays words of the text.",
        "Articles 1 and 2 apply provisionally: the clause says so and has its date, but not to which articles it refers.",
        "Only Article 8 is suspended: a suspension of one clause is an event, the clause has no status of its own.",
    ],
)
