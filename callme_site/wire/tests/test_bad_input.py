"""Every field of every query, wrong in every way: the answer is the failMsg of its row, and nothing changes."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from django.db import transaction

from callme_site.testing.announced import unannounced
from callme_site.testing.tables import rows
from callme_site.wire.registry import registry
from conftest import ENCODINGS, MA_TELEPHONE, Phone, make_seller, make_staff, noted
from queueing import taking
from queueing.models import Order
from sellers.models import Seller

NOODLES = object()  # stands for the id of Ma's stall
MISSING = object()
NEW_TELEPHONE = "13900000002"

# Who can send a query with success, and with what; "done" comes from the student, "done seller" from the stall.
GOOD = {
    "login": ("stranger", {"code": "sandbox-zhao", "isseller": "no"}),
    "seller_list": ("li", {}),
    "menu": ("li", {"sellerId": NOODLES}),
    "fetch": ("ma", {}),
    "note": ("ma", {}),
    "today": ("ma", {}),
    "push": (
        "wang",
        {"sellerId": NOODLES, "marchSn": 2, "noteContent": "不要香菜", "claim": "0047", "subscribe": "yes"},
    ),
    "claim": ("ma", {"marchSn": 2}),
    "hungry": ("li", {"sellerId": NOODLES, "marchSn": 1}),
    "call": ("ma", {"marchSn": 2}),
    "call several": ("ma", {"marchSn": "2,1"}),
    "undo": ("ma", {"marchSn": 1}),
    "done": ("li", {"sellerId": NOODLES, "marchSn": 1}),
    "done seller": ("ma", {"isseller": "yes", "marchSn": 1}),
    "signup": ("hu", {"telNum": NEW_TELEPHONE, "sellerName": "饺子", "personName": "王师傅"}),
    "signup proven": ("hu", {"phoneCode": f"sandbox-{NEW_TELEPHONE}"}),
    "info": ("ma", {}),
    "admin": ("clerk", {}),
    "renew": ("clerk", {"telNum": MA_TELEPHONE, "term": 1}),
    "update": (
        "ma",
        {"sellerName": "凉面", "personName": "小马", "menuList": '["凉面"]', "imageName": "photo", "proof": "yes"},
    ),
    "clear": ("ma", {}),
    "qrcode": ("ma", {}),
    "pause": ("ma", {}),
    "resume": ("ma", {}),
}

NUMBERS = [
    *["", "  ", "abc", "5.0", "1e1", "1_0", "0x1", "+1", "1 1", "＋１", "١", "🍜", "1\0", "\0", "NaN", "1' OR '1'='1"],
    *["１．０", "0", "-1", "9" * 5000, str(10**30), 0, -1, 5.0, 1e300, 10**30, float("inf"), True, False],
]
TELEPHONES = [
    *[*NUMBERS, 1, "1380000000", "138000000011", "12800000001", "03800000001", "+8713800000001", "+86+13800000001"],
    *["１３８００００００１", f"{MA_TELEPHONE}\0", f"{MA_TELEPHONE}.0", f"-{MA_TELEPHONE}", "1.38e10", 1.38e10],
]
NAMES = ["面" * 61, "🍜" * 61, "x" * 100_000, "9" * 5000, "拉\0面", "\0"]
MENUS = [
    *["x" * 41, f"凉面，{'面' * 41}", ",".join(map(str, range(61))), "凉面,a\0", "\0", "9" * 5000],
    *["[", '["凉面"', "['凉面']", '["凉面"] x', "[null]", "[true]", "[[]]", "[{}]", "{}", '{"1": "凉面"}'],
    *[r'["a\u0000"]', r'["\ud800"]', json.dumps(["x" * 41]), json.dumps(["x"] * 61), "[" * 100_000, '{"a":' * 50_000],
]
# What is empty counts as not sent: then the claim is wrong, which is counted.
CLAIMS = [
    *["abc", "047", "00470", "004 7", "+047", "0x47", "-047", "4.70", "١٢٣٤", "🍜🍜🍜🍜", "0047\0", "\0", "9" * 5000],
    *[47, -47, 4.7, 10**30, True, False],
]
PROOFS = [
    "",
    "  ",
    "Yes",
    "YES",
    "yes ",
    "true",
    "1",
    "y",
    "是",
    "yes\0",
    "no\0",
    "\0",
    "x" * 100_000,
    1,
    0,
    True,
    False,
]
KINDS = {
    "sellerId": [MISSING, *NUMBERS],
    "marchSn": [MISSING, *NUMBERS, 100, "100", 10**18],
    "term": [MISSING, *NUMBERS, 37, "37", 10**18],
    "telNum": [MISSING, *TELEPHONES],
    "noteContent": [MISSING, "x" * 201, "🍜" * 201, "x" * 100_000, "9" * 5000, "a\0b", "\0"],
    "code": [MISSING, "", "  ", "x" * 257, "x" * 100_000, "9" * 5000, "a\0", "\0"],
    "phoneCode": ["x" * 257, "x" * 100_000, "9" * 5000, "a\0", "\0"],  # of a number that is none, WeChat says so
    "sellerName": NAMES,
    "personName": NAMES,
    "menuList": MENUS,
    "imageName": ["x" * 100_000, "9" * 5000, "a\0", "\0"],
    "claim": CLAIMS,
    "proof": PROOFS,
}
# Bad among several numbers, in any encoding.
NO_SEVERAL = [
    *[
        ",",
        "1,",
        ",1",
        "1,,2",
        "1, ,2",
        "1，，2",
        "1,0",
        "1,100",
        "1,-1",
        "1,2.0",
        "1,x",
        "1 2,1",
        "1,\0",
        "1;2",
        "1、2",
    ],
    *["[1,2]", "[]", "1,[2]", ",".join(["1"] * 100), "," * 100_000, "1,2,🍜", "1," + "9" * 5000],
]
# What JSON alone can say.
NO_SCALARS = [[], [1], ["1"], [[1]], {}, {"1": 1}, "\ud800", "1\udfff"]
NO_MENUS = [{}, {"1": "凉面"}, [None], [True], [[]], [{}], ["a\0"], ["\ud800"], ["x" * 41], ["x"] * 61, "\ud800"]
NO_ARRAYS_OF_NUMBERS = [
    *[[], [0], [100], [1, 100], [1, None], [1, True], [1, 2.0], [1, -1], [1, ""], [1, "1,2"], [1, "x"], [[1, 2]], [{}]],
    *[[1] * 100, ["1"] * 100, [1, "\ud800"], {}, {"1": 1}, "\ud800", "1,\udfff"],
]
# What a form and multipart alone can bring: bytes that are no UTF-8, and a surrogate's.
NO_TEXTS = [b"\xff", b"1\xff", b"\xed\xa0\x80"]
SEVERAL = {"call", "call several"}  # which take several numbers as well

# The failMsg for a bad value, by query and field.
FAULTS = {
    "login": {"code": "Login Error"},
    "menu": {"sellerId": "Illegal Seller Error"},
    "push": {
        "sellerId": "Invalid Sn Error",
        "marchSn": "Invalid Sn Error",
        "noteContent": "Invalid Note Error",
        "claim": "Invalid Sn Error",
    },
    "claim": {"marchSn": "Invalid Sn Error"},
    "hungry": {"sellerId": "Not Ready Yet", "marchSn": "Not Ready Yet"},
    "call": {"marchSn": "Invalid Sn Error"},
    "call several": {"marchSn": "Invalid Sn Error"},
    "undo": {"marchSn": "Invalid Sn Error"},
    "done": {"sellerId": "Invalid Sn Error", "marchSn": "Invalid Sn Error"},
    "done seller": {"marchSn": "Invalid Sn Error"},
    "signup": {
        "telNum": "Invalid Tel Error",
        "sellerName": "Invalid Name Error",
        "personName": "Invalid Name Error",
    },
    "signup proven": {"phoneCode": "Login Error"},
    "renew": {"telNum": "Invalid Tel Error", "term": "Invalid Term Error"},
    "update": {
        "sellerName": "Invalid Name Error",
        "personName": "Invalid Name Error",
        "menuList": "Invalid Menu Error",
        "imageName": "Invalid Name Error",
        "proof": "Invalid Proof Error",
    },
}


@dataclass
class Canteen:
    seller: Seller
    phones: dict[str, Phone]

    def good(self, query):
        """Return the phone that can send the query, and its fields."""
        name, fields = GOOD[query]
        fields = {field: self.seller.pk if value is NOODLES else value for field, value in fields.items()}
        return self.phones[name], {"query": query.split()[0], **fields}


@pytest.fixture
def openids(settings, sandbox_wechat):
    """Openids are kept, and WeChat has seen Hu."""
    settings.OPENID_KEYS = [Fernet.generate_key().decode()]
    sandbox_wechat.visitors.add("openid-of-hu")


@pytest.fixture
def canteen(openids, ma, li, wang, hu, noodles):
    """Ma's number 1 is Li's and ready, 2 nobody's, with a claim; a stall awaits its sign-up; a clerk may renew."""
    phones = {"ma": ma, "li": li, "wang": wang, "hu": hu, "clerk": Phone.of("clerk"), "stranger": Phone("")}
    for phone in phones.values():
        phone.client = ma.client  # each has to load the middleware, which takes longer than most tests here
    make_staff(phones["clerk"])
    make_seller(NEW_TELEPHONE, name="包子")
    for _number in (1, 2):
        taking.take(noodles)
    Order.objects.bind(noodles.pk, 1, li.person, "多放辣椒")
    Order.objects.call(noodles, 1)
    Order.objects.filter(number=2).update(claim="0047")
    return Canteen(noodles, phones)


