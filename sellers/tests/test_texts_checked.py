"""Names and menus that WeChat checks: what others are told of them, and what the stall itself."""

import json

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from accounts.models import TextCheck
from accounts.text_checks import claim_due
from accounts.texts import CHARACTERS
from callme_site.testing.announced import unannounced
from callme_site.testing.texts import DOUBTFUL, HIDDEN, RISKY, LikeAnything, visitor, work
from conftest import MA_TELEPHONE, Phone, make_seller, make_staff
from sellers.models import Seller

pytestmark = pytest.mark.django_db


@pytest.fixture
def stall(checking):
    phone = Phone(*visitor("ma", "seller"))
    make_seller(person=phone.person)
    phone.person.refresh_from_db()
    return phone


@pytest.fixture
def clerk(db):
    phone = Phone.of("clerk")
    make_staff(phone)
    return phone


def update(stall, **fields):
    assert stall("update", **fields)["updateSuccess"] == "success"


def ask(phone, clerk, client):
    """Return all that others are told of the stall: by two queries of students, one of staff, and the board."""
    pk = Seller.objects.get().pk
    board = json.loads(client.get(reverse("board_numbers"), {"sellers": pk}).content)
    return phone("seller_list"), phone("menu", sellerId=pk), clerk("admin"), board


def told(name, person, menu):
    """Return what others are told of a stall of that name."""
    pk = Seller.objects.get().pk
    listed = {"id": pk, "name": name, "imageURL": "", "open": True, "waiting": 0}
    of_staff = {"sellerName": name, "personName": person, "telNum": MA_TELEPHONE, "balanceMon": 3, "open": True}
    return (
        {"seller_listSuccess": "success", "count": 1, "list": {"1": listed}},
        {
            "menuSuccess": "success",
            "menuContent": menu,
            "sellerName": name,
            "waiting": 0,
            "takenFlag": "fail",
            "taken": [],
        },
        {"adminSuccess": "success", "sellerList": [of_staff]},
        {"sellers": [{"id": pk, "name": name, "paused": False, "making": [], "ready": []}]},
    )


def test_what_is_risky_is_hidden_from_all_but_the_stall_in_the_very_next_request(stall, clerk, li, client):
    update(stall, sellerName=f"{RISKY}面", personName=f"{RISKY}人", menuList=f"牛肉面，{RISKY}饭")
    written = f"{RISKY}面", f"{RISKY}人", ["牛肉面", f"{RISKY}饭"]
    assert ask(li, clerk, client) == told(*written), "until the worker's turn"
    assert work() == 3
    assert ask(li, clerk, client) == told(HIDDEN, HIDDEN, [HIDDEN])
    info = stall("info")
    assert (info["sellerName"], info["personName"], info["menuList"]) == written
    assert not TextCheck.objects.exists()
    update(stall, sellerName="拉面馆", menuList="牛肉面")
    assert ask(li, clerk, client) == told("拉面馆", HIDDEN, ["牛肉面"])
    assert work() == 2
    assert ask(li, clerk, client) == told("拉面馆", HIDDEN, ["牛肉面"])


def test_no_other_page_shows_what_is_hidden(client, stall):
    update(stall, sellerName=f"{RISKY}面", personName=f"{RISKY}人", menuList=RISKY)
    pk = Seller.objects.get().pk
    boss = User.objects.create_superuser("boss")
    entry = Seller.objects.renew(MA_TELEPHONE, 1, boss).entries.latest("pk").pk
    export, days = reverse("admin:sellers_seller_export"), "first=2020-01-01&last=2999-12-31"
    client.force_login(boss)
    pages = [
        "/board/",
        reverse("admin:sellers_seller_changelist"),
        reverse("admin:sellers_balanceentry_changelist"),
        reverse("admin:sellers_seller_receipt", args=[entry]),
        f"{export}?table=sellers&{days}",
        f"{export}?table=ledger&{days}",
    ]

    def read():
        responses = [client.get(page) for page in pages]
        assert {response.status_code for response in responses} == {200}
        return [b"".join(response).decode() for response in responses]

    assert [RISKY in page for page in read()] == [True] * len(pages)
    work()
    assert [RISKY in page for page in read()] == [False] * len(pages)
    assert RISKY in client.get(reverse("admin:sellers_seller_change", args=[pk])).text


def test_a_students_order_names_its_stall_as_others_see_it(stall, li):
    pk = Seller.objects.get().pk
    stall("fetch")
    li("push", sellerId=pk, marchSn=1, noteContent="")
    assert li("menu", sellerId=pk)["takenSellerName"] == "拉面"
    update(stall, sellerName=RISKY)
    work()
    answer = li("menu", sellerId=pk)
    assert (answer["takenSellerName"], answer["taken"][0]["sellerName"]) == (HIDDEN, HIDDEN)


def test_what_was_hidden_is_not_shown_for_being_sent_again(stall):
    update(stall, sellerName=RISKY)
    work()
    update(stall, sellerName=RISKY, personName="马师傅", menuList="牛肉面，刀削面")
    assert Seller.objects.get().name_hidden
    assert not TextCheck.objects.exists(), "nothing was written anew"


