"""The feed of changes: who may see what appeared, changed or disappeared, in the order of commits.

Triggers (`accords.db.change_triggers`) note the rows that a transaction writes. When it commits, `settle` compares what
each of them is now with what the feed has told of it (`accords_change_row`), and writes an entry for each audience that
sees a difference: the public, and users who view drafts. Positions are counted for each audience apart, so that no gap
tells of a draft. On PostgreSQL the function `accords_change_settle` runs at the end of a transaction, under the lock of
the revision; on SQLite, which has one writer at a time, the backend calls `settle` before each commit.

What a row's change does to other rows is looked up here and not when it is written: rows that others have committed in
the meantime are then seen.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from django.db import connection as default_connection

NOTE, ROW, COUNT, SLUG = "accords_change_note", "accords_change_row", "accords_change_count", "accords_usedslug"
PUBLIC, EDITORIAL = "accords_publicchange", "accords_editorialchange"
# The resources, and their tables, in the order in which rows refer to each other: entries of a commit have this order,
# and the reverse where rows disappear.
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
# Where parties are named: the resource whose row names them, and a query of pairs (row_id, party_id, agreement_id).
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
# What is known of a row that was noted: how it was told before, and how it is now.
COLUMNS = {
    "resource": "text",
    "row_id": "bigint",
    "changed": "boolean",  # for users who view drafts
    "public_changed": "boolean",  # for the public
    "slug": "text",
    "agreement_id": "bigint",
    "agreement_slug": "text",
    "is_there": "boolean",
    "is_public": "boolean",
    "was_there": "boolean",
    "was_public": "boolean",
}


# What a noted row is now, if it is there.
PRESENT = {
    "resource": "text",
    "row_id": "bigint",
    "slug": "text",
    "agreement_id": "bigint",
    "agreement_slug": "text",
    "is_public": "boolean",
}


def named_in_public(party: str) -> str:
    """Return the condition that a published agreement names a party; `PartyQuerySet.published` in SQL."""
    published = "JOIN accords_agreement a ON a.id = n.agreement_id AND a.is_published"
    # The column stands inside each query, where every database uses its index.
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM ({query}) n {published} WHERE n.party_id = {party})" for _, query in NAMING
    )


def target_agreement(citation: str) -> str:
    """Return the id of the agreement to which the target of a citation belongs; null for a party."""
    found = [f"{citation}.agreement_id"]
    found += [f"(SELECT t.agreement_id FROM {table} t WHERE t.id = {citation}.{key})" for key, table in CITED.items()]
    return f"coalesce({', '.join(found)})"


def quoted_in_public(source: str) -> str:
    """Return the condition that a citation of a source is public; `SourceQuerySet.published` in SQL."""
    return f"""EXISTS (SELECT 1 FROM accords_citation q LEFT JOIN accords_agreement a ON a.id = {target_agreement("q")}
 WHERE q.source_id = {source} AND (a.is_published OR (q.party_id IS NOT NULL AND ({named_in_public("q.party_id")}))))"""


def _insert_notes(queries: list[str], **tables: str) -> str:
    """Return the statement that notes the rows of these queries: resource, id, and for whom they changed.

    They read the rows `noted` so far, and these tables, by name. These are computed first: PostgreSQL, which cannot
    know how few rows they have, would else begin with whole tables.
    """
    noted = f"SELECT resource, row_id, changed FROM {NOTE} WHERE xact = {{transaction}}"
    expressions = ",\n ".join(f"{name} AS MATERIALIZED ({query})" for name, query in {"noted": noted, **tables}.items())
    union = "\n UNION ALL ".join(queries)
    return f"""INSERT INTO {NOTE} (xact, resource, row_id, changed, public_changed)
 WITH {expressions}
 SELECT {{transaction}}, found.* FROM ({union}) found WHERE TRUE ON CONFLICT DO NOTHING"""


def _changed_rows(resource: str) -> str:
    """Return the noted rows of a resource as they are (`r`), and as they were told (`k`)."""
    return (
        f"FROM noted n JOIN {RESOURCES[resource]} r ON n.resource = '{resource}' AND n.changed AND r.id = n.row_id"
        f" JOIN {ROW} k ON k.resource = '{resource}' AND k.row_id = r.id"
    )


def _with_its_agreement() -> str:
    """Note what depends on agreements that were published, withdrawn or renamed, or whose terms changed."""
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


def _with_its_name() -> str:
    """Note what shows the slug of a party or a source that was renamed, or the evidence of a source's kind."""
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


def _moved() -> str:
    """Note what goes with rows that were moved to another agreement: their parties and citations."""
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


# Whether a party is public decides on its citations, and whether these are on their sources.
_CITATIONS_OF_PARTIES = _insert_notes(
    [
        "SELECT 'citations', r.id, FALSE, FALSE FROM noted n JOIN accords_citation r ON r.party_id = n.row_id"
        " WHERE n.resource = 'parties' AND NOT n.changed"
    ]
)
_SOURCES_OF_CITATIONS = _insert_notes(
    [
        "SELECT 'sources', r.source_id, FALSE, FALSE FROM noted n JOIN accords_citation r ON r.id = n.row_id"
        " WHERE n.resource = 'citations' AND NOT n.changed"
    ]
)


