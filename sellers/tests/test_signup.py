"""Q11: a phone is bound to the seller that staff registered, while that is open for sign-up."""

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Session
from callme_site.storage import versions
from conftest import MA_TELEPHONE, Phone, make_seller
from sellers.guesses import WrongTelephones
from sellers.models import Seller

SUCCESS = {"signupSuccess": "success"}


def failure(reason):
    return {"signupSuccess": "fail", "failMsg": reason}


@pytest.fixture
def seller(db):
    """A stall that staff registered, and nobody has bound."""
    return make_seller(name="", person_name="")


def test_it_binds_the_caller_and_sets_the_names(hu, seller):
    assert hu("signup", telNum=MA_TELEPHONE, sellerName=" 拉面 ", personName="马师傅") == SUCCESS
    seller.refresh_from_db()
    assert (seller.person, seller.name, seller.person_name) == (hu.person, "拉面", "马师傅")
    assert hu("fetch") == {"fetchSuccess": "success", "marchSn": 1}


@pytest.mark.parametrize("names", [{}, {"sellerName": "", "personName": " "}])
def test_names_that_are_not_given_stay(hu, names):
    seller = make_seller(name="拉面", person_name="马师傅")
    assert hu("signup", telNum=MA_TELEPHONE, **names) == SUCCESS
    seller.refresh_from_db()
    assert (seller.name, seller.person_name) == ("拉面", "马师傅")


