"""Moving in from the original server: what comes in, what does not, and what a second run leaves alone."""

import os
import threading
from contextlib import closing
from datetime import date
from io import StringIO
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import MySQLdb
import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Person, hash_openid
from callme_site.testing.announced import unannounced
from callme_site.testing.phones import NOT_READY
from conftest import Phone, make_seller, noted
from queueing.legacy import importer
from queueing.legacy.management.commands.import_legacy import Command
from queueing.models import Order
from sellers.models import Seller
from sellers.months import add_months
from sellers.records import BalanceEntry, Unbinding

MA, WANG, CHEN = "13800000001", "13800000002", "13800000003"
MA_HASH, LI_HASH, WANG_HASH = (hash_openid(f"openid-of-{name}") for name in ("ma", "li", "wang"))

# As the original had them; each test may have its texts in another character set.
SCHEMA = """
CREATE TABLE seller_list (id_seller int PRIMARY KEY AUTO_INCREMENT, name_seller varchar(100), path_photo varchar(200),
    mon_balance int DEFAULT 0, tel_banding varchar(30), name_person varchar(100), hash_openid char(40) DEFAULT '0',
    json_menu text, count_noted_order int DEFAULT 0) DEFAULT CHARSET {charset};
CREATE TABLE order_list (id_order int PRIMARY KEY AUTO_INCREMENT, sn_march int, session_key_seller char(40),
    session_key_client char(40), flag_done char(1), id_seller int, note_order varchar(1000)) DEFAULT CHARSET {charset};
CREATE TABLE admin_list (id_admin int PRIMARY KEY AUTO_INCREMENT, hash_openid char(40), nick_admin varchar(50))
    DEFAULT CHARSET {charset};
CREATE TABLE session_record (sessionkey char(40), time_session datetime, flag_isseller char(1), id_seller int);
CREATE TABLE wxapp_info (id_wxappInfo int, wxappid varchar(50), wxsecret varchar(50))
"""


class OldServer:
    """The original's database, beside the tests' own on the same server."""

    def __init__(self, name):
        self.name = name
        self.url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))

    def connect(self, **params):
        return closing(MySQLdb.connect(**{**connection.get_connection_params(), "db": self.name, **params}))

    def create(self, charset="utf8mb4"):
        for statement in SCHEMA.format(charset=charset).split(";"):
            self.run(f"DROP TABLE IF EXISTS {statement.split()[2]}")
            self.run(statement)

    def run(self, sql, args=None):
        with self.connect() as server:
            server.cursor().execute(sql, args)
            server.commit()

    def add(self, table, **row):
        columns = ", ".join(row)
        self.run(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values()))

    def run_in_php(self, sql):
        """Run SQL as PHP did: the bytes are UTF-8, and the connection says that they are latin1."""
        with self.connect(charset="latin1") as server:
            server.query(sql.encode())
            server.commit()

    def dump(self):
        with self.connect() as server:
            cursor = server.cursor()
            tables = ("seller_list", "order_list", "admin_list", "session_record", "wxapp_info")
            return {table: (cursor.execute(f"SELECT * FROM {table}"), cursor.fetchall()) for table in tables}


