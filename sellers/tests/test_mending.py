"""A telephone number that a clerk mistyped is mended, as long as nobody has signed up with it."""

import re

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse

from conftest import MA_TELEPHONE, Phone, make_seller
from sellers import desk
from sellers.models import Seller

WRONG, RIGHT = "13800000090", "13800000009"
ADD = reverse("admin:sellers_seller_add")
TELL = (
    f"请告诉商家：在 2027年1月{{day}}日 12:00 之前用微信打开商家端小程序，以 {RIGHT} 入驻。"
    "过期后，先在商家页面上点“开放入驻”。"
)


@pytest.fixture
def clerk(client, db):
    """A browser in which a renewal clerk is logged in."""
    return log_in(client, "续费员")


def log_in(client, group):
    user = User.objects.create_user(f"of-{group}", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return client


def mend_url(seller):
    return reverse("admin:sellers_seller_mend", args=[seller.pk])


def mend(client, seller, telephone):
    [(address, _status)] = client.get(mend_url(seller), follow=True).redirect_chain
    return client.post(address, {"telephone": telephone}, follow=True)


def messages(response):
    return [str(message) for message in response.context["messages"]]


def change_page(client, seller):
    return client.get(reverse("admin:sellers_seller_change", args=[seller.pk])).text


def test_after_registering_a_clerk_is_told_what_to_tell_the_stall(client, db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False):
        log_in(client, "续费员")
        response = client.post(ADD, {"telephone": RIGHT, "months": "2"}, follow=True)
    receipt = reverse("admin:sellers_seller_receipt", args=[Seller.objects.get().entries.get().pk])
    assert messages(response)[1:] == [
        f'{RIGHT}：续费 +2 个月，现余 2 个月，2027年3月1日到期。 <a href="{receipt}">打印收据</a>',
        TELL.format(day=3),
    ]


def test_a_clerk_mends_a_mistyped_number(client, hu):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        log_in(client, "续费员")
        client.post(ADD, {"telephone": WRONG, "months": "2"})
        seller = Seller.objects.get()
        clock.shift(3 * 86400)  # nobody could sign up any more
        client.force_login(User.objects.get())
        assert mend_url(seller) in change_page(client, seller)
        response = mend(client, seller, f"\u202d{RIGHT}\u202c")
        assert messages(response) == [TELL.format(day=6)]
        seller.refresh_from_db()
        assert (seller.telephone, seller.months) == (RIGHT, 2)
        assert LogEntry.objects.latest("pk").get_change_message() == f"手机号由 {WRONG} 改正为 {RIGHT}。"
        assert Phone.of("hu", "seller")("signup", telNum=RIGHT) == {"signupSuccess": "success"}


@pytest.mark.parametrize("telephone", ["", "12800000001", "1380000000", MA_TELEPHONE])
def test_what_is_no_number_or_anothers_is_refused(clerk, telephone):
    make_seller()
    seller = make_seller(WRONG)
    response = mend(clerk, seller, telephone)
    assert "errorlist" in response.text
    assert re.search(f"<td>{WRONG}</td>", response.text)
    seller.refresh_from_db()
    assert seller.telephone == WRONG


def test_a_number_that_another_clerk_gives_away_meanwhile_is_refused(clerk, monkeypatch):
    seller = make_seller(WRONG)
    before = desk.mend_telephone

    def too_late(*args, **kwargs):
        make_seller(RIGHT)
        return before(*args, **kwargs)

    monkeypatch.setattr(desk, "mend_telephone", too_late)
    assert "另有商家使用此手机号。" in mend(clerk, seller, RIGHT).text
    seller.refresh_from_db()
    assert seller.telephone == WRONG


@pytest.mark.parametrize("unbound", [False, True])
def test_a_number_with_which_somebody_has_signed_up_stays(clerk, ma, noodles, unbound):
    address = f"{mend_url(noodles)}?request=6f0a2c1e-7f3f-4a57-9d0c-2d1f4f8f8f10"
    if unbound:
        Seller.objects.unbind(
            noodles.pk,
            ma.person.pk,
            staff_user=User.objects.get(),
            request="6f0a2c1e-7f3f-4a57-9d0c-2d1f4f8f8f11",
        )
    assert mend_url(noodles) not in change_page(clerk, noodles)
    for response in (clerk.get(address, follow=True), clerk.post(address, {"telephone": RIGHT}, follow=True)):
        assert messages(response) == ["没有改动：已有手机入驻过 拉面。"]
    assert Seller.objects.get().telephone == MA_TELEPHONE


def test_a_phone_that_signs_up_while_the_page_is_open_keeps_its_number(clerk, hu, monkeypatch):
    seller = make_seller(WRONG)
    before = desk.mend_telephone

    def too_late(*args, **kwargs):
        assert hu("signup", telNum=WRONG) == {"signupSuccess": "success"}
        return before(*args, **kwargs)

    monkeypatch.setattr(desk, "mend_telephone", too_late)
    assert messages(mend(clerk, seller, RIGHT)) == ["没有改动：已有手机入驻过 拉面。"]
    seller.refresh_from_db()
    assert seller.telephone == WRONG


def test_an_observer_mends_nothing(client, db):
    seller = make_seller(WRONG)
    log_in(client, "观察员")
    assert mend_url(seller) not in change_page(client, seller)
    assert client.get(mend_url(seller)).status_code == 403


def test_a_manager_edits_switches_off_and_closes_orders(client, ma, noodles):
    ma("fetch")
    log_in(client, "主管")
    form = {"name": "马家面", "person_name": "马师傅", "telephone": MA_TELEPHONE, "menu": "面", "switched_off": "on"}
    form |= {"entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}
    initial = {f"initial-{name}": value for name, value in (("name", "拉面"), ("telephone", MA_TELEPHONE))}
    change = reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert client.post(change, {**form, **initial}).status_code == 302
    noodles.refresh_from_db()
    assert (noodles.name, noodles.switched_off) == ("马家面", True)
    orders = reverse("admin:queueing_order_changelist")
    chosen = [order.pk for order in noodles.orders.all()]
    client.post(orders, {"action": "close", "_selected_action": chosen})
    assert noodles.orders.get().closed_at
