"""The console on which staff sell months: through Django's test client, as a clerk and as others."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from conftest import MA_TELEPHONE, make_seller, make_staff
from sellers.models import BalanceEntry, Seller, Unbinding

LIST = reverse("admin:sellers_seller_changelist")


@pytest.fixture
def clerk(client, db):
    """A browser in which a renewal clerk is logged in."""
    return log_in(client, "续费员")


def log_in(client, group):
    user = User.objects.create_user("xiao-chen", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    client.user = user
    return client


def open_desk(client, url):
    """Open a confirming page; return its own address, which names the request."""
    response = client.get(url, follow=True)
    assert response.status_code == 200
    (address, status), *_ = response.redirect_chain
    assert status == 302
    return address


def renew_url(*sellers):
    return f"{reverse('admin:sellers_seller_renew')}?sellers={','.join(str(seller.pk) for seller in sellers)}"


def messages(response):
    return [str(message) for message in response.context["messages"]]


def test_the_list_tells_at_a_glance(clerk, ma, li, noodles):
    for _ in range(3):
        ma("fetch")
    ma("done", isseller="yes", marchSn=1)
    make_seller("13800000002", months=1, name="麻辣烫")
    make_seller("13800000003", months=0, name="煲仔饭")
    text = clerk.get(LIST).text
    assert re.findall(r'months-(\w+)">(.*?)<', text) == [
        ("fine", "3 · 正常"),
        ("last", "1 · 最后一个月"),
        ("out", "0 · 已到期"),
    ]
    row = re.search(r'<tr><td class="action-checkbox">.*?拉面.*?</tr>', text, re.DOTALL)[0]
    assert re.findall(r'field-(?:orders_today|numbers_out)">(\d+)<', row) == ["3", "2"]


@pytest.mark.parametrize("sought", ["拉面", "马师", "13800000001", "0001"])
def test_it_finds_a_seller(clerk, sought):
    make_seller("13800000001")
    make_seller("13900000002", name="麻辣烫", person_name="王阿姨")
    text = clerk.get(LIST, {"q": sought}).text
    assert "13800000001" in text
    assert "13900000002" not in text


@pytest.mark.parametrize(
    ("state", "expected"), [("out", "0003"), ("due", "0002"), ("unbound", "0002 0003 0004"), ("off", "0004")]
)
def test_it_filters_who_must_be_seen_to(clerk, ma, state, expected):
    soon = make_seller("13800000002")
    Seller.objects.filter(pk=soon.pk).update(next_charge_on=timezone.localdate() + timedelta(days=7))
    make_seller("13800000003", months=0)
    make_seller("13800000004", switched_off=True)
    assert sorted(re.findall(r'telephone">1380000(\d{4})<', clerk.get(LIST, {"state": state}).text)) == expected.split()


def test_a_clerk_renews_one_seller(clerk, noodles):
    page = open_desk(clerk, renew_url(noodles))
    response = clerk.post(page, {"term": "6", "memo": "收据 0042"}, follow=True)
    assert messages(response) == ["拉面：续费 +6 个月，现余 9 个月。"]
    noodles.refresh_from_db()
    assert noodles.months == 9
    entry = noodles.entries.first()
    assert (entry.kind, entry.staff_user, entry.memo) == ("renewal", clerk.user, "收据 0042")
    assert [str(line.change_message) for line in LogEntry.objects.all()] == ["续费 +6 个月，之后余 9 个月；收据 0042"]
    assert LogEntry.objects.get().user == clerk.user


def test_a_clerk_renews_many_by_an_odd_number(clerk):
    sellers = [make_seller(f"1380000000{place}", months=place) for place in range(1, 9)]
    response = clerk.post(LIST, {"action": "renew", "_selected_action": [seller.pk for seller in sellers]})
    page = open_desk(clerk, response.url)
    response = clerk.post(page, {"term": "other", "other": "5"}, follow=True)
    assert list(Seller.objects.order_by("pk").values_list("months", flat=True)) == list(range(6, 14))
    assert messages(response)[-1] == "另有 3 个商家。"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"term": "2"},
        {"term": "other"},
        {"term": "other", "other": "0"},
        {"term": "other", "other": "37"},
        {"term": "1", "memo": "x" * 201},
    ],
)
def test_it_renews_by_no_odd_thing(clerk, noodles, form):
    response = clerk.post(open_desk(clerk, renew_url(noodles)), form)
    assert response.status_code == 200
    assert "errorlist" in response.text
    assert noodles.entries.count() == 1


def test_sending_the_page_twice_renews_once(clerk, noodles):
    page = open_desk(clerk, renew_url(noodles))
    first = clerk.post(page, {"term": "3"}, follow=True)
    again = clerk.post(page, {"term": "3"}, follow=True)
    assert messages(first) == messages(again) == ["拉面：续费 +3 个月，现余 6 个月。"]
    assert messages(clerk.get(page, follow=True)) == messages(first)
    assert noodles.entries.filter(kind="renewal").count() == 2


def test_opening_the_page_anew_renews_again(clerk, noodles):
    for _ in range(2):
        clerk.post(open_desk(clerk, renew_url(noodles)), {"term": "1"})
    assert Seller.objects.get().months == 5


@pytest.mark.parametrize("sellers", ["", "x", "999", "99999999999999999999"])
def test_renewing_nobody_is_an_error(clerk, sellers):
    response = clerk.get(f"{reverse('admin:sellers_seller_renew')}?sellers={sellers}", follow=True)
    assert messages(response) == ["请选择要续费的商家。"]


def test_a_clerk_registers_a_seller(clerk):
    add = reverse("admin:sellers_seller_add")
    assert clerk.get(add).status_code == 200
    assert clerk.post(add, {"telephone": "13800000009", "months": "2"}).status_code == 302
    seller = Seller.objects.get()
    assert (seller.telephone, seller.months, seller.entries.get().staff_user) == ("13800000009", 2, clerk.user)


@pytest.mark.parametrize(
    ("telephone", "months"), [("", 1), ("12800000001", 1), ("138000000091", 1), (MA_TELEPHONE, 1), ("13800000009", 37)]
)
def test_registering_has_the_rules_of_the_protocol(clerk, telephone, months):
    make_seller()
    response = clerk.post(reverse("admin:sellers_seller_add"), {"telephone": telephone, "months": months})
    assert response.status_code == 200
    assert "errorlist" in response.text
    assert (Seller.objects.count(), BalanceEntry.objects.count()) == (1, 1)


def test_a_wrong_renewal_is_corrected_by_an_entry(clerk, noodles):
    page = open_desk(clerk, reverse("admin:sellers_seller_correct", args=[noodles.pk]))
    for _ in range(2):
        response = clerk.post(page, {"months": "-2", "memo": "多收了"}, follow=True)
        assert messages(response) == ["拉面：更正 -2 个月，现余 1 个月。"]
    ledger = noodles.entries.values_list("kind", "months", "balance_after", "memo")
    assert list(ledger) == [("correction", -2, 1, "多收了"), ("renewal", 3, 3, "")]
    text = response.text
    assert re.findall(r'field-kind">\s*<p>(.*?)</p>', text) == ["更正", "续费"]
    assert "xiao-chen" in text


@pytest.mark.parametrize(("months", "memo"), [("-4", "x"), ("0", "x"), ("37", "x"), ("", "x"), ("1", " ")])
def test_a_correction_has_a_reason_and_an_end(clerk, noodles, months, memo):
    page = open_desk(clerk, reverse("admin:sellers_seller_correct", args=[noodles.pk]))
    response = clerk.post(page, {"months": months, "memo": memo})
    assert response.status_code == 200
    assert "errorlist" in response.text
    assert noodles.entries.count() == 1


def test_a_lost_phone_is_unbound(clerk, ma, li, noodles):
    page = open_desk(clerk, reverse("admin:sellers_seller_unbind", args=[noodles.pk]))
    response = clerk.post(page, follow=True)
    assert messages(response) == [f"拉面 已解绑；下次用 {MA_TELEPHONE} 入驻的手机将被绑定。"]
    assert ma("info") == {"queryErr": "Session Time Out"}
    assert li("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "success"}
    record = Unbinding.objects.get()
    assert (record.seller, record.person, record.staff_user) == (noodles, ma.person, clerk.user)
    assert "解绑" in LogEntry.objects.get().change_message
    assert Session.objects.filter(person=ma.person).count() == 0


def test_unbinding_twice_leaves_the_next_phone_alone(clerk, ma, li, noodles):
    page = open_desk(clerk, reverse("admin:sellers_seller_unbind", args=[noodles.pk]))
    clerk.post(page)
    li("signup", telNum=MA_TELEPHONE)
    clerk.post(page)
    assert Seller.objects.get().person == li.person


def test_a_seller_that_is_switched_off_does_no_business(ma, li, noodles):
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
    Seller.objects.update(switched_off=True)
    assert li("seller_list") == {"seller_listSuccess": "fail", "failMsg": "Null List Error"}
    assert li("menu", sellerId=noodles.pk) == {"menuSuccess": "fail", "failMsg": "Illegal Seller Error"}
    assert ma("fetch") == {"fetchSuccess": "fail", "failMsg": "Due Date Error"}
    assert li("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "fail", "failMsg": "Invalid Tel Error"}
    assert ma("call", marchSn=1) == {"callSuccess": "success"}
    assert li("done", sellerId=noodles.pk, marchSn=1) == {"doneSuccess": "success"}


def test_renewing_from_the_phone_leaves_the_same_trail(wang):
    user = make_staff(wang)
    wang("renew", telNum="13800000009", term=2)
    line = LogEntry.objects.get()
    assert (line.user, line.change_message) == (user, "续费 +2 个月，之后余 2 个月")


def desk_urls(seller):
    return [
        renew_url(seller),
        reverse("admin:sellers_seller_correct", args=[seller.pk]),
        reverse("admin:sellers_seller_unbind", args=[seller.pk]),
        reverse("admin:sellers_seller_add"),
    ]


@pytest.mark.parametrize("group", ["观察员", None])
def test_who_may_not_is_neither_shown_nor_let_in(client, ma, noodles, group):
    log_in(client, group or "观察员")
    if group is None:
        client.user.groups.clear()
    before = list(Seller.objects.values()), list(BalanceEntry.objects.values())
    for url in desk_urls(noodles):
        assert client.get(url).status_code == 403
        named = f"{url}{'&' if '?' in url else '?'}request=6f0a2c1e-7f3f-4a57-9d0c-2d1f4f8f8f10"
        form = {"term": "1", "months": "1", "memo": "x", "telephone": "13800000009"}
        assert client.post(named, form).status_code == 403
    change = reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert client.post(change, {"name": "x"}).status_code == 403
    client.post(LIST, {"action": "renew", "_selected_action": [noodles.pk]})
    assert (list(Seller.objects.values()), list(BalanceEntry.objects.values())) == before
    if group:
        page = client.get(change).text
        assert not any(word in page for word in ("/renew/", "/correct/", "/unbind/"))
        assert "_selected_action" not in client.get(LIST).text


def test_a_clerk_does_nothing_else(clerk, ma, li, noodles):
    ma("fetch")
    change = reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert clerk.get(change).status_code == 200
    assert clerk.post(change, {"name": "x", "switched_off": "on"}).status_code == 403
    assert clerk.get(reverse("admin:queueing_order_changelist")).status_code == 200
    for name in ("auth_user", "auth_group", "accounts_session", "callme_site_jobrun"):
        assert clerk.get(reverse(f"admin:{name}_changelist")).status_code == 403