@pytest.fixture
def old(db):
    """The old database with its tables, empty."""
    name = f"old_{os.getpid()}_{os.urandom(3).hex()}"
    with closing(MySQLdb.connect(**{**connection.get_connection_params(), "db": ""})) as server:
        server.query(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            old = OldServer(name)
            old.create()
            yield old
        finally:
            server.query(f"DROP DATABASE {name}")


@pytest.fixture
def lunch(old):
    """Ma's stall at lunch: number 1 is fetched, Li has number 2, Wang's number 3 is called. Chen is new."""
    old.add(
        "seller_list",
        id_seller=7,
        name_seller="拉面",
        path_photo="https://callme.example/images/seller/7.png",
        mon_balance=3,
        tel_banding=MA,
        name_person="马师傅",
        hash_openid=MA_HASH.upper(),
        json_menu='["%E7%89%9B%E8%82%89+%E9%9D%A2","%E5%88%80%E5%89%8A%20%E9%9D%A2"]',
    )
    old.add("seller_list", id_seller=9, tel_banding=CHEN)
    for order in (
        {"id_order": 31, "sn_march": 1, "flag_done": "0"},
        {"id_order": 35, "sn_march": 2, "flag_done": "0", "session_key_client": LI_HASH, "note_order": "牛肉面 😀"},
        {"id_order": 33, "sn_march": 3, "flag_done": "1", "session_key_client": WANG_HASH, "note_order": ""},
    ):
        old.add("order_list", id_seller=7, session_key_seller=MA_HASH, **order)
    old.add("admin_list", id_admin=4, hash_openid=hash_openid("openid-of-clerk"), nick_admin="小张")
    old.add("session_record", sessionkey=MA_HASH, flag_isseller="1", id_seller=7)
    old.add("wxapp_info", id_wxappInfo=1, wxappid="wx1", wxsecret="s3cret")
    return old


def import_legacy(url, *args):
    """Run the command; return its summary and the lines about single rows."""
    said, lines = StringIO(), StringIO()
    with override("en"):
        call_command("import_legacy", url, *args, stdout=said, stderr=lines)
    return said.getvalue(), lines.getvalue().splitlines()


def moved_in(sellers=(), orders=(), admins=()):
    """Bring rows in that name the columns of interest; return the counts above 0 and the lines."""

    def whole(rows, **usual):
        return [{**usual, **row} for row in rows]

    none = dict.fromkeys(("name_seller", "path_photo", "name_person", "json_menu"))
    tables = {
        "seller_list": whole(sellers, **none, mon_balance=1, hash_openid="0"),
        "order_list": whole(orders, session_key_client=None, flag_done="0", note_order=None),
        "admin_list": whole(admins, nick_admin="小张"),
    }
    with override("en"):
        report = importer.move_in(tables)
    return {name: count for name, count in report.counts.items() if count}, report.lines


def everything():
    """Return all rows that an import may write."""
    models = (Seller, BalanceEntry, Order, Person, User, Unbinding)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


ALL = (
    "2 sellers, 3 live orders and 1 admins{who}; 0 rows were imported before, 0 {were} left out;"
    " 1 pictures {have} to be uploaded again.{nothing}\n"
)
IMPORTED = "Imported: " + ALL.format(who=", who have to be confirmed", were="were", have="have", nothing="")
WOULD_IMPORT = "This would import " + ALL.format(
    who="", were="would be", have="would have", nothing=" Nothing was changed."
)


@pytest.mark.mariadb
@time_machine.travel("2027-01-31 12:00+08:00", tick=False)
def test_it_moves_in(lunch):
    before = lunch.dump()
    assert import_legacy(lunch.url) == (IMPORTED, [])
    assert lunch.dump() == before
    sellers = Seller.objects.order_by("pk")
    assert list(sellers.values_list("pk", "telephone", "months", "on_duty_since", "next_charge_on", "picture")) == [
        (7, MA, 3, date(2027, 1, 31), date(2027, 2, 28), ""),
        (9, CHEN, 0, None, None, ""),
    ]
    entries = BalanceEntry.objects.order_by("seller")
    assert list(entries.values_list("seller", "kind", "months", "balance_after", "staff_user")) == [
        (7, "import", 3, 3, None),
        (9, "import", 0, 0, None),
    ]
    call_command("check_balances", stdout=StringIO())
    admin = User.objects.get()
    assert (admin.username, admin.first_name, admin.person.openid_hash) == (
        "legacy-admin-4",
        "小张",
        hash_openid("openid-of-clerk"),
    )
    assert (admin.is_staff, admin.is_active, admin.is_superuser, admin.has_usable_password()) == (
        True,
        False,
        False,
        False,
    )


@pytest.mark.mariadb
def test_the_phones_go_on(lunch):
    import_legacy(lunch.url)
    ma, li, wang = Phone.of("ma"), Phone.of("li"), Phone.of("wang")
    assert ma("info") == {
        "infoSuccess": "success",
        "sellerName": "拉面",
        "imageUrl": "",
        "menuList": ["牛肉 面", "刀削 面"],
        "balanceMon": 3,
        "paidUntil": add_months(timezone.localdate(), 3).isoformat(),
        "open": True,
        "proof": False,
        "personName": "马师傅",
    }
    lists = {
        "notedList": [noted(7, 3, ""), noted(7, 2, "牛肉面 😀")],
        "unnotedList": [noted(7, 1, None)],
    }
    assert ma("note") == {"noteSuccess": "success", "sellerId": 7, "noteContent": lists, "orderList": lists}
    assert li("menu", sellerId=7) == {
        "menuSuccess": "success",
        "menuContent": ["牛肉 面", "刀削 面"],
        "sellerName": "拉面",
        "waiting": 2,
        "taken": [{"sellerId": 7, "sellerName": "拉面", "marchSn": 2, "menuName": "牛肉面 😀", "called": False}],
        "takenFlag": "success",
        "takenSellerId": 7,
        "takenSellerName": "拉面",
        "takenMarchSn": 2,
        "takenMenuName": "牛肉面 😀",
    }
    assert wang("hungry", sellerId=7, marchSn=3) == {"hungrySuccess": "success"}
    assert li("hungry", sellerId=7, marchSn=2) == {**NOT_READY, "ahead": 0, "retryAfter": 2}
    assert wang("done", sellerId=7, marchSn=2) == {"doneSuccess": "fail", "failMsg": "Invalid Sn Error"}
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 4}
    assert Seller.objects.renew("13800000004", 1, None).pk > 9


