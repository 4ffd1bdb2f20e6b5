"""Webhooks: signed, in order, at least once, and never to an address inside."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Verifier

from accords import webhooks
from accords.api import feed, webhook_worker
from accords.db.changes import write_pending_entries
from accords.models import Webhook, WebhookDelivery
from accords.models.base import can_view_drafts
from tests import factories
from tests.admin.forms import form_data, messages
from tests.api import callers
from tests.factories import FixtureRows

pytestmark = pytest.mark.django_db


class Receiver:
    """A receiver that answers with the statuses of `answers`, then with 204, and keeps what it took."""

    def __init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 204
                receiver.got.append((dict(self.headers), body, status))
                receiver.paths.append(self.path)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes, int]] = []
        self.paths: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self) -> list[str]:
        """Return the types of the messages that were answered with 2xx."""
        return [json.loads(body)["type"] for _, body, status in self.got if 200 <= status < 300]


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def receiver(server: Receiver, settings: Any) -> Receiver:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    server.answers, server.got, server.paths = [], [], []
    return server


@pytest.fixture
def rows() -> FixtureRows:
    made = factories.deal()
    write_pending_entries()
    return made


def webhook(receiver: Receiver, owner: User | None = None, **fields: Any) -> Webhook:
    """Return a webhook that begins at the end of the feed."""
    owner = owner or callers.user("receiver")
    drafts = can_view_drafts(owner)
    position = feed.current_cursor(drafts).position
    values = {"url": f"{receiver.url}/hook", "views_drafts": drafts, "position": position} | fields
    return Webhook.objects.create(owner=owner, **values)


def deliver() -> None:
    call_command("deliver_webhooks", "--once", verbosity=0)


def retitle(row: Any, title: str = "Other") -> None:
    type(row).objects.filter(pk=row.pk).update(title=title)
    write_pending_entries()


def test_messages_are_signed_and_carry_the_entry(receiver: Receiver, rows: FixtureRows) -> None:
    made = webhook(receiver)
    retitle(rows.clause)
    deliver()
    [(headers, body, _)] = receiver.got
    assert Verifier(made.secret).verify(body, headers)
    message = json.loads(body)
    assert message["type"] == "clauses.changed"
    assert message["data"]["url"] == f"/api/v1/clauses/{rows.clause.pk}"
    [log] = WebhookDelivery.objects.all()
    assert (log.message, log.status, log.error) == (headers["webhook-id"], 204, "")


def test_messages_come_in_order_each_until_it_is_taken_with_the_same_id(receiver: Receiver, rows: FixtureRows) -> None:
    made = webhook(receiver)
    for title in ("a", "b", "c"):
        retitle(rows.clause, title)
    receiver.answers = [500, 204, 302, 204]
    deliver()
    Webhook.objects.update(next_attempt_at=timezone.now())
    deliver()
    ids = [headers["webhook-id"] for headers, _, _ in receiver.got]
    assert ids == [ids[0], ids[0], ids[2], ids[2], ids[4]]
    assert [int(one.rpartition("_")[2]) for one in ids] == sorted(int(one.rpartition("_")[2]) for one in ids)
    assert receiver.taken() == ["clauses.changed"] * 3
    made.refresh_from_db()
    assert (made.attempts, made.failing_since, made.claimed_until) == (0, None, None)


def test_a_webhook_gets_what_its_filters_and_its_owner_allow(receiver: Receiver, rows: FixtureRows) -> None:
    draft = factories.agreement("secret", is_published=False)
    write_pending_entries()
    stranger, editor = callers.user("stranger"), callers.user("editor", "editor")
    webhook(receiver, stranger, resources=["agreements"])
    webhook(receiver, editor, agreement=draft)
    retitle(rows.clause)
    retitle(draft)
    retitle(rows.agreement)
    deliver()
    sent = [
        (json.loads(body)["data"]["slug"], headers["webhook-id"].split("_")[2]) for headers, body, _ in receiver.got
    ]
    assert sorted(sent) == [("rare-metals", "public"), ("secret", "drafts")]


def test_a_lower_position_delivers_again(receiver: Receiver, rows: FixtureRows) -> None:
    made = webhook(receiver)
    retitle(rows.clause)
    deliver()
    Webhook.objects.filter(pk=made.pk).update(position=made.position)
    deliver()
    assert [headers["webhook-id"] for headers, _, _ in receiver.got] == [receiver.got[0][0]["webhook-id"]] * 2


def test_an_account_that_is_opened_again_gets_what_it_missed(receiver: Receiver, rows: FixtureRows) -> None:
    made = webhook(receiver, callers.user("editor", "editor"))
    for title, is_active in (("a", False), ("b", True)):
        User.objects.filter(pk=made.owner_id).update(is_active=is_active)
        retitle(rows.clause, title)
        deliver()
    assert len(receiver.got) == 2


@pytest.mark.parametrize("change", [{"resources": ["parties"]}, {"secret": "whsec_other"}])
def test_a_worker_stops_when_the_owner_changes_the_webhook(
    receiver: Receiver, rows: FixtureRows, change: dict[str, Any]
) -> None:
    made = webhook(receiver)
    retitle(rows.clause)
    claimed = webhook_worker.claim(timezone.now())
    Webhook.objects.filter(pk=made.pk).update(**change)
    assert webhook_worker.deliver(claimed) == 0
    assert receiver.got == []


def test_a_worker_sends_no_draft_when_the_owner_may_no_longer_view_it(receiver: Receiver, rows: FixtureRows) -> None:
    closed, demoted = (webhook(receiver, callers.user(name, "editor")) for name in ("closed", "demoted"))
    retitle(rows.clause)
    claimed = [webhook_worker.claim(timezone.now()) for _ in range(2)]
    User.objects.filter(pk=closed.owner_id).update(is_active=False)
    demoted.owner.groups.clear()
    assert [webhook_worker.deliver(one) for one in claimed if one] == [0, 0]
    assert receiver.got == []


def test_a_worker_leaves_what_another_delivers_until_that_one_is_dead(receiver: Receiver, rows: FixtureRows) -> None:
    webhook(receiver)
    retitle(rows.clause)
    now = timezone.now()
    assert webhook_worker.claim(now) is not None
    assert webhook_worker.claim(now) is None
    assert webhook_worker.claim(now + webhook_worker.LEASE + timedelta(seconds=1)) is not None


def test_a_receiver_that_answers_byte_by_byte_is_left_at_the_deadline(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "DEADLINE", 0.3)
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        client, _ = server.accept()
        with client, suppress(OSError):
            client.sendall(b"HTTP/1.1 204 No Content\r\nSlow: ")
            for _ in range(20):
                time.sleep(0.1)
                client.sendall(b"x")
            client.sendall(b"\r\n\r\n")

    with server:
        thread = Thread(target=drip)
        thread.start()
        made = webhook(receiver, url=f"http://127.0.0.1:{server.getsockname()[1]}/")
        delivery = webhooks.send_and_log(made, webhooks.new_test_message(made))
        assert (delivery.is_delivered, delivery.status) == (False, None)
        assert "longer than" in delivery.error
        thread.join(timeout=1)  # the connection is closed
        assert not thread.is_alive()


class TestDeletedWebhook:
    """The owner deletes a webhook while a message is being sent to it."""

    @pytest.fixture(autouse=True)
    def deletes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def send(hook: Webhook, message: webhooks.Message) -> int:
            Webhook.objects.filter(pk=hook.pk).delete()
            return 204

        monkeypatch.setattr(webhooks, "send", send)

    def test_the_worker_goes_on(self, receiver: Receiver, rows: FixtureRows) -> None:
        for number in range(2):
            webhook(receiver, callers.user(f"owner{number}"))
        retitle(rows.clause)
        deliver()
        assert not Webhook.objects.exists()
        assert not WebhookDelivery.objects.exists()

    def test_the_api_answers_that_it_is_gone(self, receiver: Receiver) -> None:
        user = callers.user("owner", "webhooks")
        made = webhook(receiver, user)
        response = callers.in_session(user).post(f"/api/v1/webhooks/{made.pk}/test", {}, "application/json")
        assert response.status_code == 404
        assert not WebhookDelivery.objects.exists()

    def test_the_admin_says_so(self, receiver: Receiver) -> None:
        root = User.objects.create_superuser("root")
        made = webhook(receiver, root)
        data = {"action": "send_test", "_selected_action": [made.pk]}
        answer = callers.in_session(root).post("/admin/accords/webhook/", data, follow=True)
        assert messages(answer) == [f"{made.url} was deleted in the meantime."]
        assert not WebhookDelivery.objects.exists()


def test_an_unexpected_error_of_one_webhook_is_logged_and_stops_no_other(
    receiver: Receiver, rows: FixtureRows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (webhook(receiver, callers.user(name)) for name in ("first", "second"))
    send_and_log = webhook_worker.send_and_log

    def fail_first(hook: Webhook, message: webhooks.Message) -> WebhookDelivery:
        assert hook != first
        return send_and_log(hook, message)

    monkeypatch.setattr(webhook_worker, "send_and_log", fail_first)
    retitle(rows.clause)
    deliver()
    assert [headers["webhook-id"].split("_")[1] for headers, _, _ in receiver.got] == [str(second.pk)]
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        f"Messages to webhook {first.pk} could not be sent."
    ]


def test_after_three_days_of_failures_a_webhook_is_off(receiver: Receiver, rows: FixtureRows) -> None:
    made = webhook(receiver)
    start = timezone.now()
    waits = []
    for _ in range(60):
        made.refresh_from_db()
        if not made.is_active:
            break
        now = max(start, made.next_attempt_at)
        webhook_worker.postpone(made, now)
        made.refresh_from_db()
        waits.append(made.next_attempt_at - now)
    assert waits == sorted(waits)
    assert timedelta(days=3) <= now - start < timedelta(days=3, hours=11)
    assert not made.is_active
    retitle(rows.clause)
    deliver()
    assert receiver.got == []


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1"]  # noqa: S104
PRIVATE += [
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "::10.0.0.1",
    "fec0::1",
    "224.0.0.1",
    "ff02::1",
]


class TestAddresses:
    @pytest.mark.parametrize("address", PRIVATE)
    def test_no_address_inside_is_called(
        self, address: str, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
        hidden = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [public, hidden])
        monkeypatch.setattr(socket, "create_connection", lambda *args: pytest.fail("It was called."))
        made = webhook(receiver, url="https://hooks.example/")
        assert not webhooks.send_and_log(made, webhooks.new_test_message(made)).is_delivered
        assert "not public" in WebhookDelivery.objects.get().error

    def test_the_address_that_was_checked_is_the_one_that_is_called(
        self, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that is resolved to something else a moment later changes nothing."""
        settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
        answers, called = iter(["93.184.216.34", "127.0.0.1"]), []
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [(0, 0, 0, "", (next(answers), 443))])

        def connect(address: Any, *args: Any) -> None:
            called.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", connect)
        made = webhook(receiver, url="https://hooks.example/")
        assert not webhooks.send_and_log(made, webhooks.new_test_message(made)).is_delivered
        assert called == [("93.184.216.34", 443)]

    def test_letters_that_are_not_ascii_are_encoded(self, receiver: Receiver) -> None:
        made = webhook(receiver, url=f"{receiver.url}/crochet-\u00e9t\u00e9/%20?cl\u00e9=\u5024&a=b%26c")
        assert webhooks.send_and_log(made, webhooks.new_test_message(made)).is_delivered
        assert receiver.paths == ["/crochet-%C3%A9t%C3%A9/%20?cl%C3%A9=%E5%80%A4&a=b%26c"]

    @pytest.mark.parametrize(
        "url",
        [
            "http://h\u00f4te-\u00e9.invalid/",
            "http://" + "\u00f4" * 64 + ".invalid/",
            "http://[::1/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1 /",
            "https://.invalid/",
        ],
    )
    def test_an_address_of_which_no_request_can_be_made_is_a_failure(self, url: str, receiver: Receiver) -> None:
        made = webhook(receiver, url=url)
        delivery = webhooks.send_and_log(made, webhooks.new_test_message(made))
        assert (delivery.is_delivered, delivery.status) == (False, None)

    def test_an_answer_that_is_not_http_is_a_failure(self, receiver: Receiver) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer() -> None:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(65536)
                    peer.sendall(b"\x00 is no\tprotocol\r\n")

            Thread(target=answer, daemon=True).start()
            made = webhook(receiver, url=f"http://127.0.0.1:{listener.getsockname()[1]}/")
            delivery = webhooks.send_and_log(made, webhooks.new_test_message(made))
        assert not delivery.is_delivered
        delivery.full_clean()  # PostgreSQL refuses a text with NUL

    @pytest.mark.parametrize("url", ["http://hooks.example/", "ftp://hooks.example/"])
    def test_only_https_is_called(self, url: str, receiver: Receiver, settings: Any) -> None:
        settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
        made = webhook(receiver, url=url)
        assert not webhooks.send_and_log(made, webhooks.new_test_message(made)).is_delivered


