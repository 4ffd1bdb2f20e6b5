"""The admin in the editor's language; the API is in English in every language."""

import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.utils import translation

from accords.management.commands.write_schema import SNAPSHOT
from accords.models import Agreement, Clause
from tests import factories
from tests.admin.forms import NOUNS, form_data, open_form, refused, url
from tests.clients import Client

FRENCH = {"HTTP_ACCEPT_LANGUAGE": "fr-FR,fr;q=0.9,en;q=0.5"}
API = [
    "/api/v1/clauses?expand=citations",
    "/api/v1/renewals?due_before=10/11/2026",
    "/api/v1/clauses?type=treaty",
    "/api/v1/parties/nobody",
    "/api/v1/nothing",
    "/api/v1/renewals.ics",
]


class Labels(HTMLParser):
    """What stands in a page's labels, heads and buttons, without what data put there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside, self.texts = "", set[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("label", "legend", "th", "h2", "summary", "option", "button"):
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.texts.add(data.strip().removesuffix(":"))


@cache
def english_only() -> set[str]:
    """Return English names of fields and rows that no French page may contain."""
    with translation.override("fr"):
        names = [field.verbose_name for noun in NOUNS for field in noun._meta.fields]
        pairs = {(name._args[-1], str(name)) for name in names if hasattr(name, "_args")}
    french = {mine for _, mine in pairs}
    return {form for name, mine in pairs if name != mine and name not in french for form in (name, name.capitalize())}


def choose(client: Client, language: str, back_to: str = "/admin/") -> Any:
    """Choose a language in the header."""
    return client.post("/admin/language/", {"language": language, "next": back_to})


def test_the_browser_s_language_is_taken_until_an_editor_chooses(editor: Client) -> None:
    assert "Agreements and their evidence" in editor.get("/admin/").content.decode()
    page = editor.get("/admin/", **FRENCH)
    assert "Les accords et leurs preuves" in page.content.decode()
    assert '<html lang="fr"' in page.content.decode()
    assert page["Content-Language"] == "fr"
    lists = re.findall(r'class="model-(\w+)', page.content.decode())
    assert lists.index("renewal") < lists.index("source"), "É stands with E"
    assert "Accept-Language" in page["Vary"]


def test_the_editor_s_choice_is_kept_and_goes_before_the_browser_s(editor: Client, deal: factories.FixtureRows) -> None:
    here = url(deal.participation, "change")
    answer = choose(editor, "fr", here)
    assert (answer.status_code, answer["Location"]) == (302, here)
    cookie = answer.cookies["language"]
    assert (cookie.value, cookie["path"], cookie["httponly"]) == ("fr", "/admin/", True)
    assert "Désignation" in editor.get(here).content.decode()
    choose(editor, "en")
    page = editor.get(here, **FRENCH).content.decode()
    assert ("Désignation" in page, "Label" in page) == (False, True)


def test_who_is_not_logged_in_can_choose_too(db: None) -> None:
    client = Client()
    assert "Mot de passe" not in client.get("/admin/login/").content.decode()
    choose(client, "fr", "/admin/login/")
    assert "Mot de passe" in client.get("/admin/login/").content.decode()


def test_the_switch_knows_our_languages_and_leads_nowhere_else(editor: Client) -> None:
    choose(editor, "de")
    assert "Agreements and their evidence" in editor.get("/admin/").content.decode()
    assert choose(editor, "fr", "https://elsewhere.example/")["Location"] == "/"


def test_nobody_switches_for_others(boss: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert choose(client, "fr").status_code == 403
    assert client.get("/admin/language/?language=fr").cookies.get("language") is None


@pytest.mark.parametrize("noun", NOUNS)
def test_no_label_of_a_french_page_is_english(editor: Client, noun: Any, deal: factories.FixtureRows) -> None:
    row = noun.objects.order_by("pk").first()
    pages = [url(noun), url(row, "change")]
    seen = {text for page in pages for text in Labels(editor.get(page, **FRENCH).content.decode()).texts}
    assert len(seen) > 10
    assert seen & english_only() == set()


def test_titles_and_messages_name_an_entry_without_a_wrong_gender(editor: Client, deal: factories.FixtureRows) -> None:
    pages = {
        "list": editor.get(url(Clause), **FRENCH),
        "new": editor.get(url(Clause, "add"), **FRENCH),
        "delete": editor.get(url(deal.clause, "delete"), **FRENCH),
        "saved": editor.post(
            url(deal.clause, "change"), form_data(editor, url(deal.clause, "change")), follow=True, **FRENCH
        ),
    }
    said = {
        "list": ["<h1>Clauses</h1>", ">Nouvelle clause</a>", ">Corbeille</a>", "0 élément sélectionné sur 1"],
        "new": ["<h1>Nouvelle clause</h1>", "Ajouter\u00a0: accord"],
        "delete": ["Suppression impossible\u00a0: clause"],
        "saved": ["Enregistré\u00a0: clause «\u202f"],
    }
    for name, texts in said.items():
        html = pages[name].content.decode()
        assert [text for text in texts if text not in html] == [], name
        assert re.search(r"objet (clause|accord)|sélectionnés|\(e\)", html) is None, name
    assert "<h1>Clauses</h1>" in editor.get(url(Clause)).content.decode()
    assert r"\u00e9l\u00e9ments s\u00e9lectionn\u00e9s sur" in editor.get("/admin/jsi18n/", **FRENCH).content.decode()


def test_what_is_refused_is_reported_in_french_and_a_french_page_sent_back_untouched_changes_nothing(
    editor: Client, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    before = Agreement.objects.values().get(pk=deal.agreement.pk)
    choose(editor, "fr", address)
    form = open_form(editor, address)
    row = form.new_row("statements", kind="denial", polarity="positive", proposition="It is so.")
    wrong = {"effective": "2025-11-00", "term": "P1,5Y", "ends": "2025-02-30"}
    found = refused(editor, address, form.sent(**wrong, **row))
    assert found["effective"] == [
        "2025-11-00\u00a0: le jour 00 n’existe pas\u202f; écrivez 2025-11 si le jour n’est pas connu"
    ]
    assert found["term"][0].startswith("P1,5Y\u00a0: les fractions ne sont pas admises")
    assert ["Un démenti est négatif\u00a0: la proposition dit ce qui est démenti."] in found.values()
    assert editor.post(address, form.sent()).status_code == 302
    after = Agreement.objects.values().get(pk=deal.agreement.pk)
    assert {name for name in before if before[name] != after[name]} <= {"updated_at", "version"}


@pytest.mark.parametrize("address", API)
def test_the_api_is_the_same_whatever_language_is_asked_for(deal: factories.FixtureRows, address: str) -> None:
    french = Client(HTTP_ACCEPT_LANGUAGE="fr")
    french.cookies["language"] = "fr"
    plain, in_french = (client.get(address, HTTP_X_REQUEST_ID="the-same-for-both") for client in (Client(), french))
    assert (in_french.status_code, in_french.content) == (plain.status_code, plain.content)
    assert "Content-Language" not in in_french


FIRST_IN_FRENCH = """
import django
django.setup()
from accords.api import schema_snapshot
from tests.clients import Client
client = Client(SERVER_NAME="localhost")
assert "Mot de passe" in client.get("/admin/login/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
print(schema_snapshot.document())
"""


def test_a_server_that_is_first_asked_in_french_does_not_keep_it() -> None:
    process = subprocess.run(
        [sys.executable, "-c", FIRST_IN_FRENCH], capture_output=True, text=True, cwd=settings.BASE_DIR
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() == SNAPSHOT.read_text(encoding="utf-8").strip()


def test_what_is_stored_and_migrated_is_english(db: None) -> None:
    with translation.override("fr"):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    assert Permission.objects.get(codename="add_clauseparty").name == "Can add clause party"