@pytest.mark.mariadb
def test_a_rehearsal_changes_nothing(lunch):
    before = everything()
    assert import_legacy(lunch.url, "--dry-run") == (WOULD_IMPORT, [])
    assert everything() == before
    assert import_legacy(lunch.url) == (IMPORTED, [])


@pytest.mark.mariadb
def test_a_second_run_changes_nothing(lunch):
    lunch.add("seller_list", id_seller=8, tel_banding=MA, mon_balance=2)
    lunch.add("seller_list", id_seller=10, tel_banding=WANG, mon_balance=1, hash_openid=MA_HASH)
    lunch.add("admin_list", id_admin=5, hash_openid=hash_openid("openid-of-clerk"))
    lunch.add("admin_list", id_admin=6, hash_openid="0")
    import_legacy(lunch.url)
    before = everything()
    assert import_legacy(lunch.url) == (
        "Imported: 0 sellers, 0 live orders and 0 admins, who have to be confirmed; 8 rows were imported before,"
        " 2 were left out; 0 pictures have to be uploaded again.\n",
        [
            f"seller_list 8: left out with 2 months: another row has its telephone {MA} or its id, and more months or"
            " the lower id.",
            "admin_list 5: left out: it is the same WeChat person as admin_list 4.",
        ],
    )
    assert everything() == before


@pytest.mark.mariadb
def test_a_second_run_leaves_alone_what_has_changed_here(lunch):
    import_legacy(lunch.url)
    manager = User.objects.create_superuser("manager")
    Order.objects.end(Seller.objects.get(pk=7), 2)
    Seller.objects.renew(MA, 6, manager)
    Seller.objects.unbind(7, Seller.objects.get(pk=7).person_id, staff_user=manager, request=uuid4())
    with unannounced():
        Seller.objects.filter(pk=7).update(telephone="13900000001", name="兰州拉面", menu=["拌面"])
    User.objects.filter(username="legacy-admin-4").update(is_active=True, username="zhang", first_name="张")
    before = everything()
    lunch.run("UPDATE seller_list SET mon_balance = 99")
    lunch.run("INSERT INTO order_list (sn_march, id_seller, flag_done) VALUES (50, 7, '0')")
    _said, lines = import_legacy(lunch.url)
    assert lines == []
    assert everything() == before


@pytest.mark.mariadb
def test_a_second_run_brings_in_what_is_new(lunch):
    import_legacy(lunch.url)
    lunch.add("seller_list", id_seller=12, tel_banding=WANG, mon_balance=2, hash_openid=WANG_HASH)
    lunch.add("order_list", id_order=50, sn_march=1, id_seller=12, flag_done="0")
    assert import_legacy(lunch.url) == (
        "Imported: 1 sellers, 1 live orders and 0 admins, who have to be confirmed; 6 rows were imported before,"
        " 0 were left out; 0 pictures have to be uploaded again.\n",
        [],
    )
    assert Phone.of("wang")("fetch") == {"fetchSuccess": "success", "marchSn": 2}


