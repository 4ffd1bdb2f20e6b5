"""Triggers that refuse relations between rows: those that form a cycle, and those to a row of a wrong agreement.

The models' `clean` checks the same rules, and reports them beside the field. It reads other rows without a lock, so
two writers could each find nothing wrong. Here a check waits for other writers of the relation to commit, and then
reads what they wrote. SQLite has one writer at a time, so `clean` suffices there for cycles, which its triggers
cannot detect.
"""

from django.db import migrations
from django.utils.translation import gettext_noop

from accords.db.triggers import Definition, Triggers, trigger, trigger_function

ACYCLIC = {  # relations that must not form a cycle: table and columns
    "accords_agreement": ("supersedes_id", "amends_id"),  # see also `succession_acyclic`
    "accords_clause": ("parent_id",),
    "accords_event": ("after_id", "reciprocates_id"),
    "accords_party": ("represents_id",),
}
SAME_AGREEMENT = {  # relations between rows of one agreement: table, column and related table
    ("accords_clause", "parent_id"): "accords_clause",
    ("accords_event", "after_id"): "accords_event",
    ("accords_event", "reciprocates_id"): "accords_event",
    ("accords_statement", "clause_id"): "accords_clause",
    ("accords_statement", "event_id"): "accords_event",
}
CYCLE = gettext_noop("This relation would form a cycle.")
FOREIGN = gettext_noop("The related row belongs to another agreement.")
NOT_AMENDED = gettext_noop("The modified clause belongs to an agreement that this one does not amend.")
STILL_MODIFIED = gettext_noop(
    "Clauses of this agreement or of its amendments modify clauses that it would amend no longer."
)


def constraint_name(table: str, column: str, rule: str) -> str:
    """Return the name that the trigger raises as CONSTRAINT, such as `clause_parent_acyclic`.

    `rule` is `acyclic` or `same_agreement`. `integrity_errors` finds message and field by the name.
    """
    return f"{table.removeprefix('accords_')}_{column.removesuffix('_id')}_{rule}"


def error_messages() -> dict[str, tuple[str, str]]:
    """Return the message and the field of each error, by the name that its trigger raises."""
    cycles = {
        constraint_name(table, column, "acyclic"): (CYCLE, column.removesuffix("_id"))
        for table, columns in ACYCLIC.items()
        for column in columns
    }
    foreign = {
        constraint_name(table, column, "same_agreement"): (FOREIGN, column.removesuffix("_id"))
        for table, column in SAME_AGREEMENT
    }
    cycles["renewal_outcome_acyclic"] = (CYCLE, "outcome")
    amended = {
        "clause_modifies_amended": (NOT_AMENDED, "modifies"),
        "agreement_amends_kept": (STILL_MODIFIED, "amends"),
    }
    return cycles | foreign | amended


def acyclic(table: str, column: str) -> Triggers:
    """Refuse a relation that leads back to its row. A writer that changes the relation holds a lock until it commits.

    A new row needs no lock: no other row can refer to it yet.
    """
    name = constraint_name(table, column, "acyclic")
    function = f"""CREATE FUNCTION accords_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
 IF TG_OP = 'UPDATE' THEN
  PERFORM pg_advisory_xact_lock(hashtextextended('{name}', 0));
 END IF;
 IF EXISTS (
  WITH RECURSIVE chain(id) AS (
   SELECT NEW.{column}
   UNION SELECT related.{column} FROM {table} related JOIN chain USING (id) WHERE related.{column} IS NOT NULL
  ) SELECT 1 FROM chain WHERE id = NEW.id
 ) THEN
  RAISE EXCEPTION '{name}: {CYCLE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
 END IF;
 RETURN NULL;
END $$"""
    action = f"ON {table} FOR EACH ROW WHEN (NEW.{column} IS NOT NULL"
    return Triggers(
        [],
        [
            Definition(function, f"DROP FUNCTION accords_{name}()"),
            *(
                Definition(
                    f"CREATE TRIGGER {name}_{event} AFTER {when} {action}{differs}) EXECUTE FUNCTION accords_{name}()",
                    f"DROP TRIGGER {name}_{event} ON {table}",
                )
                for event, when, differs in (
                    ("insert", "INSERT", ""),
                    ("update", f"UPDATE OF {column}", f" AND NEW.{column} IS DISTINCT FROM OLD.{column}"),
                )
            ),
        ],
    )


