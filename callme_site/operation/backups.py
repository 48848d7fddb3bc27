"""A backup: one .tar.gz of the pictures that the database names, the database, and a manifest that proves them whole.

A picture is deleted once the database names another (sellers.models). So pictures are packed before the snapshot, for
those that are replaced while it is taken, and after it, for those that are new in it. One that is replaced twice
meanwhile may be in neither: where any was replaced, the snapshot is taken again, three times at most.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import FileField
from django.utils import timezone
from django.utils.translation import gettext as _

from callme_site.operation.snapshots import KINDS, MariaDB, Refused, SQLite

ATTEMPTS = 3
MANIFEST = "manifest.json"
PICTURES = "media/"
UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, LookupError, TypeError)


def make(target: Path) -> list[str]:
    """Write a backup of database and pictures; return the pictures that the database names and that do not exist.

    Raises Refused, and then leaves nothing behind.
    """
    if not connection.introspection.table_names():
        raise Refused(_("There is nothing to back up: the database has no tables."))
    if target.exists():
        raise Refused(_("%(path)s exists already.") % {"path": target})
    # mkdtemp lets nobody else in.
    with in_plain_words(), TemporaryDirectory(dir=target.parent, prefix=".callme-") as folder:
        unfinished = Path(folder) / "backup"
        with tarfile.open(unfinished, "w:gz", compresslevel=6) as archive:
            lost = pack(Packing(archive), KINDS[connection.vendor](), Path(folder))
        verify(unfinished)
        unfinished.chmod(0o600)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
    return sorted(lost)


def digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # every open file will do


class Packing:
    """A backup being written, and the digests of what is in it."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.archive = archive
        self.digests: dict[str, str] = {}

    def add(self, name: str, file: IO[bytes]) -> None:
        """Add an open file, which nobody changes."""
        self.digests[name] = digest(file)
        member = tarfile.TarInfo(name)
        member.size, member.mode = file.seek(0, os.SEEK_END), 0o600
        member.mtime = timezone.now().timestamp()
        file.seek(0)
        self.archive.addfile(member, file)

    def add_pictures(self, names: set[str]) -> set[str]:
        """Add the pictures that are not in it yet; return the names that there is no file for."""
        lost = set()
        for name in sorted(names):
            if PICTURES + name in self.digests:
                continue
            try:
                picture = Path(settings.MEDIA_ROOT, name).read_bytes() if is_plain(name) else None
            except OSError:
                picture = None
            if picture is None:
                lost.add(name)
            else:
                self.add(PICTURES + name, io.BytesIO(picture))
        return lost


def pack(packing: Packing, database: SQLite | MariaDB, folder: Path) -> set[str]:
    """Pack everything; return the names of the pictures that there is no file for. Raises Refused."""
    applied, copy = migrations(), folder / database.member
    for _attempt in range(ATTEMPTS):
        before = named_files()
        packing.add_pictures(before)
        database.take(copy)
        after = named_files()
        lost = packing.add_pictures(after)
        if after == before:  # no name is ever used twice
            break
    # Tables that change while they are read are none that fit together.
    if migrations() != applied:
        raise Refused(_("The database was migrated meanwhile; run it again."))
    with copy.open("rb") as file:
        packing.add(database.member, file)
    manifest = {
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "database": connection.vendor,
        "migrations": applied,
        "files": packing.digests,
    }
    written = folder / MANIFEST
    written.write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    with written.open("rb") as file:
        packing.add(MANIFEST, file)
    return lost


def verify(path: Path) -> dict[str, Any]:
    """Return the manifest of a backup that is whole; raises Refused, OSError."""
    digests, manifest = {}, {}
    try:
        for name, file in members(path):
            if name == MANIFEST:
                manifest = json.load(file)
            else:
                digests[name] = digest(file)
        whole = digests == manifest["files"] and KINDS[manifest["database"]].member in digests
        manifest["migrations"] = [(str(app), str(name)) for app, name in manifest["migrations"]]
    except UNREADABLE:
        whole = False
    if not whole:
        raise Refused(_("%(path)s is damaged, or no backup of callme.") % {"path": path})
    return manifest


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield what is in a backup, in order; raises one of UNREADABLE, OSError.

    Nothing is unpacked by names that the archive chose: no links, no folders, and no way out of MEDIA_ROOT. (tarfile's
    own filter is not in Debian 12's Python.)
    """
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            known = member.name in (MANIFEST, SQLite.member, MariaDB.member) or member.name.startswith(PICTURES)
            file = archive.extractfile(member) if known and member.isreg() and is_plain(member.name) else None
            if file is None:
                raise ValueError("not a member of ours")
            yield member.name, file


def is_plain(name: str) -> bool:
    """Return whether a file's name stays in the folder that it is relative to."""
    path = PurePosixPath(name)
    return str(path) == name and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def restore(path: Path, *, replace: bool) -> str:
    """Put a backup's pictures and database in place; return when it was made. Raises Refused.

    The database comes last, so that whatever fails before has changed nothing that anybody sees.
    """
    with in_plain_words():
        manifest, database = verify(path), KINDS[connection.vendor]()
        fits(path, manifest)
        if connection.introspection.table_names() and not replace:
            raise Refused(_("The database is not empty; --replace puts the backup in the place of all that is in it."))
        for name, file in members(path):
            if name.startswith(PICTURES):
                put_picture(name.removeprefix(PICTURES), file)
            elif name == database.member:
                database.put(file)
    return manifest["made_at"]


def fits(path: Path, manifest: dict[str, Any]) -> None:
    """Raise Refused where this callme cannot work with that backup."""
    if manifest["database"] != connection.vendor:
        raise Refused(
            _("%(path)s is of %(theirs)s, and DATABASE_URL names %(ours)s.")
            % {"path": path, "theirs": manifest["database"], "ours": connection.vendor}
        )
    known = MigrationLoader(None).disk_migrations
    if unknown := [".".join(migration) for migration in manifest["migrations"] if migration not in known]:
        raise Refused(
            _("%(path)s was made by a newer callme, which has %(migrations)s: update this one first.")
            % {"path": path, "migrations": ", ".join(unknown)}
        )


def put_picture(name: str, file: IO[bytes]) -> None:
    """Write a picture; one that is there already is replaced, whole or not at all."""
    path = Path(settings.MEDIA_ROOT, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}-restored")
    try:
        with new.open("wb") as written:
            shutil.copyfileobj(file, written)
        new.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def file_columns() -> list[tuple[str, str]]:
    """Return the columns that name uploaded files, each with its table."""
    return [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, FileField) and field.column
    ]


def named_files() -> set[str]:
    """Return the names of all files that the database names now."""
    with connection.cursor() as cursor:
        names = set()
        for table, column in file_columns():
            cursor.execute(f"SELECT {connection.ops.quote_name(column)} FROM {table}")  # noqa: S608
            names |= {name for (name,) in cursor}
    return names - {""}


def migrations() -> list[tuple[str, str]]:
    """Return the migrations that the database has, by app and name."""
    return sorted(MigrationRecorder(connection).applied_migrations())


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what a disk or a SQLite file may refuse into Refused."""
    try:
        yield
    except (sqlite3.Error, DatabaseError) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
