"""How many texts wait for a clerk's decision, for the console's front page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from accounts.texts import TextCheck
from callme_site.console.figures import Figure
from callme_site.console.front_page import front_page_part


@front_page_part("admin/front_page/texts.html", permission="accounts.decide_textcheck", place=0)
def texts_part(request: HttpRequest) -> dict[str, Any]:
    """Return the figure, where there is one."""
    left = TextCheck.objects.left().count()
    url = reverse("admin:accounts_textcheck_changelist")
    return {"figures": [Figure(left, gettext("to decide on"), url)] if left else []}
