"""The renderer of form widgets."""

from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2
from django.utils.functional import cached_property

DJANGO_FOLDER = "django/forms/"  # templates that Django has for both engines


class FormRenderer(DjangoTemplates):
    """A renderer that uses Jinja2 for Django's own widgets, and Django's templates for all others.

    The page of an agreement has some 800 widgets with thousands of options. With Jinja2 it takes half the time.
    """

    @cached_property
    def jinja(self) -> Jinja2:
        return Jinja2()

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith(DJANGO_FOLDER):
            return self.jinja.get_template(template_name)
        return super().get_template(template_name)
