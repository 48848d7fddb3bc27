"""Moving in from the original server: its tables are read once and become sellers, live orders and staff users.

What the original's rows mean, and what is done about those that cannot come in as they are. Every row that is left out,
cut or guessed at is one line of the report.

- A seller comes once, and its live orders with it: an entry of its ledger names the row that it came from. What was
  imported before is passed over, whatever has become of it here since: months sold, orders closed, a phone unbound.
- A telephone (or an id) that several rows have stays with the row that has more months, then with the lower id. The
  others are left out with their orders, as is a seller whose telephone is none: staff register it by hand.
- A WeChat person whom several sellers have stays with one by the same rule; the others come in not bound. `hash_openid`
  and `session_key_client` are sha1(openid); "0", and whatever is not 40 hex digits, is nobody.
- The original deleted closed orders, so each of its orders is live. `flag_done` "1" is called, all else is not.
  When it was taken is not known; its age counts from the import.
- A number that is out twice stays with the order that a student has, then the one that was called, then the lower id.
- The months of the original fell on one day for all; here the first month counts from the import.
- Admins become staff users who cannot log in until somebody confirms them; of two with one person, the lower id.
"""

import json
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID, uuid5

import environ
import MySQLdb
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from MySQLdb.cursors import DictCursor

from accounts.models import Person, hash_openid
from callme_site.storage.retries import retried
from callme_site.storage.versions import EVERYTHING, changing
from callme_site.wire.fields import without_directions
from queueing.models import NOTE_LENGTH, NUMBERS, Order
from sellers.menus import MENU_NAME, MENU_NAMES, clean_menu
from sellers.models import NAME_LENGTH, Seller
from sellers.records import BalanceEntry
from sellers.telephones import TELEPHONE, plain_telephone

Row = dict[str, Any]
Tables = dict[str, list[Row]]  # by the table's name

QUERIES = {
    "seller_list": "SELECT id_seller, name_seller, path_photo, mon_balance, tel_banding, name_person, hash_openid,"
    " json_menu FROM seller_list ORDER BY id_seller",
    "order_list": "SELECT id_order, sn_march, session_key_client, flag_done, id_seller, note_order"
    " FROM order_list ORDER BY id_order",
    "admin_list": "SELECT id_admin, hash_openid, nick_admin FROM admin_list ORDER BY id_admin",
}
CONNECT_SECONDS = 10
ID_LIMIT = 10**18
MOST_MONTHS = 32767  # that one entry of the ledger holds
NICK_LENGTH = 150  # of a Django user's first name
UNSET = ("", "0")  # NULL reads as ""; 0 is the original's default
NOBODY = hash_openid("")
IMPORTED = UUID("7c1d5a52-4f0e-4f43-9f5b-3a0f2f2c9a11")  # the namespace of the entries' requests

# What MariaDB calls latin1 is cp1252, with the five bytes that cp1252 lacks as the control characters of latin1.
LATIN1 = {chr(byte): byte for byte in range(256)}
LATIN1 |= {bytes([byte]).decode("cp1252", "ignore"): byte for byte in range(0x80, 0xA0)}


