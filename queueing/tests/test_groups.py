"""What each group of staff may do in the console, and what none may."""

import importlib
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from queueing.models import Order
from sellers.models import Seller

CLERK = {"see", "register", "renew", "correct", "unbind"}
MAY = {"观察员": {"see"}, "续费员": CLERK, "主管": {*CLERK, "edit", "switch off", "close"}}
LANGUAGES = ["zh-hans", "en"]


@pytest.fixture
def staff(client, ma, noodles):
    """Return a browser in which somebody of that group is logged in, in that language."""

    def log_in(group, language="zh-hans"):
        user = User.objects.create_user("xiao-chen", password="right", is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        client.user = user
        return client

    ma("fetch")
    return log_in


def desk(client, page, form, *args, query=""):
    url = f"{reverse(f'admin:sellers_seller_{page}', args=args)}?{query}&request={uuid4()}"
    client.post(url, form)


def profile(seller, **changed):
    fields = {"name": seller.name, "person_name": seller.person_name, "telephone": seller.telephone}
    return {**fields, "menu": "\n".join(seller.menu), "entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0, **changed}


def what_it_does(client):
    """Try everything, and return what could be done."""
    done, seller, order = set(), Seller.objects.get(), Order.objects.get()
    change = reverse("admin:sellers_seller_change", args=[seller.pk])
    lists = ["sellers_seller", "sellers_balanceentry", "sellers_unbinding", "queueing_order"]
    pages = [change, *(reverse(f"admin:{name}_changelist") for name in lists)]
    if {client.get(page).status_code for page in pages} == {200}:
        done.add("see")
    client.post(reverse("admin:queueing_order_changelist"), {"action": "close", "_selected_action": [order.pk]})
    if not Order.objects.live().exists():
        done.add("close")
    desk(client, "renew", {"term": "1"}, query=f"sellers={seller.pk}")
    if seller.entries.filter(kind="renewal").count() == 2:
        done.add("renew")
    desk(client, "correct", {"months": "1", "memo": "x"}, seller.pk)
    if seller.entries.filter(kind="correction").exists():
        done.add("correct")
    client.post(change, profile(seller, name="新拉面", months=99, person=""))
    if Seller.objects.get().name == "新拉面":
        done.add("edit")
    client.post(change, profile(seller, switched_off="on"))
    if Seller.objects.get().switched_off:
        done.add("switch off")
    desk(client, "unbind", {}, seller.pk, query=f"person={seller.person_id}")
    if Seller.objects.get().person is None:
        done.add("unbind")
    client.post(reverse("admin:sellers_seller_add"), {"telephone": "13800000009", "months": "2"})
    if Seller.objects.count() == 2:
        done.add("register")
    return done


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", MAY)
def test_a_group_may_what_it_is_for(staff, group, language):
    assert what_it_does(staff(group, language)) == MAY[group]


@pytest.mark.parametrize("group", MAY)
def test_a_group_is_shown_what_it_may(staff, group):
    client = staff(group)
    page = client.get(reverse("admin:sellers_seller_change", args=[Seller.objects.get().pk])).text
    shown = {word for word in ("renew", "correct", "unbind") if f"/{word}/" in page}
    assert shown == MAY[group] & {"renew", "correct", "unbind"}
    assert ('name="switched_off"' in page) == ("edit" in MAY[group])
    orders = client.get(reverse("admin:queueing_order_changelist")).text
    assert ('value="close"' in orders) == ("close" in MAY[group])


@pytest.mark.parametrize("group", MAY)
def test_nobody_gives_itself_or_others_rights(staff, group):
    client = staff(group)
    boss, own = User.objects.create_superuser("boss", password="x"), client.user
    before = set(own.get_all_permissions())
    for user in (own, boss):
        form = {"username": user.username, "is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": [1, 2]}
        for page in ("change", "password_change", "delete", "history"):
            url = reverse(f"admin:auth_user_{page}", args=[user.pk])
            assert client.get(url).status_code == 403, url
            new = {"password1": "Rice-and-noodles-1", "password2": "Rice-and-noodles-1", "post": "yes"}
            assert client.post(url, {**form, **new}).status_code == 403, url
    groups = Group.objects.all()
    pages = [reverse("admin:auth_user_add"), reverse("admin:auth_user_changelist"), reverse("admin:auth_group_add")]
    pages += [reverse("admin:auth_group_change", args=[group.pk]) for group in groups]
    for url in pages:
        every = {"name": "x", "permissions": list(Permission.objects.values_list("pk", flat=True))}
        assert client.post(url, every).status_code == 403, url
    assert set(User.objects.get(pk=own.pk).get_all_permissions()) == before
    assert not User.objects.get(pk=own.pk).is_superuser
    assert User.objects.get(pk=boss.pk).check_password("x")


def test_a_manager_changes_neither_months_nor_who_is_bound(staff, ma, noodles):
    client = staff("主管")
    change = reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert client.post(change, profile(noodles, name="新拉面", months=99, person="")).status_code == 302
    noodles.refresh_from_db()
    assert (noodles.name, noodles.months, noodles.person) == ("新拉面", 3, ma.person)


def test_the_group_is_made_where_somebody_has_one_of_that_name(db):
    Group.objects.get(name="主管").permissions.clear()
    importlib.import_module("sellers.migrations.0005_managers").make_managers(apps, None)
    codes = Group.objects.get(name="主管").permissions.values_list("codename", flat=True)
    assert sorted(codes) == [
        "add_seller", "change_seller", "close_order", "correct_seller", "renew_seller", "unbind_seller",
        "view_balanceentry", "view_order", "view_seller", "view_unbinding",
    ]  # fmt: skip
