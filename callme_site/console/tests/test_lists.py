"""The lists of the console: what they say they count, and where their links lead."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from callme_site.console import paginator
from callme_site.models import JobRun
from conftest import make_seller

JOBS = reverse("admin:callme_site_jobrun_changelist")
USERS = reverse("admin:auth_user_changelist")


@pytest.fixture
def office(client, db, monkeypatch):
    """A superuser's browser, and a history of 450 job runs, of which 300 are counted."""
    monkeypatch.setattr(paginator, "COUNTED_AT_MOST", 300)
    JobRun.objects.bulk_create(JobRun(name="job", ok=True, said=f"job-{place:03d}") for place in range(450))
    client.force_login(User.objects.create_superuser("boss"))
    return client


def shown(response):
    """Return the first and the last row, and which page is marked."""
    assert response.status_code == 200
    names = re.findall(r">(job-\d{3})<", response.text)
    return names[0], names[-1], re.findall(r'class="this-page">(\d+)<', response.text)


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "任务记录：共 300+ 条"), ("en", "Job runs: 300+")], ids=["zh-hans", "en"]
)
def test_a_count_that_stopped_says_so(office, language, words):
    assert words in re.sub(r"\s+", " ", office.get(JOBS, headers={"Accept-Language": language}).text)


@pytest.mark.parametrize("rows", [299, 300])
def test_a_count_that_came_to_its_end_says_no_more(office, rows):
    JobRun.objects.filter(pk__in=list(JobRun.objects.values_list("pk", flat=True)[: 450 - rows])).delete()
    assert f"任务记录：共 {rows} 条" in office.get(JOBS).text


def test_every_link_to_a_page_leads_there(office):
    pages = re.findall(r'href="\?p=(\d+)"', office.get(JOBS).text)
    assert pages == ["2", "3"]
    assert shown(office.get(JOBS)) == ("job-449", "job-350", ["1"])
    assert shown(office.get(JOBS, {"p": 2})) == ("job-349", "job-250", ["2"])
    assert shown(office.get(JOBS, {"p": 3})) == ("job-249", "job-150", ["3"])


@pytest.mark.parametrize("page", ["0", "-3", "x", "", "1.5", "⑨", pytest.param("9" * 5000, id="too long")])
def test_rubbish_leads_to_the_first_page(office, page):
    assert shown(office.get(JOBS, {"p": page})) == ("job-449", "job-350", ["1"])


@pytest.mark.parametrize("page", ["4", "500", pytest.param("9" * 4000, id="long")])
def test_a_page_beyond_the_last_leads_to_the_last(office, page):
    assert shown(office.get(JOBS, {"p": page})) == ("job-249", "job-150", ["3"])


@pytest.mark.parametrize(
    "url", [USERS, reverse("admin:auth_group_changelist"), reverse("admin:sellers_seller_changelist")]
)
def test_lists_that_are_counted_whole_do_the_same(office, url):
    User.objects.bulk_create(User(username=f"clerk-{place}") for place in range(150))
    make_seller()
    for page in ("-1", "9", "x"):
        response = office.get(url, {"p": page})
        assert response.status_code == 200
        assert response.context["cl"].page_num == (2 if (url, page) == (USERS, "9") else 1)


def test_an_address_sorts_by_no_column_without_a_heading(office):
    for order in ("1", "-1", "4.1", "9", "x", "-", "9" * 5000):
        assert shown(office.get(JOBS, {"o": order})) == ("job-449", "job-350", ["1"]), order
    assert "?o=" not in office.get(JOBS).text