class Refused(Exception):
    """The import cannot be done, in one line; nothing was changed."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A cursor on the old database, in a transaction that can only read; raises Refused, never with the password."""
    try:
        # Of an address without a scheme environ prints everything.
        config = environ.Env.db_url_config(url) if url.startswith("mysql://") else {}
    except ValueError:
        config = {}
    if not config.get("NAME"):
        raise Refused(_("The address is mysql://user:password@host/database, special characters percent-encoded."))
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "passwd", "NAME": "db"}
    given = {name: config[key] for key, name in names.items() if config[key]} | config.get("OPTIONS", {})
    # MySQLdb itself and not Django's backend, which refuses servers as old as the original's.
    given |= {"charset": "utf8mb4", "connect_timeout": CONNECT_SECONDS, "cursorclass": DictCursor}
    try:
        with closing(MySQLdb.connect(**given)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # Servers before 5.6.5 have no such transactions, and skip what stands between the marks.
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT /*!50605 , READ ONLY */")
            yield cursor
    except (MySQLdb.Error, TypeError) as error:
        raise Refused(_("The old database cannot be read: %(error)s") % {"error": error.args[-1]}) from None


def read(url: str) -> Tables:
    """Read the original's tables; raises Refused."""
    tables: Tables = {}
    with connected(url) as cursor:
        for table, query in QUERIES.items():
            cursor.execute(query)
            tables[table] = list(cursor.fetchall())
    return tables


def unmangled(text: str) -> str:
    """Return a text whose UTF-8 bytes were taken for latin1 as it was meant, and any other as it is.

    A last character that the column's end cut off is dropped.
    """
    try:
        meant = getincrementaldecoder("utf-8")().decode(bytes(LATIN1[character] for character in text))
    except (KeyError, UnicodeDecodeError):
        return text
    return text if meant.isascii() else meant


def text_of(value: Any) -> str:
    """Return a column's text, "" for NULL, without what not every database can store and text-direction controls."""
    text = value.decode("latin-1") if isinstance(value, bytes) else "" if value is None else str(value)
    return without_directions(re.sub("[\0\ud800-\udfff]", "", unmangled(text)))


def whole(value: Any) -> int | None:
    try:
        return int(text_of(value))
    except ValueError:
        return None


def telephone_of(value: Any) -> str:
    """Return the telephone number without blanks, dashes and the country's code, or "" where it is none."""
    number = plain_telephone(text_of(value))
    return number if re.fullmatch(TELEPHONE, number) else ""


def openid_hash_of(value: Any) -> str:
    """Return the person's hash in the form that is stored, or "" for nobody."""
    text = text_of(value).strip().lower()
    return text if re.fullmatch("[0-9a-f]{40}", text) and text != NOBODY else ""


def json_names(text: str) -> list[str]:
    """Return the names of a JSON list, or object, as the original once wrote; raises ValueError, RecursionError."""
    menu = json.loads(text, strict=False, parse_int=str, parse_float=str)
    names = [name for name in (menu.values() if isinstance(menu, dict) else menu) if name is not None]
    if not all(isinstance(name, str) for name in names):
        raise ValueError("not a list of names")
    return [unquote_plus(name) for name in names]


def plain_names(text: str) -> list[str]:
    """Return the names between commas; of broken JSON, what is quoted whole."""
    if text.startswith(("[", "{")) and '"' in text:
        names = re.findall(r'"([^"]*)"', text)
    else:
        names = re.split("[,，]", re.sub(r"^\[(.*)\]$", r"\1", text, flags=re.DOTALL))
    return [unquote_plus(name) if re.search("%[0-9a-fA-F]{2}", name) else name for name in names if "\\" not in name]


@dataclass
class Report:
    """What the import did: counts, and a line for each row that did not come in as it was."""

    lines: list[str] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)

    def say(self, row: str, text: str, **facts: Any) -> None:
        self.lines.append(text % {"row": row, **facts})

    def leave_out(self, row: str, text: str, **facts: Any) -> None:
        self.counts["skipped"] += 1
        self.say(row, text, **facts)

    def fit(self, row: str, column: str, value: str, length: int) -> str:
        """Return the text, cut to the length if need be."""
        if len(value) > length:
            text = _("%(row)s: %(column)s is cut to %(length)d characters.")
            self.say(row, text, column=column, length=length)
        return value[:length]

    def summary(self, *, dry_run: bool) -> str:
        """Return what was imported, or would be, in one line."""
        text = _(
            "Imported: %(sellers)d sellers, %(orders)d live orders and %(admins)d admins, who have to be confirmed;"
            " %(present)d rows were imported before, %(skipped)d were left out;"
            " %(pictures)d pictures have to be uploaded again."
        )
        if dry_run:
            text = _(
                "This would import %(sellers)d sellers, %(orders)d live orders and %(admins)d admins;"
                " %(present)d rows were imported before, %(skipped)d would be left out;"
                " %(pictures)d pictures would have to be uploaded again. Nothing was changed."
            )
        names = ("sellers", "orders", "admins", "present", "skipped", "pictures")
        return text % {name: self.counts[name] for name in names}