def test_it_may_be_repeated(hu, seller):
    assert hu("signup", telNum=MA_TELEPHONE) == hu("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_a_number_that_nobody_registered(hu, seller):
    assert hu("signup", telNum="13800000002") == failure("Invalid Tel Error")


def test_a_seller_whom_somebody_else_has_bound(ma, hu):
    assert hu("signup", telNum=MA_TELEPHONE, sellerName="我的") == failure("Invalid Tel Error")
    assert ma("info")["sellerName"] == "拉面"


def test_a_seller_without_months(hu):
    make_seller(months=0)
    assert hu("signup", telNum=MA_TELEPHONE) == failure("Need Renew Error")


def test_a_caller_who_has_another_stall(ma):
    make_seller("13800000002")
    assert ma("signup", telNum="13800000002") == failure("Seller Openid Error")


WRONG = failure("Invalid Tel Error")


def close():
    """Let the time be over in which any stall can be signed up for."""
    Seller.objects.update(sign_up_until=timezone.now())


def guess(phone, count):
    """Try so many numbers that nobody registered; return the answers."""
    return [phone("signup", telNum=f"139000000{place:02}") for place in range(count)]


def unbind(phone):
    staff = User.objects.get_or_create(username="clerk")[0]
    assert Seller.objects.unbind(Seller.objects.get().pk, phone.person.pk, staff_user=staff, request=uuid4())


def login_again(phone):
    """Return the phone after a new login of the same person."""
    return Phone(Session.objects.start("openid-of-hu", "another-session-key", "seller")[0], phone.person)


def test_a_students_login_signs_nobody_up(li, seller):
    refused = failure("Invalid Session Error")
    assert li("signup", telNum=MA_TELEPHONE) == li("signup", telNum="13800000002") == li("signup") == refused
    seller.refresh_from_db()
    assert seller.person is None


def test_a_login_from_before_that_was_known_signs_up(li, seller):
    with versions.changing(versions.EVERYTHING):
        Session.objects.update(app="")
    assert li("signup", telNum=MA_TELEPHONE) == SUCCESS


@pytest.mark.parametrize("months", [3, 0])
def test_a_seller_that_is_closed_is_as_a_number_that_nobody_registered(hu, months):
    make_seller(months=months)
    close()
    assert hu("signup", telNum=MA_TELEPHONE) == WRONG


def test_a_new_seller_is_open_for_two_days(hu):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        Seller.objects.renew(MA_TELEPHONE, 3, None)
        clock.shift(48 * 3600)
        assert Phone.of("zhao", "seller")("signup", telNum=MA_TELEPHONE) == WRONG
        clock.shift(-1)
        assert Phone.of("hu", "seller")("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_the_setting_says_for_how_long(settings, hu):
    settings.SIGN_UP_HOURS = 1
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        Seller.objects.renew(MA_TELEPHONE, 3, None)
        clock.shift(3600)
        assert Phone.of("hu", "seller")("signup", telNum=MA_TELEPHONE) == WRONG


def test_renewing_opens_no_seller_that_was_known(hu, seller):
    close()
    Seller.objects.renew(MA_TELEPHONE, 3, None)
    assert hu("signup", telNum=MA_TELEPHONE) == WRONG


def test_signing_up_closes_it(hu, seller):
    hu("signup", telNum=MA_TELEPHONE)
    seller.refresh_from_db()
    assert seller.sign_up_until is None


def test_who_is_bound_may_sign_up_again_when_it_is_closed(hu, seller):
    hu("signup", telNum=MA_TELEPHONE)
    close()
    guess(hu, 12)
    assert hu("signup", telNum=MA_TELEPHONE, sellerName="面") == SUCCESS
    assert hu("info")["sellerName"] == "面"


def test_unbinding_opens_it_for_another_phone(hu, seller):
    hu("signup", telNum=MA_TELEPHONE)
    unbind(hu)
    assert login_again(hu)("signup", telNum=MA_TELEPHONE) == WRONG
    assert Phone.of("zhao", "seller")("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_who_was_unbound_signs_up_elsewhere_and_where_staff_say_so(hu, seller):
    hu("signup", telNum=MA_TELEPHONE)
    unbind(hu)
    again, staff = login_again(hu), User.objects.get()
    assert Seller.objects.open_for_sign_up(seller.pk, [], staff_user=staff)
    assert again("signup", telNum=MA_TELEPHONE) == WRONG
    assert Seller.objects.open_for_sign_up(seller.pk, seller.unbindings.in_force(), staff_user=staff)
    assert again("signup", telNum=MA_TELEPHONE) == SUCCESS
    unbind(hu)
    make_seller("13800000002")
    again = login_again(hu)
    assert again("signup", telNum=MA_TELEPHONE) == WRONG
    assert again("signup", telNum="13800000002") == SUCCESS


@pytest.mark.django_db
def test_after_ten_wrong_numbers_all_are_wrong_for_an_hour():
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        make_seller()
        hu = Phone.of("hu", "seller")
        assert guess(hu, 9) == [WRONG] * 9
        clock.shift(3540)
        assert guess(hu, 1) == [WRONG]
        hu = login_again(hu)
        make_seller("13800000002", months=0)
        clock.shift(3599)
        assert hu("signup", telNum=MA_TELEPHONE) == hu("signup", telNum="13800000002") == WRONG
        clock.shift(1)
        assert login_again(hu)("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_nine_wrong_numbers_are_none_too_many(hu, seller):
    guess(hu, 9)
    assert hu("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_wrong_numbers_count_by_person(hu, seller):
    guess(hu, 12)
    assert Phone.of("zhao", "seller")("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_what_is_no_telephone_number_tells_nothing_and_counts_not(hu, seller):
    assert [hu("signup", telNum=text) for text in ["1380000000", "", "x"] * 5] == [WRONG] * 15
    assert hu("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_the_record_of_wrong_numbers_is_one_row_a_person_and_pruned(hu):
    guess(hu, 12)
    assert [wrong.count for wrong in WrongTelephones.objects.all()] == [10]
    call_command("prune_history")
    assert WrongTelephones.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        call_command("prune_history")
    assert WrongTelephones.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_wrong_number_lets_no_process_forget_what_it_knows(hu):
    make_seller("13800000002", months=0)
    before = versions.current()
    guess(hu, 2)
    hu("signup", telNum="13800000002")
    assert versions.current() == before is not None


def test_the_update_opens_the_sellers_that_nobody_has_bound(ma):
    make_seller("13800000002")
    close()
    import_module("sellers.migrations.0004_sign_up").open_the_unbound(apps, None)
    assert {seller.telephone: seller.is_open_to_sign_up for seller in Seller.objects.all()} == {
        MA_TELEPHONE: False,
        "13800000002": True,
    }