@pytest.mark.mariadb
@pytest.mark.parametrize("charset", ["latin1", "utf8mb3", "utf8mb4", "gbk"])
def test_it_understands_what_php_wrote(old, charset):
    """UTF-8 said to be latin1: as it is in latin1 columns, encoded twice in the others."""
    if charset == "gbk":  # has no room for latin1's letters; it was written by a connection that knew its own encoding
        old.create("gbk")
        old.add("seller_list", id_seller=1, tel_banding=MA, name_seller="面面取号", name_person="é", json_menu="号,取")
        names = ("面面取号", "é", ["号", "取"])
    else:
        old.create(charset)
        # Among these bytes are all five that cp1252 has no character for: 81, 8D, 8F, 90, 9D.
        old.run_in_php(
            "INSERT INTO seller_list (id_seller, tel_banding, name_seller, name_person, json_menu) VALUES"
            f" (1, '{MA}', '面号丁位成', '王é😀', '[\"葱油面\", \"%E5%8F%B7\"]')"
        )
        names = ("面号丁位成", "王é😀", ["葱油面", "号"])
    import_legacy(old.url)
    assert Seller.objects.values_list("name", "person_name", "menu").get() == names


@pytest.mark.mariadb
def test_it_reads_bytes_and_what_a_column_cut_in_the_middle(old):
    old.create("latin1")
    old.run("ALTER TABLE seller_list MODIFY name_seller varchar(8), MODIFY name_person varbinary(100)")
    old.run_in_php(
        "INSERT IGNORE INTO seller_list (id_seller, tel_banding, name_seller, name_person, json_menu) VALUES"
        f" (1, '{MA}', '牛肉面', '马师傅', 'Café,Crème brûlée')"
    )
    old.add("seller_list", id_seller=2, tel_banding=WANG, name_seller="Café", name_person=b"Caf\xe9", json_menu="Café")
    import_legacy(old.url)
    assert list(Seller.objects.order_by("pk").values_list("name", "person_name", "menu")) == [
        ("牛肉", "马师傅", ["Café", "Crème brûlée"]),
        ("Café", "Café", ["Café"]),
    ]


@pytest.mark.mariadb
def test_it_can_only_read(lunch):
    with importer.connected(lunch.url) as cursor, pytest.raises(MySQLdb.OperationalError) as error:
        cursor.execute("DELETE FROM order_list")
    assert error.value.args[0] == 1792  # cannot execute statement in a READ ONLY transaction


@pytest.mark.mariadb
def test_it_has_left_the_old_server_before_it_writes(lunch, monkeypatch):
    connections = []

    def connected_to(name):
        with lunch.connect() as server:
            cursor = server.cursor()
            cursor.execute("SELECT count(*) FROM information_schema.processlist WHERE db = %s", [name])
            return cursor.fetchone()[0] - 1  # but for this one

    monkeypatch.setattr(importer, "bring_admins", lambda rows, report: connections.append(connected_to(lunch.name)))
    import_legacy(lunch.url)
    assert connections == [0]


@pytest.mark.mariadb
def test_it_is_all_or_nothing(lunch, monkeypatch):
    def fails(rows, report):
        assert (Seller.objects.count(), Order.objects.count()) == (2, 3)
        raise RuntimeError("the plug is pulled")

    before = everything()
    monkeypatch.setattr(importer, "bring_admins", fails)
    with pytest.raises(RuntimeError):
        import_legacy(lunch.url)
    assert everything() == before


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_at_once_bring_everything_in_once():
    tables = {
        "seller_list": [{**dict.fromkeys(SELLER_COLUMNS), "id_seller": i, "tel_banding": f"1380000{i:04}"}
                        for i in range(1, 30)],
        "order_list": [],
        "admin_list": [{"id_admin": i, "hash_openid": f"{i:040}", "nick_admin": None} for i in range(1, 30)],
    }  # fmt: skip
    barrier, counts = threading.Barrier(2), []

    def run():
        barrier.wait()
        try:
            counts.append(importer.move_in(tables).counts)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    summed = counts[0] + counts[1]
    assert (summed["sellers"], summed["admins"], summed["present"]) == (29, 29, 58)
    assert (Seller.objects.count(), BalanceEntry.objects.count(), User.objects.count()) == (29, 29, 29)


SELLER_COLUMNS = ("name_seller", "path_photo", "mon_balance", "name_person", "hash_openid", "json_menu")


