"""A reseller contract, its amendment, and the contract that it replaces."""

from typing import Any

from tests.api.texts import Encoding, cite

CONTRACT = """\
RESELLER AGREEMENT

This Reseller Agreement is made on February 12, 2024 between Norvale Systems Ltd ("Supplier") and Brightmere Trading \
GmbH ("Reseller"). It takes the place of the Distribution Agreement of May 5, 2019 from March 1, 2024 on. Harrow \
Holdings plc (the "Guarantor") guarantees the payments of the Reseller. Signed in the presence of Ada Quill.

1. Appointment. Supplier appoints Reseller as its exclusive reseller of the Products in Austria and Germany.
2. Term. This Agreement begins on March 1, 2024 and has an initial term of three (3) years, which ends on \
February 28, 2027.
3. Renewal. At the end of the initial term it renews automatically for one term of two (2) years and then for \
successive terms of one (1) year. There is no limit to the number of renewals. Either party may prevent a renewal by \
notice given not more than twelve (12) months and not less than ninety (90) days before the end of the current term.
4. Fee. Reseller shall pay a fee of EUR 120,000 for each year.
5. Minimum. Reseller shall purchase Products for at least EUR 500,000 in each year.
6. Payment. Each invoice is payable within thirty (30) days from receipt of the invoice.
7. Interest. Late payments bear interest of eight percent (8 %) a year.
8. Confidentiality. Each party shall keep the other's information secret. This section survives the end of this \
Agreement for five (5) years.
9. Marks. Supplier keeps all rights in its marks and grants Reseller a non-exclusive licence to use them.
10. Warranty. Supplier warrants the Products for twelve (12) months from delivery.
11. Liability. The liability of either party shall not exceed EUR 1,000,000 in each year.
12. Indemnity. Supplier shall indemnify Reseller against claims that the Products infringe rights of others.
13. Insurance. Reseller shall keep product liability insurance of at least EUR 2,000,000.
14. Audit. Supplier may inspect the books of the Reseller on ten (10) days' notice.
15. Assignment. Reseller shall not assign this Agreement without the prior written consent of the Supplier.
16. Data. Each party shall process personal data only as the law allows.
17. Breach. Either party may terminate this Agreement if a breach is not cured within sixty (60) days from notice of \
the breach.
18. Force majeure. Neither party is liable for events beyond its control.
19. Law. This Agreement is governed by the laws of Ireland.
20. Disputes. The courts of Dublin have jurisdiction.
"""
AMENDMENT = """\
AMENDMENT NO. 1 of January 15, 2025 to the Reseller Agreement, in force from April 1, 2025.

1. Section 4 (Fee) is replaced by: "Reseller shall pay a fee of EUR 150,000 for each year."
2. After Section 9 the following Section 9a is inserted: "Supplier shall run a helpdesk for the customers of Reseller."
3. Section 7 (Interest) is deleted.
"""
REGISTER = """\
counterparty;document;signed;start;end
Brightmere Trading GmbH;Distribution Agreement;2019-05-05;2019-06-01;
"""
MAIN, FIRST, OLD = "reseller-agreement", "reseller-amendment-1", "distribution-agreement"
CLAUSE: dict[str, Any] = {"agreement": MAIN, "standing": "text", "language": "en"}
AMENDING: dict[str, Any] = {"agreement": FIRST, "standing": "text", "language": "en"}


def clause(number: int, type_: str, modality: str, text: str, **fields: Any) -> dict[str, Any]:
    """Return a clause of the contract with citations of its text and of the fields in `words`."""
    words = fields.pop("words", {})
    citations = [cite(MAIN, text), *(cite(MAIN, exact, name) for name, exact in words.items())]
    roles = [{"party": party, "role": role, "explicit": True} for party, role in fields.pop("who", {}).items()]
    own = {"number": str(number), "position": number, "type": type_, "modality": modality, "text": text}
    return CLAUSE | own | fields | {"parties": roles, "citations": citations}


