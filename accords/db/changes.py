"""The feed of changes: the rows that appeared, changed or disappeared for an audience, in the order of commits.

Triggers (`accords.db.change_triggers`) note the rows that a transaction writes. When it commits, `write_entries`
compares each of them with what the feed last recorded of it (`accords_change_row`), and writes an entry for each
audience that sees a difference: the public, and users who view drafts. Each audience has its own positions, so that no
gap reveals a draft. On PostgreSQL the function `accords_change_settle` does this at the end of a transaction, under the
lock of the revision; on SQLite, which has one writer at a time, the backend calls `write_entries` before each commit.

The effects of a change on other rows are looked up at the commit and not when it is written, so that rows that others
have committed in the meantime are included.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from django.db import connection as default_connection

NOTE, ROW, COUNT, SLUG = "accords_change_note", "accords_change_row", "accords_change_count", "accords_usedslug"
PUBLIC, EDITORIAL = "accords_publicchange", "accords_editorialchange"
# The resources and their tables, each after those to which its rows refer. Entries of a commit have this order, and the
# reverse order where rows disappear.
RESOURCES = {
    "sources": "accords_source",
    "parties": "accords_party",
    "agreements": "accords_agreement",
    "clauses": "accords_clause",
    "events": "accords_event",
    "statements": "accords_statement",
    "renewals": "accords_renewal",
    "citations": "accords_citation",
}
WITH_SLUG = ("sources", "parties", "agreements")
OF_AGREEMENT = {name: RESOURCES[name] for name in ("clauses", "events", "statements", "renewals")}
# Rows that belong to an agreement and that a citation can have as its target: column of the citation and table.
CITED = {
    "clause_id": "accords_clause",
    "event_id": "accords_event",
    "statement_id": "accords_statement",
    "renewal_id": "accords_renewal",
    "participation_id": "accords_participation",
}
# Rows that name parties: their resource, and a query of (row_id, party_id, agreement_id).
NAMING = (
    ("agreements", "SELECT agreement_id AS row_id, party_id, agreement_id FROM accords_participation"),
    ("agreements", "SELECT id AS row_id, option_holder_id AS party_id, id AS agreement_id FROM accords_agreement"),
    (
        "clauses",
        "SELECT c.id AS row_id, x.party_id, c.agreement_id FROM accords_clauseparty x"
        " JOIN accords_clause c ON c.id = x.clause_id",
    ),
    ("statements", "SELECT id AS row_id, speaker_id AS party_id, agreement_id FROM accords_statement"),
    (
        "statements",
        "SELECT s.id AS row_id, x.party_id, s.agreement_id FROM accords_statement_mentions x"
        " JOIN accords_statement s ON s.id = x.statement_id",
    ),
    (
        "events",
        "SELECT e.id AS row_id, x.party_id, e.agreement_id FROM accords_event_participants x"
        " JOIN accords_event e ON e.id = x.event_id",
    ),
)
PENDING = f"SELECT 1 FROM {NOTE} LIMIT 1"
DIALECT = {
    "sqlite": {
        "transaction": "0",
        "now": "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
        "most": "max",
        "differences": "temp.accords_change_difference",
    },
    "postgresql": {
        "transaction": "pg_current_xact_id()",
        "now": "clock_timestamp()",
        "most": "greatest",
        "differences": "unnest(differences)",
    },
}
# The columns of a difference: a noted row as it is now, and as the feed last recorded it (`known_…`, `was_…`).
COLUMNS = {
    "resource": "text",
    "row_id": "bigint",
    "changed": "boolean",  # for users who view drafts
    "public_changed": "boolean",  # for the public
    "slug": "text",
    "agreement_id": "bigint",
    "agreement_slug": "text",
    "known_slug": "text",
    "known_agreement_id": "bigint",
    "known_agreement_slug": "text",
    "is_there": "boolean",  # whether the row exists
    "is_public": "boolean",
    "was_there": "boolean",
    "was_public": "boolean",
}


# The columns of a noted row that exists, as it is now.
PRESENT = {
    "resource": "text",
    "row_id": "bigint",
    "slug": "text",
    "agreement_id": "bigint",
    "agreement_slug": "text",
    "is_public": "boolean",
}


def named_in_public(party: str) -> str:
    """Return the condition that a published agreement names a party; `PartyQuerySet.published` in SQL.

    `party` is SQL for the id of the party.
    """
    published = "JOIN accords_agreement a ON a.id = n.agreement_id AND a.is_published"
    # The condition on `party_id` is applied inside each query, where every database uses its index.
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM ({query}) n {published} WHERE n.party_id = {party})" for _, query in NAMING
    )


def target_agreement(citation: str) -> str:
    """Return SQL for the id of the agreement to which the target of a citation belongs; null for a party."""
    ids = [f"{citation}.agreement_id"]
    ids += [f"(SELECT t.agreement_id FROM {table} t WHERE t.id = {citation}.{key})" for key, table in CITED.items()]
    return f"coalesce({', '.join(ids)})"


def quoted_in_public(source: str) -> str:
    """Return the condition that a citation of a source is public; `SourceQuerySet.published` in SQL."""
    return f"""EXISTS (SELECT 1 FROM accords_citation q LEFT JOIN accords_agreement a ON a.id = {target_agreement("q")}
 WHERE q.source_id = {source} AND (a.is_published OR (q.party_id IS NOT NULL AND ({named_in_public("q.party_id")}))))"""


def _insert_notes(queries: list[str], **tables: str) -> str:
    """Return the statement that notes the rows of these queries: resource, id, and for whom they changed.

    The queries read the rows that are noted so far as `noted`, and `tables`, which are queries by name. Both are
    computed first: PostgreSQL cannot know how few rows they have, and would otherwise begin with whole tables.
    """
    noted = f"SELECT resource, row_id, changed FROM {NOTE} WHERE xact = {{transaction}}"
    expressions = ",\n ".join(f"{name} AS MATERIALIZED ({query})" for name, query in {"noted": noted, **tables}.items())
    union = "\n UNION ALL ".join(queries)
    return f"""INSERT INTO {NOTE} (xact, resource, row_id, changed, public_changed)
 WITH {expressions}
 SELECT {{transaction}}, found.* FROM ({union}) found WHERE TRUE ON CONFLICT DO NOTHING"""


def _changed_rows(resource: str) -> str:
    """Return the FROM clause of the changed rows of a resource: as they are (`r`), and as last recorded (`k`)."""
    return (
        f"FROM noted n JOIN {RESOURCES[resource]} r ON n.resource = '{resource}' AND n.changed AND r.id = n.row_id"
        f" JOIN {ROW} k ON k.resource = '{resource}' AND k.row_id = r.id"
    )


def _note_rows_of_agreements() -> str:
    """Return the statement for agreements that were published, withdrawn or renamed, or whose terms changed.

    It notes the rows that depend on them.
    """
    agreements = f"""SELECT r.id, r.slug <> k.slug AS renamed, r.is_published <> k.is_public AS turned, r.is_published
  {_changed_rows("agreements")} WHERE r.slug <> k.slug OR r.is_published <> k.is_public"""
    queries = [
        f"SELECT '{name}', r.id, a.renamed, a.renamed FROM agreements a JOIN {table} r ON r.agreement_id = a.id"
        for name, table in {**OF_AGREEMENT, "citations": RESOURCES["citations"]}.items()
    ]
    queries += [
        f"SELECT 'citations', r.id, FALSE, FALSE FROM agreements a JOIN {table} t ON t.agreement_id = a.id"
        f" JOIN accords_citation r ON r.{column} = t.id"
        for column, table in CITED.items()
    ]
    queries += [
        f"SELECT 'parties', r.party_id, FALSE, FALSE FROM agreements a JOIN ({query}) r ON r.agreement_id = a.id"
        " WHERE a.turned AND r.party_id IS NOT NULL"
        for _, query in NAMING
    ]
    queries += [
        f"SELECT '{name}', r.id, a.renamed, a.turned OR a.is_published"
        f" FROM agreements a JOIN {RESOURCES[name]} r ON r.{column} = a.id"
        for name, column in (("agreements", "supersedes_id"), ("agreements", "amends_id"), ("renewals", "outcome_id"))
    ]
    queries += [
        "SELECT 'renewals', r.id, TRUE, TRUE FROM noted n JOIN accords_renewal r ON r.agreement_id = n.row_id"
        " WHERE n.resource = 'terms'"
    ]
    return _insert_notes(queries, agreements=agreements)


def _note_rows_that_show_slugs() -> str:
    """Return the statement for parties and sources that were renamed, and sources of another kind.

    It notes the rows that show the slug, or what the kind of source decides (`effective_basis`).
    """
    renamed = {
        resource: f"SELECT r.id, k.is_public {_changed_rows(resource)} WHERE r.slug <> k.slug"
        for resource in ("parties", "sources")
    }
    queries = [
        f"SELECT '{name}', r.row_id, TRUE, TRUE FROM parties p JOIN ({query}) r ON r.party_id = p.id"
        for name, query in NAMING
    ]
    queries += [
        "SELECT 'citations', r.id, TRUE, TRUE FROM parties p JOIN accords_citation r ON r.party_id = p.id",
        "SELECT 'parties', r.id, TRUE, p.is_public FROM parties p JOIN accords_party r ON r.represents_id = p.id",
        "SELECT 'citations', r.id, TRUE, TRUE FROM sources s JOIN accords_citation r ON r.source_id = s.id",
        "SELECT 'agreements', r.agreement_id, TRUE, TRUE FROM noted n JOIN accords_citation r"
        " ON r.source_id = n.row_id AND r.agreement_id IS NOT NULL WHERE n.resource = 'evidence'",
    ]
    return _insert_notes(queries, **renamed)


def _note_rows_of_moved_rows() -> str:
    """Return the statement that notes the parties and citations of rows that moved to another agreement."""
    queries = [
        f"SELECT 'citations', r.id, FALSE, FALSE FROM noted n JOIN accords_citation r ON r.{column} = n.row_id"
        f" WHERE n.resource = '{table} moved'"
        for column, table in CITED.items()
    ]
    queries += [
        f"SELECT 'parties', r.party_id, FALSE, FALSE FROM noted n JOIN ({query}) r ON r.row_id = n.row_id"
        f" WHERE n.resource = '{RESOURCES[name]} moved' AND r.party_id IS NOT NULL"
        for name, query in NAMING
        if name != "agreements"
    ]
    return _insert_notes(queries)


# Whether a party is public decides whether its citations are, and these whether their sources are.
_NOTE_CITATIONS_OF_PARTIES = _insert_notes(
    [
        "SELECT 'citations', r.id, FALSE, FALSE FROM noted n JOIN accords_citation r ON r.party_id = n.row_id"
        " WHERE n.resource = 'parties' AND NOT n.changed"
    ]
)
_NOTE_SOURCES_OF_CITATIONS = _insert_notes(
    [
        "SELECT 'sources', r.source_id, FALSE, FALSE FROM noted n JOIN accords_citation r ON r.id = n.row_id"
        " WHERE n.resource = 'citations' AND NOT n.changed"
    ]
)


def _present_queries() -> dict[str, str]:
    """Return, for each resource, the query of its noted rows that exist, with the columns `PRESENT`."""
    from_clause = "FROM noted n JOIN {table} r ON n.resource = '{name}' AND r.id = n.row_id"
    queries = {
        name: "SELECT n.resource, n.row_id, r.slug, CAST(NULL AS bigint) AS agreement_id, '' AS agreement_slug,"
        f" {is_public} AS is_public " + from_clause.format(name=name, table=RESOURCES[name])
        for name, is_public in (("sources", quoted_in_public("r.id")), ("parties", f"({named_in_public('r.id')})"))
    }
    queries["agreements"] = "SELECT n.resource, n.row_id, r.slug, r.id, r.slug, r.is_published " + from_clause.format(
        name="agreements", table="accords_agreement"
    )
    for name, table in OF_AGREEMENT.items():
        queries[name] = (
            "SELECT n.resource, n.row_id, '', a.id, a.slug, a.is_published "
            + from_clause.format(name=name, table=table)
            + " JOIN accords_agreement a ON a.id = r.agreement_id"
        )
    of_party = f"(r.party_id IS NOT NULL AND ({named_in_public('r.party_id')}))"
    queries["citations"] = (
        f"SELECT n.resource, n.row_id, '', a.id, coalesce(a.slug, ''), coalesce(a.is_published, {of_party}) "
        + from_clause.format(name="citations", table="accords_citation")
        + f" LEFT JOIN accords_agreement a ON a.id = {target_agreement('r')}"
    )
    return queries


def present_by_resource() -> list[str]:
    """Return statements of PL/pgSQL that collect the noted rows that exist in an array, `present_rows`.

    One statement for all resources would take PostgreSQL longer to begin than to run.
    """
    noted = f"{NOTE} WHERE xact = {{transaction}} AND resource = '{{resource}}'"
    statement = f"""IF EXISTS (SELECT 1 FROM {noted}) THEN
 present_rows := present_rows || ARRAY(WITH noted AS MATERIALIZED (SELECT DISTINCT resource, row_id FROM {noted})
 SELECT ROW(found.*)::accords_change_present FROM ({{query}}) found);
 END IF"""
    return [
        statement.format(resource=resource, query=query, **DIALECT["postgresql"])
        for resource, query in _present_queries().items()
    ]


def _differences() -> str:
    """Return the query of the noted rows, before and now, with the columns `COLUMNS`.

    If a party becomes public, or no longer is, the public also sees a change of the parties that represent it. Notes
    and rows are combined by GROUP BY: PostgreSQL, which cannot know the number of notes, would join by nested loops.
    """
    names = ", ".join(COLUMNS)
    speaks = "(resource = 'parties' AND row_id IN (SELECT id FROM speaking))"
    return f"""WITH noted AS MATERIALIZED (
 SELECT resource, row_id, max(CAST(changed AS integer)) = 1 AS changed,
  max(CAST(public_changed AS integer)) = 1 AS public_changed
 FROM {NOTE} WHERE xact = {{transaction}} AND resource IN ({", ".join(f"'{name}'" for name in RESOURCES)})
 GROUP BY resource, row_id
), present ({", ".join(PRESENT)}) AS MATERIALIZED ({{present}}
), gathered AS (
 SELECT resource, row_id, changed, public_changed, NULL AS slug, CAST(NULL AS bigint) AS agreement_id,
  NULL AS agreement_slug, 0 AS is_there, 0 AS is_public FROM noted
 UNION ALL
 SELECT resource, row_id, FALSE, FALSE, slug, agreement_id, agreement_slug, 1, CAST(is_public AS integer) FROM present
), now AS MATERIALIZED (
 SELECT resource, row_id, max(CAST(changed AS integer)) = 1 AS changed,
  max(CAST(public_changed AS integer)) = 1 AS public_changed, max(slug) AS slug, max(agreement_id) AS agreement_id,
  max(agreement_slug) AS agreement_slug, max(is_there) = 1 AS is_there, max(is_public) = 1 AS is_public
 FROM gathered GROUP BY resource, row_id
), state AS MATERIALIZED (
 SELECT n.*, k.slug AS known_slug, k.agreement_id AS known_agreement_id, k.agreement_slug AS known_agreement_slug,
  k.row_id IS NOT NULL AS was_there, coalesce(k.is_public, FALSE) AS was_public
 FROM now n LEFT JOIN {ROW} k ON k.resource = n.resource AND k.row_id = n.row_id
), speaking AS MATERIALIZED (
 SELECT DISTINCT p.id FROM state s JOIN accords_party p ON p.represents_id = s.row_id
 WHERE s.resource = 'parties' AND s.is_public <> s.was_public
)
SELECT {names.replace("public_changed", f"public_changed OR {speaks}")}
 FROM state WHERE is_there OR was_there
