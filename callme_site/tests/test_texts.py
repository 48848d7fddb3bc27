"""All text for people is there in Chinese; English is the source."""

import ast
import re

import polib
import pytest
from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

CATALOGUE = settings.LOCALE_PATHS[0] / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE))


def test_it_is_translated_whole(catalogue):
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert catalogue.fuzzy_entries() == catalogue.obsolete_entries() == []


def test_what_is_loaded_is_what_is_written(catalogue):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in compiled} == {
        entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in catalogue
    }


def test_the_placeholders_are_the_same(catalogue):
    for entry in catalogue:
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                assert placeholders(text) == placeholders(entry.msgid_plural or entry.msgid), entry.msgid


def placeholders(text):
    return sorted(re.findall(r"%\(\w+\)\+?\w", text))


def test_both_languages_are_spoken():
    assert gettext("months left") == "剩余月数"
    with override("en"):
        assert gettext("months left") == "months left"


def texts_of(path):
    """Return the texts that a Python file hands to gettext."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args]
    calls = [call for call in calls if isinstance(call.args[0], ast.Constant)]
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "id", "") in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "Sentence"}
    }


def test_no_text_of_the_code_is_missing(catalogue):
    apps = ["callme_site", "accounts", "sellers", "queueing"]
    paths = [path for app in apps for path in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in path.parts]
    texts = set().union(*map(texts_of, paths))
    assert len(texts) > 100
    assert texts - {entry.msgid for entry in catalogue} == set()


def test_no_text_of_the_templates_is_missing(catalogue):
    texts = set()
    folders = [settings.BASE_DIR / "templates", settings.BASE_DIR / "callme_site"]
    for path in (path for folder in folders for path in folder.rglob("*.html")):
        marked = templatize(path.read_text(), origin=path.name)
        literals = re.findall(r"""gettext\((u?(['"])(?:\\.|(?!\2).)*\2)""", marked)
        texts |= {ast.literal_eval(literal) for literal, _quote in literals}
    assert len(texts) > 20
    assert texts - {entry.msgid for entry in catalogue} == set()
