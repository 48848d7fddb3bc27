"""No page of the console costs over 12 SQL statements, and none costs more where there is more to show."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Session
from callme_site.models import JobRun
from callme_site.testing.announced import unannounced
from queueing import taking
from queueing.models import Order
from sellers.models import Seller
from sellers.records import BalanceEntry, Unbinding

LISTS = {
    "accounts_person": Person, "accounts_session": Session, "callme_site_jobrun": JobRun, "queueing_order": Order,
    "sellers_balanceentry": BalanceEntry, "sellers_seller": Seller, "sellers_unbinding": Unbinding,
}  # fmt: skip


@pytest.fixture
def office(client, db):
    ContentType.objects.get_for_models(*LISTS.values())  # remembered by a process
    client.force_login(User.objects.create_superuser("boss"))
    return client


@unannounced()
def add_rows(first, count):
    """Add so many rows to every table that the console shows."""
    staff = User.objects.get(username="boss")
    for place in range(first, first + count):
        person = Person.objects.create(openid_hash=f"{place:040d}")
        Session.objects.create(digest=f"{place:064d}", person=person, started_at=timezone.now())
        seller = Seller.objects.renew(f"138{place:08d}", 2, staff)
        Seller.objects.filter(pk=seller.pk).update(person=person, name=f"第 {place} 家")
        Unbinding.objects.create(seller=seller, person=person, staff_user=staff, request=uuid4())
        JobRun.objects.create(name="charge_months").end(ok=True, said="…")
        number = taking.take(seller).number
        Order.objects.bind(seller.pk, number, person, "牛肉面")
        taking.take(seller)
        bound = Order.objects.filter(seller=seller, number=number)
        bound.close(Order.Ending.COLLECTED)
        User.objects.create_user(f"clerk-{place}", is_staff=True)
    Seller.objects.get_or_create(telephone="13900000000")
    first_seller = Seller.objects.earliest("pk")
    for _ in range(count):
        Seller.objects.renew(first_seller.telephone, 1, staff)


def pages():
    """Return the address of every page, some of them filtered and searched."""
    seller, order = Seller.objects.earliest("pk").pk, Order.objects.earliest("pk").pk
    unsigned = Seller.objects.get(telephone="13900000000").pk
    lists = {name: reverse(f"admin:{name}_changelist") for name in [*LISTS, "auth_user", "auth_group"]}
    desk = f"request={uuid4()}"
    return {
        "index": reverse("admin:index"),
        **lists,
        "sellers due": f"{lists['sellers_seller']}?state=due",
        "sellers sought": f"{lists['sellers_seller']}?q=138",
        "closed orders": f"{lists['queueing_order']}?state=closed&day=today",
        "not collected": f"{lists['queueing_order']}?uncollected=yes",
        "not collected of the past": f"{lists['queueing_order']}?uncollected=yes&state=closed",
        "sellers paused": f"{lists['sellers_seller']}?state=paused",
        "orders sought": f"{lists['queueing_order']}?q=138",
        "orders of one's today": f"{lists['queueing_order']}?state=all&day=today&seller={seller}",
        "ledger of today": f"{lists['sellers_balanceentry']}?day=today&staff={User.objects.get(username='boss').pk}",
        "ledger of one": f"{lists['sellers_balanceentry']}?seller={seller}",
        "receipt": reverse("admin:sellers_seller_receipt", args=[BalanceEntry.objects.earliest("pk").pk]),
        "mend": f"{reverse('admin:sellers_seller_mend', args=[unsigned])}?{desk}",
        "orders of one": f"{lists['queueing_order']}?state=closed&seller={seller}",
        "seller": reverse("admin:sellers_seller_change", args=[seller]),
        "history": reverse("admin:sellers_seller_history", args=[seller]),
        "order": reverse("admin:queueing_order_change", args=[order]),
        "register": reverse("admin:sellers_seller_add"),
        "renew": f"{reverse('admin:sellers_seller_renew')}?sellers={seller}&{desk}",
        "correct": f"{reverse('admin:sellers_seller_correct', args=[seller])}?{desk}",
        "unbind": f"{reverse('admin:sellers_seller_unbind', args=[seller])}?{desk}",
        "export": reverse("admin:sellers_seller_export"),
        "staff user": reverse("admin:auth_user_change", args=[User.objects.get(username="boss").pk]),
    }


def costs(client):
    costs = {}
    for name, url in pages().items():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200, name
        costs[name] = len(captured)
    return costs


def test_no_page_costs_much_or_more_with_more_rows(office):
    add_rows(1, 3)
    costs(office)  # what a process looks up once and remembers
    before = costs(office)
    add_rows(4, 30)
    assert {name: cost for name, cost in costs(office).items() if cost > before[name]} == {}
    assert {name: cost for name, cost in before.items() if cost > 12} == {}
