"""The code that opens a stall in the student's mini-program."""

import pytest

from accounts import services, wechat


@pytest.fixture
def no_token(sandbox_wechat):
    sandbox_wechat.token_by_appid.clear()


def test_it_is_fetched_once_and_kept(ma, noodles, media, no_token, settings):
    answer = ma("qrcode")
    noodles.refresh_from_db()
    assert answer == {
        "qrcodeSuccess": "success",
        "qrcodeImageUrl": f"http://testserver/media/{noodles.qrcode.name}",
    }
    assert (media / noodles.qrcode.name).read_bytes().startswith(b"\xff\xd8")
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    assert ma("qrcode") == answer


def test_the_first_of_two_pictures_stays(ma, noodles, media):
    noodles.keep_qrcode(b"first")
    also_noodles = type(noodles).objects.get()
    also_noodles.qrcode = ""
    also_noodles.keep_qrcode(b"\x89PNG second")
    assert also_noodles.qrcode == type(noodles).objects.get().qrcode
    assert [path.read_bytes() for path in (media / "qrcodes").iterdir()] == [b"first"]


def test_wechat_is_away(ma, noodles, media):
    assert ma("qrcode") == {"qrcodeSuccess": "fail", "failMsg": "API Error"}
    noodles.refresh_from_db()
    assert not noodles.qrcode


def test_the_scene_names_the_seller(ma, noodles, media, no_token, monkeypatch):
    asked = []
    fetch = services.mini_program_code
    monkeypatch.setattr(services, "mini_program_code", lambda *args: asked.append(args) or fetch(*args))
    ma("qrcode")
    assert asked == [(f"sellerId={noodles.pk}", "pages/qu/qu", wechat.app("buyer"))]


def test_a_student_has_none(li):
    assert li("qrcode") == {"qrcodeSuccess": "fail", "failMsg": "Invalid Session Error"}
