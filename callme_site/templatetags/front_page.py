"""What the apps contribute to the console's front page."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from callme_site.console.front_page import parts

register = template.Library()


@register.simple_tag(takes_context=True)
def front_page(context: template.Context) -> SafeString:
    """Show the parts that the user may see."""
    request = context["request"]
    seen = [part for part in parts if request.user.has_perm(part.permission)]
    return mark_safe("".join(render_to_string(part.template, part.figures(request), request) for part in seen))  # noqa: S308