def _current() -> dict[str, str]:
    """Return, for each resource, the query of its noted rows that are there, with the columns `PRESENT`."""
    noted = "FROM noted n JOIN {table} r ON n.resource = '{name}' AND r.id = n.row_id"
    found = {
        name: "SELECT n.resource, n.row_id, r.slug, CAST(NULL AS bigint) AS agreement_id, '' AS agreement_slug,"
        f" {is_public} AS is_public " + noted.format(name=name, table=RESOURCES[name])
        for name, is_public in (("sources", quoted_in_public("r.id")), ("parties", f"({named_in_public('r.id')})"))
    }
    found["agreements"] = "SELECT n.resource, n.row_id, r.slug, r.id, r.slug, r.is_published " + noted.format(
        name="agreements", table="accords_agreement"
    )
    for name, table in OF_AGREEMENT.items():
        found[name] = (
            "SELECT n.resource, n.row_id, '', a.id, a.slug, a.is_published "
            + noted.format(name=name, table=table)
            + " JOIN accords_agreement a ON a.id = r.agreement_id"
        )
    of_party = f"(r.party_id IS NOT NULL AND ({named_in_public('r.party_id')}))"
    found["citations"] = (
        f"SELECT n.resource, n.row_id, '', a.id, coalesce(a.slug, ''), coalesce(a.is_published, {of_party}) "
        + noted.format(name="citations", table="accords_citation")
        + f" LEFT JOIN accords_agreement a ON a.id = {target_agreement('r')}"
    )
    return found


def present_by_resource() -> list[str]:
    """Return statements of PL/pgSQL that gather the noted rows that are there in an array, `present_rows`.

    One statement for all resources would take PostgreSQL longer to begin than to run.
    """
    noted = f"{NOTE} WHERE xact = {{transaction}} AND resource = '{{resource}}'"
    statement = f"""IF EXISTS (SELECT 1 FROM {noted}) THEN
 present_rows := present_rows || ARRAY(WITH noted AS MATERIALIZED (SELECT DISTINCT resource, row_id FROM {noted})
 SELECT ROW(found.*)::accords_change_present FROM ({{query}}) found);
 END IF"""
    return [
        statement.format(resource=resource, query=query, **DIALECT["postgresql"])
        for resource, query in _current().items()
    ]


def _differences() -> str:
    """Return the query of the noted rows, before and now, with the columns `COLUMNS`.

    A party that becomes public, or no longer is, changes how the public sees the parties that speak for it. Notes and
    rows are brought together by grouping: PostgreSQL, which cannot know how many notes there are, would join by loops.
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
 SELECT n.resource, n.row_id, n.changed, n.public_changed, coalesce(n.slug, k.slug) AS slug,
  coalesce(n.agreement_id, k.agreement_id) AS agreement_id,
  coalesce(n.agreement_slug, k.agreement_slug) AS agreement_slug, n.is_there, n.is_public,
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
  TRUE, k.is_public, TRUE, k.is_public
 FROM {ROW} k JOIN speaking s ON s.id = k.row_id
 WHERE k.resource = 'parties' AND NOT EXISTS (
  SELECT 1 FROM noted n WHERE n.resource = 'parties' AND n.row_id = k.row_id)"""


def _entries(table: str, count: str, before: str, now: str, changed: str) -> str:
    """Return the statement that writes the entries of one audience."""
    ranks = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(RESOURCES, 1))
    rank = f"CASE d.resource {ranks} END"
    return f"""INSERT INTO {table} (position, at, change, resource, row_id, slug, agreement_id, agreement_slug)
 SELECT c.{count} + row_number() OVER (ORDER BY CASE WHEN d.{now} THEN {rank} ELSE -{rank} END, d.row_id), {{now}},
  CASE WHEN NOT d.{now} THEN 'disappeared' WHEN d.{before} THEN 'changed' ELSE 'appeared' END,
  d.resource, d.row_id, d.slug, d.agreement_id, d.agreement_slug
 FROM {{differences}} d CROSS JOIN {COUNT} c WHERE d.{before} <> d.{now} OR (d.{now} AND d.{changed})"""


_COUNT = f"""UPDATE {COUNT} SET public = {{most}}(public, coalesce((SELECT max(position) FROM {PUBLIC}), 0)),
 editorial = {{most}}(editorial, coalesce((SELECT max(position) FROM {EDITORIAL}), 0))"""
_REMEMBER = f"""INSERT INTO {ROW} AS k (resource, row_id, is_public, slug, agreement_id, agreement_slug)
 SELECT resource, row_id, is_public, slug, agreement_id, agreement_slug FROM {{differences}} d WHERE d.is_there
 ON CONFLICT (resource, row_id) DO UPDATE SET is_public = excluded.is_public, slug = excluded.slug,
  agreement_id = excluded.agreement_id, agreement_slug = excluded.agreement_slug
 WHERE k.is_public <> excluded.is_public OR k.slug <> excluded.slug
  OR k.agreement_slug <> excluded.agreement_slug
  OR coalesce(k.agreement_id, 0) <> coalesce(excluded.agreement_id, 0)"""