def same_agreement(table: str, column: str, related: str) -> Triggers:
    """Refuse a relation to a row of another agreement, and moving the related row to another agreement.

    The related row is locked, so that no other transaction moves it before the relation is committed.
    """
    name = constraint_name(table, column, "same_agreement")
    differs = f"SELECT 1 FROM {related} r WHERE r.id = NEW.{column} AND r.agreement_id <> NEW.agreement_id"
    left_behind = f"SELECT 1 FROM {table} r WHERE r.{column} = NEW.id AND r.agreement_id <> NEW.agreement_id"
    events = (
        ("insert", f"INSERT ON {table}", f"NEW.{column} IS NOT NULL", differs),
        ("update", f"UPDATE OF {column}, agreement_id ON {table}", f"NEW.{column} IS NOT NULL", differs),
        ("moved", f"UPDATE OF agreement_id ON {related}", "NEW.agreement_id <> OLD.agreement_id", left_behind),
    )
    sqlite = [
        Definition(
            f"""CREATE TRIGGER {name}_{event} AFTER {on} WHEN {when} AND EXISTS ({exists})
 BEGIN SELECT RAISE(ABORT, '{name}: {FOREIGN}'); END""",
            f"DROP TRIGGER {name}_{event}",
        )
        for event, on, when, exists in events
    ]
    postgresql: list[Definition] = []
    for event, on, when, exists in events:
        lock = "" if event == "moved" else f"\n PERFORM 1 FROM {related} WHERE id = NEW.{column} FOR SHARE;"
        function = f"""CREATE FUNCTION accords_{name}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{lock}
 IF EXISTS ({exists}) THEN
  RAISE EXCEPTION '{name}: {FOREIGN}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
 END IF;
 RETURN NULL;
END $$"""
        postgresql += [
            Definition(function, f"DROP FUNCTION accords_{name}_{event}()"),
            Definition(
                f"CREATE TRIGGER {name}_{event} AFTER {on} FOR EACH ROW WHEN ({when})"
                f" EXECUTE FUNCTION accords_{name}_{event}()",
                f"DROP TRIGGER {name}_{event} ON {on.rpartition(' ')[2]}",
            ),
        ]
    return Triggers(sqlite, postgresql)


def succession_acyclic() -> Triggers:
    """Refuse a cycle of agreements that replace each other, by `supersedes` or as outcomes of renewals.

    Writers of either relation hold the same lock until they commit.
    """
    outcome, supersedes = "renewal_outcome_acyclic", constraint_name("accords_agreement", "supersedes_id", "acyclic")

    def check(name: str, later: str, earlier: str) -> str:
        """Return PL/pgSQL that raises `name` if the agreement `earlier` is among the successors of `later` (SQL)."""
        return f""" PERFORM pg_advisory_xact_lock(hashtextextended('{supersedes}', 0));
 IF EXISTS (
  WITH RECURSIVE later(id) AS (
   SELECT {later}
   UNION SELECT next.id FROM later, LATERAL (
    SELECT a.id FROM accords_agreement a WHERE a.supersedes_id = later.id
    UNION ALL SELECT r.outcome_id FROM accords_renewal r WHERE r.agreement_id = later.id AND r.outcome_id <> later.id
   ) next
  ) SELECT 1 FROM later WHERE id = {earlier}
 ) THEN
  RAISE EXCEPTION '{name}: {CYCLE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
 END IF;"""

    return Triggers(
        [],
        [
            trigger_function("accords_renewal_outcome_acyclic", check(outcome, "NEW.outcome_id", "NEW.agreement_id")),
            trigger(
                outcome,
                "accords_renewal",
                "AFTER INSERT OR UPDATE OF outcome_id, agreement_id ON accords_renewal",
                "FOR EACH ROW WHEN (NEW.outcome_id <> NEW.agreement_id)"
                " EXECUTE FUNCTION accords_renewal_outcome_acyclic()",
            ),
            trigger_function("accords_agreement_succession_acyclic", check(supersedes, "NEW.id", "NEW.supersedes_id")),
            trigger(
                "agreement_succession_acyclic",
                "accords_agreement",
                "AFTER UPDATE OF supersedes_id ON accords_agreement",
                "FOR EACH ROW WHEN (NEW.supersedes_id IS DISTINCT FROM OLD.supersedes_id)"
                " EXECUTE FUNCTION accords_agreement_succession_acyclic()",
            ),
        ],
    )


