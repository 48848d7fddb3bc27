"""close_stale_orders and prune_history."""

from datetime import timedelta
from io import StringIO

import time_machine
from django.core.management import call_command
from django.utils import timezone

from callme_site.models import JobRun
from callme_site.testing.announced import unannounced
from conftest import noted
from queueing import models
from queueing.models import Order


def test_abandoned_numbers_come_back(ma, li, noodles):
    with time_machine.travel("2027-01-01 08:00+08:00", tick=False) as clock:
        ma = type(ma).of("ma")
        ma("fetch")
        li = type(li).of("li")
        li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
        clock.shift(timedelta(hours=4))
        type(ma).of("ma")("fetch")
        clock.shift(timedelta(hours=8))
        call_command("close_stale_orders", verbosity=0)
        assert Order.objects.live().count() == 2
        clock.shift(1)
        call_command("close_stale_orders", verbosity=0)
        call_command("close_stale_orders", verbosity=0)
        order = Order.objects.get(number=1)
        assert (order.live_number, order.ending, order.closed_at) == (None, "stale", timezone.now())
        clock.shift(timedelta(minutes=2))
        assert type(ma).of("ma")("fetch")["marchSn"] == 1
    said = [run.told for run in JobRun.objects.order_by("pk")]
    assert said == ["0 个订单已关闭。", "1 个订单已关闭。", "0 个订单已关闭。"]


def test_what_nobody_fetches_is_closed_an_hour_after_the_first_call(ma, li, noodles):
    with time_machine.travel("2027-01-01 11:30+08:00", tick=False) as clock:
        ma, li = type(ma).of("ma"), type(li).of("li")
        for _ in range(3):
            ma("fetch")
        for number in (1, 2):
            li("push", sellerId=noodles.pk, marchSn=number, noteContent="牛肉面")
        ma("call", marchSn=1)
        ma("call", marchSn=3)
        clock.shift(timedelta(minutes=59, seconds=59))
        ma("call", marchSn=1)  # a recall gives it no further hour
        call_command("close_stale_orders", verbosity=0)
        assert Order.objects.live().count() == 3
        clock.shift(1)
        ma, li = type(ma).of("ma"), type(li).of("li")
        assert ma("note")["orderList"]["notedList"][0] == noted(noodles, 1, "牛肉面")
        assert li("menu", sellerId=noodles.pk)["takenMarchSn"] == 1
        call_command("close_stale_orders", verbosity=0)
        call_command("close_stale_orders", verbosity=0)
        assert ma("note")["orderList"] == {"notedList": [noted(noodles, 2, "牛肉面")], "unnotedList": []}
        assert li("menu", sellerId=noodles.pk)["takenMarchSn"] == 2
        closed = Order.objects.filter(live_number=None).values_list("number", "ending", "closed_at", "slot")
        assert set(closed) == {(number, "uncollected", timezone.now(), None) for number in (1, 3)}
    said = [run.told for run in JobRun.objects.order_by("pk")]
    assert said == ["0 个订单已关闭。", "2 个订单已关闭。", "0 个订单已关闭。"]


def test_it_prunes_in_batches_what_is_old(ma, noodles, monkeypatch):
    monkeypatch.setattr(models, "PRUNE_BATCH", 3)
    ended = {"seller": noodles, "ending": "ended"}
    now = timezone.now()
    for days in (402, 401, 401, 401, 401, 401, 401, 399, 1):
        day = now - timedelta(days=days)
        Order.objects.create(number=1, taken_at=day, closed_at=day, **ended)
        JobRun.objects.create(name="old", started_at=day)
    with unannounced():
        Order.objects.create(seller=noodles, number=5, live_number=5, taken_at=now - timedelta(days=500))

    said = StringIO()
    call_command("prune_history", "--dry-run", stdout=said)
    assert said.getvalue() == "将删除 7 个订单和 7 条任务记录。\n"
    assert Order.objects.count() == 10
    assert not JobRun.objects.filter(name="prune_history").exists()

    assert list(Order.objects.prune(now - timedelta(days=401, hours=12))) == [1]
    call_command("prune_history", stdout=(said := StringIO()))
    assert said.getvalue() == "已删除 6 个订单和 7 条任务记录。\n"
    assert list(Order.objects.order_by("pk").values_list("live_number", flat=True)) == [None, None, 5]
    call_command("prune_history", stdout=(said := StringIO()))
    assert said.getvalue() == "已删除 0 个订单和 0 条任务记录。\n"
    assert JobRun.objects.filter(name="old").count() == 2