UNION ALL
SELECT k.resource, k.row_id, FALSE, TRUE, k.slug, k.agreement_id, k.agreement_slug,
  k.slug, k.agreement_id, k.agreement_slug, TRUE, k.is_public, TRUE, k.is_public
 FROM {ROW} k JOIN speaking s ON s.id = k.row_id
 WHERE k.resource = 'parties' AND NOT EXISTS (
  SELECT 1 FROM noted n WHERE n.resource = 'parties' AND n.row_id = k.row_id)"""


def _entries_statement(table: str, count: str, saw: str, sees: str, sees_change: str) -> str:
    """Return the statement that writes the entries of one audience to a table.

    `count` is the column of its last position. The other columns are those of `COLUMNS` that say whether the audience
    saw the row before, sees it now, and sees a change in it. Of a row that it sees no more, it gets the slugs that it
    knows: the new ones may be those of drafts.
    """
    ranks = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(RESOURCES, 1))
    rank = f"CASE d.resource {ranks} END"
    names = ("slug", "agreement_id", "agreement_slug")
    values = ", ".join(f"CASE WHEN d.{sees} THEN d.{name} ELSE d.known_{name} END" for name in names)
    return f"""INSERT INTO {table} (position, at, change, resource, row_id, {", ".join(names)})
 SELECT c.{count} + row_number() OVER (ORDER BY CASE WHEN d.{sees} THEN {rank} ELSE -{rank} END, d.row_id), {{now}},
  CASE WHEN NOT d.{sees} THEN 'disappeared' WHEN d.{saw} THEN 'changed' ELSE 'appeared' END,
  d.resource, d.row_id, {values}
 FROM {{differences}} d CROSS JOIN {COUNT} c WHERE d.{saw} <> d.{sees} OR (d.{sees} AND d.{sees_change})"""


_SET_COUNTS = f"""UPDATE {COUNT} SET public = {{most}}(public, coalesce((SELECT max(position) FROM {PUBLIC}), 0)),
 editorial = {{most}}(editorial, coalesce((SELECT max(position) FROM {EDITORIAL}), 0))"""
_RECORD_ROWS = f"""INSERT INTO {ROW} AS k (resource, row_id, is_public, slug, agreement_id, agreement_slug)
 SELECT resource, row_id, is_public, slug, agreement_id, agreement_slug FROM {{differences}} d WHERE d.is_there
 ON CONFLICT (resource, row_id) DO UPDATE SET is_public = excluded.is_public, slug = excluded.slug,
  agreement_id = excluded.agreement_id, agreement_slug = excluded.agreement_slug
 WHERE k.is_public <> excluded.is_public OR k.slug <> excluded.slug
  OR k.agreement_slug <> excluded.agreement_slug
  OR coalesce(k.agreement_id, 0) <> coalesce(excluded.agreement_id, 0)"""
# Row by row on PostgreSQL: a plan for a join that was made without rows would compare each row with each difference.
_DELETE_ROWS = {
    "sqlite": f"DELETE FROM {ROW} WHERE (resource, row_id) IN ("
    "SELECT resource, row_id FROM {differences} d WHERE NOT d.is_there)",
    "postgresql": f"""FOR gone IN SELECT resource, row_id FROM {{differences}} d WHERE NOT d.is_there LOOP
  DELETE FROM {ROW} k WHERE k.resource = gone.resource AND k.row_id = gone.row_id;
 END LOOP""",
}
# A used slug redirects only users who could see it: those who view drafts, and the public if it was public.
_RECORD_SLUGS = f"""INSERT INTO {SLUG} AS s (resource, slug, row_id, was_public)
 SELECT resource, slug, row_id, is_public FROM {{differences}} d
 WHERE d.is_there AND d.resource IN ({", ".join(f"'{name}'" for name in WITH_SLUG)})
 ON CONFLICT (resource, slug) DO UPDATE SET was_public = TRUE WHERE excluded.was_public AND NOT s.was_public"""
_DELETE_NOTES = f"DELETE FROM {NOTE} WHERE xact = {{transaction}}"


_IS_RECORDED = f"EXISTS (SELECT 1 FROM {ROW} k WHERE k.resource = n.resource AND k.row_id = n.row_id)"
# Statements that note the rows on which noted changes have an effect, in order, each after the condition of such notes.
_EXPANSIONS = (
    (f"resource = 'terms' OR (changed AND resource = 'agreements' AND {_IS_RECORDED})", _note_rows_of_agreements()),
    (
        f"resource = 'evidence' OR (changed AND resource IN ('parties', 'sources') AND {_IS_RECORDED})",
        _note_rows_that_show_slugs(),
    ),
    ("resource LIKE '% moved'", _note_rows_of_moved_rows()),
    ("NOT changed AND resource = 'parties'", _NOTE_CITATIONS_OF_PARTIES),
    ("NOT changed AND resource = 'citations'", _NOTE_SOURCES_OF_CITATIONS),
)


def expansions(vendor: str) -> list[str]:
    """Return the statements that note the rows on which noted changes have an effect.

    On PostgreSQL, where such a statement takes long to start, each is run only if a note needs it.
    """
    templates = [
        f"""IF EXISTS (SELECT 1 FROM {NOTE} n WHERE xact = {{transaction}} AND ({condition})) THEN
 {statement};
 END IF"""
        if vendor == "postgresql"
        else statement
        for condition, statement in _EXPANSIONS
    ]
    return [template.format(**DIALECT[vendor]) for template in templates]


def differences(vendor: str) -> str:
    """Return the query of the noted rows as they are and as last recorded, with the columns `COLUMNS`."""
    present = {
        "sqlite": "\n UNION ALL ".join(_present_queries().values()),
        "postgresql": "SELECT * FROM unnest(present_rows)",
    }
    return _differences().format(present=present[vendor], **DIALECT[vendor])


def entry_statements(vendor: str) -> list[str]:
    """Return the statements that write the entries, record the rows as they are now, and delete the notes."""
    templates = [
        _entries_statement(PUBLIC, "public", "was_public", "is_public", "public_changed"),
        _entries_statement(EDITORIAL, "editorial", "was_there", "is_there", "changed"),
        _SET_COUNTS,
        _RECORD_ROWS,
        _DELETE_ROWS[vendor],
        _RECORD_SLUGS,
        _DELETE_NOTES,
    ]
    return [template.format(**DIALECT[vendor]) for template in templates]


SQLITE = [
    f"CREATE TEMP TABLE IF NOT EXISTS accords_change_difference ({', '.join(COLUMNS)})",
    *expansions("sqlite"),
    f"INSERT INTO temp.accords_change_difference {differences('sqlite')}",
    *entry_statements("sqlite"),
    "DELETE FROM temp.accords_change_difference",
]


def write_entries(connection: Any) -> None:
    """Write the entries of all noted rows, on a connection of SQLite's driver and in its transaction."""
    try:
        pending = connection.execute(PENDING).fetchone()
    except sqlite3.OperationalError as error:
        if NOTE not in str(error):
            raise
        return  # the migration that creates the tables has not run yet
    if pending:
        for statement in SQLITE:
            connection.execute(statement)


