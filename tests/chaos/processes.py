"""Many processes that write to one database at once, each through the whole of the API, as separate programs would."""

import json
import os
import sys
from collections import Counter

from django.db import connections

from tests.chaos.writers import AGREEMENT, CLAUSES, State, body_of
from tests.clients import Client

JSON = "application/json"


def run(processes: int, writes: int, token: str) -> None:
    """Fork so many, let each make that many clauses and change one that all share; print how each was answered."""
    connections.close_all()  # no connection of SQLite's may pass a fork
    begin, go = os.pipe()
    children = []
    for number in range(processes):
        back, told = os.pipe()
        if os.fork() == 0:
            os.close(go)
            os.read(begin, 1)  # ends once the parent has made them all
            os.write(told, json.dumps(work(number, writes, token)).encode())
            os._exit(0)
        os.close(told)
        children.append(back)
    os.close(go)
    answers: Counter[str] = Counter()
    for back in children:
        with os.fdopen(back) as said:
            answers.update(json.load(said))
    json.dump(answers, sys.stdout)


def work(number: int, writes: int, token: str) -> Counter[str]:
    """What one process does, and the statuses that it was answered, by method."""
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
