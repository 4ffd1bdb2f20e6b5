"""The revision of the data: one number that the database itself raises with every change of what the API shows."""

from django.db import connection

from accords.db.compiled_query import close_if_broken

TABLE = "accords_revision"  # not a model: neither `flush` nor a fixture nor an editor may ever set it back
ASK = f"SELECT number FROM {TABLE}"  # noqa: S608 - a name of ours


def current() -> int:
    """The number of the latest change that is committed; two reads that give the same number saw the same data.

    Whoever keeps an answer reads the number first and the data afterwards, each outside a transaction: then an answer
    is never older than its number. It only ever grows, by any amount; within a transaction that writes it says nothing.
    """
    close_if_broken(connection)
    connection.ensure_connection()
    with connection.wrap_database_errors:  # no cursor of Django's: this is asked before every answer
        return int(connection.connection.execute(ASK).fetchone()[0])
