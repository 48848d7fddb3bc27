"""All pages, walked along their links as four kinds of staff and as nobody, in each language: no text of the other."""

import json
import re
from collections import deque
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import TextCheck
from callme_site.testing.announced import unannounced
from conftest import MA_TELEPHONE, Phone, make_seller
from queueing.models import Order
from queueing.states import Message
from queueing.stops import Stop
from queueing.tests.messaging import messages_on
from sellers.models import Seller

STAFF = {"observer": "观察员", "clerk": "续费员", "manager": "主管", "boss": None}
# What people have typed, in the language that the pages are walked in; and what has no other name in either.
TYPED = {
    "zh-hans": {"stall": "拉面", "other": "饺子", "person": "马师傅", "dish": "凉面", "memo": "收据", "user": "小陈"},
    "en": {"stall": "Noodles", "other": "Dumplings", "person": "Ma", "dish": "Beef", "memo": "Receipt", "user": "chen"},
}
NAMES = {
    *("callme", "WeChat", "CSV", "Excel", "ID", "http", "testserver", "board", "sellers", "openid", "Cookie", "min"),
    *("expire_sessions", "close_stale_orders", "charge_months", "prune_history", "clearsessions", "check_privacy"),
    *(
        "manage",
        "py",
        "axes_reset_username",
        "NAME",
        "send_messages",
        "resume",
        "MESSAGE_TEMPLATE_ID",
        "MESSAGE_FIELDS",
        "STALE_ORDER_HOURS",
        "UNCOLLECTED_CLOSE_MINUTES",
        "HISTORY_DAYS",
        "pbkdf2_sha256",
        "md5",
    ),
    *("LDAP", "Control", "Command", "Mac", "Axes", "p50", "p90"),
}
SHOWN = ("alt", "title", "placeholder", "aria-label", "label", "data-text", "data-reminder", "data-lost")