def post(phone, pairs, encoding):
    """Post fields, of which one may come twice, with values that may be bytes; return the answer."""
    pairs = [("sessionKey", phone.session_key), *pairs]
    if encoding == "json":
        body = "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs) + "}"
        content_type = "application/json"
    elif encoding == "multipart":
        body = b"".join(
            b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (name.encode(), value if isinstance(value, bytes) else str(value).encode())
            for name, value in pairs
        )
        body, content_type = body + b"--B--\r\n", "multipart/form-data; boundary=B"
    else:
        body, content_type = urlencode(pairs), "application/x-www-form-urlencoded"
    response = phone.client.generic("POST", "/", body, content_type=content_type)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json"), response.content
    return json.loads(response.content)


def bad_values(query, field, encoding):
    if query in SEVERAL:
        of_json = [None, *NO_ARRAYS_OF_NUMBERS]
        return KINDS[field] + NO_SEVERAL + (of_json if encoding == "json" else NO_TEXTS)
    if encoding != "json":
        return KINDS[field] + (NO_TEXTS if field in {"sellerId", "marchSn", "telNum", "term", "claim"} else [])
    not_sent = [None] if MISSING in KINDS[field] else []
    return KINDS[field] + not_sent + (NO_MENUS if field == "menuList" else NO_SCALARS)