def amending(position: int, modification: str, modifies: str, text: str, **fields: Any) -> dict[str, Any]:
    """Return a clause of the amendment that modifies the clause of this number."""
    words = fields.pop("words", {})
    citations = [cite(FIRST, text), *(cite(FIRST, exact, name) for name, exact in words.items())]
    own = {"number": str(position), "position": position, "text": text, "modification": modification}
    return AMENDING | own | {"modifies": modifies} | fields | {"citations": citations}


SUPPLIER, RESELLER = "norvale-systems", "brightmere-trading"
CLAUSES = [
    clause(
        1,
        "exclusivity",
        "permission",
        "Supplier appoints Reseller as its exclusive reseller of the Products in Austria and Germany.",
        who={SUPPLIER: "obligor", RESELLER: "obligee"},
        scope="partial",
        scope_note="in Austria and Germany",
    ),
    clause(2, "duration_renewal", "declaration", "initial term of three (3) years"),
    clause(3, "duration_renewal", "permission", "Either party may prevent a renewal by notice"),
    clause(
        4,
        "payment",
        "obligation",
        "Reseller shall pay a fee of EUR 120,000 for each year.",
        who={RESELLER: "obligor"},
        value=120000,
        unit="EUR",
        per="P1Y",
        comparator="exactly",
        words={"value": "EUR 120,000", "unit": "EUR 120,000", "per": "for each year"},
    ),
    clause(
        5,
        "purchase",
        "obligation",
        "Reseller shall purchase Products for at least EUR 500,000 in each year.",
        who={RESELLER: "obligor", SUPPLIER: "affected"},
        value=500000,
        unit="EUR",
        per="P1Y",
        comparator="at_least",
        words={"value": "EUR 500,000", "comparator": "at least EUR 500,000"},
    ),
    clause(
        6,
        "payment",
        "obligation",
        "Each invoice is payable within thirty (30) days from receipt of the invoice.",
        period="P30D",
        trigger="from receipt of the invoice",
        words={"period": "thirty (30) days"},
    ),
    clause(
        7,
        "payment",
        "obligation",
        "Late payments bear interest of eight percent (8 %) a year.",
        value=8,
        unit="%",
        per="P1Y",
        words={"value": "8 %"},
    ),
    clause(
        8,
        "confidentiality",
        "obligation",
        "Each party shall keep the other's information secret.",
        survives=True,
        period="P5Y",
        trigger="the end of this Agreement",
        words={"survives": "This section survives the end of this Agreement", "period": "five (5) years"},
    ),
    clause(
        9,
        "intellectual_property",
        "permission",
        "Supplier keeps all rights in its marks and grants Reseller a non-exclusive licence to use them.",
        who={SUPPLIER: "obligor", RESELLER: "obligee"},
    ),
    clause(
        10,
        "warranty",
        "obligation",
        "Supplier warrants the Products for twelve (12) months from delivery.",
        who={SUPPLIER: "obligor"},
        period="P12M",
        trigger="from delivery",
        words={"period": "twelve (12) months from delivery"},
    ),
    clause(
        11,
        "liability",
        "prohibition",
        "The liability of either party shall not exceed EUR 1,000,000 in each year.",
        value=1000000,
        unit="EUR",
        per="P1Y",
        comparator="at_most",
        words={"comparator": "shall not exceed"},
    ),
    clause(
        12,
        "indemnity",
        "obligation",
        "Supplier shall indemnify Reseller against claims that the Products infringe rights of others.",
        who={SUPPLIER: "obligor", RESELLER: "obligee"},
    ),
    clause(
        13,
        "insurance",
        "obligation",
        "Reseller shall keep product liability insurance of at least EUR 2,000,000.",
        who={RESELLER: "obligor"},
        value=2000000,
        unit="EUR",
        comparator="at_least",
    ),
    clause(
        14,
        "audit",
        "permission",
        "Supplier may inspect the books of the Reseller on ten (10) days' notice.",
        who={RESELLER: "obligor", SUPPLIER: "obligee"},
        period="P10D",
    ),
    clause(
        15,
        "assignment",
        "prohibition",
        "Reseller shall not assign this Agreement without the prior written consent of the Supplier.",
        who={RESELLER: "obligor"},
    ),
    clause(16, "data_protection", "obligation", "Each party shall process personal data only as the law allows."),
    clause(
        17,
        "termination",
        "permission",
        "Either party may terminate this Agreement if a breach is not cured within sixty (60) days from notice of the "
        "breach.",
        period="P60D",
        trigger="from notice of the breach",
    ),
    clause(18, "force_majeure", "declaration", "Neither party is liable for events beyond its control."),
    clause(19, "governing_law", "declaration", "This Agreement is governed by the laws of Ireland."),
    clause(20, "dispute_settlement", "declaration", "The courts of Dublin have jurisdiction."),
    amending(
        1,
        "substitution",
        "4",
        "Reseller shall pay a fee of EUR 150,000 for each year.",
        type="payment",
        modality="obligation",
        value=150000,
        unit="EUR",
        per="P1Y",
        comparator="exactly",
        baseline_value=120000,
        words={"modification": "Section 4 (Fee) is replaced by"},
    ),
    amending(
        2,
        "insertion",
        "9",
        "Supplier shall run a helpdesk for the customers of Reseller.",
        number="9a",
        type="other",
        modality="obligation",
        parties=[{"party": SUPPLIER, "role": "obligor", "explicit": True}],
        words={"number": "Section 9a is inserted"},
    ),
    amending(3, "repeal", "7", "Section 7 (Interest) is deleted.", type="payment", modality="declaration"),
]

