"""Importing through the admin: upload, preview, confirmation and import, with the permissions that each needs."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accords.admin import importing
from accords.models import Agreement, Clause
from tests import factories
from tests.admin.forms import NOUNS, messages, url
from tests.clients import Client
from tests.importing.test_imports import SMALL

pytestmark = pytest.mark.django_db
ALL = [f"{verb}_{noun._meta.model_name}" for verb in ("add", "view") for noun in NOUNS]


@pytest.fixture
def address() -> str:
    return reverse("admin:accords_agreement_import")


def form_files(text: str = SMALL, **texts: str) -> dict[str, Any]:
    """Return what a browser sends from the form."""
    sources = {"press.txt": factories.TEXT} | texts
    return {
        "annotation": SimpleUploadedFile("small.yaml", text.encode()),
        "texts": [SimpleUploadedFile(name, content.encode()) for name, content in sources.items()],
    }


def confirmation(page: Any) -> dict[str, str]:
    """Return what the button of a preview sends."""
    return {"sent": page.context["sent"], "digest": page.context["plan"].digest}


def test_an_annotation_is_sent_shown_and_imported(editor: Client, address: str) -> None:
    assert f'href="{address}"' in editor.get(url(Agreement)).content.decode()
    assert editor.get(address).status_code == 200
    page = editor.post(address, form_files())
    assert not Agreement.objects.exists()
    assert "1 Soybeans" in page.content.decode()
    response = editor.post(address, confirmation(page), follow=True)
    agreement = Agreement.objects.get()
    assert response.request["PATH_INFO"] == url(agreement, "change")
    assert messages(response)[0] == "Imported: 17 entries are new, 0 changed, 0 stayed the same."
    record = agreement.history.order_by("history_id").first()
    assert (record.through, str(record.history_user)) == ("import", "boss")

    page = editor.post(address, form_files(SMALL.replace("title: Soybeans", "title: <b>Soya</b>")))
    assert "&lt;b&gt;Soya&lt;/b&gt;" in page.content.decode()
    Clause.objects.update(title="Corn")
    again = editor.post(address, confirmation(page))
    assert "The data changed meanwhile" in again.content.decode()
    assert Clause.objects.get().title == "Corn"
    editor.post(address, confirmation(again))
    assert Clause.objects.get().title == "<b>Soya</b>"


def test_faults_are_reported_with_their_lines(editor: Client, address: str) -> None:
    page = editor.post(address, form_files(SMALL.replace("row: la Chine achètera", "row: la Chine achetera")))
    assert [fault.line for fault in page.context["faults"]] == [23]
    assert "Nearest passage: “la Chine achètera du soja américain”" in page.content.decode()
    assert "is not UTF-8" in error_page(editor, address, texts=[SimpleUploadedFile("press.txt", b"\xff")])
    assert "control characters" in error_page(editor, address, annotation=SimpleUploadedFile("x.yaml", b'a: "\\0"'))
    assert "Nothing was changed" in error_page(editor, address, annotation=SimpleUploadedFile("<b>.yaml", b"a: \xff"))
    twice = editor.post(
        address, form_files() | {"texts": [SimpleUploadedFile("a", b"x"), SimpleUploadedFile("a", b"y")]}
    )
    assert "same name" in twice.content.decode()
    assert "This field is required" in editor.post(address, {}).content.decode()
    assert not Agreement.objects.exists()


def error_page(client: Client, address: str, **changes: Any) -> str:
    """Return the page for other files."""
    answer = client.post(address, form_files() | changes)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_kind_of_row_takes_its_permission(someone: Any, address: str) -> None:
    assert someone("change_agreement", "view_agreement").get(address).status_code == 403
    assert someone("change_agreement", "add_agreement").get(address).status_code == 403, "the plan shows drafts"
    some = someone(*(name for name in ALL if name != "add_party"))
    page = some.post(address, form_files())
    assert page.context["missing_permissions"] == ["You may not add parties."]
    assert some.post(address, confirmation(page)).status_code == 403
    assert not Agreement.objects.exists()
    adds = someone(*ALL)
    page = adds.post(address, form_files())
    assert "so this stays as it is" in page.content.decode(), "publishing takes a permission too"
    adds.post(address, confirmation(page))
    assert not Agreement.objects.get().is_published
    page = adds.post(address, form_files(SMALL.replace("title: Soybeans", "title: Soya")))
    assert page.context["missing_permissions"] == ["You may not change clauses."]


def test_only_what_we_made_for_someone_is_taken_back(editor: Client, someone: Any, address: str) -> None:
    form = confirmation(editor.post(address, form_files()))
    for client, body in ((someone(*ALL), form), (editor, form | {"sent": form["sent"][:-1]}), (editor, {"sent": "x"})):
        assert "Upload the files again" in client.post(address, body).content.decode()
    assert editor.post(address, form, CONTENT_LENGTH="many").status_code == 200
    csrf = Client(enforce_csrf_checks=True)
    csrf.cookies = editor.cookies
    assert csrf.post(address, form).status_code == 403
    assert not Agreement.objects.exists()


def test_what_is_too_large_is_not_read(editor: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    large = editor.post(address, form_files(more="x" * importing.MAX_SIZE))
    assert "larger than 1048576 bytes" in large.content.decode()
    assert not hasattr(large.wsgi_request, "_files"), "Django sets it when it reads the body"
    monkeypatch.setattr(importing, "MAX_SIZE", 11_000)
    assert "larger than 11000 bytes" in editor.post(address, form_files()).content.decode(), (
        "nor would the next page be"
    )
