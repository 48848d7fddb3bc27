"""Sentences that are stored, and said in the language of whoever reads them: of the history, and of the jobs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.utils.translation import gettext, ngettext

from callme_site.console.days import format_moment


@dataclass(frozen=True)
class Sentence:
    """A text of the catalogue, and what it tells of: texts, numbers, moments, or sentences themselves.

    A text with a `plural` goes by its first fact.
    """

    text: str
    facts: dict[str, Any] = field(default_factory=dict)
    plural: str = ""

    def __str__(self) -> str:
        """Say it in the language of the moment."""
        facts = {name: format_moment(fact) if isinstance(fact, datetime) else fact for name, fact in self.facts.items()}
        text = ngettext(self.text, self.plural, int(next(iter(facts.values())))) if self.plural else gettext(self.text)
        return text % facts if facts else text

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it; `of` makes it from that again."""
        facts: dict[str, Any] = {}
        for name, fact in self.facts.items():
            if isinstance(fact, Sentence):
                fact = fact.plain()
            elif isinstance(fact, datetime):
                fact = {"moment": fact.isoformat()}
            facts[name] = fact
        return {"text": self.text, "facts": facts, "plural": self.plural}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        """Return the sentence; raises KeyError where that is none."""
        facts = dict(plain["facts"])
        for name, fact in facts.items():
            if isinstance(fact, dict):
                facts[name] = datetime.fromisoformat(fact["moment"]) if "moment" in fact else cls.of(fact)
        return cls(plain["text"], facts, plain["plural"])

    def stored(self) -> str:
        return stored([self])


def stored(sentences: Iterable[Sentence]) -> str:
    """Return sentences as they are stored, to be said one after the other."""
    return json.dumps([sentence.plain() for sentence in sentences], ensure_ascii=False)


def said(stored: str) -> str | None:
    """Return what a stored sentence says; None for any other text."""
    if not stored.startswith('[{"text"'):
        return None
    return " ".join(str(Sentence.of(plain)) for plain in json.loads(stored))