def modifies_amended() -> Triggers:
    """Refuse clauses that modify a clause of an agreement that theirs does not amend, directly or through others.

    Writers of such clauses and transactions that change `amends` wait for each other to commit.
    """
    lock = f"hashtextextended('{constraint_name('accords_agreement', 'amends_id', 'acyclic')}', 0)"
    amended = """WITH RECURSIVE amended(id) AS (
   SELECT amends_id FROM accords_agreement WHERE id = {agreement}
   UNION SELECT a.amends_id FROM accords_agreement a JOIN amended USING (id) WHERE a.amends_id IS NOT NULL
  )"""
    clause = f""" PERFORM pg_advisory_xact_lock_shared({lock});
 IF NOT EXISTS ({amended.format(agreement="NEW.agreement_id")}
  SELECT 1 FROM amended JOIN accords_clause c ON c.agreement_id = amended.id WHERE c.id = NEW.modifies_id
 ) THEN
  RAISE EXCEPTION 'clause_modifies_amended: {NOT_AMENDED}'
   USING ERRCODE = 'check_violation', CONSTRAINT = 'clause_modifies_amended';
 END IF;"""
    agreement = f""" PERFORM pg_advisory_xact_lock({lock});
 IF EXISTS (
  WITH RECURSIVE amending(id) AS (
   SELECT NEW.id UNION SELECT a.id FROM accords_agreement a JOIN amending ON a.amends_id = amending.id
  )
  SELECT 1 FROM amending JOIN accords_clause c ON c.agreement_id = amending.id
  JOIN accords_clause modified ON modified.id = c.modifies_id
  WHERE NOT EXISTS ({amended.format(agreement="c.agreement_id")}
   SELECT 1 FROM amended WHERE amended.id = modified.agreement_id)
 ) THEN
  RAISE EXCEPTION 'agreement_amends_kept: {STILL_MODIFIED}'
   USING ERRCODE = 'check_violation', CONSTRAINT = 'agreement_amends_kept';
 END IF;"""
    function = "accords_clause_modifies_amended"
    check = f"EXECUTE FUNCTION {function}()"
    changed = "NEW.modifies_id IS DISTINCT FROM OLD.modifies_id OR NEW.agreement_id <> OLD.agreement_id"
    return Triggers(
        [],
        [
            trigger_function(function, clause),
            trigger(
                "clause_modifies_amended_insert",
                "accords_clause",
                "AFTER INSERT ON accords_clause",
                f"FOR EACH ROW WHEN (NEW.modifies_id IS NOT NULL) {check}",
            ),
            trigger(
                "clause_modifies_amended_update",
                "accords_clause",
                "AFTER UPDATE OF modifies_id, agreement_id ON accords_clause",
                f"FOR EACH ROW WHEN (NEW.modifies_id IS NOT NULL AND ({changed})) {check}",
            ),
            trigger_function("accords_agreement_amends_kept", agreement),
            trigger(
                "agreement_amends_kept",
                "accords_agreement",
                "AFTER UPDATE OF amends_id ON accords_agreement",
                "FOR EACH ROW WHEN (OLD.amends_id IS NOT NULL AND NEW.amends_id IS DISTINCT FROM OLD.amends_id)"
                " EXECUTE FUNCTION accords_agreement_amends_kept()",
            ),
        ],
    )


def operations() -> list[migrations.RunPython]:
    """Return the migration operations that create the triggers."""
    return [
        *(acyclic(table, column).operation() for table, columns in ACYCLIC.items() for column in columns),
        *(same_agreement(*relation, related).operation() for relation, related in SAME_AGREEMENT.items()),
        succession_acyclic().operation(),
        modifies_amended().operation(),
    ]
