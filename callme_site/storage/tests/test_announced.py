"""What the guard over all tests sees (callme_site/testing/announced.py), and what needs no announcement."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Person, Session
from callme_site.storage.versions import EVERYTHING, SELLERS, bindings_of, changing, orders_of, version_file
from callme_site.testing.announced import guard, unannounced
from callme_site.testing.racing import race
from conftest import MA_TELEPHONE, Phone, make_seller
from queueing.models import BIND, Order
from queueing.undo import TAKE_BACK_END
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)


def seen(write, *announced):
    """Return whether the guard finds fault with what is written so."""
    guard.check()
    with changing(*announced):
        write()
    faults, guard.faults = guard.faults, []
    return bool(faults)


def sql(statement):
    def write():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return write


def many():
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE queueing_order SET called_at = NULL WHERE number = %s", [(1,), (2,)])


def saved():
    order = Order.objects.first()
    order.called_at = timezone.now()
    order.save()


def taken():
    Order.objects.create(seller=Seller.objects.get(), number=9, live_number=9)


def bound_already():
    Seller.objects.create(telephone="13800000009", person=Person.objects.create(openid_hash="0" * 40))


def replaced():
    names = [field.column for field in Order._meta.local_fields]
    row = Order.objects.values_list(*names).first()
    with connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(names))
        cursor.execute(f"REPLACE INTO queueing_order ({', '.join(names)}) VALUES ({places})", row)


def merged():
    Order.objects.bulk_create(
        [Order.objects.first()], update_conflicts=True, update_fields=["called_at"], **conflict_on("id")
    )


def conflict_on(column):
    return {} if connection.vendor == "mysql" else {"unique_fields": [column]}


# What is written, and whose version has to be announced.
WRITES = {
    "orders by the ORM": (lambda: Order.objects.update(called_at=None), EVERYTHING),
    "an order, saved": (saved, EVERYTHING),
    "orders by SQL": (
        sql("UPDATE queueing_order SET called_at = NULL"),
        EVERYTHING,
    ),
    "orders by SQL, many": (many, EVERYTHING),
    "orders, deleted": (lambda: Order.objects.all().delete(), EVERYTHING),
    "a new order": (taken, "orders"),
    "a note": (lambda: Order.objects.filter(seller=Seller.objects.get()).update(note="面"), "orders"),
    "the order of a seller's queue": (
        lambda: Order.objects.filter(seller=Seller.objects.get()).update(bound_at=None),
        "orders",
    ),
    "a seller's orders": (lambda: Order.objects.filter(seller=Seller.objects.get()).update(called_at=None), "orders"),
    "the list": (lambda: Seller.objects.update(switched_off=True), SELLERS),
    "a menu": (lambda: Seller.objects.update(menu=[]), SELLERS),
    "a seller by SQL": (sql("update sellers_seller set name = ''"), SELLERS),
    "a new seller": (lambda: Seller.objects.create(telephone="13800000009"), SELLERS),
    "a new seller with a person": (bound_already, EVERYTHING),
    "a binding": (lambda: Seller.objects.update(person=None), EVERYTHING),
    "a binding and a session, by cascade": (lambda: Person.objects.filter(seller__isnull=False).delete(), EVERYTHING),
    "sessions": (lambda: Session.objects.all().delete(), EVERYTHING),
    "sessions, ended early": (lambda: Session.objects.update(started_at=timezone.now() - timedelta(1)), EVERYTHING),
    "since when orders wait": (lambda: Order.objects.update(bound_at=timezone.now()), EVERYTHING),
    "how orders ended": (lambda: Order.objects.update(ending=F("ending")), EVERYTHING),
    "an order by REPLACE": (replaced, EVERYTHING),
    "an order by INSERT, if there is none": (merged, EVERYTHING),
    "sessions by SQL": (sql("DELETE FROM accounts_session"), EVERYTHING),
}


@pytest.mark.parametrize(("write", "needed"), WRITES.values(), ids=WRITES)
def test_it_sees_what_is_written_outside_its_announcement(ma, noodles, write, needed):
    ma("fetch")
    orders = orders_of(noodles.pk)
    needed = orders if needed == "orders" else needed
    for announced in [(), (SELLERS,), (orders,), (orders + 1,), (EVERYTHING,)]:
        with transaction.atomic():
            assert seen(write, *announced) is (announced not in [(needed,), (EVERYTHING,)])
            transaction.set_rollback(True)


def logged_in_again():
    assert Phone.of("ma").session_key == Phone.of("ma").session_key


def pruned():
    with unannounced():
        Order.objects.update(taken_at=timezone.now() - timedelta(days=9))
    assert list(Order.objects.prune(timezone.now())) == [1]


def expired():
    with unannounced():
        Session.objects.update(started_at=timezone.now() - timedelta(hours=2))
    assert Session.objects.expire() == 1


@pytest.mark.parametrize("write", [logged_in_again, pruned, expired], ids=lambda write: write.__name__)
def test_it_lets_pass_what_needs_no_announcement(ma, noodles, write):
    ma("fetch")
    ma("done", isseller="yes", marchSn=1)
    ma("fetch")
    Order.objects.filter(live_number=1).update(wrong_claims=1)
    Seller.objects.update(telephone="13800000008", qrcode="a.png")
    assert not seen(write)


def test_it_sees_a_binding_that_its_buyer_is_not_told_of(ma, li, noodles):
    """What is kept of a person's orders knows by the person's own version that there is one more."""
    ma("fetch")
    order = {"seller": noodles.pk, "number": 1, "buyer": li.person.pk, "slot": 1, "note": "", "now": timezone.now()}
    order |= {"claim": "", "openid": "", "message": ""}
    assert seen(lambda: BIND.run(**order), orders_of(noodles.pk))
    with unannounced():
        Order.objects.update(buyer=None, slot=None)
    assert not seen(lambda: BIND.run(**order), orders_of(noodles.pk), bindings_of(li.person.pk))


def test_it_sees_an_order_that_is_alive_again_and_its_buyer_not_told_of(ma, li, noodles):
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="面")
    ma("done", isseller="yes", marchSn=1)
    closed = Order.objects.get()
    order = {"order": closed.pk, "seller": noodles.pk, "closed_at": closed.closed_at, "buyer": li.person.pk, "slot": 1}
    order |= {"claim": "", "openid": "", "message": ""}
    for announced, sees in [([], True), ([bindings_of(li.person.pk)], False)]:
        with transaction.atomic():
            assert seen(lambda: TAKE_BACK_END.run(**order), orders_of(noodles.pk), *announced) is sees
            transaction.set_rollback(True)
    alive = {"live_number": 1, "closed_at": None, "ending": ""}
    assert seen(lambda: Order.objects.filter(seller=noodles).update(**alive), orders_of(noodles.pk))


@pytest.mark.mariadb
def test_an_announcement_is_for_what_its_own_thread_writes(noodles):
    def rename():
        Seller.objects.update(name="小面")

    assert seen(lambda: race(rename), SELLERS)
    assert not seen(lambda: race(changing(SELLERS)(rename)))


def test_an_announcement_lasts_until_the_commit(noodles):
    def after():
        with transaction.atomic():
            with changing(SELLERS):
                pass
            Seller.objects.update(name="小面")
        assert guard.faults == []
        Seller.objects.update(name="面")

    assert seen(after)


def versions():
    return [version_file().version(version) for version in (EVERYTHING, SELLERS)]


@pytest.fixture
def clerk(client, db):
    client.force_login(User.objects.create_superuser("clerk"))
    return client


def test_nothing_is_forgotten_for_who_merely_looks_or_is_refused(ma, hu, noodles, clerk):
    make_seller("13800000002", months=0)
    before = versions()
    page = f"/admin/sellers/seller/{noodles.pk}/change/"
    assert clerk.get(page).status_code == clerk.get("/admin/sellers/seller/add/").status_code == 200
    assert clerk.post(page, {"telephone": "1"}).status_code == 200
    for number in ("13800000003", MA_TELEPHONE, "13800000002"):
        assert hu("signup", telNum=number)["signupSuccess"] == "fail"
    for names in ({}, {"sellerName": "拉面", "personName": "马师傅"}):
        assert ma("signup", telNum=MA_TELEPHONE, **names) == {"signupSuccess": "success"}
    ma("update")
    assert Order.objects.close_stale() == 0
    assert versions() == before
    ma("signup", telNum=MA_TELEPHONE, sellerName="小面")
    assert versions() != before
