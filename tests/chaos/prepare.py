"""Prepare a database for a run: migrated, with one deal, and with a token that may write."""

from django.contrib.auth.models import User
from django.core.management import call_command

from accords.models import Agreement, Token
from tests import factories


def prepare() -> None:
    """Prepare the database of DATABASE_URL, and print the token."""
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    factories.deal()
    Agreement.objects.update(is_published=False)  # in a draft clauses may be written without evidence
    print(Token.objects.issue(User.objects.create_superuser("chaos"), "chaos", scope="write")[1])