def test_a_newer_text_takes_the_place_of_one_that_waits(stall):
    update(stall, sellerName=RISKY, personName=DOUBTFUL)
    update(stall, sellerName="拉面馆")
    assert set(TextCheck.objects.values_list("kind", "text")) == {("name", "拉面馆"), ("person_name", DOUBTFUL)}
    work()
    update(stall, personName="马师傅")
    assert list(TextCheck.objects.values_list("kind", "text")) == [("person_name", "马师傅")], (
        "nor a clerk decides on it"
    )


@pytest.mark.parametrize("empty", ["", "[]"])
def test_an_empty_menu_is_not_checked(stall, empty):
    update(stall, menuList=empty)
    assert not TextCheck.objects.exists()


def test_whoever_signs_up_has_the_names_checked(checking, li):
    hu = Phone(*visitor("hu", "seller"))
    make_seller(name="", person_name="")
    assert hu("signup", telNum=MA_TELEPHONE, sellerName=RISKY, personName="胡师傅") == {"signupSuccess": "success"}
    assert work() == 2
    seller = Seller.objects.get()
    assert (seller.name_hidden, seller.person_name_hidden, str(seller)) == (True, False, MA_TELEPHONE)
    hu("signup", telNum=MA_TELEPHONE, sellerName=RISKY, personName="胡师傅")
    assert Seller.objects.get().name_hidden
    assert not TextCheck.objects.exists()
    hu("signup", telNum=MA_TELEPHONE, sellerName="拉面")
    assert not Seller.objects.get().name_hidden


def long_menu(last):
    dishes = [f"{place:03}" + "面" * 37 for place in range(70)]
    return [*dishes, last]


def test_a_menu_of_more_than_wechat_takes_is_checked_in_parts(stall, li):
    seller = Seller.objects.get()
    seller.update_profile({"menu": long_menu(RISKY)}, stall.person)
    assert len("\n".join(long_menu(RISKY))) > CHARACTERS
    assert [len(text.text) <= CHARACTERS for text in TextCheck.objects.all()] == [True, True]
    assert work() == 2
    assert li("menu", sellerId=seller.pk)["menuContent"] == [HIDDEN]
    Seller.objects.get().update_profile({"menu": long_menu("汤")}, stall.person)
    assert work() == 2
    assert li("menu", sellerId=seller.pk)["menuContent"] == long_menu("汤")
    assert not TextCheck.objects.exists()


@pytest.mark.parametrize("compared", [True, False])
@pytest.mark.parametrize(
    ("column", "field", "text"),
    [("name", "sellerName", "拉面馆"), ("menu", "menuList", ["炒面"])],
    ids=["name", "menu"],
)
def test_a_verdict_that_comes_late_does_not_hide_the_newer_text(stall, column, field, text, compared):
    update(stall, **{field: RISKY})
    (job,) = claim_due(5)
    update(stall, **{field: text if column == "name" else ",".join(text)})
    if not compared:  # the control
        job.args[0].text = LikeAnything(RISKY)
    job()
    seller = Seller.objects.get()
    assert getattr(seller, column) == text
    assert getattr(seller, f"{column}_hidden") is not compared
    assert TextCheck.objects.get().state == "waiting", "the newer one's turn is still to come"


def test_a_verdict_that_comes_late_hides_a_part_that_still_stands(stall):
    seller = Seller.objects.get()
    seller.update_profile({"menu": [RISKY + "面" * 2490, "饭" * 100]}, stall.person)
    jobs = claim_due(5)
    with unannounced():
        Seller.objects.update(menu=[RISKY + "面" * 2490, "汤" * 100])
    for job in jobs:
        job()
    assert Seller.objects.get().menu_hidden


def test_what_staff_write_is_shown_and_not_checked(client, stall):
    update(stall, sellerName=RISKY, personName=DOUBTFUL, menuList=RISKY)
    work()
    seller = Seller.objects.get()
    assert (seller.name_hidden, seller.menu_hidden) == (True, True)
    client.force_login(User.objects.create_superuser("boss"))
    address = reverse("admin:sellers_seller_change", args=[seller.pk])
    form = client.get(address).text
    assert RISKY in form, "who may set it right sees it"
    shown = {"name": RISKY, "person_name": DOUBTFUL, "telephone": seller.telephone, "menu": RISKY}
    sent = {f"initial-{name}": value for name, value in shown.items()} | shown
    sent |= {"name": "拉面馆", "person_name": "马师傅", "entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0}
    assert client.post(address, sent).status_code == 302
    seller = Seller.objects.get()
    assert (seller.name, seller.person_name) == ("拉面馆", "马师傅")
    assert (seller.name_hidden, seller.person_name_hidden, seller.menu_hidden) == (False, False, True)
    assert not TextCheck.objects.exists()


@pytest.mark.parametrize("setting", ["CONTENT_CHECK", "OPENID_KEYS"])
def test_nothing_is_kept_where_it_is_off(settings, stall, setting):
    setattr(settings, setting, [])
    update(stall, sellerName=RISKY, personName=RISKY, menuList=RISKY)
    assert not TextCheck.objects.exists()
