"""The agreement's page: the permission to publish, and what a save preserves."""

from django.utils import timezone

from accords.models import Agreement, Citation, Participation, Renewal
from accords.services import renewals_changed
from tests import factories
from tests.admin.forms import UntouchedForms, form_data, messages, open_form, refused, submit, url
from tests.clients import Client


def test_an_agreement_can_be_made_with_its_related_rows(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(Agreement, "add")
    form = untouched.form(address)
    data = form.sent(title="Next", slug="next", instrument="treaty", signed="2026")
    data |= form.new_row("participations", party=str(deal.china.pk), role="party")
    data |= form.new_row("clauses", title="One", type="other", standing="text", modality="declaration")
    data |= form.new_row("renewals", kind="expiry", basis="stated", status="projected", due="2030-01")
    data |= form.new_row("events", kind="signature", status="held")
    data |= form.new_row("statements", kind="denial", polarity="negative", proposition="It is secret")
    data |= form.new_row("citations", source=str(deal.source.pk), exact="métaux rares", field="subject")
    assert editor.post(address, data).status_code == 302
    agreement = Agreement.objects.get(slug="next")
    assert (agreement.signed_earliest.isoformat(), agreement.signed_latest.isoformat()) == ("2026-01-01", "2026-12-31")
    counted = [
        agreement.participations,
        agreement.clauses,
        agreement.renewals,
        agreement.events,
        agreement.statements,
        agreement.citations,
    ]
    assert [rows.count() for rows in counted] == [1] * 6
    assert not agreement.is_published


def test_what_is_not_stated_and_where_it_stands_is_on_top(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    page = untouched.form(url(deal.agreement, "change")).html
    assert "announced, signed, maximum number of renewals" in page
    assert f'<a href="{url(Participation)}?agreement={deal.agreement.pk}">participations</a>: 1' in page


def test_the_number_of_concluded_renewals_is_kept(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    def concluded(*, of: Agreement = deal.agreement) -> int:
        return int(Agreement.objects.get(pk=of.pk).renewals_concluded)

    def change_renewal(**changes: str) -> None:
        data = untouched.data(page, shown="") | changes  # it does not say what it showed, so it is saved as it is
        assert editor.post(page, data).status_code == 302

    page, agreement = url(deal.renewal, "change"), url(deal.agreement, "change")
    other = Agreement(slug="other", title="Other", instrument="contract", status="signed", renewal_mode="none")
    untouched.form(page)
    assert untouched.submit(agreement, **{"renewals-0-status": "concluded"}).status_code == 302
    assert concluded() == 1
    change_renewal(status="missed")
    assert concluded() == 0
    other.save()
    change_renewal(status="concluded", agreement=str(other.pk))
    assert (concluded(), concluded(of=other)) == (0, 1)
    assert editor.post(url(deal.renewal, "delete"), {"post": "yes"}).status_code == 302
    assert concluded(of=other) == 0
    renewal = factories.renewal(deal.agreement, 500, status="concluded", basis="stated", due="2400")
    renewals_changed([deal.agreement.pk], on=timezone.localdate())
    assert concluded() == 1
    data = {"action": "delete_selected", "_selected_action": str(renewal.pk), "post": "yes"}
    assert editor.post(url(Renewal), data).status_code == 302
    assert concluded() == 0


def test_dates_follow_from_the_terms_at_once(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    assert untouched.submit(url(deal.agreement, "change"), effective="2025-01-31", term="P1M").status_code == 302
    deal.renewal.refresh_from_db()
    assert deal.renewal.due == "2025-02-28"
    successor = factories.agreement("successor", effective="2025-03-15", status="in_force", supersedes=deal.agreement)
    assert submit(editor, url(successor, "change")).status_code == 302
    assert not deal.agreement.renewals.filter(due__gt="2025-04").exists()
    assert editor.post(url(successor, "delete"), {"post": "yes"}).status_code == 302
    assert deal.agreement.renewals.filter(due__gt="2025-04").exists()


def test_a_term_and_the_outcome_of_a_computed_date_are_saved_at_once(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    changes = {"term": "P2Y", "renewals-0-status": "concluded"}
    assert untouched.submit(url(deal.agreement, "change"), **changes).status_code == 302
    deal.renewal.refresh_from_db()
    assert (deal.renewal.due, deal.renewal.status) == ("2027-10-30", "concluded")


def test_a_computed_date_that_does_not_follow_is_refused(editor: Client, deal: factories.FixtureRows) -> None:
    row = deal.renewal
    before = list(Renewal.objects.order_by("pk").values())
    page, form, parent = url(row, "change"), open_form(editor, url(row, "change")), url(deal.agreement, "change")
    new = {"agreement": str(deal.agreement.pk), "kind": "review", "basis": "computed", "status": "projected"}
    selected = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    data = {
        page: [form.sent(due="2030-01-01"), form.sent(offset="P9Y")],
        url(Renewal, "add"): [form_data(editor, url(Renewal, "add"), **new)],
        parent: [open_form(editor, parent).sent(**open_form(editor, parent).new_row("renewals", **new))],
    }
    refusals = [refused(editor, address, sent)["__all__"] for address in data for sent in data[address]]
    for address, sent in ((url(row, "delete"), {"post": "yes"}), (url(Renewal), selected)):
        refusals.append(messages(editor.post(address, sent, follow=True)))
    message = "Not saved: a computed date follows from the terms and from recorded outcomes."
    assert [text.startswith(message) for [text] in refusals] == [True] * 6, refusals
    assert list(Renewal.objects.order_by("pk").values()) == before
    assert submit(editor, page, status="concluded").status_code == 302
    assert submit(editor, page, basis="stated", due="2027-11-01").status_code == 302


def test_a_row_deleted_on_the_page_goes_with_its_evidence(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    assert untouched.submit(url(deal.agreement, "change"), **{"statements-1-DELETE": "on"}).status_code == 302
    assert not Citation.objects.filter(statement=deal.denial.pk).exists()