RESELLER_CONTRACT = Encoding(
    sources=[
        {"slug": MAIN, "title": "Reseller Agreement", "kind": "contract_text", "language": "en", "text": CONTRACT},
        {"slug": FIRST, "title": "Amendment No. 1", "kind": "contract_text", "language": "en", "text": AMENDMENT},
        {"slug": "register", "title": "Contract register", "kind": "register", "language": "en", "text": REGISTER},
    ],
    parties=[
        {"slug": SUPPLIER, "name": "Norvale Systems Ltd", "kind": "organization", "country": "IE"},
        {"slug": RESELLER, "name": "Brightmere Trading GmbH", "kind": "organization", "country": "DE"},
        {"slug": "harrow-holdings", "name": "Harrow Holdings plc", "kind": "organization"},
        {"slug": "ada-quill", "name": "Ada Quill", "kind": "person"},
    ],
    agreements=[
        {
            "slug": OLD,
            "title": "Distribution Agreement",
            "instrument": "contract",
            "status": "unknown",
            "signed": "2019-05-05",
            "effective": "2019-06-01",
            "renewal_mode": "evergreen",
            "parties": [{"party": RESELLER, "role": "party"}],
            "citations": [
                cite("register", "Brightmere Trading GmbH;Distribution Agreement;2019-05-05;2019-06-01;"),
                cite("register", "2019-05-05", "signed"),
                cite("register", "2019-06-01", "effective"),
            ],
        },
        {
            "slug": MAIN,
            "title": "Reseller Agreement",
            "instrument": "contract",
            "status": "in_force",
            "signed": "2024-02-12",
            "effective": "2024-03-01",
            "ends": "2027-02-28",
            "term": "P3Y",
            "renewal_mode": "automatic",
            "renewal_intervals": ["P2Y", "P1Y"],
            "unlimited": True,
            "notice_opens": "P12M",
            "notice_period": "P90D",
            "clauses_complete": True,
            "supersedes": OLD,
            "parties": [
                {"party": SUPPLIER, "role": "party", "label": "Supplier"},
                {"party": RESELLER, "role": "party", "label": "Reseller"},
                {"party": "harrow-holdings", "role": "guarantor", "label": "Guarantor"},
                {"party": "ada-quill", "role": "witness"},
            ],
            "citations": [
                cite(MAIN, "This Reseller Agreement is made on February 12, 2024"),
                cite(MAIN, "February 12, 2024", "signed"),
                cite(MAIN, "begins on March 1, 2024", "effective"),
                cite(MAIN, "ends on February 28, 2027", "ends"),
                cite(MAIN, "initial term of three (3) years", "term"),
                cite(MAIN, "renews automatically", "renewal_mode"),
                cite(
                    MAIN,
                    "for one term of two (2) years and then for successive terms of one (1) year",
                    "renewal_intervals",
                ),
                cite(MAIN, "There is no limit to the number of renewals.", "unlimited"),
                cite(MAIN, "not more than twelve (12) months", "notice_opens"),
                cite(MAIN, "not less than ninety (90) days", "notice_period"),
                cite(MAIN, "takes the place of the Distribution Agreement", "supersedes"),
                cite(MAIN, 'Harrow Holdings plc (the "Guarantor")', "parties"),
            ],
        },
        {
            "slug": FIRST,
            "title": "Amendment No. 1 to the Reseller Agreement",
            "instrument": "contract",
            "status": "in_force",
            "signed": "2025-01-15",
            "effective": "2025-04-01",
            "renewal_mode": "evergreen",
            "amends": MAIN,
            "citations": [
                cite(FIRST, "AMENDMENT NO. 1"),
                cite(FIRST, "January 15, 2025", "signed"),
                cite(FIRST, "in force from April 1, 2025", "effective"),
                cite(FIRST, "to the Reseller Agreement", "amends"),
            ],
        },
    ],
    clauses=CLAUSES,
    events=[
        {
            "agreement": MAIN,
            "number": "E1",
            "kind": "signature",
            "status": "held",
            "date": "2024-02-12",
            "participants": [SUPPLIER, RESELLER, "ada-quill"],
            "citations": [cite(MAIN, "made on February 12, 2024"), cite(MAIN, "Ada Quill", "participants")],
        }
    ],
    facts=[
        ("when it was signed", f"agreements/{MAIN}", "signed", "2024-02-12"),
        ("when it begins", f"agreements/{MAIN}", "effective", "2024-03-01"),
        ("when the initial term ends", f"agreements/{MAIN}", "ends", "2027-02-28"),
        ("how long the terms after it last", f"agreements/{MAIN}", "renewal_intervals", ["P2Y", "P1Y"]),
        ("that renewals have no limit", f"agreements/{MAIN}", "unlimited", True),
        ("that nothing is missing", f"agreements/{MAIN}", "missing", []),
        ("the state on its last day", f"agreements/{MAIN}?on=2027-02-28", "temporal_status", "current"),
        ("evidence of the state", f"agreements/{MAIN}", "rests_on", "stated"),
        (
            "certainly in force",
            "agreements?in_force_on=2026-01-01&certainty=certain&amends__isnull=true&instrument=contract",
            "slug",
            [MAIN],
        ),
        ("the old contract is over", f"agreements/{OLD}?on=2024-03-01", "temporal_status", "superseded"),
        ("the old contract was current", f"agreements/{OLD}?on=2024-02-29", "temporal_status", "current"),
        (
            "first window of notice",
            f"renewals?agreement={MAIN}&kind=notice_deadline&due_before=2027-01-01",
            "due",
            ["2026-11-30"],
        ),
        (
            "when the window opens",
            f"renewals?agreement={MAIN}&kind=notice_deadline&due_before=2027-01-01",
            "opens",
            ["2026-02-28"],
        ),
        (
            "ends of terms, in a leap year too",
            f"renewals?agreement={MAIN}&kind=renewal&due_before=2032-03-01",
            "due",
            ["2027-02-28", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
        ("evidence of a computed date", f"renewals?agreement={MAIN}&sequence=2&kind=renewal", "rests_on", ["stated"]),
        ("the guarantor", f"parties?agreement={MAIN}&role=guarantor", "slug", ["harrow-holdings"]),
        ("the witness", f"parties?agreement={MAIN}&role=witness", "slug", ["ada-quill"]),
        (
            "what the text calls the parties",
            f"agreements/{MAIN}",
            "parties.label",
            ["Supplier", "Reseller", "Guarantor", ""],
        ),
        (
            "exclusivity, and where",
            f"clauses?agreement={MAIN}&type=exclusivity",
            "scope_note",
            ["in Austria and Germany"],
        ),
        ("the fee at first", f"clauses?agreement={MAIN}&number=4&in_force_on=2025-03-31", "value", [120000]),
        ("the old fee has ended", f"clauses?agreement={MAIN}&number=4&in_force_on=2025-04-01", "value", []),
        (
            "the fee after the amendment",
            f"clauses?agreement={FIRST}&type=payment&value__gte=1&in_force_on=2025-04-01&certainty=certain",
            "value",
            [150000],
        ),
        ("by how much the fee rises", f"clauses?agreement={FIRST}&delta__gte=1", "delta", [30000]),
        ("the minimum", f"clauses?agreement={MAIN}&comparator=at_least&per=P1Y", "value", [500000]),
        ("days to pay", f"clauses?agreement={MAIN}&period=P30D", "trigger", ["from receipt of the invoice"]),
        ("interest", f"clauses?agreement={MAIN}&unit=%25", "value", [8]),
        ("confidentiality survives", f"clauses?agreement={MAIN}&survives=true", "number", ["8"]),
        (
            "the licence of the marks",
            f"clauses?agreement={MAIN}&type=intellectual_property&obligee={RESELLER}",
            "number",
            ["9"],
        ),
        ("the warranty", f"clauses?agreement={MAIN}&type=warranty", "period", ["P12M"]),
        ("the cap on liability", f"clauses?agreement={MAIN}&type=liability&comparator=at_most", "value", [1000000]),
        ("the indemnity", f"clauses?type=indemnity&obligor={SUPPLIER}", "number", ["12"]),
        ("the insurance", f"clauses?type=insurance&obligor={RESELLER}", "value", [2000000]),
        ("the right to audit", f"clauses?type=audit&obligee={SUPPLIER}", "period", ["P10D"]),
        ("consent to assignment", f"clauses?type=assignment&modality=prohibition&obligor={RESELLER}", "number", ["15"]),
        ("the time to cure a breach", f"clauses?agreement={MAIN}&type=termination", "period", ["P60D"]),
        (
            "the law",
            f"clauses?agreement={MAIN}&type=governing_law",
            "text",
            ["This Agreement is governed by the laws of Ireland."],
        ),
        ("the courts", f"clauses?agreement={MAIN}&type=dispute_settlement", "number", ["20"]),
        ("agreements that it amends", f"agreements?amends={MAIN}", "slug", [FIRST]),
        (
            "the text before the amendment",
            f"agreements/{MAIN}/consolidated?on=2025-03-31",
            "clauses.number",
            [str(number) for number in range(1, 21)],
        ),
        (
            "the text after the amendment",
            f"agreements/{MAIN}/consolidated?on=2025-04-01",
            "clauses.number",
            ["1", "2", "3", "4", "5", "6", "8", "9", "9a", *(str(number) for number in range(10, 21))],
        ),
        (
            "where each clause comes from",
            f"agreements/{MAIN}/consolidated?on=2025-04-01",
            "clauses.agreement",
            [MAIN] * 3 + [FIRST] + [MAIN] * 4 + [FIRST] + [MAIN] * 11,
        ),
        ("that the register knows the old contract", "agreements?source=register", "slug", [OLD]),
    ],
    misfits=[
        "The consent to an assignment must be prior and written: form and time of a consent stay words of the text.",
        "The Products are defined in no clause; a list of goods would be clauses of type definition.",
    ],
)