class OldSeller:
    """A row of seller_list, and what of it decides whether it comes in."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.id = whole(row["id_seller"]) or 0
        self.told = f"seller_list {whole(row['id_seller'])}"
        self.telephone = telephone_of(row["tel_banding"])
        self.months = min(max(whole(row["mon_balance"]) or 0, 0), MOST_MONTHS)
        # Marks the ledger's entry, so that the row is known again and comes in once.
        self.request = uuid5(IMPORTED, f"seller_list {self.id} {self.telephone}")


class SellersImport:
    """Brings sellers in. `new` are those of this run by id, `present` the ids of those imported before."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.new: dict[int, Seller] = {}
        self.present: set[int] = set()

    def run(self, rows: list[Row]) -> None:
        imports = BalanceEntry.objects.filter(kind=BalanceEntry.Kind.IMPORT)
        before = set(imports.values_list("request", flat=True))
        if not before and Seller.objects.exists():
            raise Refused(_("This database has sellers of its own, and the import needs an empty one."))
        olds = [old for old in map(OldSeller, rows) if self.is_usable(old)]
        ids, telephones = set(), set()
        for old in sorted(olds, key=lambda old: (old.request not in before, -old.months, old.id)):
            if old.id in ids or old.telephone in telephones:
                text = _(
                    "%(row)s: left out with %(months)d months: another row has its telephone %(telephone)s"
                    " or its id, and more months or the lower id."
                )
                self.report.leave_out(old.told, text, months=old.months, telephone=old.telephone)
                continue
            ids.add(old.id)
            telephones.add(old.telephone)
            if old.request in before:
                self.present.add(old.id)
                self.report.counts["present"] += 1
            else:
                self.new[old.id] = self.create(old)
                self.report.counts["sellers"] += 1

    def is_usable(self, old: OldSeller) -> bool:
        if not 0 < old.id < ID_LIMIT:
            self.report.leave_out(old.told, _("%(row)s: left out: its id is none."))
        elif not old.telephone:
            text = _("%(row)s: left out with %(months)d months: %(telephone)r is no mainland mobile number.")
            self.report.leave_out(old.told, text, months=old.months, telephone=text_of(old.row["tel_banding"]))
        else:
            return True
        return False

    def create(self, old: OldSeller) -> Seller:
        here = Seller.objects.filter(Q(pk=old.id) | Q(telephone=old.telephone)).order_by("pk").first()
        if here:
            text = _(
                "Seller %(id)d with the telephone %(telephone)s cannot come in: seller %(here)d with the telephone"
                " %(its)s is here and was not imported from that row."
            )
            facts = {"id": old.id, "telephone": old.telephone, "here": here.pk, "its": here.telephone}
            raise Refused(text % facts)
        if str(old.months) != text_of(old.row["mon_balance"]).strip():
            text = _("%(row)s: the balance %(balance)r is taken as %(months)d months.")
            self.report.say(old.told, text, balance=text_of(old.row["mon_balance"]), months=old.months)
        self.report.counts["pictures"] += text_of(old.row["path_photo"]).strip() not in UNSET
        seller = Seller(pk=old.id, telephone=old.telephone, menu=self.menu(old), person=self.person(old))
        if seller.person:
            seller.sign_up_until = None
        seller.name = self.report.fit(old.told, "name_seller", text_of(old.row["name_seller"]).strip(), NAME_LENGTH)
        person_name = text_of(old.row["name_person"]).strip()
        seller.person_name = self.report.fit(old.told, "name_person", person_name, NAME_LENGTH)
        seller.save(force_insert=True)
        entry = {"memo": _("moved in from the original server"), "request": old.request}
        seller.change_months(old.months, BalanceEntry.Kind.IMPORT, **entry)
        return seller

    def person(self, old: OldSeller) -> Person | None:
        if openid_hash := openid_hash_of(old.row["hash_openid"]):
            person = Person.objects.get_or_create(openid_hash=openid_hash)[0]
            seller = Seller.objects.filter(person=person).first()
            if seller is None:
                return person
            text = _("%(row)s: its WeChat person is bound to seller %(seller)d; imported not bound.")
            self.report.say(old.told, text, seller=seller.pk)
        elif text_of(old.row["hash_openid"]).strip() not in UNSET:
            self.report.say(old.told, _("%(row)s: hash_openid is no sha1 of an openid; imported not bound."))
        return None

    def menu(self, old: OldSeller) -> list[str]:
        text = text_of(old.row["json_menu"]).strip()
        try:
            names = json_names(text) if text.startswith(("[", "{")) else plain_names(text)
        except (ValueError, RecursionError):
            names = plain_names(text)
            self.report.say(old.told, _("%(row)s: the menu is broken JSON; see whether it came in well."))
        names = [name for name in (MENU_NAME.to_python(text_of(name)) for name in names) if name]
        kept = [name[: MENU_NAME.max_length].strip() for name in names[:MENU_NAMES]]
        if kept != names:
            text = _("%(row)s: the menu is cut to %(names)d names of %(length)d characters.")
            self.report.say(old.told, text, names=MENU_NAMES, length=MENU_NAME.max_length)
        return clean_menu(kept)


