"""The revision of the data and a digest of the deployment, which are parts of the keys of cached responses and files.

Triggers raise the revision with every change of what the API shows.
"""

import json
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.db import connection

from accords.db.compiled_query import close_if_broken

TABLE = "accords_revision"  # not a model, so that no `flush`, fixture or editor can set the number back
SELECT_NUMBER = f"SELECT number FROM {TABLE}"  # noqa: S608 - a name of ours


def current() -> int:
    """Return the number of the latest committed change: two reads with the same number saw the same data.

    To cache a response, read the number first and the data afterwards, each outside a transaction: then the response is
    never older than its number. It only grows, by any amount. In a transaction that writes it has no meaning.
    """
    close_if_broken(connection)
    connection.ensure_connection()
    with connection.wrap_database_errors:  # without Django's cursor, which is slower: this runs before every response
        return int(connection.connection.execute(SELECT_NUMBER).fetchone()[0])


@cache
def deployment() -> str:
    """Return a digest of the code, the database, the secret key and the limits that responses depend on.

    With it in the keys, deployments may share a Redis.
    """
    root: Path = settings.BASE_DIR
    database = [str(settings.DATABASES["default"].get(name)) for name in ("ENGINE", "NAME", "HOST", "PORT")]
    values = [settings.SECRET_KEY, settings.COUNT_LIMIT, settings.PAGE_WEIGHT, *database]
    digest = blake2b(json.dumps(values).encode(), digest_size=16)
    for path in sorted((*root.glob("accords/**/*.py"), *root.glob("config/**/*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
