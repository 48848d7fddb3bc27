"""close_stale_orders and prune_history."""

from datetime import timedelta
from io import StringIO

import time_machine
from django.core.management import call_command
from django.utils import timezone

from callme_site.models import JobRun
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
        assert type(ma).of("ma")("fetch")["marchSn"] == 1
    said = JobRun.objects.order_by("pk").values_list("said", flat=True)
    assert list(said) == ["0 个订单已关闭。", "1 个订单已关闭。", "0 个订单已关闭。"]


def test_it_prunes_in_batches_what_is_old(ma, noodles, monkeypatch):
    monkeypatch.setattr(models, "PRUNE_BATCH", 3)
    ended = {"seller": noodles, "ending": "ended"}
    now = timezone.now()
    for days in (402, 401, 401, 401, 401, 401, 401, 399, 1):
        day = now - timedelta(days=days)
        Order.objects.create(number=1, taken_at=day, closed_at=day, **ended)
        JobRun.objects.create(name="old", started_at=day)
    Order.objects.create(seller=noodles, number=5, live_number=5, taken_at=now - timedelta(days=500))

    said = StringIO()
    call_command("prune_history", "--dry-run", stdout=said)
    assert said.getvalue() == "将删除 7 个订单和 7 条任务记录。\n"
    assert Order.objects.count() == 10

    assert list(Order.objects.prune(now - timedelta(days=401, hours=12))) == [1]
    call_command("prune_history", stdout=(said := StringIO()))
    assert said.getvalue() == "已删除 6 个订单和 7 条任务记录。\n"
    assert list(Order.objects.order_by("pk").values_list("live_number", flat=True)) == [None, None, 5]
    call_command("prune_history", stdout=(said := StringIO()))
    assert said.getvalue() == "已删除 0 个订单和 0 条任务记录。\n"
    assert JobRun.objects.filter(name="old").count() == 2
