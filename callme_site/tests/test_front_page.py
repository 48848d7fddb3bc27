"""The figures on the admin's front page: it is half past noon on a Monday in Shanghai unless told otherwise."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import get_commands, load_command_class
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from callme_site.figures import job_figures
from callme_site.models import JobRun
from callme_site.testing.announced import unannounced
from conftest import make_seller
from queueing import figures as queueing_figures
from queueing.figures import DayFigures, day_figures, format_wait
from queueing.models import Order
from queueing.waiting import today_of
from sellers.figures import SellerFigures, seller_figures
from sellers.models import Seller

INDEX = reverse("admin:index")
DAY = date(2027, 3, 15)
JOBS = ["expire_sessions", "close_stale_orders", "charge_months", "prune_history", "clearsessions", "check_privacy"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False) as clock:
        yield clock


@pytest.fixture
def stall(db):
    return make_seller()


@pytest.fixture
def boss(client, db):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def look(client, language="en"):
    response = client.get(INDEX, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.text


def part(text, name):
    """Return that part of the figures without its tags, or None where it is not shown."""
    found = re.search(
        rf'<div class="module summary" id="summary-{name}">.*?(?=<div class="[-\w]* ?module|</body)', text, re.S
    )
    return found and " ".join(re.sub(r"<[^>]*>", " ", found[0]).replace("\xa0", " ").split())


def at(text):
    return datetime.fromisoformat(f"{text}+08:00")


def make_order(seller, taken="2027-03-15 12:00", wait=None, **times):
    """Return an order of the history; with a wait in seconds, bound 10 seconds after the taking and called then."""
    taken_at = at(taken)
    if wait is not None:
        bound_at = taken_at + timedelta(seconds=10)
        times = {"bound_at": bound_at, "called_at": bound_at + timedelta(seconds=wait), **times}
    return Order(seller=seller, number=1, taken_at=taken_at, closed_at=taken_at, ending="ended", **times)


def make_orders(*orders):
    Order.objects.bulk_create(orders)


def make_run(name, age, *, ok=True, said=""):
    return JobRun.objects.create(name=name, started_at=timezone.now() - age, ok=ok, said=said)


def test_it_shows_the_day(boss, stall):
    make_orders(
        make_order(stall, wait=30), make_order(stall, wait=90), make_order(stall, "2027-03-15 11:59", wait=3700)
    )
    make_run("charge_months", timedelta(hours=3, minutes=4), said="2 months charged.")
    text = look(boss)
    assert part(text, "sellers") == (
        "Sellers Search Renew 1 sellers in all 0 listed 0 of them due within 7 days 0 of them paused"
        " 1 not signed up yet 0 out of months 0 switched off"
    )
    orders = part(text, "orders")
    assert orders.startswith(
        "Orders today 3 orders today 0 not collected 1 min 30 s half of the students waited no longer"
        " 1 h 1 min nine in ten waited no longer"
    )
    assert "11:00–12:00 · 1 1 11 12:00–13:00 · 2 2 12 13:00–14:00 · 0 13" in orders
    assert (
        "charge_months Charge each seller the months that are due today and were not charged yet."
        " 3 hours, 4 minutes ago 2 months charged. fine"
    ) in part(text, "jobs")


def test_the_figures_are_above_the_apps_and_beside_the_recent_actions(boss):
    text = look(boss)
    places = [
        text.index(f'id="{name}"')
        for name in ("content-main", "summary-sellers", "summary-sales", "summary-orders", "summary-jobs")
    ]
    assert places == sorted(places)
    assert places[-1] < text.index('class="app-sellers module') < text.index('id="content-related"')


def test_the_pages_of_an_app_have_no_figures(boss):
    text = boss.get(reverse("admin:app_list", args=["sellers"])).text
    assert reverse("admin:sellers_seller_changelist") in text
    assert 'id="summary-' not in text


def test_each_number_of_sellers_is_that_of_its_list(boss, ma, li, wang, hu):
    today = timezone.localdate()
    for place, (months, in_days, profile) in enumerate(
        [
            (1, 7, {"person": li.person}),
            (1, 8, {"person": wang.person}),
            (3, 1, {"person": hu.person}),
            (1, 1, {}),
            (1, 2, {}),
            (1, 0, {"switched_off": True}),
            (0, None, {"switched_off": True}),
            *[(0, None, {})] * 4,
        ],
        start=2,
    ):
        seller = make_seller(f"138000000{place:02}", months=months, **profile)
        due = in_days if in_days is None else today + timedelta(days=in_days)
        Seller.objects.filter(pk=seller.pk).update(next_charge_on=due)
    for place in (1, 2, 5, 8):  # the last two are not listed
        Seller.objects.pause(Seller.objects.order_by("pk")[place - 1].pk)
    assert seller_figures() == SellerFigures(
        all=12, listed=4, due_soon=1, paused=2, not_signed_up=2, out_of_months=4, switched_off=2
    )
    text = look(boss)
    shown = text[text.index('id="summary-sellers"') : text.index('id="summary-sales"')]
    figures = re.findall(r'<li><a href="(.*?)"><strong>(\d+)</strong> (.*?)</a>', shown)
    assert [(number, words) for _, number, words in figures] == [
        ("12", "sellers in all"),
        ("4", "listed"),
        ("1", "of them due within 7 days"),
        ("2", "of them paused"),
        ("2", "not signed up yet"),
        ("4", "out of months"),
        ("2", "switched off"),
    ]
    for address, number, _words in figures:
        listed = boss.get(address.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert listed.context["cl"].result_count == int(number), address


def test_a_pause_ends_with_the_day(boss, ma, clock):
    Seller.objects.pause(make_seller("13800000001", person=ma.person).pk)
    clock.move_to(at("2027-03-15 23:59:59.999999"))
    assert seller_figures().paused == 1
    clock.shift(timedelta(microseconds=1))
    assert seller_figures().paused == 0


@unannounced()
def test_what_nobody_fetches_today_leads_to_its_list(boss, stall):
    make_orders(
        make_order(stall, called_at=at("2027-03-15 11:00")),
        make_order(stall, called_at=at("2027-03-15 11:00")),
        make_order(stall, "2027-03-14 12:00", called_at=at("2027-03-14 12:10")),
    )
    closed = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    Order.objects.filter(pk__in=closed[1:]).update(ending="uncollected")
    for number, called in ((1, "12:15:00"), (2, "12:15:01"), (3, None)):
        Order.objects.create(
            seller=stall, number=number, live_number=number, taken_at=at("2027-03-15 12:00"),
            called_at=called and at(f"2027-03-15 {called}"),
        )  # fmt: skip
    assert day_figures(DAY).uncollected == today_of(stall.pk).uncollected == 2
    address = re.search('<a href="([^"]*)"><strong>2</strong> not collected<', look(boss))[1].replace("&amp;", "&")
    assert boss.get(address).context["cl"].result_count == 2


def hours_with_orders(day=DAY):
    return {hour: orders for hour, orders in enumerate(day_figures(day).hours) if orders}


@pytest.mark.parametrize("now", ["00:00", "12:30", "23:59:59.999999"])
def test_the_day_is_shanghais(boss, stall, clock, now):
    clock.move_to(at(f"2027-03-15 {now}"))
    make_orders(
        make_order(stall, "2027-03-14 23:59:59.999999"),
        make_order(stall, "2027-03-15 00:00"),
        make_order(stall, "2027-03-15 00:59:59.999999"),
        make_order(stall, "2027-03-15 08:00"),  # midnight in UTC
        make_order(stall, "2027-03-15 23:59"),
        make_order(stall, "2027-03-15 23:59:59.999999"),
        make_order(stall, "2027-03-16 00:00"),
    )
    assert hours_with_orders() == {0: 2, 8: 1, 23: 2}
    assert hours_with_orders(date(2027, 3, 14)) == {23: 1}
    assert part(look(boss), "orders").startswith("Orders today 5 orders today")


def test_a_new_day_begins_empty(boss, stall, clock):
    make_orders(make_order(stall, "2027-03-15 23:59:59", wait=60))
    clock.move_to(at("2027-03-15 23:59:59.999999"))
    assert part(look(boss), "orders").startswith("Orders today 1 orders today 0 not collected 1 min 0 s half")
    clock.shift(timedelta(microseconds=1))
    assert part(look(boss), "orders").startswith("Orders today 0 orders today 0 not collected - half")


def test_an_empty_day_has_no_chart(boss):
    text = look(boss)
    expected = (
        "Orders today 0 orders today 0 not collected"
        " - half of the students waited no longer - nine in ten waited no longer"
    )
    assert part(text, "orders") == expected
    assert 'class="chart"' not in text


def test_one_order_makes_a_day(boss, stall):
    make_orders(make_order(stall, wait=45))
    text = look(boss)
    assert part(text, "orders").startswith(
        "Orders today 1 orders today 0 not collected 45 s half of the students waited no longer 45 s nine"
    )
    assert re.findall(r'<rect class="bar" x="(.*?)" y="(.*?)" width="(.*?)" height="([1-9].*?)"', text) == [
        ("50.625%", "42", "2.917%", "108")
    ]


def test_the_chart_can_be_read_without_seeing_it(boss, stall):
    make_orders(*[make_order(stall, f"2027-03-15 {hour:02}:30") for hour in (7, 12, 12, 12)])
    text = look(boss)
    assert 'role="img" aria-label="Orders today by hour, 4 in all; a table with the numbers follows."' in text
    table = re.findall(r'<tr><th scope="row">(.*?)</th><td>(\d+)</td></tr>', text)
    assert [row for row in table if row[1] != "0"] == [("07:00–08:00", "1"), ("12:00–13:00", "3")]
    assert (len(table), table[0][0], table[-1][0]) == (24, "00:00–01:00", "23:00–24:00")
    assert len(re.findall("<title>.*? · .*?</title>", text)) == 24
    assert re.findall(r' height="([1-9]\d*)"/>', text) == ["36", "108"]


@pytest.mark.parametrize(("busiest", "upright"), [(999, False), (1000, True)])
def test_wide_numbers_are_upright(boss, monkeypatch, busiest, upright):
    monkeypatch.setattr(queueing_figures, "day_figures", lambda day: DayFigures([1] * 23 + [busiest], 0, None, None))
    assert ('class="chart upright"' in look(boss)) is upright


@pytest.mark.parametrize(
    ("waits", "p50", "p90"),
    [
        ([7], 7, 7),
        ([8, 7], 7, 8),
        ([30, 10, 20], 20, 30),
        ([9, 2, 7, 4, 5, 6, 3, 8, 1, 10], 5, 9),
        ([11, 9, 2, 7, 4, 5, 6, 3, 8, 1, 10], 6, 10),
        ([60] * 5, 60, 60),
        (range(100, 0, -1), 50, 90),
        ([100_000, 99_000, 5_000], 99_000, 100_000),  # as numbers, not as text
    ],
)
def test_percentiles_are_by_nearest_rank(stall, waits, p50, p90):
    make_orders(*[make_order(stall, wait=wait) for wait in waits])
    figures = day_figures(DAY)
    assert (figures.p50, figures.p90) == (timedelta(seconds=p50), timedelta(seconds=p90))


def test_only_todays_called_orders_have_waited(stall):
    noon = at("2027-03-15 12:00")
    make_orders(
        make_order(stall, "2027-03-14 23:59:59.999999", wait=1000),
        make_order(stall, "2027-03-16 00:00", wait=1000),
        make_order(stall, wait=0, called_at=None),
        make_order(stall, called_at=noon),
        make_order(stall),
    )
    assert day_figures(DAY) == DayFigures([0] * 12 + [3] + [0] * 11, 0, None, None)
    make_orders(make_order(stall, wait=20))
    assert day_figures(DAY).p90 == timedelta(seconds=20)


def test_who_bound_a_called_number_has_not_waited(stall):
    make_orders(make_order(stall, wait=-300), make_order(stall, wait=-5), make_order(stall, wait=9))
    figures = day_figures(DAY)
    assert (figures.p50, figures.p90) == (timedelta(0), timedelta(seconds=9))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "-"), (0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (3661.5, "1 h 1 min")],
)
def test_a_wait_is_told_in_plain_words(seconds, words):
    with override("en"):
        assert format_wait(None if seconds is None else timedelta(seconds=seconds)) == words


def job(name):
    return next(job for job in job_figures() if job.name == name)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "ok", "state", "well"),
    [
        (timedelta(0), True, "fine", True),
        (timedelta(minutes=10), True, "fine", True),
        (timedelta(minutes=10) + SECOND, True, "late", False),
        (timedelta(days=90), True, "late", False),
        (timedelta(0), None, "running", True),
        (timedelta(minutes=5), None, "running", True),
        (timedelta(minutes=5) + SECOND, None, "hangs", False),
        (timedelta(0), False, "failed", False),
        (timedelta(days=90), False, "failed", False),
    ],
)
def test_it_tells_how_a_job_is(boss, age, ok, state, well):
    run = make_run("close_stale_orders", age, ok=ok, said="Boom")
    found = job("close_stale_orders")
    assert (found.run, found.state, found.is_well) == (run, state, well)
    row = re.search(r'<li id="job-close_stale_orders"(.*?)>(.*?)</li>', look(boss), re.S)
    assert (row[1] == ' class="ill"') is not well
    assert f'<strong class="state">{state}</strong>' in row[2]
    assert "Boom" in row[2]


def test_each_job_is_late_by_its_own_interval(db):
    for name in JOBS:
        make_run(name, timedelta(minutes=11))
    assert [job.state for job in job_figures()] == ["fine", "late", *["fine"] * 4]
    JobRun.objects.update(started_at=timezone.now() - timedelta(hours=47))
    assert [job.state for job in job_figures()] == ["late", "late", *["fine"] * 4]


def test_a_job_that_never_ran_is_red(boss):
    make_run("somebody_elses", timedelta(0))
    assert [(job.name, job.state, job.ago) for job in job_figures()] == [(name, "never", "") for name in JOBS]
    text = look(boss)
    assert text.count('class="ill"') == len(JOBS)
    assert part(text, "jobs").count("- never ran") == len(JOBS)


def test_the_last_run_counts(db, clock):
    make_run("prune_history", timedelta(days=1), ok=False)
    make_run("charge_months", timedelta(minutes=5), ok=False)
    last = make_run("prune_history", timedelta(0))
    assert (job("prune_history").run, job("prune_history").state) == (last, "fine")
    at_once = make_run("prune_history", timedelta(0), ok=False)
    assert job("prune_history").run == at_once
    assert job("charge_months").state == "failed"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "just now"), (59, "just now"), (60, "1 minute ago"), (-5, "just now")]
)
def test_it_says_how_long_ago_a_job_ran(db, seconds, words):
    make_run("charge_months", timedelta(seconds=seconds))
    with override("en"):
        assert job("charge_months").ago.replace("\xa0", " ") == words


def test_a_jobs_runs_are_a_click_away(boss):
    wanted = make_run("charge_months", timedelta(0))
    make_run("prune_history", timedelta(0))
    address = re.search(r'<a href="([^"]*)">charge_months</a>', look(boss))[1]
    assert list(boss.get(address).context["cl"].result_list) == [wanted]


def runs_a_day(minute, hour):
    """How often a line of the crontab comes up in a day, its days being *."""

    def values(field, size):
        return size // int(field[2:]) if field.startswith("*/") else size if field == "*" else 1

    return values(minute, 60) * values(hour, 24)


def test_the_jobs_say_of_themselves_what_the_crontab_says():
    """Else they would be called late when they are not, or never."""
    assert [args for _, _, args in settings.CRONJOBS] == [[name] for name in JOBS]
    for (times, function, _), name in zip(settings.CRONJOBS, JOBS, strict=True):
        minute, hour, *days = times.split()
        assert (function, days) == ("django.core.management.call_command", ["*", "*", "*"])
        [app] = [app for app in ("accounts", "sellers", "queueing") if get_commands()[name] == app]
        assert load_command_class(app, name).every * runs_a_day(minute, hour) == timedelta(days=1)


def log_in(client, *permissions, group=None):
    user = User.objects.create_user("xiao-chen", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if group:
        user.groups.add(Group.objects.get(name=group))
    client.force_login(user)


def parts_of(text):
    return re.findall(r'id="summary-(\w+)"', text)


@pytest.mark.parametrize(
    ("permission", "seen"),
    [
        ("view_seller", ["sellers"]),
        ("view_balanceentry", ["sales"]),
        ("view_order", ["orders"]),
        ("view_jobrun", ["jobs"]),
        ("view_person", []),
    ],
)
def test_each_part_is_for_those_who_may_see_it(client, stall, permission, seen):
    log_in(client, permission)
    assert parts_of(look(client)) == seen


@pytest.mark.parametrize("group", ["续费员", "观察员"])
def test_the_groups_see_sellers_sales_and_orders(client, stall, group):
    log_in(client, group=group)
    assert parts_of(look(client)) == ["sellers", "sales", "orders"]


def test_everybody_else_sees_the_plain_index(client, db):
    log_in(client)
    with CaptureQueriesContext(connection) as statements:
        text = look(client)
    assert not any(re.search("sellers_|queueing_|jobrun", statement["sql"]) for statement in statements)
    assert "don’t have permission" in text
    assert 'class="module summary"' not in text


def test_who_is_not_logged_in_sees_nothing(client, db):
    assert client.get(INDEX).status_code == 302


def statements(client):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        look(client)
    return [query["sql"] for query in captured]


def ours(sqls):
    return [sql for sql in sqls if re.search("FROM .(sellers_|queueing_|callme_site_)", sql)]


@pytest.mark.parametrize("orders", [0, 1, 300])
def test_it_costs_the_same_whatever_the_data(boss, stall, orders):
    for name in JOBS * min(orders, 20):
        make_run(name, timedelta(0))
    make_orders(*[make_order(stall, f"2027-03-15 {place % 12:02}:30", wait=place) for place in range(orders)])
    sqls = statements(boss)
    assert len(ours(sqls)) <= (7 if orders else 5)
    assert len(sqls) <= 12


def test_it_reads_no_history(boss, stall):
    make_orders(*[make_order(stall, f"2027-03-15 12:{place:02}", wait=place) for place in range(9)])
    of_orders = [sql for sql in ours(statements(boss)) if "queueing_order" in sql]
    assert len(of_orders) == 2
    with connection.cursor() as cursor:
        for sql in of_orders:
            cursor.execute(f"{'EXPLAIN' if connection.vendor == 'mysql' else 'EXPLAIN QUERY PLAN'} {sql}")
            assert "order_by_taking" in str(cursor.fetchall())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_speaks_both_languages(boss, stall, language):
    make_orders(make_order(stall, wait=90))
    make_run("charge_months", timedelta(hours=3), ok=False)
    make_run("prune_history", timedelta(0), ok=None)
    text = look(boss, language).replace("\xa0", " ")
    assert f'<html lang="{language}"' in text
    with override(language):
        for words in (
            "Sellers", "listed", "of them due within 7 days", "of them paused", "out of months", "not collected",
            "Orders today", "orders today", "half of the students waited no longer", "nine in ten waited no longer",
            "hour", "orders", "Last runs of the jobs", "failed", "running", "never ran", "just now",
        ):  # fmt: skip
            assert f">{gettext(words)}<" in text or f" {gettext(words)}<" in text, words
        assert gettext("%(minutes)d min %(seconds)d s") % {"minutes": 1, "seconds": 30} in text
        assert gettext("%(ago)s ago") % {"ago": {"zh-hans": "3 小时", "en": "3 hours"}[language]} in text


def test_it_has_neither_scripts_nor_styles_in_it(boss, stall):
    make_orders(make_order(stall, wait=90))
    text = look(boss)
    shown = text[text.index('id="content-main"') : text.index('id="content-related"')]
    assert 'class="chart"' in shown
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", shown)
