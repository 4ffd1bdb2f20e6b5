"""A mirror follows the feed while eight editors write at once, roll back and are killed.

`make mirror` runs rounds of a minute: MIRROR_ROUNDS, MIRROR_SECONDS.
"""

import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from tests import factories
from tests.api import callers
from tests.clients import Client
from tests.mirror.editors import Editor
from tests.mirror.mirror import Mirror
from tests.template_database import url

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("MIRROR_ROUNDS", "1"))
SECONDS = float(os.environ.get("MIRROR_SECONDS", "1"))
EDITORS = 8


def edit(number: int, seed: int, until: float) -> int:
    """Write until an instant; return how many things were done."""
    editor, chance, done = Editor(f"e{number}", seed), random.Random(seed), 0
    try:
        while time.monotonic() < until or done == 0:
            done += editor.act(times=chance.randint(1, 3), undo=0.2)
            time.sleep(chance.choice([0, 0, 0.01]))
    finally:
        connection.close()
    return done


def edit_until_killed(number: int, seed: int, until: float) -> int:
    """Write in a process that is killed (`kill -9`) while it writes, and in another after it, until an instant."""
    chance, killed = random.Random(seed), 0
    while time.monotonic() < until or killed == 0:
        command = [sys.executable, "-m", "tests.mirror", f"e{number}-{killed}", str(seed + killed)]
        process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url()}, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        time.sleep(chance.uniform(0.1, 0.8))
        process.kill()
        process.communicate()
        killed += 1
    return killed


def follow(mirror: Mirror, until: float) -> None:
    try:
        while time.monotonic() < until:
            mirror.follow()
            time.sleep(0.05)
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_mirror_equals_the_lists_after_eight_editors_at_once(seed: int, client: Client) -> None:
    factories.deal()
    mirrors: list[Any] = [Mirror(client), Mirror(callers.caller("editor"))]
    for mirror in mirrors:
        mirror.begin()
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(EDITORS + len(mirrors)) as pool:
        following = [pool.submit(follow, mirror, until) for mirror in mirrors]
        editing = [
            pool.submit(edit_until_killed if number == 0 else edit, number, seed * EDITORS + number, until)
            for number in range(EDITORS)
        ]
        done = [one.result() for one in editing]
        for one in following:
            one.result()
    for mirror in mirrors:
        mirror.follow()
        assert mirror.differences() == []
        assert mirror.entries > 0
    assert min(done) > 0
    entries = [mirror.entries for mirror in mirrors]
    print(f"Round {seed}: {sum(done[1:])} changes, {done[0]} killed, {entries} entries")  # noqa: T201 - for `make mirror`
