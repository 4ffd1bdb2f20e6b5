"""Count the files of ours that a request, a save in the admin and a load enter: `python -m tests.flows [--files]`.

Everything runs in this process on an empty SQLite file, and each flow is measured after the same kind of request has
been answered before. Only functions whose file is in `accords/` or `config/` count; migrations and templates do not.
"""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import django

ROOT = Path(__file__).parents[1]
OURS = (f"{ROOT}/accords/", f"{ROOT}/config/")
AGREEMENT = "us-china-rare-metals"
LIST = "/api/v1/clauses?obligor={}&in_force_on=2025-12-{:02}"


class Trace:
    """The calls of our functions between `__enter__` and `__exit__`."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self.functions: set[tuple[str, int, str]] = set()
        self.calls = self.crossings = self.deepest = 0
        self._stack: list[str] = []

    def __enter__(self) -> "Trace":
        sys.setprofile(self._event)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.setprofile(None)

    def _event(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(OURS) or code.co_name == "<module>":
            return
        if event == "return":
            if self._stack:
                self._stack.pop()
            return
        self.calls += 1
        self.crossings += bool(self._stack) and self._stack[-1] != code.co_filename
        self._stack.append(code.co_filename)
        self.deepest = max(self.deepest, len(self._stack))
        self.files[code.co_filename] = self.files.get(code.co_filename, 0) + 1
        self.functions.add((code.co_filename, code.co_firstlineno, code.co_name))


def flows() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield each flow's name and the call that runs it; what comes before it is done between two of them."""
    from django.contrib.auth.models import Permission, User
    from django.core.management import call_command
    from django.utils import timezone

    from accords import services
    from accords.models import Agreement, Token
    from tests.admin.forms import form_data
    from tests.clients import Client

    def loaded() -> None:
        call_command("load_deal", verbosity=0)

    yield "load_deal on an empty database", loaded

    boss = User.objects.create_superuser("boss")
    reader = User.objects.create_user("reader")
    anonymous, session, editor = Client(), Client(), Client()
    session.force_login(reader)
    editor.force_login(boss)
    writer_account = User.objects.create_user("writer")
    writer_account.user_permissions.set(Permission.objects.filter(content_type__app_label="accords"))
    secret = Token.objects.issue(writer_account, "flows", scope="write")[1]
    writer = Client(headers={"Authorization": f"Bearer {secret}"})
    number = iter(range(900, 999))

    def get(client: Any, path: str) -> Callable[[], Any]:
        return lambda: checked(client.get(path))

    def post() -> Any:
        clause = {"agreement": AGREEMENT, "number": str(next(number)), "type": "tariff", "title": "Tariffs"}
        clause |= {"position": int(clause["number"]), "standing": "outcome", "modality": "obligation"}
        key = {"Idempotency-Key": clause["number"] * 4}
        return checked(writer.post("/api/v1/clauses", clause, "application/json", headers=key))

    for client in (anonymous, session, writer):  # what a process does once: imports, URL patterns, prepared classes
        for path in ("/api/v1/clauses", "/api/v1/parties?country=CN", f"/api/v1/agreements/{AGREEMENT}"):
            checked(client.get(path))
    yield "GET a list for the first time", get(anonymous, LIST.format("united-states", 10))
    yield "GET it for another day", get(anonymous, LIST.format("united-states", 11))
    yield "GET it again", get(anonymous, LIST.format("united-states", 11))
    other = LIST.format("united-states", 10).replace("obligor", "obligee")
    yield "GET a list, logged in", get(session, other)

    agreement = Agreement.objects.get(slug=AGREEMENT)
    services.withdraw(ids=[agreement.pk], on=timezone.localdate())  # a draft may be written without evidence
    post()
    yield "POST a clause with Idempotency-Key", post
    row = post().json()
    tag = checked(writer.get(row["url"])).headers["ETag"]

    def patch(title: str) -> Any:
        return checked(writer.patch(row["url"], {"title": title}, "application/json", headers={"If-Match": tag}))

    tag = patch("Lower tariffs").headers["ETag"]
    yield "PATCH a clause with If-Match", lambda: patch("Higher tariffs")

    page = f"/admin/accords/agreement/{agreement.pk}/change/"
    data = form_data(editor, page)
    yield "admin: open an agreement", get(editor, page)
    checked(editor.post(page, data | {"subject": "rare metals"}))
    data = form_data(editor, page)
    yield "admin: save an agreement", lambda: checked(editor.post(page, data | {"subject": "métaux rares"}))


def checked(response: Any) -> Any:
    """Return the response if it succeeded; a form shown again is a failure too."""
    if response.status_code >= 400 or (response.request["REQUEST_METHOD"] == "POST" and response.status_code == 200):
        sys.exit(
            f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}: {response.status_code} {response.content[:2000]!r}"
        )
    return response


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", action="store_true", help="list the files of each flow with their calls")
    files = options.parse_args().files
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{folder}/flows.sqlite3",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ALLOWED_HOSTS": "testserver",
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        warnings.simplefilter("ignore")
        setup_test_environment()
        call_command("migrate", verbosity=0)
        print("| flow | files | functions | calls | calls into another file | depth |\n|---|---|---|---|---|---|")
        for name, run in flows():
            with Trace() as trace:
                run()
            shown = (len(trace.files), len(trace.functions), trace.calls, trace.crossings, trace.deepest)
            print(f"| {name} | {' | '.join(map(str, shown))} |", flush=True)
            if files:
                for path, calls in sorted(trace.files.items()):
                    print(f"    {calls:6} {Path(path).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
