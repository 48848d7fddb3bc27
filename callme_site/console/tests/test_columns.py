"""What a higher app contributes to a lower one's pages: its place, and one statement for all rows of a page."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from callme_site.admin import JobRunAdmin
from callme_site.console.columns import Column, placed
from callme_site.models import JobRun

RUNS = reverse("admin:callme_site_jobrun_changelist")


@pytest.fixture
def asked(monkeypatch):
    """Contribute a column to the job runs; return the list of the rows that it was asked for, each time."""
    asked = []

    def lengths(pks):
        asked.append(sorted(pks))
        return {run.pk: len(run.said) or None for run in JobRun.objects.filter(pk__in=pks)}

    monkeypatch.setattr(JobRunAdmin, "contributed", ())
    JobRunAdmin.contribute(Column("length", "how long it is", lengths, before="ended_at", phrase="%s long"))
    return asked


@pytest.fixture
def office(client, db):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_a_column_stands_in_front_of_the_one_it_names_else_at_the_end():
    first, last = Column("first", "", dict.fromkeys, before="b"), Column("last", "", dict.fromkeys, before="x")
    assert placed([last, first], ("a", "b", "c")) == ["a", first, "b", "c", last]
    assert placed([], ("a", "b")) == ["a", "b"]


def test_a_list_asks_once_for_all_rows_that_it_shows(office, asked):
    runs = [JobRun.objects.create(name="job", said="…" * place) for place in range(103)]
    text = office.get(RUNS).text
    assert asked == [[run.pk for run in runs[3:]]]
    assert text.index("column-started_at") < text.index("column-length") < text.index("column-ended_at")
    assert "how long it is" in text.casefold()
    assert '<td class="field-length">102</td>' in text


def test_the_page_of_a_row_shows_it_too(office, asked):
    run = JobRun.objects.create(name="job", said="…" * 77)
    text = office.get(reverse("admin:callme_site_jobrun_change", args=[run.pk])).text
    assert '<div class="readonly">77</div>' in text
    assert asked == [[run.pk]]


def test_a_column_leads_where_it_says(office, monkeypatch):
    run = JobRun.objects.create(name="job")
    column = Column("length", "", lambda pks: dict.fromkeys(pks, "<7>"), phrase="%s long", address="/runs/{}".format)
    monkeypatch.setattr(JobRunAdmin, "contributed", (column,))
    assert f'field-length"><a href="/runs/{run.pk}">&lt;7&gt;</a>' in office.get(RUNS).text
    assert column.in_a_sentence(run) == "<7> long"


def test_a_column_is_for_those_who_may_see_it(client, db, monkeypatch):
    run = JobRun.objects.create(name="job")
    monkeypatch.setattr(JobRunAdmin, "contributed", (Column("length", "", dict.fromkeys, permission="x.view_x"),))
    user = User.objects.create_user("xiao-chen", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_jobrun"))
    client.force_login(user)
    page = reverse("admin:callme_site_jobrun_change", args=[run.pk])
    assert "field-length" not in client.get(RUNS).text + client.get(page).text
    client.force_login(User.objects.create_superuser("boss"))
    assert "field-length" in client.get(RUNS).text
    assert "field-length" in client.get(page).text


def test_a_sentence_says_what_there_is(asked, db):
    long, silent = JobRun.objects.create(name="job", said="…" * 5), JobRun.objects.create(name="job")
    column = JobRunAdmin.contributed[0].read([long.pk, silent.pk])
    assert [column.in_a_sentence(run) for run in (long, silent)] == ["5 long", ""]
    assert len(asked) == 1
