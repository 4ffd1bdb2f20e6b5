"""Controlled words: each with its label, its meaning, and the terms of other vocabularies that fall under it."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Word(models.TextChoices):
    """A closed vocabulary. A member is written `value, meaning, label`; the API documentation shows the meaning."""

    means: str

    def __new__(cls, value: str, meaning: str = "") -> "Word":
        word = str.__new__(cls, value)
        word._value_ = value
        word.means = meaning
        return word

    @property
    def meaning(self) -> str:
        """Return the meaning in the active language."""
        return gettext(self.means)

    @property
    def equivalents(self) -> str:
        """Return the terms of another vocabulary that fall under this word, after its name; blank if there are none."""
        return ""

    @classmethod
    def glossary(cls) -> str:
        """Return every word with its meaning, for help texts and the schema."""
        return "; ".join(f"`{word.value}`: {word.meaning}" for word in cls)


class CitationTarget(Word):
    """The kind of row that a citation supports."""

    AGREEMENT = "agreement", "an agreement itself", _("agreement")
    CLAUSE = "clause", "a clause", _("clause")
    STATEMENT = "statement", "a statement", _("statement")
    EVENT = "event", "an event", _("event")
    RENEWAL = "renewal", "a renewal date", _("renewal date")
    PARTICIPATION = "participation", "the part of a party in an agreement", _("participation")
    PARTY = "party", "a party", _("party")


class SelectorType(Word):
    """The way in which a selector names a part of a text (W3C Web Annotation Data Model, 4.2)."""

    TEXT_QUOTE = "TextQuoteSelector", "by its words, with the words before and after it", _("text quote selector")
    TEXT_POSITION = (
        "TextPositionSelector",
        "by its first character and the one after its last",
        _("text position selector"),
    )


class SourceKind(Word):
    """The kind of text of a source."""

    ARTICLE = "article", "a press article", _("article")
    TREATY_TEXT = "treaty_text", "the authentic text of a treaty", _("treaty text")
    CONTRACT_TEXT = "contract_text", "the text of a contract as signed", _("contract text")
    PRESS_RELEASE = "press_release", "a statement that a party publishes itself", _("press release")
    REGISTER = "register", "rows of a list of agreements, such as a contract register", _("register")
    OFFICIAL_RECORD = "official_record", "a public body's own record or statement", _("official record")
    EDITORIAL_NOTE = (
        "editorial_note",
        "added by the editors, in their own words and on their own authority",
        _("editorial note"),
    )


class PartyKind(Word):
    """The kind of actor."""

    STATE = "state", "a state (ISO 3166-1 has a code for it)", pgettext_lazy("party", "state")
    INTERNATIONAL_ORGANIZATION = (
        "international_organization",
        "an organization whose members are states",
        _("international organization"),
    )
    ORGANIZATION = "organization", "a company or another organization", _("organization")
    PERSON = "person", "a natural person", _("person")
    GROUP = "group", "several unnamed actors that the source mentions together", _("group")


class Instrument(Word):
    """The form in which an agreement was made."""

    ANNOUNCED_DEAL = "announced_deal", "announced by a side; no signed text is known", _("announced deal")
    TREATY = "treaty", "a treaty in the sense of the Vienna Convention on the Law of Treaties, art. 2", _("treaty")
    EXCHANGE_OF_NOTES = "exchange_of_notes", "notes exchanged that together make the agreement", _("exchange of notes")
    MEMORANDUM = "memorandum", "a memorandum of understanding", _("memorandum")
    CONTRACT = "contract", "a contract under national law", _("contract")
    OTHER = "other", "another form", _("other")


class AgreementStatus(Word):
    """The status of an agreement as an editor reads the sources; `temporal_status` follows from its dates as well."""

    ANNOUNCED = "announced", "made known; nothing is said of signature or entry into force", _("announced")
    SIGNED = "signed", "signed, not yet in force", _("signed")
    IN_FORCE = "in_force", "in force", _("in force")
    SUSPENDED = "suspended", "its operation is suspended", _("suspended")
    TERMINATED = "terminated", "ended by an act of a party or by its own terms", _("terminated")
    UNKNOWN = "unknown", "no source says", _("unknown")


class RenewalMode(Word):
    """What happens at the end of a term. Renegotiation is not renewal: `negotiated` is never `automatic`."""

    NONE = "none", "lapses at the end of its term", pgettext_lazy("renewal mode", "none")
    AUTOMATIC = "automatic", "continues unless someone gives notice (tacite reconduction)", _("automatic")
    OPTIONAL = "optional", "continues if one side exercises its option", _("optional")
    NEGOTIATED = "negotiated", "continues only if both sides agree again (renégociation)", _("negotiated")
    EVERGREEN = "evergreen", "no end until someone terminates it", _("evergreen")
    UNSPECIFIED = "unspecified", "no source says what follows the term", _("unspecified")


class TermEnds(Word):
    """The last day of a period, counted from its first."""

    SAME_DAY = (
        "same_day",
        "the same calendar day: one year from 1 March ends on 1 March (Regulation 1182/71, art. 3(2)(c); treaties)",
        _("same day"),
    )
    DAY_BEFORE = (
        "day_before",
        "the day before: one year from 1 March ends on 28 or 29 February (BGB § 188(2); most commercial contracts)",
        _("day before"),
    )
    UNSPECIFIED = (
        "unspecified",
        "no source says; ends are counted to the same day, notice from the earlier one",
        _("unspecified"),
    )


class TemporalStatus(Word):
    """The state of an agreement on a day, from its dates, rules, status and successors. Derived, never entered."""

    UPCOMING = "upcoming", "takes effect after that day", _("upcoming")
    CURRENT = "current", "within its term, or within a term that follows by itself", _("current")
    RENEWAL_DUE = "renewal_due", "its term is over and no source says that it was renewed", _("renewal due")
    LAPSED = "lapsed", "its term is over and nothing was to follow", _("lapsed")
    SUSPENDED = "suspended", "its operation is suspended on that day", _("suspended")
    SUPERSEDED = "superseded", "another agreement has taken its place by that day", _("superseded")
    TERMINATED = "terminated", "terminated by that day", _("terminated")
    UNKNOWN = "unknown", "the sources do not allow an answer", _("unknown")


class PartyRole(Word):
    """The role of a party in an agreement."""

    PARTY = "party", "bound by it", _("party")
    SIGNATORY = "signatory", "signed it, and may not be bound yet", _("signatory")
    REPRESENTATIVE = "representative", "speaks or signs for a party", _("representative")
    BENEFICIARY = "beneficiary", "meant to benefit from it, without being bound", _("beneficiary")
    MEDIATOR = "mediator", "helped to bring it about", _("mediator")
    WITNESS = "witness", "witnessed the signature", _("witness")
    GUARANTOR = "guarantor", "answers for the performance of a party", _("guarantor")
    DEPOSITARY = "depositary", "keeps the text and the instruments (VCLT art. 76)", _("depositary")
    MENTIONED = "mentioned", "named by a source, with no part in the agreement", _("mentioned")


class ClauseType(Word):
    """The subject of a clause, with the categories of the Contract Understanding Atticus Dataset (CUAD v1, 2021)."""

    COOPERATION = "cooperation", "working together in a field", _("cooperation")
    TARIFF = "tariff", "customs duties", _("tariff")
    PURCHASE = "purchase", "buying goods or services, quantities and volumes", _("purchase")
    PAYMENT = "payment", "prices, fees, royalties and their payment", _("payment")
    EXPORT_CONTROL = "export_control", "limits on exports and their recipients", _("export control")
    MARKET_ACCESS = "market_access", "the right to sell or invest in a market", _("market access")
    EXCLUSIVITY = "exclusivity", "dealing with one side only, and not competing", _("exclusivity")
    INTELLECTUAL_PROPERTY = "intellectual_property", "ownership and licences of rights", _("intellectual property")
    CONFIDENTIALITY = "confidentiality", "keeping information secret", _("confidentiality")
    DATA_PROTECTION = "data_protection", "processing of personal data", _("data protection")
    WARRANTY = "warranty", "assurances about goods, services or facts", _("warranty")
    LIABILITY = "liability", "liability for damage, its limits and penalties", _("liability")
    INDEMNITY = "indemnity", "holding the other side harmless against claims", _("indemnity")
    INSURANCE = "insurance", "insurance to be kept", _("insurance")
    AUDIT = "audit", "inspecting books, records or premises", _("audit")
    ASSIGNMENT = "assignment", "transfer to others and change of control", _("assignment")
    FORCE_MAJEURE = "force_majeure", "events that excuse performance", _("force majeure")
    LAW_ENFORCEMENT = "law_enforcement", "acting against crime", _("law enforcement")
    INSTITUTION = "institution", "bodies that the agreement sets up", _("institution")
    DURATION_RENEWAL = "duration_renewal", "duration, entry into force and renewal", _("duration and renewal")
    REVIEW = "review", "review of the agreement without an end in view", _("review")
    VISIT = "visit", "visits of representatives", _("visit")
    TERMINATION = "termination", "ways to end it and what follows", _("termination")
    GOVERNING_LAW = "governing_law", "the law that applies to it", _("governing law")
    DISPUTE_SETTLEMENT = "dispute_settlement", "settlement of disputes about it", _("dispute settlement")
    DEFINITION = "definition", "the meaning of a word in it", _("definition")
    OTHER = "other", "another subject", _("other")

    @property
    def equivalents(self) -> str:
        categories = [category for category, word in CUAD_CLAUSES.items() if word is self]
        return f"CUAD: {', '.join(categories)}" if categories else ""


# The other seven of CUAD's 41 categories are fields of agreements, such as its "Expiration Date".
CUAD_CLAUSES = {
    "Affiliate License-Licensee": ClauseType.INTELLECTUAL_PROPERTY,
    "Affiliate License-Licensor": ClauseType.INTELLECTUAL_PROPERTY,
    "Anti-Assignment": ClauseType.ASSIGNMENT,
    "Audit Rights": ClauseType.AUDIT,
    "Cap On Liability": ClauseType.LIABILITY,
    "Change Of Control": ClauseType.ASSIGNMENT,
    "Competitive Restriction Exception": ClauseType.EXCLUSIVITY,
    "Covenant Not To Sue": ClauseType.DISPUTE_SETTLEMENT,
    "Exclusivity": ClauseType.EXCLUSIVITY,
    "Governing Law": ClauseType.GOVERNING_LAW,
    "Insurance": ClauseType.INSURANCE,
    "IP Ownership Assignment": ClauseType.INTELLECTUAL_PROPERTY,
    "Irrevocable Or Perpetual License": ClauseType.INTELLECTUAL_PROPERTY,
    "Joint IP Ownership": ClauseType.INTELLECTUAL_PROPERTY,
    "License Grant": ClauseType.INTELLECTUAL_PROPERTY,
    "Liquidated Damages": ClauseType.LIABILITY,
    "Minimum Commitment": ClauseType.PURCHASE,
    "Most Favored Nation": ClauseType.PAYMENT,
    "No-Solicit Of Customers": ClauseType.EXCLUSIVITY,
    "No-Solicit Of Employees": ClauseType.EXCLUSIVITY,
    "Non-Compete": ClauseType.EXCLUSIVITY,
    "Non-Disparagement": ClauseType.OTHER,
    "Non-Transferable License": ClauseType.INTELLECTUAL_PROPERTY,
    "Post-Termination Services": ClauseType.TERMINATION,
    "Price Restrictions": ClauseType.PAYMENT,
    "Revenue/Profit Sharing": ClauseType.PAYMENT,
    "ROFR/ROFO/ROFN": ClauseType.EXCLUSIVITY,
    "Source Code Escrow": ClauseType.INTELLECTUAL_PROPERTY,
    "Termination For Convenience": ClauseType.TERMINATION,
    "Third Party Beneficiary": ClauseType.OTHER,
    "Uncapped Liability": ClauseType.LIABILITY,
    "Unlimited/All-You-Can-Eat-License": ClauseType.INTELLECTUAL_PROPERTY,
    "Volume Restriction": ClauseType.PURCHASE,
    "Warranty Duration": ClauseType.WARRANTY,
}


class Standing(Word):
    """How a source states a clause, and so whether it is part of the agreement."""

    TERM = "term", "said of the agreement itself", _("term")
    OUTCOME = "outcome", "said to be a result of the talks", _("outcome")
    REPORTED_COMMITMENT = "reported_commitment", "a side is said to have committed", _("reported commitment")
    TEXT = "text", "an article of an authentic text", _("text")


class Modality(Word):
    """The deontic mode of a clause (LegalRuleML, ODRL). A denial is not a modality: see Statement."""

    OBLIGATION = "obligation", "must (LegalRuleML Obligation, ODRL duty)", _("obligation")
    PERMISSION = "permission", "may (LegalRuleML Permission, ODRL permission)", _("permission")
    PROHIBITION = "prohibition", "must not (LegalRuleML Prohibition, ODRL prohibition)", _("prohibition")
    DECLARATION = "declaration", "states something and binds no one by itself", _("declaration")
    UNSPECIFIED = "unspecified", "the source states it in no mode", _("unspecified")


class Scope(Word):
    """How much of its subject a clause covers."""

    ALL = "all", "all of it", _("all")
    PARTIAL = "partial", "some of it, as the scope note says", _("partial")
    UNSPECIFIED = "unspecified", "no source says", _("unspecified")


class Comparator(Word):
    """How the quantity of a clause is to be compared with the value."""

    EXACTLY = "exactly", "this quantity", _("exactly")
    AT_LEAST = "at_least", "this quantity or more", _("at least")
    AT_MOST = "at_most", "this quantity or less", _("at most")
    ABOUT = "about", "roughly this quantity", _("about")


class Modification(Word):
    """How a clause changes a clause of the agreement that it amends (Akoma Ntoso textualMod)."""

    SUBSTITUTION = "substitution", "stands in place of the clause", _("substitution")
    REPEAL = "repeal", "removes the clause", _("repeal")
    INSERTION = "insertion", "stands after the clause", _("insertion")


class ClauseRole(Word):
    """The role of a party in a clause (LegalRuleML: bearer and auxiliary party)."""

    OBLIGOR = "obligor", "owes the performance", _("obligor")
    OBLIGEE = "obligee", "is owed the performance", _("obligee")
    AFFECTED = "affected", "concerned by it without owing or being owed", _("affected")


class RenewalKind(Word):
    """The kind of date."""

    EXPIRY = "expiry", "the term ends and nothing follows by itself", _("expiry")
    RENEWAL = "renewal", "a further term begins, by itself or by an option", _("renewal")
    RENEGOTIATION = "renegotiation", "the term ends and both sides must agree again", _("renegotiation")
    NOTICE_DEADLINE = "notice_deadline", "the last day to give notice against a renewal", _("notice deadline")
    OPTION_DEADLINE = "option_deadline", "the last day to exercise an option to renew", _("option deadline")
    REVIEW = "review", "the agreement is to be looked at again", _("review")


class RenewalBasis(Word):
    """The origin of a renewal date."""

    STATED = "stated", "a source states it", _("stated")
    COMPUTED = "computed", "follows from the agreement's dates by its renewal rules", _("computed")
    EDITORIAL = "editorial", "the editors entered it on their own authority", _("editorial")


class RestsOn(Word):
    """The weakest evidence among the facts from which something follows. Derived from citations, never entered."""

    STATED = "stated", "every date and term is stated by a source", _("stated")
    EDITORIAL = "editorial", "a date or term is only in the editors' own note, or not cited", _("editorial")


class RenewalStatus(Word):
    """The outcome of a renewal date so far."""

    PROJECTED = "projected", "follows from the rules; no one is known to have set it", _("projected")
    SCHEDULED = "scheduled", "the parties are known to have set it", _("scheduled")
    CONCLUDED = "concluded", "it took place: renewed or agreed again", _("concluded")
    MISSED = "missed", "it is known not to have taken place", _("missed")


class StatementKind(Word):
    """The kind of statement that a source reports or makes."""

    ANNOUNCEMENT = "announcement", "makes known a decision or a plan", _("announcement")
    ASSERTION = "assertion", "claims a fact", _("assertion")
    DENIAL = "denial", "denies a proposition", _("denial")
    CHARACTERIZATION = "characterization", "says what something is like", _("characterization")
    ANALYSIS = "analysis", "explains motives or meaning", _("analysis")
    OUTLOOK = "outlook", "says what may come", _("outlook")


class Polarity(Word):
    """Whether the speaker holds the proposition to be so (FactBank polarity)."""

    POSITIVE = "positive", "it is so", _("positive")
    NEGATIVE = "negative", "it is not so", _("negative")
    UNKNOWN = "unknown", "the speaker leaves it open", pgettext_lazy("polarity", "unknown")


class Certainty(Word):
    """How sure the speaker is (FactBank modality: CT, PR, PS, U), not how sure the editors are."""

    CERTAIN = "certain", "stated as a fact", _("certain")
    PROBABLE = "probable", "held to be likely", _("probable")
    POSSIBLE = "possible", "held to be possible", _("possible")
    UNSPECIFIED = "unspecified", "the speaker does not commit", _("unspecified")


class EventKind(Word):
    """The kind of event."""

    MEETING = "meeting", "representatives meet", _("meeting")
    VISIT = "visit", "a representative visits another country", _("visit")
    SIGNATURE = "signature", "the agreement is signed", _("signature")
    RATIFICATION = "ratification", "a party expresses its consent to be bound (VCLT art. 14)", _("ratification")
    ACCESSION = "accession", "a party joins that did not sign (VCLT art. 15)", _("accession")
    RESERVATION = "reservation", "a party excludes or changes the effect of provisions (VCLT art. 19)", _("reservation")
    PROVISIONAL_APPLICATION = (
        "provisional_application",
        "applied before its entry into force (VCLT art. 25)",
        _("provisional application"),
    )
    ENTRY_INTO_FORCE = "entry_into_force", "the agreement enters into force", _("entry into force")
    AMENDMENT = "amendment", "the agreement is amended", _("amendment")
    NOTICE = "notice", "a party gives notice under the agreement", _("notice")
    SUSPENSION = "suspension", "its operation is suspended", _("suspension")
    RESUMPTION = "resumption", "its operation is resumed", _("resumption")
    DENUNCIATION = "denunciation", "a party denounces it (VCLT art. 56)", _("denunciation")
    WITHDRAWAL = "withdrawal", "a party withdraws from it (VCLT art. 54)", _("withdrawal")
    TERMINATION = "termination", "the agreement is terminated", _("termination")


class EventStatus(Word):
    """Whether an event took place."""

    HELD = "held", "it took place", _("held")
    PLANNED = "planned", "it is announced", _("planned")
    CANCELLED = "cancelled", "it was called off", _("cancelled")


class TokenScope(Word):
    """The part of its owner's permissions that a token has."""

    READ = "read", "read with the permissions of its owner", _("read")
    WRITE = "write", "read and write with the permissions of its owner", _("read and write")


