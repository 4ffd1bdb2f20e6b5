"""Descriptions in the OpenAPI schema that belong to no single operation."""

RESOURCES = {
    "agreements": "What parties have agreed, according to sources.",
    "clauses": "What was agreed: who owes what to whom, and in what quantity.",
    "parties": "States, organizations, persons and groups that a source names.",
    "renewals": "The dates on which agreements end, continue or must be agreed again.",
    "statements": "Who said what about an agreement. A denial is never a clause.",
    "events": "Meetings, visits and signatures, held or planned.",
    "sources": "The texts that are quoted, exactly as received.",
    "citations": "The words of a source that say what a row claims, with their offsets.",
    "changes": "The rows that appeared, changed or disappeared, in order, for those who keep a copy.",
    "webhooks": "Addresses that receive these changes. Accounts of the group `webhooks` see and change their own.",
    "api": "Where the resources are.",
}

DESCRIPTION = """
**accords** serves agreements as data: who owes what to whom, from when to when, in what quantity, renewed how, and
which words of which source say so.

- **Every value can be traced.** Rows carry `citations`: the quoted words, the source, and their offsets in Unicode code
  points. `source.text[start:end]` is the quotation, to the letter.
- **What a source does not say is said to be missing.** Blank is blank, and an agreement lists under `missing` the dates
  and terms that would answer an open question about time.
- **A denial is not a commitment.** What someone denied is a statement of negative polarity and belongs to no clause.
- **Uncertain dates stay uncertain.** A date is EDTF text (ISO 8601-2) with an `_earliest` and a `_latest` day. Filters
  come in two meanings: `due_before` finds what *may* be due by then, `due_certain_before` what *certainly* is, and
  `due_unknown` what has no bounds at all.
- **Renegotiation is not renewal.** `renewal_mode` and the `kind` of a renewal date keep them apart.
- **Every change is recorded.** `history` below each row lists the changes of it, newest first: when, by which way (API,
  admin, import), each field before and after, and the row as it was then. The records of older data begin on
  the day on which recording began.
- **Nothing is ignored.** An unknown, repeated, empty or impossible parameter is an error that names it.

Reading needs no credentials. Lists are keyset pages: follow `next` and `previous`. Every error is an
`application/problem+json` document (RFC 9457). Addresses answer with and without a trailing slash. Questions about time
take `on=YYYY-MM-DD`; its default is today in UTC.
""".strip()
