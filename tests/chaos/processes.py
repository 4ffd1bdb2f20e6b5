"""Many processes that write to one database at once, each through the API."""

import json
import os
import sys
from collections import Counter

from django.db import connections

from tests.chaos.writers import AGREEMENT, CLAUSES, State, body_of
from tests.clients import Client

JSON = "application/json"


def run(processes: int, writes: int, token: str) -> None:
    """Fork processes that create clauses and change one row that all share, and print the counts of their responses."""
    work(processes, 1, token)  # what a first request prepares is prepared once, before the forks
    connections.close_all()  # no connection of SQLite's may pass a fork
    begin, go = os.pipe()
    children = []
    for number in range(processes):
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(go)
            os.read(begin, 1)  # returns when the parent has forked all
            os.write(writer, json.dumps(work(number, writes, token)).encode())
            os._exit(0)
        os.close(writer)
        children.append(reader)
    os.close(go)
    answers: Counter[str] = Counter()
    for reader in children:
        with os.fdopen(reader) as output:
            answers.update(json.load(output))
    json.dump(answers, sys.stdout)


def work(number: int, writes: int, token: str) -> Counter[str]:
    """Write as one process, and return the counts of responses by method and status."""
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}", "Host": "localhost"})
    shared = f"/api/v1/agreements/{AGREEMENT}"
    answers: Counter[str] = Counter()
    for each in range(writes):
        name = f"p{number}-{each}"
        body = body_of(name, State(f"Made by {name}", "goods", "china"))
        for method, path, sent in (
            ("POST", CLAUSES, body),
            ("PATCH", shared, {"subject": name}),
            ("GET", shared, None),
        ):
            headers = {"If-Match": "*"} if method == "PATCH" else {}
            answer = client.generic(method, path, json.dumps(sent) if sent else "", content_type=JSON, headers=headers)
            answers[f"{method} {answer.status_code}"] += 1
    return answers
