"""The guides: every example answers as it is shown, every link leads somewhere, and every problem has its page."""

import json
import os
import re
import shutil
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.exceptions import APIException

from accords.api.errors import PROBLEMS
from accords.models import Token
from accords.vocabulary import TokenScope
from accords.web.guides import NAMES, guide
from tests.clients import Client
from tests.test_readme import shortened
from tests.web.examples import differing, examples, run

EXAMPLES = [one for name in NAMES for one in examples(name)]
REQUEST_ID = re.compile(r'"request_id": ?"[0-9a-f]{16}"')


def comparable(answer: str) -> Any:
    """Return an answer without what differs each time: ids, and the list of known names."""
    try:
        return shortened(json.loads(REQUEST_ID.sub('"request_id": ""', answer)))
    except json.JSONDecodeError:
        return answer.strip()


@pytest.fixture
def token(transactional_db: None) -> str:
    service = User.objects.create_user("price-feed")
    service.groups.add(Group.objects.get(name="service"))
    return Token.objects.issue(service, "guides", scope=TokenScope.WRITE)[1]


@pytest.mark.usefixtures("deal")
def test_each_example_answers_as_shown_in_each_language(
    live_server: Any, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shutil.which("node"), "Node.js is not installed (Debian: apt-get install nodejs)."
    monkeypatch.setenv("ACCORDS_TOKEN", token)
    wrong = {}
    for language in ("sh", "python", "ts"):
        found = [one for one in EXAMPLES if one.language == language]
        for one, text in differing(found, run(language, found, live_server.url, dict(os.environ)), comparable):
            wrong[one.guide, language, one.code] = text
    assert wrong == {}


def test_each_example_is_there_in_three_languages() -> None:
    for name in NAMES:
        languages = [one.language for one in examples(name) if not one.code.startswith("curl --fail")]
        assert languages == ["sh", "python", "ts"] * (len(languages) // 3), name


@pytest.mark.django_db
@pytest.mark.usefixtures("deal")
def test_every_link_of_a_guide_leads_somewhere(client: Client) -> None:
    broken, statuses = [], {}
    for name in NAMES:
        page = client.get(f"/guide/{name}").content.decode()
        for link in set(re.findall(r'<a href="([^"#]+)', page)):
            address = link if link.startswith(("/", "http")) else f"/guide/{link}"
            if not address.startswith("http") and address not in statuses:
                statuses[address] = client.get(address).status_code
            if statuses.get(address, 200) not in (200, 302):
                broken.append((name, link))
    assert broken == []


@pytest.mark.django_db
def test_a_guide_names_the_host_that_serves_it_and_is_there_as_markdown(client: Client) -> None:
    page, text = (client.get(f"/guide/start{form}", SERVER_NAME="localhost") for form in ("", ".md"))
    assert text["Content-Type"] == "text/markdown; charset=utf-8"
    for answer in (page, text):
        assert "http://localhost/api/v1/clauses" in answer.content.decode()
        assert "127.0.0.1" not in answer.content.decode()
    assert '<h2 id="ask-a-question">' in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/guide/nothing", "/guide/nothing.md", "/guide/..", "/problems/nothing"])
def test_what_is_no_guide_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


@pytest.mark.django_db
def test_every_problem_has_the_page_that_its_type_names(client: Client) -> None:
    problem = client.get("/api/v1/clauses?typ=tariff").json()
    assert problem["type"] == "/problems/invalid-parameters"
    errors = client.get("/guide/errors").content.decode()
    for code in PROBLEMS:
        assert client.get(f"/problems/{code}").status_code == 200
        assert f'href="/problems/{code}"' in errors


def test_every_exception_of_the_api_is_a_kind_of_problem() -> None:
    kinds = list(APIException.__subclasses__())
    for kind in kinds:
        kinds += kind.__subclasses__()
    codes = {kind.default_code.replace("_", "-") for kind in kinds if kind.__module__.startswith("accords.")}
    assert len(codes) > 10
    assert codes - PROBLEMS.keys() == {APIException.default_code}, "only of ItemizedError, which is never raised"


@pytest.mark.django_db
def test_language_models_find_every_guide(client: Client) -> None:
    text = client.get("/llms.txt").content.decode()
    assert text.startswith("# accords\n\n> ")
    for name in NAMES:
        assert f"[{guide(name).title}](http://testserver/guide/{name}.md): {guide(name).summary}" in text