class ChangeKind(Word):
    """The kind of an entry in the history of a row."""

    CREATED = "created", "the row was created", _("created")
    PUBLISHED = "published", "the row became public with these values", _("published")
    CHANGED = "changed", "the row, or a part of it, was changed", _("changed")
    DELETED = "deleted", "the row was deleted", _("deleted")


class FeedChange(Word):
    """What became of a row in the feed of changes."""

    APPEARED = "appeared", "the row can be read from now on", _("appeared")
    CHANGED = "changed", "the row is shown otherwise", _("changed")
    DISAPPEARED = "disappeared", "the row can no longer be read", _("disappeared")
    DUE = "due", "the day of the renewal is near, or has come", _("due")


class ResourceName(Word):
    """The resources of the API whose changes are in the feed."""

    SOURCES = "sources", "texts as they were received", _("sources")
    PARTIES = "parties", "whom a source names", _("parties")
    AGREEMENTS = "agreements", "what parties have agreed", _("agreements")
    CLAUSES = "clauses", "who owes what to whom", _("clauses")
    EVENTS = "events", "meetings, visits, signatures and the like", _("events")
    STATEMENTS = "statements", "who said what", _("statements")
    RENEWALS = "renewals", "dates on which agreements end or go on", _("renewals")
    CITATIONS = "citations", "quotations from sources", _("citations")


class DateCertainty(Word):
    """The two meanings of a question about an uncertain date."""

    POSSIBLE = "possible", "so under at least one reading of the dates", _("possible")
    CERTAIN = "certain", "so under every reading of the dates", _("certain")


class Counting(Word):
    """Whether a page says how many rows its list has."""

    EXACT = "exact", "the page has `count`, the number of rows in the whole list", _("exact")


# The meaning of a blank, where a field may have one in place of a word.
BLANKS: dict[type[Word], str] = {
    Comparator: "not stated",
    Modification: "it modifies no clause",
    RestsOn: "there is no date or term",
}


def vocabulary_of(words: Iterable[str]) -> type[Word]:
    """Return the vocabulary that has exactly these words. Raises `LookupError`."""
    values = set(words)
    for vocabulary in Word.__subclasses__():
        if values == set(vocabulary.values):
            return vocabulary
    raise LookupError(f"No vocabulary has the words {', '.join(sorted(values))}.")


# ISO 3166-1 alpha-2, the 249 codes officially assigned.
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - a list of 249 strings is harder to read
)
