"""Text-direction controls are dropped from what people write, before anything is compared with it."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from conftest import ENCODINGS, MA_TELEPHONE, make_seller
from queueing.models import Order
from sellers.models import Seller
from sellers.records import BalanceEntry

CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def turned(text):
    """Return the text with controls before, after and between its characters."""
    return CONTROLS + CONTROLS.join(text) + CONTROLS


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_note_has_none_and_is_the_same_without(ma, li, noodles, encoding):
    number = ma("fetch")["marchSn"]
    fields = {"sellerId": noodles.pk, "marchSn": number}
    for note in (turned("牛肉面"), "牛肉面", "\u202e牛肉面"):  # the same note: a repeated request
        assert li("push", encoding=encoding, **fields, noteContent=note) == {"pushSuccess": "success"}
    assert Order.objects.get().note == "牛肉面"
    other = {"pushSuccess": "fail", "failMsg": "Taken Error"}
    assert li("push", encoding=encoding, **fields, noteContent="面肉牛") == other


def test_they_do_not_count_in_a_texts_length(ma, li, noodles):
    number = ma("fetch")["marchSn"]
    fields = {"sellerId": noodles.pk, "marchSn": number}
    assert li("push", **fields, noteContent=turned("面" * 200)) == {"pushSuccess": "success"}
    assert Order.objects.get().note == "面" * 200


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_have_none(ma, encoding):
    menu = [turned("牛肉面"), turned(" "), CONTROLS] if encoding == "json" else turned("牛肉面，，")
    names = {"sellerName": turned(" 拉面 "), "personName": turned("马师傅")}
    assert ma("update", encoding=encoding, **names, menuList=menu)["updateSuccess"] == "success"
    info = ma("info")
    assert (info["sellerName"], info["personName"], info["menuList"]) == ("拉面", "马师傅", ["牛肉面"])
    nameless = {"updateSuccess": "fail", "failMsg": "Invalid Name Error"}
    assert ma("update", encoding=encoding, sellerName=CONTROLS) == nameless


def test_a_menu_in_the_text_of_an_array_has_none(ma):
    assert ma("update", menuList='\u202a["牛\\u202e肉面"]')["updateSuccess"] == "success"
    assert ma("info")["menuList"] == ["牛肉面"]


def test_a_telephone_number_from_an_address_book_is_one(hu):
    make_seller(name="包子")
    fields = {"telNum": f"\u202a{MA_TELEPHONE}\u202c", "sellerName": turned("陈记"), "personName": CONTROLS}
    assert hu("signup", **fields) == {"signupSuccess": "success"}
    seller = Seller.objects.get()
    assert (seller.person, seller.name, seller.person_name) == (hu.person, "陈记", "马师傅")


@pytest.fixture
def office(admin_client):
    return admin_client


def post(office, url, **fields):
    """Send a form of the console; one that confirms names its request first."""
    response = office.get(url, follow=True)
    address = response.redirect_chain[0][0] if response.redirect_chain else url
    response = office.post(address, fields)
    assert response.status_code == 302, response.text


def test_the_forms_of_the_console_take_none(office, noodles):
    page = reverse("admin:sellers_seller_change", args=[noodles.pk])
    profile = {"name": turned("兰州拉面"), "person_name": turned("小马"), "telephone": turned("13800000009")}
    ledger = {"entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}
    post(office, page, **profile, **ledger, menu=turned("牛肉面"))
    noodles.refresh_from_db()
    kept = (noodles.name, noodles.person_name, noodles.telephone, noodles.menu)
    assert kept == ("兰州拉面", "小马", "13800000009", ["牛肉面"])
    post(office, reverse("admin:sellers_seller_add"), telephone=turned("13800000008"), months=1, memo=turned("收据"))
    assert Seller.objects.filter(telephone="13800000008").count() == 1
    post(office, f"{reverse('admin:sellers_seller_renew')}?sellers={noodles.pk}", term="1", memo=turned("收据"))
    post(office, reverse("admin:sellers_seller_correct", args=[noodles.pk]), months="1", memo=turned("收据"))
    memos = BalanceEntry.objects.exclude(staff_user=None).values_list("kind", "memo")
    assert sorted(memos) == [("correction", "收据"), ("renewal", "收据"), ("renewal", "收据")]


def test_a_staff_users_name_has_none(office):
    user = User.objects.get()
    page = reverse("admin:auth_user_change", args=[user.pk])
    names = {"username": "admin", "first_name": turned("小陈"), "last_name": turned("陈")}
    joined = {"date_joined_0": "2027-01-01", "date_joined_1": "08:00", "is_staff": "on", "is_superuser": "on"}
    post(office, page, **names, **joined, is_active="on")
    user.refresh_from_db()
    assert (user.first_name, user.last_name) == ("小陈", "陈")


@pytest.mark.parametrize("name", ["sellers_seller", "sellers_balanceentry", "queueing_order", "accounts_person"])
def test_a_search_finds_what_was_meant(office, ma, noodles, name):
    ma("fetch")
    text = office.get(reverse(f"admin:{name}_changelist"), {"q": turned("拉面")}).text
    assert 'id="result_list"' in text


def test_a_search_finds_a_memo_that_was_meant(office, noodles):
    post(office, f"{reverse('admin:sellers_seller_renew')}?sellers={noodles.pk}", term="1", memo="收据 0042")
    text = office.get(reverse("admin:sellers_balanceentry_changelist"), {"q": turned("收据 0042")}).text
    assert 'id="result_list"' in text
