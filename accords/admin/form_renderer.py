"""How the widgets of forms become HTML."""

from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2
from django.utils.functional import cached_property

DJANGOS_OWN = "django/forms/"  # templates that Django has in both languages


class FormRenderer(DjangoTemplates):
    """Render Django's own widgets with Jinja2, and all others with Django's templates.

    The page of an agreement has some 800 widgets with thousands of options, and takes half the time.
    """

    @cached_property
    def jinja(self) -> Jinja2:
        return Jinja2()

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith(DJANGOS_OWN):
            return self.jinja.get_template(template_name)
        return super().get_template(template_name)
