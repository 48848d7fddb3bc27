"""The values that a process keeps, each under the version (callme_site/storage/versions.py) with which it was read."""

import time
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from django.conf import settings
from django.utils import timezone

from callme_site.storage import versions

V = TypeVar("V")

SECONDS = {"one-host": 60, "several-hosts": 1, "off": 0}  # for which a memory is trusted at most, by MEMORY


class Cache(Generic[V]):
    """Values of one kind that this process keeps; when there are too many it forgets them all."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: dict[Hashable, tuple[versions.Version, float, V]] = {}

    def get(self, key: Hashable, version: versions.Version | None) -> V | None:
        """Return what is kept under the key, if its version is still this one."""
        kept = self.values.get(key)
        if kept is None or kept[0] != version or time.monotonic() >= kept[1]:
            return None
        return kept[2]

    def kept(self, key: Hashable, version: versions.Version | None, make: Callable[[], tuple[V, datetime | None]]) -> V:
        """Return what is kept under the key, or else what `make` returns now that this is the version.

        Beside that it returns until when it holds at most, or None.
        """
        value = self.get(key, version)
        if value is None:
            value, until = make()
            self.set(key, version, value, until)
        return value

    def set(self, key: Hashable, version: versions.Version | None, value: V, until: datetime | None = None) -> None:
        """Keep a value that was read after this was the version, `until` then at most."""
        if version is None:
            return
        seconds: float = SECONDS[settings.MEMORY]
        if until is not None:
            seconds = min(seconds, (until - timezone.now()).total_seconds())
        if len(self.values) >= self.most:
            self.values.clear()
        self.values[key] = version, time.monotonic() + seconds, value


class FollowedCache(Cache[V]):
    """The same, of what depends on one version each, kept on over changes of this process that say what they do to it.

    Such a change (`Change.follow`) tells `follow` of each move of the version that it makes, which is expected from
    then on. Any other change moves it too, and tells nobody: the version is never again what is expected.
    """

    def followed(self, key: Hashable, *, polled: bool = False) -> tuple[versions.Version, V] | None:
        """Return what is kept under the key, and with which version, if all changes since are known.

        It is from before those that are under way: nobody has been told yet that they are done.
        """
        kept = self.values.get(key)
        if kept is None or time.monotonic() >= kept[1] or not versions.is_trusted(polled):
            return None
        version, _, value = kept
        of, numbers = version
        file = versions.version_file(looked=1)
        if numbers != (file.number(versions.EVERYTHING), *map(file.number, of)):
            return None
        return version, value

    def follow(self, key: Hashable, number: int, then: Callable[[V], V | None] | None) -> None:
        """Expect the number to which the version has just been moved, by one, under the file's lock.

        `then` returns what is to be kept from there on, or None.
        """
        kept = self.values.get(key)
        # What somebody has read since the move has the number already, and what the change has made of it.
        if kept is None or kept[0][1][1] != number - 1:
            return
        (of, (everything, _)), until, value = kept
        after = then(value) if then else value
        if after is not None:
            self.values[key] = (of, (everything, number)), until, after

    def forget(self, key: Hashable) -> None:
        # Nor may a change that ends just now keep it on.
        with versions.version_file().lock:
            self.values.pop(key, None)