@pytest.mark.parametrize(
    "url",
    [
        "callme",
        "",
        "//root:s3cret@localhost/callme",
        "postgres://root:s3cret@localhost/callme",
        "mysql://root:s3cret@localhost",
        "mysql://root:s3cret@localhost/",
        "mysql://root:s3/cret@localhost/callme",
    ],
)
def test_it_refuses_what_is_no_address(db, url):
    with pytest.raises(CommandError) as error:
        import_legacy(url)
    assert str(error.value) == "The address is mysql://user:password@host/database, special characters percent-encoded."


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("database", "user", "options", "said"),
    [
        ("{name}", "stranger:s3cret", "", "Access denied for user 'stranger'@'localhost' (using password: YES)"),
        ("{name}_not", "{own}", "", "Unknown database '{name}_not'"),
        ("{name}", "{own}", "&colour=s3cret", "{keyword}"),
    ],
)
def test_it_says_in_a_line_why_it_cannot_connect(old, database, user, options, said):
    own = urlsplit(old.url)
    names = {"name": old.name, "own": own.netloc.rpartition("@")[0], "keyword": words_for_a_wrong_keyword("colour")}
    netloc = f"{user.format(**names)}@{own.netloc.rpartition('@')[2]}"
    url = urlunsplit(own._replace(netloc=netloc, path=f"/{database.format(**names)}", query=own.query + options))
    with pytest.raises(CommandError) as error:
        import_legacy(url)
    assert str(error.value).startswith(f"The old database cannot be read: {said.format(**names)}")
    assert "s3cret" not in str(error.value)
    assert "\n" not in str(error.value)


def words_for_a_wrong_keyword(name):
    """Each Python has words of its own."""
    with pytest.raises(TypeError) as error:
        MySQLdb.connect(**{name: ""})
    return str(error.value)


@pytest.mark.mariadb
def test_it_says_which_table_is_missing(old):
    old.run("DROP TABLE admin_list")
    with pytest.raises(CommandError) as error:
        import_legacy(old.url)
    assert str(error.value) == f"The old database cannot be read: Table '{old.name}.admin_list' doesn't exist"
    with pytest.raises(CommandError) as error:
        import_legacy(old.url.replace(old.name, connection.settings_dict["NAME"]))
    assert "seller_list' doesn't exist" in str(error.value)


def test_it_states_its_rules():
    with override("en"):
        stated = Command().create_parser("manage.py", "import_legacy").format_help()
    assert "stays with the row that has more months, then with the lower id" in " ".join(stated.split())


def test_it_refuses_a_database_with_sellers_of_its_own(db):
    make_seller()
    before = everything()
    with pytest.raises(importer.Refused) as error:
        moved_in([{"id_seller": 1, "tel_banding": WANG}])
    assert str(error.value) == "This database has sellers of its own, and the import needs an empty one."
    assert everything() == before


@pytest.mark.parametrize(
    ("seller", "here"),
    [((20, CHEN), (20, WANG)), ((21, WANG), (20, WANG)), ((20, WANG), (20, WANG)), ((1, CHEN), (1, MA))],
)
def test_it_refuses_sellers_that_are_others_here(db, seller, here):
    moved_in([{"id_seller": 1, "tel_banding": MA}])
    with unannounced():
        Seller.objects.create(pk=20, telephone=WANG)
    before = everything()
    rows = [{"id_seller": 15, "tel_banding": "13900000000"}, {"id_seller": seller[0], "tel_banding": seller[1]}]
    with pytest.raises(importer.Refused) as error:
        moved_in(rows)
    assert str(error.value) == (
        f"Seller {seller[0]} with the telephone {seller[1]} cannot come in: seller {here[0]} with the telephone"
        f" {here[1]} is here and was not imported from that row."
    )
    assert everything() == before


def test_an_empty_table_is_nothing(db):
    assert moved_in() == ({}, [])


@pytest.mark.parametrize(
    ("telephone", "stored"),
    [
        (" 138 0000 0001 ", MA),
        ("138-0000-0001", MA),
        ("+8613800000001", MA),
        ("008613800000001", MA),
        ("8613800000001", MA),
        ("１３８００００\u3000０００１\0", MA),
        (13800000001, MA),
    ],
)
def test_telephones_are_tidied(db, telephone, stored):
    assert moved_in([{"id_seller": 1, "tel_banding": telephone}]) == ({"sellers": 1}, [])
    assert Seller.objects.get().telephone == stored


