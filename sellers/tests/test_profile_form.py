"""A seller's page in the console writes what the clerk has changed on it, and nothing else."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils.translation import override

from callme_site.testing.announced import unannounced
from sellers.models import Seller


@pytest.fixture
def office(client, db):
    """A browser in which somebody is logged in who may change sellers."""
    user = User.objects.create_user("xiao-chen", is_staff=True)
    permissions = Permission.objects.filter(codename__in=["view_seller", "change_seller"])
    user.user_permissions.set(permissions)
    client.force_login(user)
    return client


class Page:
    """A seller's page, open in a browser: what is in its fields, and what is sent when it is saved."""

    def __init__(self, browser, seller):
        self.browser, self.address = browser, reverse("admin:sellers_seller_change", args=[seller.pk])
        text = browser.get(self.address).text
        self.fields = {}
        for tag in re.findall(r"<input[^>]*>", text):
            attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if attributes.get("type") in ("text", "hidden") and "name" in attributes:
                self.fields[attributes["name"]] = unescape(attributes.get("value", ""))
        menu = re.search(r'<textarea name="menu"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL)
        self.fields["menu"] = unescape(menu[1])

    def save(self, **typed):
        # A browser sends every line break of a form as CRLF.
        sent = {name: re.sub("\r?\n", "\r\n", value) for name, value in {**self.fields, **typed}.items()}
        response = self.browser.post(self.address, sent)
        assert response.status_code == 302, response.text


def profile():
    seller = Seller.objects.get()
    return seller.name, seller.person_name, seller.menu


def changed():
    """Return what the history says of each save."""
    return [line.get_change_message() for line in LogEntry.objects.order_by("pk")]


def test_saving_an_untouched_page_changes_nothing(office, noodles):
    Page(office, noodles).save()
    assert profile() == ("拉面", "马师傅", ["牛肉面", "刀削面"])
    assert changed() == ["没有字段被修改。"]


def test_a_save_of_the_name_leaves_the_menu_that_the_stall_has_changed_meanwhile(office, ma, noodles):
    page = Page(office, noodles)
    ma("update", menuList="凉面，凉皮", personName="小马")
    page.save(name="兰州拉面")
    assert profile() == ("兰州拉面", "小马", ["凉面", "凉皮"])
    assert changed() == ["修改了：名称。"]


def test_a_save_of_the_menu_leaves_the_name_that_the_stall_has_changed_meanwhile(office, ma, noodles):
    page = Page(office, noodles)
    ma("update", sellerName="兰州拉面")
    page.save(menu="凉面\n凉皮\n")
    assert profile() == ("兰州拉面", "马师傅", ["凉面", "凉皮"])
    assert changed() == ["修改了：菜单。"]


def test_a_page_that_comes_back_with_an_error_still_knows_what_it_showed(office, ma, noodles):
    page = Page(office, noodles)
    response = office.post(page.address, {**page.fields, "telephone": "12800000001"})
    assert "errorlist" in response.text
    shown = re.search(r'name="initial-menu" value="([^"]*)"', response.text)
    assert unescape(shown[1]).splitlines() == ["牛肉面", "刀削面"]
    ma("update", menuList="凉面")
    page.save(name="兰州拉面")
    assert profile() == ("兰州拉面", "马师傅", ["凉面"])


def test_the_names_of_dishes_follow_the_rule_of_the_phones(office, ma, noodles):
    Page(office, noodles).save(menu="  牛肉面\u3000\t大碗 \n\n \u3000\n\u202e刀削面\u200f")
    assert profile()[2] == ["牛肉面 大碗", "刀削面"]
    ma("update", encoding="json", menuList=["  牛肉面\u3000\t大碗 ", "\n", "\u202e刀削面\u200f"])
    assert profile()[2] == ["牛肉面 大碗", "刀削面"]


def test_a_dish_that_was_stored_with_a_line_break_stays_one(office, noodles):
    with unannounced():
        Seller.objects.update(menu=["牛肉面\n大碗", "刀削面"])
    page = Page(office, noodles)
    assert page.fields["menu"].splitlines() == ["牛肉面 大碗", "刀削面"]
    page.save(name="兰州拉面")
    assert profile()[2] == ["牛肉面\n大碗", "刀削面"]
    page.save(menu=page.fields["menu"] + "\n凉面")
    assert profile()[2] == ["牛肉面 大碗", "刀削面", "凉面"]


def test_a_menu_that_is_none_is_refused(office, noodles):
    page = Page(office, noodles)
    response = office.post(page.address, {**page.fields, "menu": "面" * 41})
    assert "errorlist" in response.text
    assert profile()[2] == ["牛肉面", "刀削面"]


def test_switching_off_is_all_that_is_written(office, ma, noodles):
    page = Page(office, noodles)
    ma("update", sellerName="兰州拉面")
    page.save(switched_off="on")
    assert (Seller.objects.get().switched_off, profile()[0]) == (True, "兰州拉面")
    page = Page(office, noodles)
    page.save()
    assert not Seller.objects.get().switched_off  # an unticked box is not sent


def test_a_manager_turns_proof_on_and_off_and_the_history_says_so_to_each_in_its_language(office, ma, noodles):
    page = Page(office, noodles)
    ma("update", sellerName="兰州拉面")
    page.save(proof="on")
    assert (Seller.objects.get().proof, profile()[0]) == (True, "兰州拉面")
    assert changed() == ["修改了：持号凭证。"]
    with override("en"):
        assert changed() == ["Changed proof of holding."]
    Page(office, noodles).save()
    assert not Seller.objects.get().proof


def test_who_may_only_see_reads_whether_a_stall_asks_for_proof(client, noodles):
    with unannounced():
        Seller.objects.update(proof=True)
    user = User.objects.create_user("observer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_seller"))
    client.force_login(user)
    address = reverse("admin:sellers_seller_change", args=[noodles.pk])
    assert re.search(r'field-proof.*?class="readonly">(.*?)<', client.get(address).text, re.DOTALL)[1] == "是"
    client.post(address, {"proof": ""})
    assert Seller.objects.get().proof
