"""Q11: a phone is bound to the seller that staff registered."""

import pytest

from conftest import MA_TELEPHONE, make_seller

SUCCESS = {"signupSuccess": "success"}


def failure(reason):
    return {"signupSuccess": "fail", "failMsg": reason}


@pytest.fixture
def seller(db):
    """A stall that staff registered, and nobody has bound."""
    return make_seller(name="", person_name="")


def test_it_binds_the_caller_and_sets_the_names(li, seller):
    assert li("signup", telNum=MA_TELEPHONE, sellerName=" 拉面 ", personName="马师傅") == SUCCESS
    seller.refresh_from_db()
    assert (seller.person, seller.name, seller.person_name) == (li.person, "拉面", "马师傅")
    assert li("fetch") == {"fetchSuccess": "success", "marchSn": 1}


@pytest.mark.parametrize("names", [{}, {"sellerName": "", "personName": " "}])
def test_names_that_are_not_given_stay(li, names):
    seller = make_seller(name="拉面", person_name="马师傅")
    assert li("signup", telNum=MA_TELEPHONE, **names) == SUCCESS
    seller.refresh_from_db()
    assert (seller.name, seller.person_name) == ("拉面", "马师傅")


def test_it_may_be_repeated(li, seller):
    assert li("signup", telNum=MA_TELEPHONE) == li("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_a_number_that_nobody_registered(li, seller):
    assert li("signup", telNum="13800000002") == failure("Invalid Tel Error")


def test_a_seller_whom_somebody_else_has_bound(ma, li):
    assert li("signup", telNum=MA_TELEPHONE, sellerName="我的") == failure("Invalid Tel Error")
    assert ma("info")["sellerName"] == "拉面"


def test_a_seller_without_months(li):
    make_seller(months=0)
    assert li("signup", telNum=MA_TELEPHONE) == failure("Need Renew Error")


def test_a_caller_who_has_another_stall(ma):
    make_seller("13800000002")
    assert ma("signup", telNum="13800000002") == failure("Seller Openid Error")