def test_it_has_every_field_of_every_query_in_these_tables():
    assert {query.split()[0] for query in GOOD} == set(registry)
    declared = {(name, field) for name, query in registry.items() for field in query.fields.declared}
    tested = {(query.split()[0], field) for query, fields in FAULTS.items() for field in fields}
    flags = {("login", "isseller"), ("done", "isseller"), ("push", "subscribe")}
    assert declared - tested == flags  # anything but "yes" is "no"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("number", [int, str])
def test_it_answers_what_is_right(canteen, sandbox_wechat, media, encoding, number):
    """The control: what the other tests send fails for no other reason than its one bad field."""
    answers = {}
    for query in GOOD:
        phone, fields = canteen.good(query)
        fields = {name: number(value) if isinstance(value, int) else value for name, value in fields.items()}
        with transaction.atomic():
            answers[query] = post(phone, fields.items(), encoding).get(f"{fields['query']}Success")
            transaction.set_rollback(True)
    assert answers == dict.fromkeys(GOOD, "success")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("query", FAULTS)
def test_it_refuses_a_bad_field_and_changes_nothing(canteen, encoding, query):
    phone, good = canteen.good(query)
    before = rows()
    for field, fail_msg in FAULTS[query].items():
        expected = {f"{good['query']}Success": "fail", "failMsg": fail_msg}
        for value in bad_values(query, field, encoding):
            fields = {name: value if name == field else right for name, right in good.items()}
            pairs = [(name, value) for name, value in fields.items() if value is not MISSING]
            assert post(phone, pairs, encoding) == expected, (field, repr(value)[:80])
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("query", FAULTS)
def test_it_counts_the_last_of_a_value_given_twice(canteen, sandbox_wechat, encoding, query):
    phone, good = canteen.good(query)
    before = rows()
    for field, fail_msg in FAULTS[query].items():
        bad = (field, "a\0")
        answer = post(phone, [*good.items(), bad], encoding)
        assert answer == {f"{good['query']}Success": "fail", "failMsg": fail_msg}, field
        assert rows() == before, field
    right_at_last = [(field, "a\0") for field in FAULTS[query]] + list(good.items())
    assert post(phone, right_at_last, encoding)[f"{good['query']}Success"] == "success"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_counts_the_last_session_key(canteen, encoding):
    ma, stranger = canteen.phones["ma"], canteen.phones["stranger"]
    note = ("query", "note")
    assert post(ma, [note, ("sessionKey", "0" * 40)], encoding) == {"queryErr": "Session Time Out"}
    assert post(stranger, [note, ("sessionKey", ma.session_key)], encoding)["noteSuccess"] == "success"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_refuses_a_number_or_stall_that_does_not_exist(canteen, encoding):
    before = rows()
    for query, field, value in [
        *[(query, "sellerId", seller_id) for query in ("menu", "push", "hungry") for seller_id in (10**18, "007" * 6)],
        *[(query, "marchSn", 99) for query in ("push", "hungry", "call", "undo", "claim")],
    ]:
        phone, good = canteen.good(query)
        answer = post(phone, {**good, field: value}.items(), encoding)
        assert answer == {f"{query}Success": "fail", "failMsg": FAULTS[query][field]}, (query, field, value)
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("field", ["sellerName", "personName"])
def test_it_refuses_an_empty_name_in_an_update(canteen, encoding, field):
    """Signing up takes it for one that was not sent."""
    phone, good = canteen.good("update")
    before = rows()
    for value in ["", "  ", "\u3000"]:
        answer = post(phone, {**good, field: value}.items(), encoding)
        assert answer == {"updateSuccess": "fail", "failMsg": "Invalid Name Error"}, value
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_refuses_a_code_that_wechat_does_not_know(canteen, sandbox_wechat, encoding):
    before = rows()
    codes = [*NUMBERS[3:9], "x" * 256, "' OR ''='", "&js_code=sandbox-ma", "#", "sandbox-", "a\r\nb: c", 5, True]
    for code in codes:
        answer = post(canteen.phones["stranger"], [("query", "login"), ("code", code)], encoding)
        assert answer == {"loginSuccess": "fail", "failMsg": "Login Error"}, code
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_takes_any_other_isseller_for_a_student(canteen, encoding):
    """Ma closes as the stall with "yes" alone; anything else asks for the stall, as a student's phone does."""
    values = ["", "no", "Yes", "YES", "yes ", "true", "1", True, 1, "yes\0", "x" * 100_000, "是"]
    if encoding == "json":
        values += [None, [], ["yes"], {}, {"yes": "yes"}, "\ud800"]
    before = rows()
    for value in values:
        answer = post(canteen.phones["ma"], [("query", "done"), ("marchSn", 1), ("isseller", value)], encoding)
        assert answer == {"doneSuccess": "fail", "failMsg": "Invalid Sn Error"}, value
    assert rows() == before


