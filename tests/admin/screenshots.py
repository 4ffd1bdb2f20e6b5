"""Pictures of the editors' main pages for the documentation: `make screenshots`. No test of the suite, but as strict.

The same day and the same rows each time, so that a picture changes only with its page. Beside the deal there is a draft,
half entered, as an editor leaves it.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accords.models import Agreement, Source
from accords.services import renewals_changed
from tests import factories
from tests.admin.browsing import AdminPage

HERE = Path(__file__).parent.parent.parent / "docs" / "screenshots"
NOW = "2026-11-24T09:00:00Z"
MOST = 150 * 1024  # bytes of a picture
TREATY = {
    "title": "Genocide Convention",
    "instrument": "treaty",
    "status": "in_force",
    "signed": "1948-12-09",
    "effective": "1951-01-12",
    "term": "P10Y",
    "renewal_mode": "automatic",
    "renewal_intervals": ["P5Y"],
    "notice_period": "P6M",
    "is_published": False,
}


def draft() -> None:
    """Create a treaty that is not complete."""
    treaty = factories.agreement("genocide-convention", **TREATY)
    renewals_changed([treaty.pk], on=timezone.localdate())
    factories.event(treaty, "E1", kind="signature", country="FR", date="1948-12-09")
    factories.clause(treaty, "XIV", title="Ten years, then five at a time unless denounced", type="duration_renewal")


def pages() -> dict[str, str]:
    """Return the pages by the names of their pictures."""
    deal = Agreement.objects.get(slug="us-china-rare-metals")
    return {
        "front": reverse("admin:index"),
        "agreement": reverse("admin:accords_agreement_change", args=[deal.pk]),
        "desk": reverse("admin:accords_source_read", args=[Source.objects.get(kind="article").pk]),
        "agreements": reverse("admin:accords_agreement_changelist"),
        "history": reverse("admin:accords_agreement_history", args=[Agreement.objects.get(is_published=False).pk]),
    }


def enter_subject(admin_page: AdminPage) -> None:
    """Go on with the draft as an editor would, so that it has a history."""
    admin_page.open(Agreement.objects.get(is_published=False), "change")
    admin_page.page.get_by_label("Subject").fill("genocide")
    admin_page.save()


def small(picture: Path) -> None:
    """Keep 256 colours of a picture, as many as a page has."""
    program = shutil.which("pngquant")
    if program is None:
        pytest.fail("pngquant is not installed, so pictures would be too large (Debian: apt-get install pngquant).")
    subprocess.run([program, "--force", "--strip", "--output", picture, "256", picture], check=True)
    assert picture.stat().st_size <= MOST, picture


def test_take_them(admin_page: AdminPage, transactional_db: None) -> None:
    HERE.mkdir(exist_ok=True)
    with time_machine.travel(NOW):
        call_command("load_deal", verbosity=0)
        draft()
        admin_page.log_in_with_password()
        enter_subject(admin_page)
        for name, address in pages().items():
            for scheme in ("light", "dark"):
                admin_page.page.emulate_media(color_scheme=scheme)
                admin_page.page.goto(admin_page.address + address)
                admin_page.page.screenshot(path=HERE / f"{name}-{scheme}.png", animations="disabled")
                small(HERE / f"{name}-{scheme}.png")