class OldOrder:
    """A row of order_list."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.id = whole(row["id_order"])
        self.told = f"order_list {self.id}"
        self.seller = whole(row["id_seller"]) or 0
        self.number = whole(row["sn_march"]) or 0
        self.buyer = openid_hash_of(row["session_key_client"])
        self.is_called = text_of(row["flag_done"]).strip() == "1"


def bring_orders(rows: list[Row], sellers: SellersImport, report: Report) -> None:
    """Bring the live orders of the new sellers in, the oldest first."""
    olds = [old for old in map(OldOrder, rows) if is_usable(old, sellers, report)]
    keepers: dict[tuple[int, int], OldOrder] = {}
    for old in sorted(olds, key=lambda old: (not old.buyer, not old.is_called)):
        keeper = keepers.setdefault((old.seller, old.number), old)
        if keeper is not old:
            text = _("%(row)s: left out: number %(number)d of seller %(seller)d is out twice; %(keeper)s keeps it.")
            report.leave_out(old.told, text, number=old.number, seller=old.seller, keeper=keeper.told)
    for old in olds:
        if keepers[old.seller, old.number] is old:
            bring_order(old, sellers.new[old.seller], report)


def is_usable(old: OldOrder, sellers: SellersImport, report: Report) -> bool:
    """Return whether the order's seller comes in and its number is one; report where not."""
    if old.seller in sellers.present:
        report.counts["present"] += 1
    elif old.seller not in sellers.new:
        text = _("%(row)s: left out: its seller %(seller)s is not imported.")
        report.leave_out(old.told, text, seller=whole(old.row["id_seller"]))
    elif old.number not in NUMBERS:
        text = _("%(row)s: left out: %(number)r is no number from 1 to 99.")
        report.leave_out(old.told, text, number=text_of(old.row["sn_march"]))
    else:
        return True
    return False


def bring_order(old: OldOrder, seller: Seller, report: Report) -> None:
    order = Order(seller=seller, number=old.number, live_number=old.number)
    order.note = report.fit(old.told, "note_order", text_of(old.row["note_order"]), NOTE_LENGTH)
    if old.buyer:
        order.buyer = Person.objects.get_or_create(openid_hash=old.buyer)[0]
        order.bound_at = order.taken_at
    elif order.note:
        report.say(old.told, _("%(row)s: it has a note, but whose is not known; imported not bound."))
    if old.is_called:
        order.called_at = order.taken_at
    order.save(force_insert=True)
    report.counts["orders"] += 1


def bring_admins(rows: list[Row], report: Report) -> None:
    """Bring admins in, as staff users who are not active; one is known again by the user's name or the person."""
    users = get_user_model().objects
    seen: dict[str, str] = {}
    for row in rows:
        told, username = f"admin_list {row['id_admin']}", f"legacy-admin-{row['id_admin']}"
        openid_hash = openid_hash_of(row["hash_openid"])
        keeper = seen.setdefault(openid_hash, told) if openid_hash else told
        if keeper != told:
            text = _("%(row)s: left out: it is the same WeChat person as %(keeper)s.")
            report.leave_out(told, text, keeper=keeper)
        elif users.filter(Q(username=username) | Q(person__openid_hash=openid_hash)).exists():
            report.counts["present"] += 1
        else:
            nick = report.fit(told, "nick_admin", text_of(row["nick_admin"]).strip(), NICK_LENGTH)
            user = users.create_user(username, first_name=nick, is_staff=True, is_active=False)
            if openid_hash:
                Person.objects.link_staff(openid_hash, user)
            else:
                report.say(told, _("%(row)s: its WeChat person is not known; imported not linked."))
            report.counts["admins"] += 1


@retried
@changing(EVERYTHING)
def move_in(tables: Tables, *, dry_run: bool = False) -> Report:
    """Write everything that is new here, or nothing at all; raises Refused."""
    report = Report()
    with transaction.atomic():
        sellers = SellersImport(report)
        sellers.run(tables["seller_list"])
        bring_orders(tables["order_list"], sellers, report)
        bring_admins(tables["admin_list"], report)
        transaction.set_rollback(dry_run)
    return report
