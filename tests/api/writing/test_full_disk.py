"""A full disk: a write is refused and leaves nothing, reads go on, and writes too once there is room."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from accords.models import Source
from tests.api.addresses import BASE
from tests.clients import Client

LONG = {"slug": "long", "title": "Long", "kind": "article", "language": "fr", "text": "métaux rares " * 50_000}
REFUSING = """
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no room left' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON accords_source FOR EACH ROW EXECUTE FUNCTION no_room();
"""


@contextmanager
def no_room() -> Iterator[None]:
    """Let the database have no room: SQLite no page more; PostgreSQL the error that it has for it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REFUSING)
            yield
            cursor.execute("DROP TRIGGER no_room ON accords_source; DROP FUNCTION no_room()")
            return
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        yield
        cursor.execute("PRAGMA max_page_count = 1073741823")


@pytest.mark.django_db
def test_a_full_disk_is_reported_and_nothing_is_half_done(writer: Client) -> None:
    with no_room():
        refused = writer.post(f"{BASE}/sources", LONG, content_type="application/json")
        assert refused.status_code == 507, refused.content
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert not Source.objects.exists()
        assert writer.get(f"{BASE}/sources").status_code == 200
    response = writer.post(f"{BASE}/sources", LONG, content_type="application/json")
    assert response.status_code == 201, response.content
