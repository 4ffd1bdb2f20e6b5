"""Codes of the Harmonized System in the database: which lists of codes and ranges cover a code."""

from typing import Any

from django.db.models import Lookup

from accords.db.fields import StringList

# A code means all six-digit codes that begin with it: `12` is 120000 to 129999, `25-27` is 250000 to 279999.
FIRST = "substr(CASE WHEN {dash} > 0 THEN substr(item, 1, {dash} - 1) ELSE item END || '000000', 1, 6)"
LAST = "substr(CASE WHEN {dash} > 0 THEN substr(item, {dash} + 1) ELSE item END || '999999', 1, 6)"


@StringList.register_lookup
class CoversHsCode(Lookup):
    """`hs_codes__covers_hs_code="2603"`: a code or range of the list has six-digit codes in common with this one."""

    lookup_name = "covers_hs_code"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            items, dash = f"jsonb_array_elements_text({column}) AS items(item)", "strpos(item, '-')"
        else:
            items, dash = f"json_each({column})", "instr(item, '-')"
            items = f"(SELECT value AS item FROM {items}) AS items"  # noqa: S608 - our own column
        first, last = FIRST.format(dash=dash), LAST.format(dash=dash)
        sql = f"EXISTS (SELECT 1 FROM {items} WHERE {first} <= %s AND {last} >= %s)"  # noqa: S608 - our own column
        code = str(self.rhs)
        # Most lists are empty. Without this test, reading them would take half of the time.
        return f"({column} <> '[]' AND {sql})", (*params, *params, f"{code:9<6}", f"{code:0<6}")