def test_it_takes_every_number_of_the_pool_and_no_other(canteen):
    ma = canteen.phones["ma"]
    numbers = [Order(seller=canteen.seller, number=number, live_number=number) for number in range(3, 100)]
    with unannounced():
        Order.objects.bulk_create(numbers)
    answers = {number: post(ma, [("query", "call"), ("marchSn", number)], "json") for number in range(-1, 102)}
    assert {number for number, answer in answers.items() if answer == {"callSuccess": "success"}} == set(range(1, 100))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("field", ["sellerName", "personName"])
def test_it_signs_up_without_a_name_where_it_is_empty(canteen, encoding, field):
    phone, good = canteen.good("signup")
    for value in ["", "  "] + ([None] if encoding == "json" else []):
        assert post(phone, {**good, field: value}.items(), encoding) == {"signupSuccess": "success"}, value
    kept = {"sellerName": "包子", "personName": "马师傅"}  # what staff and make_seller wrote
    sent = {**kept, **{name: good[name] for name in kept}, field: kept[field]}
    info = phone("info")
    assert {name: info[name] for name in kept} == sent


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_leaves_what_an_update_does_not_send(canteen, encoding):
    """JSON says it with null, too."""
    before = rows()
    fields = {"query": "update"}
    if encoding == "json":
        fields |= dict.fromkeys(["sellerName", "personName", "menuList", "imageName"])
    answer = post(canteen.phones["ma"], fields.items(), encoding)
    assert answer == {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": "No File Uploaded"}
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_empties_the_menu(canteen, encoding):
    for value in ["", "  ", ",，, ,", "[]", '["", " "]', *([[], ["", " "]] if encoding == "json" else [])]:
        with unannounced():
            Seller.objects.update(menu=["凉面"])
        assert canteen.phones["ma"].send({"query": "update", "menuList": value}, encoding).json() == {
            "updateSuccess": "success",
            "updateImageSuccess": "fail",
            "failMsg": "No File Uploaded",
        }
        assert canteen.phones["ma"]("info")["menuList"] == [], value


NOTES = [
    "",
    " ",
    " 前后有空格 ",
    "多放香菜，不要辣；谢谢！",
    "🍜🌶️👨‍👩‍👧‍👦🇨🇳𠮷",
    """'"`\\ %s %00 \\0 {} ${x} {{ x }} \\u0041""",
    "'; DROP TABLE queueing_order; --",
    "<script>alert(1)</script>&lt;b&gt;&amp;",
    "第一行\n第二行\r\n\t第三行",
    "\u2028\u2029\ufeff\u200b\x01\x1f\x7f\ufffd\ufffe",
    "e\u0301 é Ⅳ ﬁ ＡＢＣ",
    "null",
    "[1, 2]",
    "面" * 200,
    "🍜" * 200,
    " " * 200,
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_keeps_a_note_exactly_as_it_was_sent(canteen, encoding):
    wang, ma, seller_id = canteen.phones["wang"], canteen.phones["ma"], canteen.seller.pk
    for note in NOTES:
        number = ma("fetch")["marchSn"]
        fields = [("query", "push"), ("sellerId", seller_id), ("marchSn", number), ("noteContent", note)]
        assert post(wang, fields, encoding) == {"pushSuccess": "success"}, note
        assert noted(canteen.seller, number, note) in ma("note")["orderList"]["notedList"]
        assert wang("menu", sellerId=seller_id)["takenMenuName"] == note
        assert post(wang, fields, encoding) == {"pushSuccess": "success"}, note  # the same note: a repeated request
        ma("done", isseller="yes", marchSn=number)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_keeps_names_exactly_as_they_were_sent_and_of_dishes_one_blank(canteen, encoding):
    ma = canteen.phones["ma"]
    names = [note for note in NOTES if note == note.strip() != "" and len(note) <= 60] + ["面" * 60, "🍜" * 60]
    dishes = [name[:40] for name in names]
    menu = dishes if encoding == "json" else json.dumps(dishes)
    for name in names:
        fields = {"query": "update", "sellerName": name, "personName": name, "menuList": menu}
        assert post(ma, fields.items(), encoding)["updateSuccess"] == "success", name
        info = ma("info")
        assert (info["sellerName"], info["personName"]) == (name, name)
        assert info["menuList"] == [" ".join(dish.split()) for dish in dishes]


@pytest.mark.parametrize("encoding", ["form", "multipart"])
def test_it_keeps_a_note_whose_bytes_are_no_utf8_with_a_mark_in_their_place(canteen, encoding):
    phone, good = canteen.good("push")
    assert post(phone, {**good, "noteContent": b"\xff\xe9\x9d\xa2"}.items(), encoding) == {"pushSuccess": "success"}
    assert phone("menu", sellerId=canteen.seller.pk)["takenMenuName"] == "\ufffd面"


def test_it_keeps_what_json_says_in_numbers_and_booleans_as_text(canteen):
    phone, good = canteen.good("push")
    for value, note in [(5, "5"), (1.50, "1.5"), (10**30, str(10**30)), (True, "true"), (False, "false")]:
        assert post(phone, {**good, "noteContent": value}.items(), "json") == {"pushSuccess": "success"}
        assert phone("menu", sellerId=canteen.seller.pk)["takenMenuName"] == note
        with unannounced():
            Order.objects.filter(number=2).update(buyer=None)