class Reader(HTMLParser):
    """Reads what a page shows, but for what it marks as being of another language; and where its links lead."""

    def __init__(self, language):
        super().__init__()
        self.language, self.texts, self.links, self.unread = language, [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if self.unread and tag == self.unread[0]:
            self.unread.append(tag)
        elif not self.unread:
            foreign = tag != "html" and attributes.get("lang", self.language) != self.language
            if tag in ("script", "style", "textarea") or foreign:
                self.unread.append(tag)
            self.texts += [attributes[name] for name in SHOWN if attributes.get(name)]
            if tag == "input" and attributes.get("type") in ("submit", "button"):
                self.texts.append(attributes["value"])

    def handle_endtag(self, tag):
        if self.unread and tag == self.unread[0]:
            self.unread.pop()

    def handle_data(self, text):
        if not self.unread and text.strip():
            self.texts.append(" ".join(text.split()))


def strange(text, language):
    """Return what in a text is of the other language."""
    if language == "en":
        return re.findall(r"[\u2e80-\u9fff\uff00-\uffef]+", text)
    words = [] if "****" in text else re.findall(r"[A-Za-z][A-Za-z_\d]*", text)  # of a password's hash
    return [word for word in words if word not in NAMES and len(word) > 1]


@pytest.fixture
def canteen(client, db, settings):
    """Return what fills a day with all that staff do, typed in one language, and logs the browser in as one of them."""

    messages_on(settings)

    def fill(language, role):
        call_command("expire_sessions", verbosity=0)
        typed = TYPED[language]
        profile = {"name": typed["stall"], "person_name": typed["person"], "menu": [typed["dish"]]}
        ma, li = Phone.of("ma", "seller"), Phone.of("li")
        stall = make_seller(MA_TELEPHONE, person=ma.person, **profile)
        other = make_seller("13800000002", **{**profile, "name": typed["other"], "months": 1})
        make_seller("13800000003", **{**profile, "name": "", "switched_off": True})
        boss = User.objects.create_superuser(typed["user"] + "1", password="x", first_name=typed["person"])
        client.force_login(boss)
        # Who did it spoke the other one.
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = next(other for other in TYPED if other != language)
        work(client, stall, other, typed)
        for _ in range(3):
            ma("fetch")
        li("push", sellerId=stall.pk, marchSn=1, noteContent=typed["dish"])
        ma("call", marchSn=1)
        with unannounced():
            Order.objects.filter(number=1).update(called_at=F("called_at") - timedelta(minutes=20))
            Order.objects.filter(number=2).close(Order.Ending.UNCOLLECTED)
            tell_of_messages(stall)
        Seller.objects.pause(stall.pk)
        write_texts(client, stall, other)
        order = Order.objects.last()
        client.post(reverse("admin:queueing_order_changelist"), {"action": "close", "_selected_action": [order.pk]})
        desk(client, "unbind", {}, stall.pk, f"person={ma.person.pk}&")
        desk(client, "open", {"again": stall.unbindings.get().pk}, stall.pk)
        for job in (
            "close_stale_orders",
            "charge_months",
            "prune_history",
            "clearsessions",
            "check_privacy",
            "expire_sessions",
        ):
            call_command(job, verbosity=0)
        client.get("/admin/")  # tells what was done
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        if STAFF[role]:
            user = User.objects.create_user(typed["user"], password="x", is_staff=True)
            user.groups.add(Group.objects.get(name=STAFF[role]))
            client.force_login(user)
            desk(client, "renew", {"term": "1", "memo": typed["memo"]}, query=f"sellers={other.pk}&")

    return fill


def desk(client, page, form, *args, query=""):
    if args[1:]:
        args, query = args[:1], args[1]
    client.post(f"{reverse(f'admin:sellers_seller_{page}', args=args)}?{query}request={uuid4()}", form)


def work(client, stall, other, typed):
    """Sell, correct, edit, and make somebody a member of the staff."""
    desk(client, "renew", {"term": "3", "memo": typed["memo"]}, query=f"sellers={stall.pk},{other.pk}&")
    desk(client, "correct", {"months": "-1", "memo": typed["memo"]}, stall.pk)
    form = {
        "name": typed["other"],
        "telephone": other.telephone,
        "menu": typed["dish"],
        "proof": "on",
        "switched_off": "on",
    }
    form |= {"initial-name": "", "initial-menu": "", "entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}
    client.post(reverse("admin:sellers_seller_change", args=[other.pk]), form)
    user = {"username": typed["user"] + "2", "password1": "Rice-and-noodles-1", "password2": "Rice-and-noodles-1"}
    client.post(reverse("admin:auth_user_add"), {**user, "usable_password": "true"})
    user = User.objects.get(username=user["username"])
    form = {"username": user.username, "first_name": typed["person"], "is_active": "on", "is_staff": "on"}
    form |= {"date_joined_0": "2027-01-01", "date_joined_1": "12:00:00", "groups": [1]}
    client.post(reverse("admin:auth_user_change", args=[user.pk]), form)


def tell_of_messages(stall):
    """Leave an order with each thing that can become of a message, and say that no more are sent."""
    now = timezone.now()
    for number, message in enumerate(Message.values, start=20):
        Order.objects.create(seller=stall, number=number, live_number=number, message=message, called_at=now)
    Stop.objects.begin(40037)


def write_texts(client, stall, other):
    """Leave three texts to people, one of which somebody decides on."""
    kept = {"state": "unchecked", "written_at": timezone.now()}
    order = Order.objects.exclude(note="").get()
    for kind, row, text in [("note", order, order.note), ("name", stall, stall.name), ("menu", other, other.menu[0])]:
        TextCheck.objects.create(kind=kind, subject=row.pk, text=text, **kept)
    chosen = TextCheck.objects.get(kind="menu").pk
    client.post(reverse("admin:accounts_textcheck_changelist"), {"action": "hide", "_selected_action": [chosen]})


def place(address):
    """Return what of an address makes it another page: of lists, no more than one way to filter, sort or page each."""
    parts = urlsplit(address)
    names = sorted(name for name, _value in parse_qsl(parts.query) if not name.startswith("_"))
    return re.sub(r"\d+", "0", parts.path), tuple(names[:1])


def walk(client, language, start):
    """Yield each page that can be reached, with what it shows."""
    known, ahead = {place(start)}, deque([start])
    while ahead:
        address = ahead.popleft()
        response = client.get(address, follow=True)
        if not response["Content-Type"].startswith("text/html"):
            continue
        reader = Reader(language)
        if address.startswith("/admin/"):  # a board is for everybody who looks up, whatever a clerk has chosen
            reader.feed(response.text)
        yield address, response, reader.texts
        for link in reader.links:
            parts = urlsplit(urljoin(address, link))
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if not parts.netloc and not link.startswith("#") and place(target) not in known:
                known.add(place(target))
                ahead.append(target)


@pytest.mark.parametrize("language", list(TYPED))
@pytest.mark.parametrize("role", STAFF)
def test_staff_reads_one_language_and_no_link_leads_nowhere(client, canteen, role, language):
    canteen(language, role)
    typed = set(re.findall(r"\w+", " ".join(TYPED[language].values())))
    faults, pages = [], []
    for address, response, texts in walk(client, language, "/admin/"):
        pages.append(address)
        if response.status_code != 200:
            faults.append((address, response.status_code))
        if f'<html lang="{language}"' not in response.text:
            faults.append((address, "lang"))
        faults += [(address, text) for text in texts if set(strange(text, language)) - typed]
        if 'class="language"' not in response.text:
            faults.append((address, "no way to the other language"))
        if "icon-yes" in response.text or "icon-no." in response.text:
            faults.append((address, "a cross or a tick"))
    assert len(pages) > (30 if role == "boss" else 12), pages
    assert faults == [], "\n".join(map(str, faults))


@pytest.mark.parametrize("language", list(TYPED))
def test_what_is_asked_wrongly_is_said_in_that_language_too(client, canteen, language):
    canteen(language, "boss")
    stall, user = Seller.objects.first(), User.objects.last()
    sent = {
        reverse("admin:auth_user_add"): {"username": "a b", "password1": "1", "password2": "2"},
        reverse("admin:auth_user_password_change", args=[user.pk]): {"password1": "123", "password2": "123"},
        reverse("admin:password_change"): {"old_password": "y", "new_password1": "12", "new_password2": "12"},
        reverse("admin:sellers_seller_add"): {"telephone": "1", "months": "99"},
        f"{reverse('admin:sellers_seller_renew')}?sellers={stall.pk}&request={uuid4()}": {"term": "other"},
        reverse("admin:sellers_seller_changelist"): {"action": ""},
        reverse("admin:login"): {"username": "", "password": ""},
    }
    faults = []
    for address, form in sent.items():
        response = client.post(address, form, follow=True)
        reader = Reader(language)
        reader.feed(response.text)
        typed = set(re.findall(r"\w+", " ".join(TYPED[language].values())))
        faults += [(address, text) for text in reader.texts if set(strange(text, language)) - typed]
    client.logout()
    for address, form in {"/admin/login/": {"username": "a", "password": "b"}, "/admin/nothing": None}.items():
        response = client.post(address, form) if form else client.get(address, follow=True)
        reader = Reader(language)
        reader.feed(response.text)
        faults += [(address, text) for text in reader.texts if strange(text, language)]
    assert faults == [], "\n".join(map(str, faults))


def test_what_the_consoles_scripts_say_is_in_chinese_too(client, db):
    client.force_login(User.objects.create_superuser("boss"))
    script = client.get(reverse("admin:jsi18n"), headers={"Accept-Language": "zh-hans"}).text
    said = json.loads(re.search(r"const newcatalog = ({.*?});", script, re.S)[1])
    assert re.fullmatch("选中%s.*", said['Choose %s by selecting them and then select the "Choose" arrow button.'])


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "取个号"), ("en", "callme")])
def test_the_page_of_a_lock_is_ours(client, db, language, name):
    for _ in range(11):
        form = {"username": "boss", "password": "wrong"}
        response = client.post("/admin/login/", form, headers={"Accept-Language": language})
    assert response.status_code == 429
    reader = Reader(language)
    reader.feed(response.text)
    assert [text for text in reader.texts if strange(text, language)] == []
    assert name in reader.texts
    assert "Django" not in response.text
