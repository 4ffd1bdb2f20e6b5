"""Ten calls with the client of openapi-generator for Python."""

import os
from urllib.parse import parse_qs, urlsplit

import openapi_client as api
from openapi_client import (
    ApiException,
    ClauseExpansion,
    ClauseType,
    Counting,
    FeedChange,
    PartyKind,
    PartyRequest,
    Problem,
)

base, deal = os.environ["BASE"], "us-china-rare-metals"
client = api.ApiClient(api.Configuration(host=base, access_token=os.environ["TOKEN"]))
agreements, changes, clauses, parties, renewals = (
    make(client) for make in (api.AgreementsApi, api.ChangesApi, api.ClausesApi, api.PartiesApi, api.RenewalsApi)
)
beginning = changes.changes_parties(after="now").cursor


def passed(name: str, is_right: bool) -> None:
    print("ok" if is_right else "WRONG", name)


clause = clauses.clauses_list(agreement=[deal], type=[ClauseType.TARIFF], expand=[ClauseExpansion.AGREEMENT]).results[0]
passed("filter", (clause.baseline_value, clause.value, clause.type) == (57, 47, ClauseType.TARIFF))

ids, cursor = [], None
while True:
    page = clauses.clauses_list(page_size=2, count=Counting.EXACT, cursor=cursor)
    ids += [row.id for row in page.results]
    if page.next is None:
        break
    cursor = parse_qs(urlsplit(page.next).query)["cursor"][0]
passed("all pages", len({*ids}) == len(ids) == page.count > 2)

agreement = agreements.agreements_retrieve(deal)
citation = next(one for row in agreement.clauses for one in row.citations if one.var_field == "value")
passed("nested", "47" in citation.exact and clause.expanded.agreement.title == agreement.title)

text = clauses.clauses_csv(agreement=[deal])
passed("CSV", text.startswith("\ufeffid,url,") and "soja" in text)

try:
    clauses.clauses_list(obligor="nobody")
except ApiException as error:
    problem = Problem.from_json(error.body)
    passed("problem", error.status == 400 and problem.errors[0].parameter == "obligor")

body = PartyRequest(slug="pydantic-ministry", name="Ministry", kind=PartyKind.ORGANIZATION)
made = parties.parties_create_with_http_info(body, idempotency_key="pydantic-1")
passed("create", made.status_code == 201 and made.data.slug == "pydantic-ministry")

tag = made.headers["etag"]
first = parties.parties_partial_update("pydantic-ministry", tag, api.PatchedPartyRequest(name="Ministry of Trade"))
try:
    parties.parties_partial_update("pydantic-ministry", tag, api.PatchedPartyRequest(name="Ministry of Commerce"))
except ApiException as error:
    stale = error.status
tag = parties.parties_retrieve_with_http_info("pydantic-ministry").headers["etag"]
change = api.PatchedPartyRequest(name="Ministry of Commerce")
again = parties.parties_partial_update_with_http_info("pydantic-ministry", tag, change)
passed("412 resolved", stale == 412 and again.data.name == "Ministry of Commerce")

new = [PartyRequest(slug=f"pydantic-{name}", name=name, kind=PartyKind.PERSON) for name in ("ada", "bob")]
gone = [api.BulkDeleteRequest(id=again.data.id, etag=again.headers["etag"])]
bulk = parties.parties_bulk(api.PartyBulkRequest(create=new, delete=gone))
passed(
    "bulk", [row.slug for row in bulk.created] == ["pydantic-ada", "pydantic-bob"] and bulk.deleted == [again.data.id]
)

calendar = renewals.renewals_calendar(agreement=[deal])
passed("calendar", calendar.startswith("BEGIN:VCALENDAR") and "BEGIN:VEVENT" in calendar)

entries = changes.changes_parties(after=beginning).results
names = [entry.row.name for entry in entries if entry.row]
gone = [entry.id for entry in entries if entry.change == FeedChange.DISAPPEARED]
passed("changes", names == ["ada", "bob"] and gone == [again.data.id])