@pytest.mark.parametrize(
    "telephone", [None, "", "0", "12800000001", "1380000000", "138000000011", "057488888888", "x\n"]
)
def test_a_seller_without_a_telephone_is_left_out_with_its_orders(db, telephone):
    orders = [{"id_order": 5, "id_seller": 1, "sn_march": 1}]
    assert moved_in([{"id_seller": 1, "tel_banding": telephone, "mon_balance": 4}], orders) == (
        {"skipped": 2},
        [
            f"seller_list 1: left out with 4 months: {telephone or ''!r} is no mainland mobile number.",
            "order_list 5: left out: its seller 1 is not imported.",
        ],
    )
    assert not Seller.objects.exists()


@pytest.mark.parametrize("pk", [0, -1, None])
def test_a_seller_without_an_id_is_left_out(db, pk):
    assert moved_in([{"id_seller": pk, "tel_banding": MA}]) == (
        {"skipped": 1},
        [f"seller_list {pk}: left out: its id is none."],
    )


def test_a_telephone_stays_with_more_months_then_the_lower_id(db):
    rows = [(1, MA, 1), (2, f" {MA}", 3), (3, MA, 3), (4, WANG, None), (5, WANG, 0)]
    sellers = [{"id_seller": pk, "tel_banding": tel, "mon_balance": months} for pk, tel, months in rows]
    orders = [{"id_order": pk, "id_seller": pk, "sn_march": 8} for pk in (1, 2, 3)]
    counts, lines = moved_in(sellers, orders)
    assert counts == {"sellers": 2, "orders": 1, "skipped": 5}
    assert [line.split(":")[0] for line in lines if "left out" in line] == [
        "seller_list 3",
        "seller_list 1",
        "seller_list 5",
        "order_list 1",
        "order_list 3",
    ]
    assert list(Seller.objects.order_by("pk").values_list("pk", "telephone", "months")) == [(2, MA, 3), (4, WANG, 0)]


def test_a_telephone_stays_with_who_was_imported_before(db):
    moved_in([{"id_seller": 1, "tel_banding": MA, "mon_balance": 3}, {"id_seller": 2, "tel_banding": MA}])
    before = everything()
    rows = [{"id_seller": 1, "tel_banding": MA}, {"id_seller": 2, "tel_banding": MA, "mon_balance": 9}]
    assert moved_in(rows)[0] == {"present": 1, "skipped": 1}
    assert everything() == before


def test_an_id_that_is_there_twice_comes_once(db):
    counts, _lines = moved_in([{"id_seller": 1, "tel_banding": MA}, {"id_seller": 1, "tel_banding": WANG}])
    assert counts == {"sellers": 1, "skipped": 1}


def test_a_person_stays_with_more_months_then_the_lower_id(db):
    rows = [(1, MA, 1), (2, WANG, 3), (3, CHEN, 3)]
    sellers = [
        {"id_seller": pk, "tel_banding": tel, "mon_balance": months, "hash_openid": MA_HASH} for pk, tel, months in rows
    ]
    assert moved_in(sellers) == (
        {"sellers": 3},
        [f"seller_list {pk}: its WeChat person is bound to seller 2; imported not bound." for pk in (3, 1)],
    )
    assert list(Seller.objects.filter(person__openid_hash=MA_HASH).values_list("pk", flat=True)) == [2]
    assert list(Seller.objects.filter(sign_up_until=None).values_list("pk", flat=True)) == [2]


@pytest.mark.parametrize(
    ("openid_hash", "told"),
    [("0", False), ("", False), (None, False), ("0" * 39, True), ("g" * 40, True), (hash_openid(""), True)],
)
def test_who_is_nobody_is_not_bound(db, openid_hash, told):
    counts, lines = moved_in([{"id_seller": 1, "tel_banding": MA, "hash_openid": openid_hash}])
    assert counts == {"sellers": 1}
    assert lines == ["seller_list 1: hash_openid is no sha1 of an openid; imported not bound."] * told
    assert Seller.objects.get().person is None
    assert Seller.objects.get().is_open_to_sign_up
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("balance", "months"), [(-2, 0), (None, 0), ("", 0), ("many", 0), (32768, 32767), (32767, 32767), ("5", 5)]
)
def test_a_balance_is_a_number_of_months(db, balance, months):
    _counts, lines = moved_in([{"id_seller": 1, "tel_banding": MA, "mon_balance": balance}])
    told = f"seller_list 1: the balance {'' if balance is None else str(balance)!r} is taken as {months} months."
    assert lines == [told] * (str(balance) != str(months))
    assert Seller.objects.get().months == BalanceEntry.objects.get().months == months


