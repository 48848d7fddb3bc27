"""No page of the console reads a history to show a page of it: counted in rows that the database reads, not in time."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Session
from callme_site.console import paginator
from callme_site.models import JobRun
from callme_site.storage.versions import EVERYTHING, changing
from conftest import make_seller
from queueing import taking
from queueing.models import Order
from queueing.tests.messaging import messages_on
from sellers.models import Seller
from sellers.records import BalanceEntry, Unbinding

pytestmark = pytest.mark.mariadb

HISTORY = 5000  # rows of each table
ORDERS = 20_000  # below some thousands, MariaDB sorts them all rather than look 100 up
READ_AT_MOST = 2000  # a page of 100 rows with what belongs to them, and 200 rows counted


@pytest.fixture
def office(client, db, monkeypatch, settings):
    messages_on(settings)
    monkeypatch.setattr(paginator, "COUNTED_AT_MOST", 200)
    client.force_login(User.objects.create_superuser("boss"))
    with changing(EVERYTHING):
        add_history()
    analyze()
    return client


def analyze():
    """Let the database know how much there is, on a connection of its own, as that ends a transaction."""
    other = connection.copy()
    with other.cursor() as cursor:
        for model in (Person, Session, Order, BalanceEntry, Unbinding, JobRun):
            cursor.execute(f"ANALYZE TABLE {model._meta.db_table}")
            cursor.fetchall()
    other.close()


def add_history():
    """Ten stalls with a long past, each with one live order."""
    staff, now = User.objects.get(), timezone.now()
    sellers = [make_seller(f"1380000{place:04d}", name=f"第 {place} 家") for place in range(10)]
    people = Person.objects.bulk_create(Person(openid_hash=f"{place:040d}") for place in range(HISTORY))
    people = list(Person.objects.all())
    Seller.objects.filter(pk=sellers[0].pk).update(person=people[0])
    Session.objects.bulk_create(Session(digest=f"{person.pk:064d}", person=person, started_at=now) for person in people)
    times = [now - timedelta(days=1, minutes=20 * place) for place in reversed(range(ORDERS))]
    Order.objects.bulk_create(
        Order(
            seller=sellers[place % 10], buyer=people[place % HISTORY], number=place % 99 + 1, note="面",
            ending="collected", taken_at=time, bound_at=time, called_at=time, closed_at=time,
            message="failed" if place < ORDERS / 2 else "",  # long ago
        )
        for place, time in enumerate(times)
    )  # fmt: skip
    BalanceEntry.objects.bulk_create(
        BalanceEntry(
            seller=sellers[place % 10], kind="renewal", months=1, balance_after=1, staff_user=staff, created_at=time
        )
        for place, time in enumerate(times[-HISTORY:])
    )
    Unbinding.objects.bulk_create(
        Unbinding(seller=sellers[place % 10], person=person, staff_user=staff, request=uuid4())
        for place, person in enumerate(people)
    )
    JobRun.objects.bulk_create(JobRun(name="charge_months", ok=True) for _ in range(HISTORY))
    for seller in sellers:
        taking.take(seller)


def lists():
    """Return the addresses of the lists, filtered and searched as people do it."""
    url = {
        model: reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
        for model in (Person, Session, Seller, Order, BalanceEntry, Unbinding, JobRun)
    }
    seller = Seller.objects.earliest("pk").pk
    orders = (
        "",
        "?day=today",
        "?state=closed",
        "?state=closed&p=2",
        "?state=closed&day=week",
        f"?state=closed&seller={seller}",
        "?state=all",
        "?uncollected=yes",
        "?uncollected=yes&state=closed",
        "?uncollected=yes&state=all",
        f"?uncollected=yes&state=closed&seller={seller}",
        f"?uncollected=yes&state=all&day=today&seller={seller}",
        f"?state=all&day=today&seller={seller}",
        "?message=failed",
        "?message=failed&state=closed",
        "?message=failed&state=all",
        f"?message=failed&state=closed&seller={seller}",
    )
    ledger = (
        "?kind__exact=import",
        "?kind__exact=renewal",
        "?p=2",
        "?day=today",
        "?day=2027-03-15",
        f"?seller={seller}",
        f"?staff={User.objects.get().pk}",
        f"?day=today&staff={User.objects.get().pk}&seller={seller}",
    )
    people = reverse("admin:autocomplete") + "?app_label=sellers&model_name=seller&field_name=person&term="
    return [
        *url.values(),
        reverse("admin:sellers_seller_change", args=[seller]),
        *(url[Order] + query for query in (*orders, "?state=closed&q=第 3 家")),
        *(url[Person] + query for query in ("?q=第 0 家", "?q=13800000000", "?q=boss", "?q=x", "?p=2")),
        *(url[BalanceEntry] + query for query in ledger),
        *(url[Unbinding] + query for query in ("?q=第 3 家", "?p=2")),
        *(url[JobRun] + query for query in ("?name=charge_months", "?ok__exact=1")),
        *(people + term for term in ("第 0 家", "x")),
    ]


def headings(client, url):
    """Return the addresses to which the headings of the list lead."""
    text = client.get(url).text
    return [
        url.partition("?")[0] + query.replace("&amp;", "&") for query in re.findall(r'href="(\?[^"]*\bo=[^"]*)"', text)
    ]


def sorted_by_hand(url):
    """Return the addresses that sort by each column, as somebody may have kept one from before."""
    return [f"{url}{'&' if '?' in url else '?'}o={sign}{column}" for column in range(1, 9) for sign in ("", "-")]


def rows_read(client, url):
    before = handler_reads()
    response = client.get(url)
    assert response.status_code == 200, url
    assert response.getvalue()  # a file is read from the database while it is sent
    return handler_reads() - before


def handler_reads():
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(count) for _name, count in cursor.fetchall())


def test_no_page_reads_all_of_a_history(office):
    urls = lists()
    urls += [heading for url in urls if "autocomplete" not in url for heading in headings(office, url)]
    closed = reverse("admin:queueing_order_changelist") + "?state=closed"
    urls += [*sorted_by_hand(closed), *sorted_by_hand(reverse("admin:accounts_person_changelist"))]
    urls += [
        f"{reverse('admin:sellers_seller_export')}?table={table}&first=2020-01-01&last=2020-01-02"
        for table in ("sellers", "ledger")
    ]
    rows_read(office, urls[0])  # what a process looks up once
    assert {url: reads for url in urls if (reads := rows_read(office, url)) > READ_AT_MOST} == {}
    # The words of a memo are in no index: once for how many there are, and once for the page.
    memo = reverse("admin:sellers_balanceentry_changelist") + "?q=收据"
    assert rows_read(office, memo) < 2.1 * HISTORY
