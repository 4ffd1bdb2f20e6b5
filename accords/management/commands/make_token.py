"""make_token: make a token for a service, and print it once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.accounts import NoSuchAccount, make_token
from accords.models.tokens import LIFETIME
from accords.vocabulary import TokenScope

MAX_DAYS = 3650


class Command(BaseCommand):
    help = "Make a token and print it, once, on standard output; other messages go to standard error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what it is for and where it is kept")
        account = parser.add_mutually_exclusive_group(required=True)
        account.add_argument("--owner", metavar="ACCOUNT", help="an account that exists; the token has its permissions")
        account.add_argument(
            "--service", metavar="ACCOUNT", help="the same; it is made, without password, in the group `service`"
        )
        parser.add_argument("--scope", choices=TokenScope.values, default=TokenScope.READ, help="default: read")
        parser.add_argument("--days", type=int, default=LIFETIME.days, help="how long it is valid (default: a year)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["days"] <= MAX_DAYS:
            raise CommandError(f"--days: 1 to {MAX_DAYS}.")
        account = options["owner"] or options["service"]
        expires = timezone.now() + timedelta(days=options["days"])
        fields = {"name": options["name"], "scope": options["scope"], "expires_at": expires}
        try:
            token, secret = make_token(account=account, new_service=not options["owner"], **fields)
        except (NoSuchAccount, ValidationError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error
        self.stderr.write(
            f"Token of {account}, scope {token.scope}, valid until {expires:%Y-%m-%d}. It is not shown again:"
        )
        self.stdout.write(secret)
