"""Wrong tokens are counted one by one, however many workers count at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accords.models import TokenFailure

WORKERS, EACH = 8, 20


@pytest.mark.django_db(transaction=True)
def test_workers_that_count_at_once_lose_none() -> None:
    now = timezone.now()

    def count(_: int) -> None:
        for _ in range(EACH):
            TokenFailure.objects.record_failure("192.0.2.1", now)
        connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(count, range(WORKERS)))
    assert TokenFailure.objects.get().times == WORKERS * EACH
