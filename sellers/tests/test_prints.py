"""The receipt of a sale and the sheet for the counter, on the screen and on paper."""

import re
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.urls import reverse

from conftest import MA_TELEPHONE, make_seller
from sellers.models import Seller


@pytest.fixture
def chen(client, db):
    """Chen, a clerk, whose browser `client` is."""
    chen = User.objects.create_user("xiao-chen", is_staff=True)
    chen.groups.add(Group.objects.get(name="续费员"))
    client.force_login(chen)
    return chen


@pytest.fixture
def no_token(sandbox_wechat):
    sandbox_wechat.token_by_appid.clear()


def receipt_of(entry):
    return reverse("admin:sellers_seller_receipt", args=[entry.pk])


def words(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.text[response.text.index("<main") :]).split())


def test_a_receipt_says_what_was_sold_and_until_when_it_lasts(client, chen):
    with time_machine.travel("2027-01-31 09:05+08:00", tick=False):
        client.force_login(chen)
        noodles = make_seller(months=1)
        [entry] = Seller.objects.renew_all([noodles.pk], 1, staff_user=chen, memo="收据 0042", request=uuid4())
        Seller.objects.renew_all([noodles.pk], 12, staff_user=chen, memo="", request=uuid4())
        assert words(client.get(receipt_of(entry))) == (
            f"收据 收据编号 {entry.pk} 时间 2027年1月31日 09:05 商家 拉面 联系人 马师傅 手机号 {MA_TELEPHONE}"
            " 购买月数 1 变动后余额 2 到期日 2027年3月31日 附言 收据 0042 经办人 xiao-chen 收款金额 签字"
        )
        english = words(client.get(receipt_of(entry), headers={"Accept-Language": "en"}))
        assert "months bought 1 balance after 2 paid until March 31, 2027 memo 收据 0042 sold by xiao-chen" in english


def test_only_sales_have_receipts(client, chen):
    noodles = make_seller()
    correction = Seller.objects.correct(noodles.pk, -1, staff_user=chen, memo="x", request=uuid4())
    assert client.get(receipt_of(correction)).status_code == 404
    page = client.get(reverse("admin:sellers_seller_change", args=[noodles.pk])).text
    ledger = client.get(reverse("admin:sellers_balanceentry_changelist")).text
    for text in (page, ledger):
        assert re.findall(r'"(/admin/sellers/seller/receipt/.*?)"', text) == [
            receipt_of(noodles.entries.earliest("pk"))
        ]


def test_who_may_not_see_them_is_not_let_in(client, chen):
    noodles = make_seller()
    chen.groups.clear()
    assert client.get(receipt_of(noodles.entries.get())).status_code == 403
    assert client.get(reverse("admin:sellers_seller_sheet", args=[noodles.pk])).status_code == 403
    assert not Seller.objects.get().qrcode


def test_a_sheet_has_the_stalls_code_which_wechat_is_asked_for_once(client, chen, media, no_token, settings):
    noodles = make_seller()
    sheet = reverse("admin:sellers_seller_sheet", args=[noodles.pk])
    page = client.get(sheet)
    noodles.refresh_from_db()
    assert f'<img src="/media/{noodles.qrcode.name}"' in page.text
    assert words(page).startswith("拉面 微信扫码，餐好了手机就会响")
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    assert client.get(sheet).text == page.text


def test_a_sheet_without_wechat_says_so_on_the_stalls_page(client, chen, media):
    noodles = make_seller()
    response = client.get(reverse("admin:sellers_seller_sheet", args=[noodles.pk]), follow=True)
    assert response.redirect_chain[-1][0] == reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert [str(message) for message in response.context["messages"]] == ["微信没有返回小程序码，请稍后再试。"]