@pytest.mark.parametrize(
    ("text", "menu"),
    [
        (None, []),
        ("", []),
        ("[]", []),
        ('[""]', []),
        ('["%E7%89%9B+%E9%9D%A2"," %E9%9D%A2%20 ",""]', ["牛 面", "面"]),
        ('["牛肉面","\\u9762\\ud83d\\ude00"]', ["牛肉面", "面😀"]),
        ('{"0":"%E7%89%9B","1":"%E9%9D%A2"}', ["牛", "面"]),
        ('["a",5,null,"b\\u0000\\ud800"]', ["a", "5", "b"]),
        ('["牛\n肉"," 牛\u3000\\t面 "]', ["牛 肉", "牛 面"]),
        ("面" * 20 + " " * 40 + "面" * 19, ["面" * 20 + " " + "面" * 19]),
        ("牛肉面, 刀削面，炒饭", ["牛肉面", "刀削面", "炒饭"]),
        ("%E7%89%9B+%E9%9D%A2,a+b,100%", ["牛 面", "a+b", "100%"]),
        ('6"披萨,"面"', ['6"披萨', '"面"']),
    ],
)
def test_it_reads_menus(db, text, menu):
    assert moved_in([{"id_seller": 1, "tel_banding": MA, "json_menu": text}]) == ({"sellers": 1}, [])
    assert Seller.objects.get().menu == menu


@pytest.mark.parametrize(
    ("text", "menu"),
    [
        ('["%E7%89%9B","%E9%9D%A2', ["牛"]),
        ('["牛","面",]', ["牛", "面"]),
        ("[牛肉面，刀削面]", ["牛肉面", "刀削面"]),
        ("[特价]牛肉面,刀削面", ["[特价]牛肉面", "刀削面"]),
        ('[["牛"],["面"]]', ["牛", "面"]),
        ('["\\u725b","\\u97', []),
        ('["', []),
        ("[" * 10000 + '"', []),
    ],
)
def test_it_makes_the_best_of_broken_menus(db, text, menu):
    assert moved_in([{"id_seller": 1, "tel_banding": MA, "json_menu": text}]) == (
        {"sellers": 1},
        ["seller_list 1: the menu is broken JSON; see whether it came in well."],
    )
    assert Seller.objects.get().menu == menu


def test_it_cuts_what_is_too_long(db):
    row = {"name_seller": "拉" * 61, "name_person": "马" * 60, "json_menu": ",".join(["面" * 41] * 61)}
    orders = [{"id_order": 3, "id_seller": 1, "sn_march": 1, "session_key_client": LI_HASH, "note_order": "\0辣" * 201}]
    assert moved_in([{"id_seller": 1, "tel_banding": MA, **row}], orders) == (
        {"sellers": 1, "orders": 1},
        [
            "seller_list 1: the menu is cut to 60 names of 40 characters.",
            "seller_list 1: name_seller is cut to 60 characters.",
            "order_list 3: note_order is cut to 200 characters.",
        ],
    )
    seller = Seller.objects.get()
    assert (seller.name, seller.person_name, seller.menu) == ("拉" * 60, "马" * 60, ["面" * 40] * 60)
    assert Order.objects.get().note == "辣" * 200


def test_it_drops_what_turns_the_direction_of_names_and_notes(db):
    seller = {
        "name_seller": "\u202e拉面",
        "name_person": "马\u2066师傅\u2069",
        "json_menu": '["\\u200f牛肉面", "\u202c"]',
    }
    order = {"id_order": 3, "id_seller": 1, "sn_march": 1, "session_key_client": LI_HASH, "note_order": "不\u202d要辣"}
    counts, lines = moved_in([{"id_seller": 1, "tel_banding": f"\u202a{MA}\u202c", **seller}], [order])
    assert (counts, lines) == ({"sellers": 1, "orders": 1}, [])
    here = Seller.objects.get()
    assert (here.name, here.person_name, here.menu) == ("拉面", "马师傅", ["牛肉面"])
    assert Order.objects.get().note == "不要辣"