def append(change: str, resource: str, rows: Iterable[tuple[int, int, str]], *, editorial: bool) -> None:
    """Add entries without a write to the rows. Call it in a transaction that writes nothing else.

    `rows` are tuples of the id of a row, and the id and slug of its agreement.
    """
    table, count = (EDITORIAL, "editorial") if editorial else (PUBLIC, "public")
    vendor = default_connection.vendor
    with default_connection.cursor() as cursor:
        if vendor == "postgresql":
            cursor.execute("SELECT 1 FROM accords_revision FOR UPDATE")  # entries have the order of commits
        cursor.execute(f"SELECT {count} FROM {COUNT}")
        [last] = cursor.fetchone()
        values = [(position, change, resource, *row) for position, row in enumerate(rows, last + 1)]
        cursor.executemany(
            f"""INSERT INTO {table} (position, at, change, resource, row_id, slug, agreement_id, agreement_slug)
 VALUES (%s, {DIALECT[vendor]["now"].replace("%", "%%")}, %s, %s, %s, '', %s, %s)""",
            values,
        )
        cursor.execute(f"UPDATE {COUNT} SET {count} = {last + len(values)}")


def write_pending_entries() -> None:
    """Write the entries of changes that were made outside Django's transactions."""
    with default_connection.cursor() as cursor:
        cursor.execute(PENDING)
        if cursor.fetchone() is None:
            return
        if default_connection.vendor == "postgresql":
            cursor.execute("SELECT 1 FROM accords_revision FOR UPDATE")
            cursor.execute("SELECT accords_change_settle()")
            return
    write_entries(default_connection.connection)


def last_position(drafts: bool) -> int:
    """Return the position of an audience's last entry, as this transaction sees it; 0 before the first one."""
    with default_connection.cursor() as cursor:
        cursor.execute(f"SELECT {'editorial' if drafts else 'public'} FROM {COUNT}")
        position: int = cursor.fetchone()[0]
    return position