class TestAdmin:
    def test_the_secret_is_shown_once(self, receiver: Receiver, rows: FixtureRows) -> None:
        admin = callers.in_session(User.objects.create_superuser("root"))
        answer = admin.post("/admin/accords/webhook/add/", {"url": "https://hooks.example/", "resources": "clauses"})
        made = Webhook.objects.get()
        assert made.secret in answer.content.decode()
        assert made.position == feed.current_cursor(True).position > 0
        for path in ("", f"{made.pk}/change/"):
            assert made.secret not in admin.get(f"/admin/accords/webhook/{path}").content.decode()

    def test_a_form_that_was_open_during_deliveries_does_not_lower_the_position(
        self, receiver: Receiver, rows: FixtureRows
    ) -> None:
        root = User.objects.create_superuser("root")
        made, admin = webhook(receiver, root), callers.in_session(root)
        page = f"/admin/accords/webhook/{made.pk}/change/"
        stale = form_data(admin, page, resources="clauses")
        retitle(rows.clause)
        deliver()
        for sent in (stale, {"url": made.url, "resources": "events", "position": made.position}):
            admin.post(page, sent)
            row = Webhook.objects.get()
            assert (row.resources, row.position) == ([sent["resources"]], feed.current_cursor(True).position)

    def test_a_test_message_is_sent_at_once(self, receiver: Receiver) -> None:
        root = User.objects.create_superuser("root")
        made, admin = webhook(receiver, root), callers.in_session(root)
        answer = admin.post(
            "/admin/accords/webhook/", {"action": "send_test", "_selected_action": [made.pk]}, follow=True
        )
        assert receiver.taken() == ["test"]
        assert "took the test message" in answer.content.decode()