def test_it_takes_orders_as_they_are(db):
    rows = [
        {"sn_march": 1, "flag_done": None, "session_key_client": LI_HASH.upper(), "note_order": None},
        {"sn_march": "99", "flag_done": "1", "session_key_client": "0", "note_order": ""},
        {"sn_march": 2, "flag_done": "2", "session_key_client": None, "note_order": " 辣\0 "},
    ]
    orders = [{"id_order": pk, "id_seller": 1, **row} for pk, row in enumerate(rows, start=1)]
    assert moved_in([{"id_seller": 1, "tel_banding": MA}], orders) == (
        {"sellers": 1, "orders": 3},
        ["order_list 3: it has a note, but whose is not known; imported not bound."],
    )
    assert [
        (order.number, order.live_number, order.buyer and order.buyer.openid_hash, order.note, order.bound_at is None)
        for order in Order.objects.oldest_first()
    ] == [(1, 1, LI_HASH, "", False), (99, 99, None, "", True), (2, 2, None, " 辣 ", True)]
    assert list(Order.objects.filter(called_at__isnull=False).values_list("number", flat=True)) == [99]


@pytest.mark.parametrize("number", [0, 100, -1, None, "x"])
def test_it_leaves_out_orders_with_no_number(db, number):
    orders = [{"id_order": 3, "id_seller": 1, "sn_march": number}]
    assert moved_in([{"id_seller": 1, "tel_banding": MA}], orders) == (
        {"sellers": 1, "skipped": 1},
        [f"order_list 3: left out: {'' if number is None else str(number)!r} is no number from 1 to 99."],
    )


@pytest.mark.parametrize("seller", [2, 0, None])
def test_it_leaves_out_orders_of_nobody(db, seller):
    orders = [{"id_order": 3, "id_seller": seller, "sn_march": 1}]
    assert moved_in([{"id_seller": 1, "tel_banding": MA}], orders) == (
        {"sellers": 1, "skipped": 1},
        [f"order_list 3: left out: its seller {seller} is not imported."],
    )


@pytest.mark.parametrize(
    ("first", "second", "keeper"),
    [
        ((None, "1"), (LI_HASH, "0"), 4),
        ((LI_HASH, "0"), (WANG_HASH, "1"), 4),
        ((None, "0"), (None, "1"), 4),
        ((LI_HASH, "1"), (WANG_HASH, "1"), 3),
        ((None, "0"), (None, "0"), 3),
    ],
)
def test_a_number_that_is_out_twice_stays_with_one(db, first, second, keeper):
    orders = [
        {"id_order": pk, "id_seller": 1, "sn_march": 8, "session_key_client": buyer, "flag_done": done}
        for pk, (buyer, done) in ((3, first), (4, second))
    ]
    assert moved_in([{"id_seller": 1, "tel_banding": MA}], orders) == (
        {"sellers": 1, "orders": 1, "skipped": 1},
        [
            f"order_list {7 - keeper}: left out: number 8 of seller 1 is out twice; order_list {keeper} keeps it.",
        ],
    )
    order, (buyer, done) = Order.objects.get(), (first, second)[keeper - 3]
    assert (order.buyer and order.buyer.openid_hash, order.called_at is not None) == (buyer, done == "1")


def test_admins_come_once_and_without_power(db):
    linked = User.objects.create_user("boss", is_staff=True)
    Person.objects.link_staff(WANG_HASH, linked)
    admins = [
        {"id_admin": 1, "hash_openid": LI_HASH.upper(), "nick_admin": "张" * 151},
        {"id_admin": 2, "hash_openid": LI_HASH},
        {"id_admin": 3, "hash_openid": WANG_HASH},
        {"id_admin": 4, "hash_openid": "0", "nick_admin": None},
        {"id_admin": 5, "hash_openid": None},
    ]
    assert moved_in(admins=admins) == (
        {"admins": 3, "skipped": 1, "present": 1},
        [
            "admin_list 1: nick_admin is cut to 150 characters.",
            "admin_list 2: left out: it is the same WeChat person as admin_list 1.",
            "admin_list 4: its WeChat person is not known; imported not linked.",
            "admin_list 5: its WeChat person is not known; imported not linked.",
        ],
    )
    users = User.objects.order_by("pk").values_list("username", "first_name", "is_active", "person__openid_hash")
    assert list(users) == [
        ("boss", "", True, WANG_HASH),
        ("legacy-admin-1", "张" * 150, False, LI_HASH),
        ("legacy-admin-4", "", False, None),
        ("legacy-admin-5", "小张", False, None),
    ]
    assert Phone.of("li")("admin") == {"adminSuccess": "fail", "failMsg": "Not Admin Error"}
