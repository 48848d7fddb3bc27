"""The console on which staff sell months: through Django's test client, as a clerk and as others."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override

from accounts.models import Person, Session
from callme_site.console.days import format_day
from callme_site.testing.announced import unannounced
from conftest import MA_TELEPHONE, Phone, make_seller, make_staff
from sellers.models import Seller
from sellers.months import add_months
from sellers.records import BalanceEntry, Unbinding

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


def levels(response):
    return [message.level_tag for message in response.context["messages"]]


def messages(response):
    return [str(message) for message in response.context["messages"]]


def told(response):
    """Return the messages without the links to receipts."""
    return [re.sub(" <a .*?</a>$", "", message) for message in messages(response)]


def day(months):
    """Return the day so many months from today, as the console writes it."""
    return format_day(add_months(timezone.localdate(), months))


def test_the_list_tells_at_a_glance(clerk, ma, li, noodles):
    for _ in range(3):
        ma("fetch")
    ma("done", isseller="yes", marchSn=1)
    make_seller("13800000002", months=1, name="麻辣烫")
    make_seller("13800000003", months=0, name="煲仔饭")
    text = clerk.get(LIST).text
    assert re.findall(r'months-(\w+)"[^>]*>(.*?)<', text) == [
        ("fine", "3 · 正常"),
        ("last", "1 · 最后一个月"),
        ("out", "0 · 已到期"),
    ]
    row = re.search(r'<tr><td class="action-checkbox">.*?拉面.*?</tr>', text, re.DOTALL)[0]
    assert re.findall(r'field-(?:orders_today|numbers_out)"><a [^>]*>(\d+)<', row) == ["3", "2"]


def test_it_tells_which_stalls_are_paused_and_until_when(clerk, noodles):
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False) as clock:
        clerk.force_login(User.objects.get())
        make_seller("13800000002", name="麻辣烫", months=3)
        Seller.objects.pause(noodles.pk)
        page = reverse("admin:sellers_seller_change", args=[noodles.pk])
        assert re.findall(r'field-paused[^"]*">(.*?)<', clerk.get(LIST).text) == ["2027-03-16 00:00", "-"]
        assert clerk.get(LIST, {"state": "paused"}).context["cl"].result_count == 1
        assert "<strong>暂停取号</strong> 至 2027年3月16日 00:00<" in clerk.get(page).text
        clock.shift(timedelta(hours=11, minutes=30))
        clerk.force_login(User.objects.get())
        assert re.findall(r'field-paused[^"]*">(.*?)<', clerk.get(LIST).text) == ["-", "-"]
        assert "暂停取号" not in clerk.get(page).text


@pytest.mark.parametrize(
    "sought",
    [
        *["拉面", "马师", "13800000001", "0001", "138 0000"],
        *["138 0000 0001", "+86 138-0000-0001", "１３８０００００００１", "０００１"],
    ],
)
def test_it_finds_a_seller(clerk, sought):
    make_seller("13800000001")
    make_seller("13900000002", name="麻辣烫", person_name="王阿姨")
    text = clerk.get(LIST, {"q": sought}).text
    assert "13800000001" in text
    assert "13900000002" not in text


@pytest.mark.parametrize(
    ("state", "expected"),
    [("listed", "0001 0005"), ("out", "0003"), ("due", "0005"), ("unbound", "0002"), ("off", "0004")],
)
def test_it_filters_who_must_be_seen_to(clerk, ma, li, state, expected):
    """A month that is due is nothing to see to where more follow, and nobody to call where nobody has signed up."""
    make_seller("13800000002", months=1)
    make_seller("13800000005", months=1, person=li.person)
    Seller.objects.update(next_charge_on=timezone.localdate() + timedelta(days=7))
    make_seller("13800000003", months=0)
    make_seller("13800000004", switched_off=True)
    assert sorted(re.findall(r'telephone">1380000(\d{4})<', clerk.get(LIST, {"state": state}).text)) == expected.split()


FIND = reverse("admin:sellers_seller_find")


@pytest.mark.parametrize("sought", ["拉面", "马师", "13800000001", "0001"])
def test_the_front_pages_search_leads_to_renewing_the_one_that_is_found(clerk, sought):
    found = make_seller("13800000001")
    make_seller("13900000002", name="麻辣烫", person_name="王阿姨")
    assert clerk.get(FIND, {"q": sought, "renew": "1"}).url == renew_url(found)
    assert "13800000001" in clerk.get(FIND, {"q": sought}, follow=True).text


@pytest.mark.parametrize("sought", ["138", "没有这家", " ", ""])
def test_it_leads_to_the_list_where_not_one_is_found(clerk, sought):
    make_seller("13800000001")
    make_seller("13800000002")
    response = clerk.get(FIND, {"q": sought, "renew": "1"}, follow=True)
    assert response.context["cl"].result_count == (0 if sought == "没有这家" else 2)


def test_each_row_of_the_list_leads_to_renewing_for_those_who_may(client, db):
    seller = make_seller()
    log_in(client, "续费员")
    assert f'field-renew_one"><a href="{renew_url(seller)}">' in client.get(LIST).text
    client.user.groups.set([Group.objects.get(name="观察员")])
    assert "renew_one" not in client.get(LIST).text


def test_the_list_tells_and_sorts_by_the_day_on_which_the_months_end(clerk):
    with time_machine.travel("2027-01-31 12:00+08:00", tick=False):
        for place, months in enumerate((12, 1, 0, 2), start=1):
            make_seller(f"1380000000{place}", months=months)
    with time_machine.travel("2027-02-01 12:00+08:00", tick=False):
        make_seller("13800000005", months=1)
        clerk.force_login(clerk.user)
        text = clerk.get(LIST).text
        column = re.search(r'href="\?o=(\d+)">到期日<', text)[1]
        days = re.findall('field-months_end">(.*?)<', clerk.get(LIST, {"o": column}).text)
        assert days == ["-", "2027-02-28", "2027-03-01", "2027-03-31", "2028-01-31"]
        page = clerk.get(reverse("admin:sellers_seller_change", args=[Seller.objects.earliest("pk").pk])).text
        assert "2028年1月31日" in page


def test_the_renewing_page_tells_until_when_the_months_last_before_and_after(clerk):
    with time_machine.travel("2027-01-31 12:00+08:00", tick=False):
        sellers = [make_seller("13800000001", months=2), make_seller("13800000002", months=0)]
    with time_machine.travel("2027-03-01 00:05+08:00", tick=False):  # one month is due, and not charged yet
        clerk.force_login(clerk.user)
        text = clerk.get(renew_url(*sellers), follow=True).text
        assert re.findall('data-since="(.*?)" data-months="(.*?)"', text) == [("2027-01-31", "2"), ("2027-03-01", "0")]
        assert re.findall(r'class="until">(?:<time.*?>)?(.*?)<', text) == ["2027年3月31日", "-"]


def test_a_clerk_renews_one_seller(clerk, noodles):
    page = open_desk(clerk, renew_url(noodles))
    response = clerk.post(page, {"term": "6", "memo": "收据 0042"}, follow=True)
    assert told(response) == [f"拉面：续费 +6 个月，现余 9 个月，{day(9)}到期。"]
    noodles.refresh_from_db()
    assert noodles.months == 9
    entry = noodles.entries.first()
    assert (entry.kind, entry.staff_user, entry.memo) == ("renewal", clerk.user, "收据 0042")
    assert history() == ["续费 +6 个月，之后余 9 个月；收据 0042"]
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


@pytest.mark.parametrize("left", ["99", "-1", "x", "5"])
def test_another_number_that_was_left_again_counts_for_nothing(clerk, noodles, left):
    clerk.post(open_desk(clerk, renew_url(noodles)), {"term": "3", "other": left})
    assert Seller.objects.get().months == 6


def test_sending_the_page_twice_renews_once(clerk, noodles):
    page = open_desk(clerk, renew_url(noodles))
    first = clerk.post(page, {"term": "3"}, follow=True)
    again = clerk.post(page, {"term": "3"}, follow=True)
    assert told(first) == told(again) == [f"拉面：续费 +3 个月，现余 6 个月，{day(6)}到期。"]
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


def test_registering_takes_a_number_as_it_is_pasted(clerk):
    add = reverse("admin:sellers_seller_add")
    assert "maxlength" not in re.search('<input[^>]*name="telephone"[^>]*>', clerk.get(add).text)[0]
    clerk.post(add, {"telephone": "+86 138-0000-００09", "months": "2"})
    assert Seller.objects.get().telephone == "13800000009"


def test_registering_a_known_number_leads_to_renewing_its_stall(clerk, noodles):
    form = {"telephone": "138 0000 0001", "months": "5"}
    text = clerk.post(reverse("admin:sellers_seller_add"), form).text
    error = re.search('<ul class="errorlist".*?</ul>', text)[0]
    assert re.sub("<[^>]*>", "", error) == "手机号已属于 拉面。 改为续费"
    assert "已存在" not in text
    page = open_desk(clerk, re.search('href="(.*?)"', error)[1].replace("&amp;", "&"))
    assert clerk.get(page).context["form"]["other"].value() == "5"
    clerk.post(page, {"term": "other", "other": "5"})
    assert Seller.objects.get().months == 8


def test_a_stall_is_not_given_the_number_of_another(client, noodles):
    log_in(client, "主管")
    make_seller("13800000002", name="麻辣烫")
    form = {"name": "拉面", "telephone": "138-0000-0002", "entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}
    text = client.post(reverse("admin:sellers_seller_change", args=[noodles.pk]), form).text
    assert "另一个商家已使用这个手机号。" in text
    assert {seller.telephone for seller in Seller.objects.all()} == {MA_TELEPHONE, "13800000002"}


def test_a_wrong_renewal_is_corrected_by_an_entry(clerk, noodles):
    page = open_desk(clerk, reverse("admin:sellers_seller_correct", args=[noodles.pk]))
    for _ in range(2):
        response = clerk.post(page, {"months": "-2", "memo": "多收了"}, follow=True)
        assert messages(response) == [f"拉面：更正 -2 个月，现余 1 个月，{day(1)}到期。"]
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


def unbind_page(client, seller):
    return open_desk(client, reverse("admin:sellers_seller_unbind", args=[seller.pk]))


def open_page(client, seller):
    return open_desk(client, reverse("admin:sellers_seller_open", args=[seller.pk]))


def history():
    return [str(line.get_change_message()) for line in LogEntry.objects.order_by("pk")]


def test_a_lost_phone_is_unbound(clerk, ma, hu, noodles):
    response = clerk.post(unbind_page(clerk, noodles), follow=True)
    assert messages(response) == [
        f"拉面 已解绑。请让商家在 48 小时内用新手机打开商家端小程序，以 {MA_TELEPHONE} 入驻。"
        "原手机，以及用同一微信登录的手机，须先在“开放入驻”中允许。"
    ]
    assert ma("info") == {"queryErr": "Session Time Out"}
    assert hu("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "success"}
    record = Unbinding.objects.get()
    assert (record.seller, record.person, record.staff_user) == (noodles, ma.person, clerk.user)
    assert history() == [f"解绑了{ma.person}，并结束其会话。"]
    assert Session.objects.filter(person=ma.person).count() == 0


def test_unbinding_twice_leaves_the_next_phone_alone(clerk, ma, hu, noodles):
    page = unbind_page(clerk, noodles)
    first = clerk.post(page, follow=True)
    hu("signup", telNum=MA_TELEPHONE)
    assert messages(clerk.post(page, follow=True)) == messages(first)
    assert Seller.objects.get().person == hu.person


def test_unbinding_takes_whom_the_clerk_saw_and_nobody_else(clerk, ma, hu, noodles):
    page, others_page = unbind_page(clerk, noodles), unbind_page(clerk, noodles)
    clerk.post(others_page, follow=True)
    hu("signup", telNum=MA_TELEPHONE)
    response = clerk.post(page, follow=True)
    assert levels(response) == ["warning"]
    assert messages(response) == ["没有改动：您看到的绑定 拉面 的手机，现在已不是它了。"]
    assert Seller.objects.get().person == hu.person
    assert hu("info")["sellerName"] == "拉面"
    assert Unbinding.objects.count() == 1


def test_unbinding_whom_another_clerk_has_unbound_says_so(clerk, ma, noodles):
    page, others_page = unbind_page(clerk, noodles), unbind_page(clerk, noodles)
    clerk.post(others_page, follow=True)
    assert levels(clerk.post(page, follow=True)) == ["warning"]
    assert Unbinding.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "x", "0", "9" * 30, None])
def test_an_unbinding_that_says_of_nobody_changes_nothing(clerk, ma, noodles, seen):
    page = unbind_page(clerk, noodles)
    address = re.sub("&person=[0-9]+", "" if seen is None else f"&person={seen}", page)
    assert address != page
    assert levels(clerk.post(address, follow=True)) == ["warning"]
    assert Seller.objects.get().person == ma.person


def test_the_page_that_is_opened_again_shows_who_is_bound_now(clerk, ma, hu, noodles):
    page = unbind_page(clerk, noodles)
    clerk.post(unbind_page(clerk, noodles))
    hu("signup", telNum=MA_TELEPHONE)
    text = clerk.get(page).text
    assert f"<td>{hu.person}</td>" in text
    action = re.search(r'id="desk" action="(.*?)"', text)[1].replace("&amp;", "&")
    response = clerk.post(page.partition("?")[0] + action, follow=True)
    assert levels(response)[-1] == "success"
    assert Seller.objects.get().person is None


def test_a_stall_is_opened_for_sign_up(clerk):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False):
        noodles, hu = make_seller(sign_up_until=None), Phone.of("hu", "seller")
        clerk.force_login(clerk.user)
        change = clerk.get(reverse("admin:sellers_seller_change", args=[noodles.pk]))
        assert sign_up_of(change) == "未开放"
        response = clerk.post(open_page(clerk, noodles), follow=True)
        assert messages(response) == [f"拉面 可用 {MA_TELEPHONE} 入驻，截至 2027年1月3日 12:00。"]
        assert sign_up_of(response) == "开放至 2027年1月3日 12:00"
        assert history() == ["开放入驻至 2027年1月3日 12:00。"]
        assert MA_TELEPHONE in clerk.get(LIST, {"state": "open"}).text
        assert hu("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "success"}
        assert MA_TELEPHONE not in clerk.get(LIST, {"state": "open"}).text


def sign_up_of(response):
    """Return what a seller's page says of its sign-up."""
    return re.search(r'field-sign_up.*?readonly">(.*?)<', response.text, re.DOTALL)[1]


