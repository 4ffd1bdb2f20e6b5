"""Compiled queries: their parameters, and the connection on which they run."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from accords.db.compiled_query import CompiledQuery, close_if_broken, native_sql
from accords.models import Agreement


def test_places_for_values_as_each_driver_has_them() -> None:
    sql = "SELECT '50%%' WHERE a = %s AND b LIKE '%%s' AND c = %s"
    marked, numbered = native_sql(sql)
    assert marked == "SELECT '50%' WHERE a = ? AND b LIKE '%s' AND c = ?"
    assert numbered == b"SELECT '50%' WHERE a = $1 AND b LIKE '%s' AND c = $2"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_its_server_has_left_is_opened_anew() -> None:
    statement = CompiledQuery(Agreement.objects.filter(updated_at__lt=datetime.now(UTC)).values_list("pk"))
    assert statement.run({}) == []
    left = connection.connection
    if connection.vendor == "postgresql":
        with psycopg.connect(left.info.dsn, password=left.info.password, autocommit=True) as other:
            assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [left.info.backend_pid]).fetchone() == (True,)
    connection.health_check_done = False  # as at the beginning of each request
    assert statement.run({}) == []
    assert (connection.connection is left) == (connection.vendor == "sqlite")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_works_is_kept_without_a_question() -> None:
    connection.ensure_connection()
    before, queries = connection.connection, []
    connection.health_check_done = False
    with connection.execute_wrapper(lambda execute, *said: queries.append(said) or execute(*said)):
        close_if_broken(connection)
    assert (connection.connection is before, queries) == (True, [])
    assert connection.health_check_done is (connection.vendor == "postgresql")


@pytest.mark.django_db(transaction=True)
def test_what_is_found_by_keys_is_planned_once_and_nothing_else_is() -> None:
    connection.close()
    connection.ensure_connection()
    rows = Agreement.objects.filter(pk=1).order_by().values_list("title")
    for statement in (CompiledQuery(rows, prepare=True), CompiledQuery(rows.filter(title="rare"))):
        assert [statement.run({}) for _ in range(8)] == [[]] * 8
    if connection.vendor == "postgresql":
        prepared = connection.connection.execute(
            "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements"
        )
        (sql, runs), *others = prepared.fetchall()
        assert ("title" in sql, runs, others) == (True, 8, [])
