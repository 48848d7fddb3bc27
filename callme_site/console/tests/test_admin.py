"""The plain admin: every model is there, and what must not be edited cannot be."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from accounts.models import TextCheck
from callme_site.models import JobRun
from queueing.models import Order
from sellers.models import Seller
from sellers.records import Unbinding

OURS = [model for model in admin.site._registry if model.__module__.split(".")[0] != "django"]
READ_ONLY = ["Person", "Session", "TextCheck", "BalanceEntry", "Unbinding", "Order", "JobRun"]
NO_ENTRIES = {"entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}


@pytest.fixture
def office(client, ma, li, noodles):
    """A browser with a superuser logged in, and a row in every table."""
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
    JobRun.objects.create(name="charge_months").end(ok=True, said="0")
    text = {"text": "牛肉面", "openid": "an-openid-of-a-text", "written_at": timezone.now()}
    TextCheck.objects.create(kind="note", subject=Order.objects.get().pk, state="unchecked", **text)
    staff = User.objects.create_superuser("staff")
    Unbinding.objects.create(seller=noodles, person=li.person, staff_user=staff, request=uuid4())
    client.force_login(staff)
    return client


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_its_pages_open(office, model, language):
    row = model.objects.first()
    for address in (url(model, "changelist"), url(model, "change", row.pk), url(model, "history", row.pk)):
        response = office.get(address, headers={"Accept-Language": language})
        assert response.status_code == 200, address
        assert f'<html lang="{language}"' in response.text
    assert (
        office.get(
            url(model, "changelist"), {"q": "x"} if admin.site._registry[model].search_fields else {}
        ).status_code
        == 200
    )


def test_every_model_is_there():
    assert {model.__name__ for model in OURS} == {*READ_ONLY, "Seller"}


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_a_record_cannot_be_edited(office, name):
    model = next(model for model in OURS if model.__name__ == name)
    row = model.objects.first()
    before = list(model.objects.values())
    for address in (url(model, "add"), url(model, "change", row.pk), url(model, "delete", row.pk)):
        assert office.post(address, {"post": "yes", "note": "x", "months": 99}).status_code == 403, address
    assert list(model.objects.values()) == before


def test_months_do_not_change_but_through_the_ledger(office, noodles):
    form = {"name": "新名字", "person_name": "", "telephone": noodles.telephone, "menu": "", "months": 99, **NO_ENTRIES}
    assert office.post(url(Seller, "change", noodles.pk), form).status_code == 302
    noodles.refresh_from_db()
    assert (noodles.name, noodles.months) == ("新名字", 3)


def test_openids_are_not_shown(office, li):
    for model in OURS:
        text = office.get(url(model, "change", model.objects.first().pk)).text
        assert li.person.openid_hash not in text
        assert "an-openid-of-a-text" not in text
        assert model.__name__ != "Session" or model.objects.first().digest not in text


@pytest.mark.parametrize(("menu", "saved"), [("面\n\n 饭 ", True), ("面" * 41, False), ("面\n" * 61, False)])
def test_a_menu_is_a_name_a_line(office, noodles, menu, saved):
    form = {"name": "拉面", "telephone": noodles.telephone, "menu": menu, **NO_ENTRIES}
    assert office.post(url(Seller, "change", noodles.pk), form).status_code == (302 if saved else 200)
    noodles.refresh_from_db()
    assert noodles.menu == (["面", "饭"] if saved else ["牛肉面", "刀削面"])