def test_a_phone_that_was_unbound_is_let_in_again_by_choice_alone(clerk, ma, noodles):
    clerk.post(unbind_page(clerk, noodles))
    page = open_page(clerk, noodles)
    assert f"{ma.person}，" in clerk.get(page).text
    phone = Phone.of("ma", "seller")
    clerk.post(page)
    assert phone("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "fail", "failMsg": "Invalid Tel Error"}
    clerk.post(page, {"again": Unbinding.objects.get().pk})
    assert history()[-1] == f"{ma.person} 可以再次入驻。"
    assert phone("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "success"}


def test_a_choice_is_of_the_stalls_own_unbindings(clerk, ma, noodles):
    clerk.post(unbind_page(clerk, noodles))
    other = make_seller("13800000002")
    clerk.post(open_page(clerk, other), {"again": Unbinding.objects.get().pk})
    assert Unbinding.objects.get().lifted_at is None


def test_a_stall_with_a_phone_or_switched_off_is_not_opened(clerk, ma, noodles):
    off = make_seller("13800000002", switched_off=True, sign_up_until=None)
    for seller in (noodles, off):
        before = seller.sign_up_until
        url = reverse("admin:sellers_seller_open", args=[seller.pk])
        assert levels(clerk.get(url, follow=True)) == ["warning"]
        assert levels(clerk.post(f"{url}?request={uuid4()}", follow=True)) == ["warning"]
        seller.refresh_from_db()
        assert seller.sign_up_until == before


def test_a_renewing_page_sent_again_with_other_months_says_so(clerk, noodles):
    page = open_desk(clerk, renew_url(noodles))
    clerk.post(page, {"term": "3"}, follow=True)
    response = clerk.post(page, {"term": "6"}, follow=True)
    assert levels(response) == ["warning", "warning"]
    assert messages(response)[0] == "拉面：之前已提交过（续费 +3 个月）。这次选的 +6 个月没有记入。"
    assert Seller.objects.get().months == 6
    offered = re.search(r'href="([^"]*)"', messages(response)[1])[1].replace("&amp;", "&")
    assert messages(response)[1] in response.text
    anew = open_desk(clerk, offered)
    assert clerk.get(anew).context["form"]["term"].value() == "6"
    renewed = clerk.post(anew, {"term": "6"}, follow=True)
    assert told(renewed) == [f"拉面：续费 +6 个月，现余 12 个月，{day(12)}到期。"]


def test_a_new_page_offers_an_odd_number_of_months(clerk, noodles):
    form = clerk.get(f"{renew_url(noodles)}&months=5", follow=True).context["form"]
    assert (form["term"].value(), form["other"].value()) == ("other", "5")


def test_many_sellers_are_told_of_when_a_page_is_sent_again_with_other_months(clerk):
    sellers = [make_seller(f"1380000000{place}") for place in range(1, 9)]
    page = open_desk(clerk, renew_url(*sellers))
    clerk.post(page, {"term": "3"}, follow=True)
    response = clerk.post(page, {"term": "1"}, follow=True)
    assert levels(response) == ["warning"] * 7
    assert set(Seller.objects.values_list("months", flat=True)) == {6}


def test_a_correcting_page_sent_again_with_other_months_says_so(clerk, noodles):
    page = open_desk(clerk, reverse("admin:sellers_seller_correct", args=[noodles.pk]))
    clerk.post(page, {"months": "-2", "memo": "多收了"}, follow=True)
    response = clerk.post(page, {"months": "-1", "memo": "多收了"}, follow=True)
    assert levels(response) == ["warning", "warning"]
    assert Seller.objects.get().months == 1
    offered = re.search(r'href="([^"]*)"', messages(response)[1])[1].replace("&amp;", "&")
    assert clerk.get(open_desk(clerk, offered)).context["form"]["months"].value() == "-1"


def test_a_seller_that_is_switched_off_does_no_business(ma, li, hu, noodles):
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
    with unannounced():
        Seller.objects.update(switched_off=True)
    assert li("seller_list") == {"seller_listSuccess": "fail", "failMsg": "Null List Error"}
    assert li("menu", sellerId=noodles.pk) == {"menuSuccess": "fail", "failMsg": "Illegal Seller Error"}
    assert ma("fetch") == {"fetchSuccess": "fail", "failMsg": "Due Date Error"}
    assert hu("signup", telNum=MA_TELEPHONE) == {"signupSuccess": "fail", "failMsg": "Invalid Tel Error"}
    assert ma("call", marchSn=1) == {"callSuccess": "success"}
    assert li("done", sellerId=noodles.pk, marchSn=1) == {"doneSuccess": "success"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_renewing_from_the_phone_is_told_in_the_language_of_who_reads_it(client, wang, language):
    make_staff(wang)
    client.get(reverse("admin:login"), headers={"Accept-Language": language})
    assert get_language() == language  # what a thread of the server is left in
    wang("renew", telNum="13800000009", term=2)
    assert get_language() == language
    told = {"zh-hans": "续费 +2 个月，之后余 2 个月", "en": "Renewal of +2 months, 2 left afterwards"}
    assert history() == [told[language]]


def test_renewing_from_the_phone_leaves_the_same_trail(wang):
    user = make_staff(wang)
    wang("renew", telNum="13800000009", term=2)
    line = LogEntry.objects.get()
    assert (line.user, line.get_change_message()) == (user, "续费 +2 个月，之后余 2 个月")


def desk_urls(seller):
    return [
        renew_url(seller),
        reverse("admin:sellers_seller_correct", args=[seller.pk]),
        reverse("admin:sellers_seller_unbind", args=[seller.pk]),
        reverse("admin:sellers_seller_open", args=[seller.pk]),
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
        assert not any(word in page for word in ("/renew/", "/correct/", "/unbind/", "/open/"))
        assert "_selected_action" not in client.get(LIST).text


def test_a_clerk_does_nothing_else(clerk, ma, li, noodles):
    ma("fetch")
    change = reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert clerk.get(change).status_code == 200
    assert clerk.post(change, {"name": "x", "switched_off": "on"}).status_code == 403
    assert clerk.get(reverse("admin:queueing_order_changelist")).status_code == 200
    for name in ("auth_user", "auth_group", "accounts_session", "callme_site_jobrun"):
        assert clerk.get(reverse(f"admin:{name}_changelist")).status_code == 403


@pytest.mark.parametrize("chosen", [{}, {"q": "拉面"}, {"state": "listed"}, {"_facets": "True"}], ids=str)
def test_the_list_costs_the_same_however_many_stalls_there_are(clerk, noodles, chosen):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert "拉面" in clerk.get(LIST, chosen).text
        return len(captured)

    before = statements()
    with unannounced():
        Seller.objects.bulk_create(
            Seller(
                name=f"拉面 {place}", telephone=f"139{place:08}", months=3, on_duty_since=noodles.on_duty_since,
                next_charge_on=noodles.next_charge_on, person=Person.objects.create(openid_hash=f"{place:040}"),
            )
            for place in range(2000)
        )  # fmt: skip
    assert statements() == before


@pytest.mark.parametrize(
    ("months", "english", "chinese"),
    [(1, "renewal of +1 month", "续费 +1 个月"), (2, "renewal of +2 months", "续费 +2 个月")],
)
def test_an_entry_is_told_in_good_english(months, english, chinese):
    entry = BalanceEntry(kind=BalanceEntry.Kind.RENEWAL, months=months)
    with override("en"):
        assert str(entry) == english
    with override("zh-hans"):
        assert str(entry) == chinese
