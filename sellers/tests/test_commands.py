"""check_balances, and the sample data."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from accounts.models import Person
from callme_site.testing.announced import unannounced
from conftest import Phone, make_seller
from queueing.models import Order
from sellers.models import Seller


def test_balances_that_are_right(db):
    make_seller()
    make_seller("13800000002", months=0)
    call_command("check_balances", stdout=(said := StringIO()))
    assert said.getvalue() == "2 个余额正确。\n"


def test_balances_that_are_wrong(db):
    seller = make_seller()
    make_seller("13800000002", months=1)
    with unannounced():
        Seller.objects.update(months=5)
    with pytest.raises(CommandError) as error:
        call_command("check_balances", stderr=(said := StringIO()))
    assert error.value.returncode == 1
    assert said.getvalue().splitlines()[0] == f"商家 {seller.pk}（13800000001）：余额 5 个月，账本为 3 个月"
    assert len(said.getvalue().splitlines()) == 2


def demo():
    call_command("demo", stdout=(said := StringIO()))
    return said.getvalue()


def test_the_sample_data_comes_once(db, sandbox_wechat, settings):
    settings.WECHAT_SANDBOX = True
    said = demo()
    password = said.rsplit("staff / ")[1].strip()
    assert User.objects.get().check_password(password)
    assert demo() == ""
    stall = Phone(Phone()("login", isseller="yes", code="sandbox-stall1")["sessionKey"])
    assert stall("info")["menuList"] == ["牛肉面", "刀削面", "炒拉条"]
    staff = Phone(Phone()("login", isseller="yes", code="sandbox-staff")["sessionKey"])
    assert len(staff("admin")["sellerList"]) == 4
    call_command("check_balances", stdout=StringIO())


def test_there_is_no_sample_data_beside_real_data(db, settings):
    settings.WECHAT_SANDBOX = True
    make_seller()
    assert demo() == ""
    assert (Seller.objects.count(), Person.objects.count(), Order.objects.count()) == (1, 0, 0)


def test_there_is_no_sample_data_without_the_sandbox(db):
    with pytest.raises(CommandError):
        demo()
    assert not Seller.objects.exists()
