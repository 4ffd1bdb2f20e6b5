"""Fixtures of the tests of the pages."""

from tests.admin.conftest import admin_page, new_admin_page

__all__ = ["admin_page", "new_admin_page"]
