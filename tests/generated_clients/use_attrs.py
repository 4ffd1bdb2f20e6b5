"""Ten calls with the client of openapi-python-client."""

import os
from urllib.parse import parse_qs, urlsplit

from accords_client import AuthenticatedClient, Client
from accords_client.api.agreements import agreements_retrieve
from accords_client.api.changes import changes_parties
from accords_client.api.clauses import clauses_csv, clauses_list
from accords_client.api.parties import (
    parties_bulk,
    parties_create,
    parties_partial_update,
    parties_retrieve,
)
from accords_client.api.renewals import renewals_calendar
from accords_client.models import (
    BulkDeleteRequest,
    ClauseExpansion,
    ClausePage,
    ClauseType,
    Counting,
    FeedChange,
    PartyBulkRequest,
    PartyKind,
    PartyRequest,
    PatchedPartyRequest,
    Problem,
)

base, deal = os.environ["BASE"], "us-china-rare-metals"
reader = Client(base_url=base)
writer = AuthenticatedClient(base_url=base, token=os.environ["TOKEN"])
beginning = changes_parties.sync(client=writer, after="now").cursor


def passed(name: str, is_right: bool) -> None:
    print("ok" if is_right else "WRONG", name)


page = clauses_list.sync(client=reader, agreement=[deal], type_=[ClauseType.TARIFF], expand=[ClauseExpansion.AGREEMENT])
clause = page.results[0]
passed("filter", (clause.baseline_value, clause.value, clause.type_) == (57, 47, ClauseType.TARIFF))

ids, cursor = [], None
while True:
    arguments = {"cursor": cursor} if cursor else {}
    page = clauses_list.sync(client=reader, page_size=2, count=Counting.EXACT, **arguments)
    assert isinstance(page, ClausePage)
    ids += [row.id for row in page.results]
    if page.next_ is None:
        break
    cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]
passed("all pages", len({*ids}) == len(ids) == page.count > 2)

agreement = agreements_retrieve.sync(deal, client=reader)
citation = next(one for row in agreement.clauses for one in row.citations if one.field == "value")
passed("nested", "47" in citation.exact and clause.expanded.agreement.title == agreement.title)

text = clauses_csv.sync(client=reader, agreement=[deal])
passed("CSV", text.startswith("\ufeffid,url,") and "soja" in text)

problem = clauses_list.sync(client=reader, obligor="nobody")
passed("problem", isinstance(problem, Problem) and problem.errors[0].parameter == "obligor")

body = PartyRequest(slug="attrs-ministry", name="Ministry", kind=PartyKind.ORGANIZATION)
made = parties_create.sync_detailed(client=writer, body=body, idempotency_key="attrs-1")
passed("create", made.status_code == 201 and made.parsed.slug == "attrs-ministry")

change = PatchedPartyRequest(name="Ministry of Trade")
first = parties_partial_update.sync_detailed(
    "attrs-ministry", client=writer, body=change, if_match=made.headers["etag"]
)
change = PatchedPartyRequest(name="Ministry of Commerce")
stale = parties_partial_update.sync_detailed(
    "attrs-ministry", client=writer, body=change, if_match=made.headers["etag"]
)
fresh = parties_retrieve.sync_detailed("attrs-ministry", client=writer).headers["etag"]
again = parties_partial_update.sync_detailed("attrs-ministry", client=writer, body=change, if_match=fresh)
statuses = [first.status_code, stale.status_code, again.status_code]
passed("412 resolved", statuses == [200, 412, 200] and again.parsed.name == "Ministry of Commerce")

new = [PartyRequest(slug=f"attrs-{name}", name=name, kind=PartyKind.PERSON) for name in ("ada", "bob")]
gone = [BulkDeleteRequest(id=again.parsed.id, etag=again.headers["etag"])]
bulk = parties_bulk.sync(client=writer, body=PartyBulkRequest(create=new, delete=gone))
passed("bulk", [row.slug for row in bulk.created] == ["attrs-ada", "attrs-bob"] and bulk.deleted == [again.parsed.id])

calendar = renewals_calendar.sync(client=reader, agreement=[deal])
passed("calendar", calendar.startswith("BEGIN:VCALENDAR") and "BEGIN:VEVENT" in calendar)

entries = changes_parties.sync(client=writer, after=beginning).results
names = [entry.row.name for entry in entries if entry.row]
gone = [entry.id for entry in entries if entry.change is FeedChange.DISAPPEARED]
passed("changes", names == ["ada", "bob"] and gone == [again.parsed.id])
