"""The list of sellers is built once and kept; whatever changes it shows in the very next answer."""

from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from callme_site.storage import versions
from conftest import Phone, make_seller
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)

BAOZI = "13800000002"


@pytest.fixture
def baozi(ma, noodles):
    """A second stall, that nobody has signed up for."""
    return make_seller(BAOZI, name="包子")


@pytest.fixture
def clerk(db):
    return User.objects.create_superuser("clerk")


def names(phone):
    answer = phone("seller_list")
    assert answer["count"] == len(answer["list"])
    return [entry["name"] for entry in answer["list"].values()]


def sign_up(ma, clerk, baozi):
    assert Phone.of("zhao", "seller")("signup", telNum=BAOZI, sellerName="包子铺") == {"signupSuccess": "success"}


def rename(ma, clerk, baozi):
    assert ma("update", sellerName="刀削面")["updateSuccess"] == "success"


def run_out(ma, clerk, baozi):
    seller = Seller.objects.get(name="拉面")
    with time_machine.travel(seller.next_charge_on, tick=False):
        Seller.objects.correct(seller.pk, -2, staff_user=clerk, memo="", request="00000000-0000-0000-0000-000000000001")
        call_command("charge_months", verbosity=0)


def unbind(ma, clerk, baozi):
    pk = Seller.objects.get(name="拉面").pk
    Seller.objects.unbind(pk, ma.person.pk, staff_user=clerk, request="00000000-0000-0000-0000-000000000002")


def edit(ma, clerk, baozi, **changed):
    seller = Seller.objects.get(name="拉面")
    page = Client()
    page.force_login(clerk)
    form = {"name": seller.name, "person_name": "马师傅", "telephone": seller.telephone, "menu": "[]", **changed}
    inlines = {"entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}
    response = page.post(f"/admin/sellers/seller/{seller.pk}/change/", form | inlines)
    assert response.status_code == 302, response.context["errors"]


def switch_off(ma, clerk, baozi):
    edit(ma, clerk, baozi, switched_off="on")


def rename_at_the_desk(ma, clerk, baozi):
    edit(ma, clerk, baozi, name="兰州拉面")


EVENTS = {
    sign_up: ["拉面", "包子铺"],
    rename: ["刀削面"],
    run_out: None,
    unbind: None,
    switch_off: None,
    rename_at_the_desk: ["兰州拉面"],
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_it_is_right_in_the_very_next_answer(ma, li, clerk, baozi, event):
    for _ in range(3):
        assert names(li) == ["拉面"]
    event(ma, clerk, baozi)
    for _ in range(2):
        if EVENTS[event] is None:
            assert li("seller_list") == {"seller_listSuccess": "fail", "failMsg": "Null List Error"}
        else:
            assert names(li) == EVENTS[event]


def test_it_comes_back_with_the_first_month_bought(ma, li, clerk, baozi):
    run_out(ma, clerk, baozi)
    assert li("seller_list")["failMsg"] == "Null List Error"
    pks = list(Seller.objects.filter(months=0).values_list("pk", flat=True))
    Seller.objects.renew_all(pks, 1, staff_user=clerk, memo="", request="00000000-0000-0000-0000-000000000003")
    assert names(li) == ["拉面"]


def test_a_new_picture_shows(ma, li, media, tmp_path):
    assert li("seller_list")["list"]["1"]["imageURL"] == ""
    Image.new("RGB", (9, 9)).save(tmp_path / "stall.png")
    ma("update", encoding="multipart", sellerImage=SimpleUploadedFile("a.png", (tmp_path / "stall.png").read_bytes()))
    assert li("seller_list")["list"]["1"]["imageURL"].endswith(".jpg")


def test_only_who_is_logged_in_gets_it(ma, li, stranger, noodles):
    assert names(li) == ["拉面"]
    assert stranger("seller_list") == {"queryErr": "Illegal query"}
    assert Phone("0" * 40)("seller_list") == {"queryErr": "Session Time Out"}


def test_an_unbinding_that_changes_nothing_lets_no_process_forget_it(ma, clerk, baozi):
    unbind(ma, clerk, baozi)
    before = versions.current()
    unbind(ma, clerk, baozi)
    assert not Seller.objects.unbind(baozi.pk, ma.person.pk, staff_user=clerk, request=uuid4())
    assert versions.current() == before is not None


def test_it_is_not_kept_while_it_changes(ma, li, noodles):
    names(li)
    with versions.changing(versions.SELLERS), CaptureQueriesContext(connection) as captured:
        assert names(li) == names(li) == ["拉面"]
    assert len(captured) == 2
