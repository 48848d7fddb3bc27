"""Q13 and Q14: staff sell months from their phone."""

import pytest

from conftest import MA_TELEPHONE, make_seller, make_staff
from sellers.models import Seller
from sellers.records import BalanceEntry


@pytest.fixture
def clerk(wang):
    """Wang's phone; Wang works at the office that sells months."""
    make_staff(wang)
    return wang


def test_staff_sees_all_sellers(clerk):
    make_seller()
    make_seller("13800000002", name="", person_name="", months=0)
    assert clerk("admin") == {
        "adminSuccess": "success",
        "sellerList": [
            {
                "sellerName": "拉面",
                "personName": "马师傅",
                "telNum": MA_TELEPHONE,
                "balanceMon": 3,
                "open": True,
            },
            {"sellerName": "", "personName": "", "telNum": "13800000002", "balanceMon": 0, "open": False},
        ],
    }


def test_staff_renews_a_seller(clerk):
    seller = make_seller(months=3)
    assert clerk("renew", telNum=MA_TELEPHONE, term=12) == {"renewSuccess": "success"}
    seller.refresh_from_db()
    assert seller.months == 15
    entry = seller.entries.first()
    assert (entry.kind, entry.months, entry.balance_after) == (BalanceEntry.Kind.RENEWAL, 12, 15)
    assert entry.staff_user == clerk.person.staff_user


def test_a_new_number_is_a_new_seller(clerk):
    assert clerk("renew", telNum="13800000009", term="1") == {"renewSuccess": "success"}
    seller = Seller.objects.get()
    assert (seller.telephone, seller.months, seller.person, seller.name) == ("13800000009", 1, None, "")


PASTED = [
    "138 0000 0001", "138-0000-0001", "138—0000—0001", "+8613800000001", "+86 138 0000 0001", "86-138 0000 0001",
    "008613800000001", "１３８０００００００１", "＋８６　１３８　００００　０００１",
    "\u202d+86 138 0000 0001\u202c", "\t13800000001\n",
]  # fmt: skip


@pytest.mark.parametrize("telephone", PASTED)
def test_a_number_is_taken_as_it_is_pasted(clerk, telephone):
    seller = make_seller(months=3)
    assert clerk("renew", telNum=telephone, term=1) == {"renewSuccess": "success"}
    assert seller.entries.count() == 2
    assert Seller.objects.get().telephone == MA_TELEPHONE


@pytest.mark.parametrize("telephone", ["", "1380000000", "138000000001", "12800000001", "1380000000x", "１３８0000000"])
def test_a_number_that_is_no_telephone_number(clerk, telephone):
    assert clerk("renew", telNum=telephone, term=1) == {"renewSuccess": "fail", "failMsg": "Invalid Tel Error"}
    assert not Seller.objects.exists()


@pytest.mark.parametrize("term", ["", 0, -1, 37, "1.5", "abc"])
def test_a_term_that_is_none(clerk, term):
    assert clerk("renew", telNum=MA_TELEPHONE, term=term) == {"renewSuccess": "fail", "failMsg": "Invalid Term Error"}
    assert not Seller.objects.exists()


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_is_no_active_staff_is_refused(clerk, change):
    type(clerk.person.staff_user).objects.update(**change)
    refuses_staff_queries(clerk)


def test_staff_without_the_permission_is_refused(li):
    make_staff(li, permission=False)
    refuses_staff_queries(li)


def test_a_student_and_a_seller_are_refused(li, ma):
    refuses_staff_queries(li)
    refuses_staff_queries(ma)


def refuses_staff_queries(phone):
    assert phone("admin") == {"adminSuccess": "fail", "failMsg": "Not Admin Error"}
    assert phone("renew", telNum="13900000000", term=1) == {"renewSuccess": "fail", "failMsg": "Not Admin Error"}
    assert not Seller.objects.filter(telephone="13900000000").exists()