# Row by row on PostgreSQL: a plan that joins, made when no row was known, would meet each row with each difference.
_FORGET = {
    "sqlite": f"DELETE FROM {ROW} WHERE (resource, row_id) IN ("
    "SELECT resource, row_id FROM {differences} d WHERE NOT d.is_there)",
    "postgresql": f"""FOR gone IN SELECT resource, row_id FROM {{differences}} d WHERE NOT d.is_there LOOP
  DELETE FROM {ROW} k WHERE k.resource = gone.resource AND k.row_id = gone.row_id;
 END LOOP""",
}
# A slug redirects those who were able to see it: whoever views drafts, and the public once it was public.
_SLUGS = f"""INSERT INTO {SLUG} AS s (resource, slug, row_id, was_public)
 SELECT resource, slug, row_id, is_public FROM {{differences}} d
 WHERE d.is_there AND d.resource IN ({", ".join(f"'{name}'" for name in WITH_SLUG)})
 ON CONFLICT (resource, slug) DO UPDATE SET was_public = TRUE WHERE excluded.was_public AND NOT s.was_public"""
_DONE = f"DELETE FROM {NOTE} WHERE xact = {{transaction}}"


_IS_KNOWN = f"EXISTS (SELECT 1 FROM {ROW} k WHERE k.resource = n.resource AND k.row_id = n.row_id)"
# Statements that note the rows on which noted changes have an effect, in order, each with what must be noted for it.
_EXPANSIONS = (
    (f"resource = 'terms' OR (changed AND resource = 'agreements' AND {_IS_KNOWN})", _with_its_agreement()),
    (f"resource = 'evidence' OR (changed AND resource IN ('parties', 'sources') AND {_IS_KNOWN})", _with_its_name()),
    ("resource LIKE '% moved'", _moved()),
    ("NOT changed AND resource = 'parties'", _CITATIONS_OF_PARTIES),
    ("NOT changed AND resource = 'citations'", _SOURCES_OF_CITATIONS),
)


def expansions(vendor: str) -> list[str]:
    """Return the expansions; PostgreSQL, which takes long to begin such statements, skips those without an effect."""
    found = [
        f"""IF EXISTS (SELECT 1 FROM {NOTE} n WHERE xact = {{transaction}} AND ({condition})) THEN
 {statement};
 END IF"""
        if vendor == "postgresql"
        else statement
        for condition, statement in _EXPANSIONS
    ]
    return [statement.format(**DIALECT[vendor]) for statement in found]


def differences(vendor: str) -> str:
    """Return the query of what has become of the noted rows."""
    present = {"sqlite": "\n UNION ALL ".join(_current().values()), "postgresql": "SELECT * FROM unnest(present_rows)"}
    return _differences().format(present=present[vendor], **DIALECT[vendor])


def entry_statements(vendor: str) -> list[str]:
    """Return the statements that write the entries, given the differences."""
    templates = [
        _entries(PUBLIC, "public", "was_public", "is_public", "public_changed"),
        _entries(EDITORIAL, "editorial", "was_there", "is_there", "changed"),
        _COUNT,
        _REMEMBER,
        _FORGET[vendor],
        _SLUGS,
        _DONE,
    ]
    return [template.format(**DIALECT[vendor]) for template in templates]


SQLITE = [
    f"CREATE TEMP TABLE IF NOT EXISTS accords_change_difference ({', '.join(COLUMNS)})",
    *expansions("sqlite"),
    f"INSERT INTO temp.accords_change_difference {differences('sqlite')}",
    *entry_statements("sqlite"),
    "DELETE FROM temp.accords_change_difference",
]


def settle(connection: Any) -> None:
    """Write the entries for all that was noted, on a connection of SQLite's driver and in its transaction."""
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
    """Add entries that follow from no write. Call it in a transaction that writes nothing else.

    `rows` are the ids of rows, and the ids and slugs of their agreements.
    """
    table, count = (EDITORIAL, "editorial") if editorial else (PUBLIC, "public")
    vendor = default_connection.vendor
    with default_connection.cursor() as cursor:
        if vendor == "postgresql":
            cursor.execute("SELECT 1 FROM accords_revision FOR UPDATE")  # entries have the order of commits
        cursor.execute(f"SELECT {count} FROM {COUNT}")
        [last] = cursor.fetchone()
        values = [(last + place, change, resource, *row) for place, row in enumerate(rows, 1)]
        cursor.executemany(
            f"""INSERT INTO {table} (position, at, change, resource, row_id, slug, agreement_id, agreement_slug)
 VALUES (%s, {DIALECT[vendor]["now"].replace("%", "%%")}, %s, %s, %s, '', %s, %s)""",
            values,
        )
        cursor.execute(f"UPDATE {COUNT} SET {count} = {last + len(values)}")
