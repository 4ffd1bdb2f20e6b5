"""Every controlled word, once: its label for people, its meaning, and where other vocabularies have the same."""

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Word(models.TextChoices):
    """A closed vocabulary. A member is written `value, meaning, label`; the API's documentation shows the meaning."""

    means: str

    def __new__(cls, value: str, meaning: str = "") -> "Word":
        """Keep the meaning beside the value."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.means = meaning
        return word

    @property
    def meaning(self) -> str:
        """What it means, in the language of whoever reads it."""
        return gettext(self.means)

    @classmethod
    def glossary(cls) -> str:
        """Every word with its meaning, one after the other, for help texts and the schema."""
        return "; ".join(f"`{word.value}`: {word.meaning}" for word in cls)


class SourceKind(Word):
    """What sort of text a source is."""

    ARTICLE = "article", "a press article", _("article")
    TREATY_TEXT = "treaty_text", "the authentic text of an instrument", _("treaty text")
    OFFICIAL_RECORD = "official_record", "a public body's own record or statement", _("official record")
    EDITORIAL_NOTE = "editorial_note", "what the editors add, in their own words, and answer for", _("editorial note")


class PartyKind(Word):
    """What sort of actor a party is."""

    STATE = "state", "a state (ISO 3166-1 has a code for it)", pgettext_lazy("party", "state")
    INTERNATIONAL_ORGANIZATION = (
        "international_organization",
        "an organization whose members are states",
        _("international organization"),
    )
    ORGANIZATION = "organization", "a company or another organization", _("organization")
    PERSON = "person", "a natural person", _("person")
    GROUP = "group", "several unnamed actors that the source speaks of together", _("group")


class Instrument(Word):
    """The form in which an agreement was made."""

    ANNOUNCED_DEAL = "announced_deal", "announced by a side; no signed text is known", _("announced deal")
    TREATY = "treaty", "a treaty in the sense of the Vienna Convention on the Law of Treaties, art. 2", _("treaty")
    EXCHANGE_OF_NOTES = "exchange_of_notes", "notes exchanged that together make the agreement", _("exchange of notes")
    MEMORANDUM = "memorandum", "a memorandum of understanding", _("memorandum")
    CONTRACT = "contract", "a contract under national law", _("contract")
    OTHER = "other", "another form", _("other")


class AgreementStatus(Word):
    """Where an agreement stands, as an editor reads the sources; what follows from its dates is `temporal_status`."""

    ANNOUNCED = "announced", "made known; nothing is said of signature or entry into force", _("announced")
    SIGNED = "signed", "signed, not yet in force", _("signed")
    IN_FORCE = "in_force", "in force", _("in force")
    SUSPENDED = "suspended", "its operation is suspended", _("suspended")
    TERMINATED = "terminated", "ended by an act of a party or by its own terms", _("terminated")
    UNKNOWN = "unknown", "no source says", _("unknown")


class RenewalMode(Word):
    """What happens when a term ends. Renegotiation is not renewal: `negotiated` is never `automatic`."""

    NONE = "none", "lapses at the end of its term", pgettext_lazy("renewal mode", "none")
    AUTOMATIC = "automatic", "rolls on unless someone gives notice (tacite reconduction)", _("automatic")
    OPTIONAL = "optional", "goes on if one side takes up its option", _("optional")
    NEGOTIATED = "negotiated", "goes on only if both sides agree again (renégociation)", _("negotiated")
    EVERGREEN = "evergreen", "no end until someone terminates it", _("evergreen")
    UNSPECIFIED = "unspecified", "no source says what follows the term", _("unspecified")


class TemporalStatus(Word):
    """Where an agreement stands on a given day, by its dates and renewal rules. Derived, never entered."""

    UPCOMING = "upcoming", "takes effect after that day", _("upcoming")
    CURRENT = "current", "within its term, or within a term that follows by itself", _("current")
    RENEWAL_DUE = "renewal_due", "its term is over and no source says that it was renewed", _("renewal due")
    LAPSED = "lapsed", "its term is over and nothing was to follow", _("lapsed")
    TERMINATED = "terminated", "terminated before that day", _("terminated")
    UNKNOWN = "unknown", "the sources do not allow an answer", _("unknown")


class PartyRole(Word):
    """What a party is to an agreement."""

    PARTY = "party", "bound by it", _("party")
    REPRESENTATIVE = "representative", "speaks or signs for a party", _("representative")
    BENEFICIARY = "beneficiary", "those whom it is meant to serve or bring together", _("beneficiary")
    MEDIATOR = "mediator", "helped to bring it about", _("mediator")
    MENTIONED = "mentioned", "named by a source, with no part in the agreement", _("mentioned")


class ClauseType(Word):
    """The subject of a clause."""

    COOPERATION = "cooperation", "working together in a field", _("cooperation")
    TARIFF = "tariff", "customs duties", _("tariff")
    PURCHASE = "purchase", "buying goods or services", _("purchase")
    EXPORT_CONTROL = "export_control", "what may be exported, and to whom", _("export control")
    MARKET_ACCESS = "market_access", "who may sell or invest where", _("market access")
    LAW_ENFORCEMENT = "law_enforcement", "acting against crime", _("law enforcement")
    DURATION_RENEWAL = "duration_renewal", "how long it lasts and what follows", _("duration and renewal")
    REVIEW = "review", "looking at it again without an end in view", _("review")
    VISIT = "visit", "visits of representatives", _("visit")
    TERMINATION = "termination", "how it can be ended", _("termination")
    DISPUTE_SETTLEMENT = "dispute_settlement", "how disputes about it are settled", _("dispute settlement")
    DEFINITION = "definition", "what a word means in it", _("definition")
    OTHER = "other", "another subject", _("other")


class Standing(Word):
    """On what footing a source states a clause."""

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


class Scope(Word):
    """How much of its subject a clause covers."""

    ALL = "all", "all of it", _("all")
    PARTIAL = "partial", "some of it, as the scope note says", _("partial")
    UNSPECIFIED = "unspecified", "no source says", _("unspecified")


class ClauseRole(Word):
    """What a party is to a clause (LegalRuleML: bearer and auxiliary party)."""

    OBLIGOR = "obligor", "the one who owes it", _("obligor")
    OBLIGEE = "obligee", "the one to whom it is owed", _("obligee")
    AFFECTED = "affected", "concerned by it without owing or being owed", _("affected")


class RenewalKind(Word):
    """What falls due."""

    EXPIRY = "expiry", "the term ends and nothing follows by itself", _("expiry")
    RENEWAL = "renewal", "a further term begins, by itself or by an option", _("renewal")
    RENEGOTIATION = "renegotiation", "the term ends and both sides must agree again", _("renegotiation")
    NOTICE_DEADLINE = "notice_deadline", "the last day to give notice against a renewal", _("notice deadline")
    REVIEW = "review", "the agreement is to be looked at again", _("review")


class RenewalBasis(Word):
    """What a renewal date rests on."""

    STATED = "stated", "a source states it", _("stated")
    COMPUTED = "computed", "follows from the agreement's dates by its renewal rules", _("computed")
    EDITORIAL = "editorial", "the editors entered it on their own authority", _("editorial")


class EffectiveBasis(Word):
    """What an effective date rests on. Derived from its citations, never entered."""

    STATED = "stated", "a source states it", _("stated")
    EDITORIAL = "editorial", "only the editors' own note says so, or nothing is cited", _("editorial")


class RenewalStatus(Word):
    """What became of a renewal date."""

    PROJECTED = "projected", "follows from the rules; no one is known to have set it", _("projected")
    SCHEDULED = "scheduled", "the parties are known to have set it", _("scheduled")
    CONCLUDED = "concluded", "it took place: renewed or agreed again", _("concluded")
    MISSED = "missed", "it is known not to have taken place", _("missed")


class StatementKind(Word):
    """What sort of statement a source reports or makes."""

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
    """What sort of event."""

    MEETING = "meeting", "representatives meet", _("meeting")
    VISIT = "visit", "a representative visits another country", _("visit")
    SIGNATURE = "signature", "the agreement is signed", _("signature")
    ENTRY_INTO_FORCE = "entry_into_force", "the agreement enters into force", _("entry into force")
    AMENDMENT = "amendment", "the agreement is amended", _("amendment")
    TERMINATION = "termination", "the agreement is terminated", _("termination")


class EventStatus(Word):
    """Whether an event took place."""

    HELD = "held", "it took place", _("held")
    PLANNED = "planned", "it is announced", _("planned")
    CANCELLED = "cancelled", "it was called off", _("cancelled")


class TokenScope(Word):
    """What a token may do of what its owner may."""

    READ = "read", "read what its owner may read", _("read")
    WRITE = "write", "read and write what its owner may", _("read and write")


class ChangeKind(Word):
    """What an entry of a row's history tells."""

    CREATED = "created", "the row was made", _("created")
    PUBLISHED = "published", "anyone may read it from here on: this is what it was then", _("published")
    CHANGED = "changed", "the row, or what is written as part of it, was changed", _("changed")
    DELETED = "deleted", "the row was deleted", _("deleted")


class DateCertainty(Word):
    """The two meanings of a question about an uncertain date."""

    POSSIBLE = "possible", "so under at least one reading of the dates", _("possible")
    CERTAIN = "certain", "so under every reading of the dates", _("certain")


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
