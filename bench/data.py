"""The two data sets: who is in them, and the SQL that fills them."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import MySQLdb

LIVE = 50  # orders of each stall, its numbers 1 to 50
POLLED = 1000  # orders that phones ask about, in either set
EATING = 1000  # students who take part in the rush, the last ones of the set


class Poll(NamedTuple):
    """A phone that asks about a number."""

    person: int
    seller: int
    number: int


@dataclass(frozen=True)
class DataSet:
    """So many stalls, each with 50 students who wait, more students, and a year of closed orders.

    The first people run the stalls, the next own the live orders in order of stall and number. Each has a session.
    """

    name: str
    sellers: int
    people: int
    closed: int

    @property
    def live(self) -> int:
        return self.sellers * LIVE

    def everybody(self) -> list[Poll]:
        """Return the phone of every live order."""
        return [
            Poll(self.sellers + (seller - 1) * LIVE + number, seller, number)
            for seller in range(1, self.sellers + 1)
            for number in range(1, LIVE + 1)
        ]

    def polls(self) -> list[Poll]:
        """Return 1,000 phones, as evenly spread over the live orders as that goes."""
        step = self.live / POLLED
        # One more for each stall passed: else the same few numbers would be asked for everywhere.
        places = (int(step * place) for place in range(POLLED))
        chosen = self.everybody()
        return [chosen[place // LIVE * LIVE + (place + place // LIVE) % LIVE] for place in places]

    def strangers(self, count: int) -> list[Poll]:
        """Return phones of students without an order, each of which asks about the number of somebody else."""
        first, polls = self.sellers + self.live + 1, self.polls()
        return [polls[place % POLLED]._replace(person=first + place) for place in range(count)]

    def eaters(self) -> list[int]:
        """Return the students who take part in the rush."""
        return list(range(self.people - EATING + 1, self.people + 1))


SETS = {
    "S": DataSet("S", sellers=20, people=4_020, closed=0),
    "L": DataSet("L", sellers=2_000, people=200_000, closed=2_000_000),
}


def key(person: int) -> str:
    """Return the 3rd_session of a person."""
    return hashlib.sha1(f"session {person}".encode()).hexdigest()


def digest(person: int) -> str:
    """Return what the database keeps of it."""
    return hashlib.sha256(key(person).encode()).hexdigest()


def shuffled(items: list[Any]) -> list[Any]:
    """Return the items in an order without a pattern, the same in each run."""
    return random.Random(1).sample(items, len(items))


def connect(url: str) -> MySQLdb.Connection:
    """Connect to the database of a URL as with-mariadb gives it, with a socket."""
    address = urlsplit(url)
    return MySQLdb.connect(
        user=address.username,
        db=address.path.strip("/"),
        unix_socket=dict(parse_qsl(address.query))["unix_socket"],
        charset="utf8mb4",
        autocommit=True,
    )


PEOPLE = """
INSERT INTO accounts_person (id, openid_hash, first_seen_at)
SELECT seq, SHA1(CONCAT('openid ', seq)), UTC_TIMESTAMP(6) FROM seq_1_to_{people};
INSERT INTO accounts_session (id, digest, person_id, app, started_at)
SELECT seq, SHA2(SHA1(CONCAT('session ', seq)), 256), seq, IF(seq <= {sellers}, 'seller', 'buyer'), UTC_TIMESTAMP(6)
    FROM seq_1_to_{people};
INSERT INTO sellers_seller
    (id, name, person_name, telephone, picture, menu, qrcode, person_id, switched_off,
    proof, months, on_duty_since, next_charge_on)
SELECT seq, CONCAT('窗口', seq), '师傅', 13000000000 + seq, '', '["牛肉面", "刀削面", "炒拉条"]', '', seq, 0,
    0, 12, UTC_DATE(), UTC_DATE() + INTERVAL 1 MONTH FROM seq_1_to_{sellers};
INSERT INTO sellers_balanceentry (seller_id, kind, months, balance_after, memo, created_at)
SELECT seq, 'renewal', 12, 12, '', UTC_TIMESTAMP(6) FROM seq_1_to_{sellers};
"""

# A year of lunches, in the order in which they were eaten, as a server that has run so long would have them.
HISTORY = """
INSERT INTO queueing_order
    (seller_id, buyer_id, number, live_number, note, taken_at, bound_at, called_at, closed_at, ending,
    claim, wrong_claims)
SELECT 1 + seq % {sellers}, {sellers} + 1 + seq * 7919 % ({people} - {sellers}), 1 + seq DIV {sellers} % 99, NULL,
    '牛肉面，多放香菜',
    taken, taken + INTERVAL 20 SECOND, taken + INTERVAL 6 MINUTE, taken + INTERVAL 8 MINUTE, 'collected', '', 0
FROM (
    SELECT seq, UTC_TIMESTAMP(6) - INTERVAL 1 DAY - INTERVAL ({closed} - seq) * 31536000 DIV {closed} SECOND AS taken
    FROM seq_{first}_to_{last}
) AS eaten;
"""
BATCH = 200_000  # rows; one transaction of all would keep its undo log until the first measurement

LIVE_ORDERS = """
INSERT INTO queueing_order (seller_id, buyer_id, number, live_number, note, taken_at, bound_at, ending,
    claim, wrong_claims)
SELECT 1 + (seq - 1) DIV {LIVE}, {sellers} + seq, 1 + (seq - 1) % {LIVE}, 1 + (seq - 1) % {LIVE}, '牛肉面，多放香菜',
    UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), '', '', 0 FROM seq_1_to_{live};
"""

TABLES = ("accounts_person", "accounts_session", "sellers_seller", "sellers_balanceentry", "queueing_order")
ANALYZE = f"ANALYZE TABLE {', '.join(TABLES)}"
# A plain server has the index, and nothing that keeps a number from being out twice.
CONSTRAINT, INDEX = "UNIQUE KEY `one_live_order_a_number`", "KEY `one_live_order_a_number`"


def statements(data: DataSet) -> Iterator[str]:
    """Yield the statements that fill a migrated, empty database."""
    yield from ("SET SESSION unique_checks = 0", "SET SESSION foreign_key_checks = 0")
    sizes = {"sellers": data.sellers, "people": data.people, "closed": data.closed, "live": data.live, "LIVE": LIVE}
    batches = ((first, min(first + BATCH - 1, data.closed)) for first in range(1, data.closed + 1, BATCH))
    history = (HISTORY.format(first=first, last=last, **sizes) for first, last in batches)
    for script in (PEOPLE.format(**sizes), *history, LIVE_ORDERS.format(**sizes)):
        yield from script.strip().rstrip(";").split(";\n")
    yield ANALYZE


def fill(url: str, data: DataSet) -> None:
    """Fill a migrated, empty database; L takes a minute or two."""
    database = connect(url)
    with database.cursor() as cursor:
        for statement in statements(data):
            cursor.execute(statement)
            cursor.fetchall()
    database.close()


def copy(url: str, to: str) -> None:
    """Copy the filled tables into an empty database, but for what forbids two live orders of one number."""
    name, database = urlsplit(url).path.strip("/"), connect(to)
    with database.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0")  # staff users and their like stay behind
        for table in TABLES:
            cursor.execute(f"SHOW CREATE TABLE {name}.{table}")
            cursor.execute(cursor.fetchone()[1].replace(CONSTRAINT, INDEX))
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {name}.{table}")
        cursor.execute(ANALYZE)
        cursor.fetchall()
    database.close()
