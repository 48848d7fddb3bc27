"""The texts that WeChat leaves to people: who decides on them, what that does, and what is kept of it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone

from accounts.models import TextCheck
from callme_site.testing.announced import unannounced
from conftest import make_seller
from queueing import taking
from queueing.models import Order
from sellers.models import Seller

pytestmark = pytest.mark.django_db

LIST, INDEX = reverse("admin:accounts_textcheck_changelist"), reverse("admin:index")
HIDDEN = "(text was not approved)"


@pytest.fixture
def texts(noodles, li):
    """Return, by kind, a text of each that is left; the stall is called 拉面, and its number 1 has a note."""
    taking.take(noodles)
    Order.objects.bind(noodles.pk, 1, li.person, "加微信")
    order = Order.objects.get()
    left = {"note": (order.pk, order.note), "name": (noodles.pk, "拉面"), "menu": (noodles.pk, "牛肉面\n刀削面")}
    for kind, (subject, text) in left.items():
        state = "review" if kind == "note" else "unchecked"
        TextCheck.objects.create(kind=kind, subject=subject, text=text, state=state, written_at=timezone.now())
    TextCheck.objects.create(
        kind="note", subject=order.pk, text="等着", state="waiting", written_at=timezone.now(), due_at=timezone.now()
    )
    return {text.kind: text for text in TextCheck.objects.filter(due_at=None)}


@pytest.fixture
def manager(client):
    user = User.objects.create_user("chen", is_staff=True)
    user.groups.add(Group.objects.get(name="主管"))
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def decide(client, action, *texts):
    response = client.post(LIST, {"action": action, "_selected_action": [text.pk for text in texts]}, follow=True)
    assert response.status_code == 200
    return response.text


def test_the_list_tells_whose_texts_wait_for_a_person(manager, texts):
    page = manager.get(LIST).text
    for told in ("加微信", "拉面 1", "WeChat is in doubt", "WeChat could not check it", "牛肉面"):
        assert told in page, told
    assert "等着" not in page, "WeChat is still to be asked"
    assert "to decide on" in manager.get(INDEX).text
    TextCheck.objects.filter(due_at=None).delete()
    assert "summary-texts" not in manager.get(INDEX).text


def test_what_is_hidden_is_hidden_and_on_record_in_the_readers_language(manager, texts, noodles):
    said = decide(manager, "hide", *texts.values())
    assert "3 texts decided on." in said
    seller, order = Seller.objects.get(), Order.objects.get()
    assert (seller.name_hidden, seller.person_name_hidden, seller.menu_hidden) == (True, False, True)
    assert order.note_hidden
    assert list(TextCheck.objects.values_list("text", flat=True)) == ["等着"]
    entries = {(str(entry.content_type.model), entry.get_change_message()) for entry in LogEntry.objects.all()}
    assert entries == {
        ("order", "Text hidden: note."),
        ("seller", "Text hidden: name."),
        ("seller", "Text hidden: menu."),
    }
    history = reverse("admin:sellers_seller_history", args=[noodles.pk])
    assert "已决定隐藏文字：菜单。" in manager.get(history, headers={"Accept-Language": "zh-hans"}).text
    assert HIDDEN in manager.get(reverse("admin:queueing_order_changelist")).text
    assert "加微信" not in manager.get(reverse("admin:queueing_order_changelist")).text
    page = manager.get(reverse("admin:sellers_seller_changelist")).text
    assert (noodles.telephone in page, "拉面" in page) == (True, False)


def test_what_is_shown_stays_as_it_was(manager, texts):
    decide(manager, "show", texts["note"], texts["name"])
    assert not Order.objects.get().note_hidden
    assert not Seller.objects.get().name_hidden
    assert set(TextCheck.objects.values_list("kind", "state")) == {("menu", "unchecked"), ("note", "waiting")}
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {
        "Text shown: note.",
        "Text shown: name.",
    }


def test_a_text_that_was_written_anew_meanwhile_is_another_one(manager, texts):
    with unannounced():
        Seller.objects.update(name="拉面馆")
    assert "0 texts decided on." in decide(manager, "hide", texts["name"])
    assert not Seller.objects.get().name_hidden
    assert not TextCheck.objects.filter(kind="name").exists()
    assert not LogEntry.objects.exists()


def test_a_text_whose_order_is_gone_can_be_cleared_away(manager, texts):
    with unannounced():
        Order.objects.all().delete()
    assert manager.get(LIST).status_code == 200
    decide(manager, "show", texts["note"])
    assert not TextCheck.objects.filter(kind="note", due_at=None).exists()


@pytest.mark.parametrize("group", ["续费员", "观察员"])
def test_who_may_not_change_sellers_does_not_decide(client, texts, group):
    user = User.objects.create_user("li", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    assert client.get(LIST).status_code == 403
    assert client.post(LIST, {"action": "hide", "_selected_action": [texts["note"].pk]}).status_code == 403
    assert "summary-texts" not in client.get(INDEX).text
    assert not Order.objects.get().note_hidden


def test_who_may_only_look_reads_what_others_do(client, noodles):
    make_seller("13800000002", name="饺子")
    with unannounced():
        Seller.objects.filter(pk=noodles.pk).update(name_hidden=True, person_name_hidden=True, menu_hidden=True)
    user = User.objects.create_user("li", is_staff=True)
    user.groups.add(Group.objects.get(name="观察员"))
    client.force_login(user)
    page = client.get(reverse("admin:sellers_seller_change", args=[noodles.pk]), headers={"Accept-Language": "en"}).text
    assert page.count(HIDDEN) >= 3
    assert not [text for text in ("拉面", "马师傅", "牛肉面") if text in page]
