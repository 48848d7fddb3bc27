"""Q12 and Q15: the seller's own profile."""

import io
from contextlib import closing

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from callme_site.testing.announced import unannounced
from callme_site.testing.pictures import picture
from conftest import make_seller
from sellers.models import Seller

NO_FILE = {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": "No File Uploaded"}
SAVED = {"updateSuccess": "success", "updateImageSuccess": "success"}


def many_scans(count):
    """Return a JPEG whose last scan comes that often: a few bytes each, for which all of it is gone through."""
    content = picture(size=(1000, 1000), progressive=True).read()
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * count + content[-2:]


def saved_picture(media, seller):
    seller.refresh_from_db()
    return Image.open(io.BytesIO((media / seller.picture.name).read_bytes()))


@pytest.fixture
def march():
    """It is noon in Shanghai on 15 March 2027."""
    with time_machine.travel("2027-03-15 12:00+08:00", tick=False):
        yield


def test_it_shows_the_profile(march, ma):
    assert ma("info") == {
        "infoSuccess": "success",
        "sellerName": "拉面",
        "imageUrl": "",
        "menuList": ["牛肉面", "刀削面"],
        "balanceMon": 3,
        "paidUntil": "2027-06-15",
        "personName": "马师傅",
        "open": True,
        "proof": False,
    }


def test_a_stall_without_months_is_paid_until_no_day(ma, noodles):
    with unannounced():
        Seller.objects.update(months=0, on_duty_since=None, next_charge_on=None)
    assert ma("info") == {
        "infoSuccess": "success",
        "sellerName": "拉面",
        "imageUrl": "",
        "menuList": ["牛肉面", "刀削面"],
        "balanceMon": 0,
        "paidUntil": "",
        "personName": "马师傅",
        "open": False,
        "proof": False,
    }


def test_a_student_has_no_profile(li):
    assert li("info") == {"infoSuccess": "fail", "failMsg": "Invalid Session Error"}


def test_it_changes_what_is_sent_and_nothing_else(ma, noodles):
    assert ma("update", sellerName=" 兰州拉面 ") == NO_FILE
    assert ma("update", personName="小马") == NO_FILE
    noodles.refresh_from_db()
    assert (noodles.name, noodles.person_name, noodles.menu) == ("兰州拉面", "小马", ["牛肉面", "刀削面"])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('["微辣", " 特辣 ", ""]', ["微辣", "特辣"]),
        ("微辣,特辣", ["微辣", "特辣"]),
        ("微辣， 特辣 ,，", ["微辣", "特辣"]),
        ("[1, 2.5]", ["1", "2.5"]),
        ("[]", []),
        ("", []),
        (",".join(f"面{place}" for place in range(60)), [f"面{place}" for place in range(60)]),
        ("面" * 40, ["面" * 40]),
        ("🍜,<b>", ["🍜", "<b>"]),
        ("牛肉面\u3000 大碗,\t刀削面\r\n", ["牛肉面 大碗", "刀削面"]),
        ('["牛肉面\\n大碗", "\\u3000", "\\u2028刀\\t削\\u00a0面"]', ["牛肉面 大碗", "刀 削 面"]),
        ("面" * 20 + " " * 40 + "面" * 19, ["面" * 20 + " " + "面" * 19]),
    ],
)
def test_the_menu_comes_in_many_forms(ma, noodles, sent, kept):
    assert ma("update", menuList=sent) == NO_FILE
    noodles.refresh_from_db()
    assert noodles.menu == kept


def test_the_menu_comes_as_an_array(ma):
    assert ma("update", encoding="json", menuList=["微辣", 2, " "]) == NO_FILE
    assert ma("info")["menuList"] == ["微辣", "2"]


@pytest.mark.parametrize(
    "menu",
    ["面" * 41, ",".join("x" * 61), '{"1": "面"}', '["面"', "[null]", '[["面"]]', '["\\u0000"]', '["\\ud800"]'],
)
def test_a_menu_that_is_none_changes_nothing(ma, noodles, menu):
    answer = ma("update", sellerName="新名字", menuList=menu)
    assert answer == {"updateSuccess": "fail", "failMsg": "Invalid Menu Error"}
    noodles.refresh_from_db()
    assert (noodles.name, noodles.menu) == ("拉面", ["牛肉面", "刀削面"])


def test_who_has_no_stall_must_sign_up(li):
    assert li("update", sellerName="我的") == {"updateSuccess": "fail", "failMsg": "Need Signup Error"}


def test_who_has_no_months_must_renew(li):
    make_seller(months=0, person=li.person)
    assert li("update", sellerName="我的") == {"updateSuccess": "fail", "failMsg": "Need Renew Error"}


@pytest.mark.parametrize(
    "upload",
    [
        picture(),
        picture("PNG", mode="RGBA"),
        picture("PNG", mode="P"),
        picture("PNG", mode="1"),
        picture("WEBP"),
        picture(mode="CMYK"),
    ],
)
def test_it_keeps_a_picture_as_jpeg(ma, noodles, media, upload):
    assert ma("update", encoding="multipart", imageName="photo", photo=upload) == SAVED
    assert saved_picture(media, noodles).format == "JPEG"
    url = ma("info")["imageUrl"]
    assert url == f"http://testserver/media/{noodles.picture.name}"
    with closing(ma.client.get(url)) as response:
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response.getvalue() == (media / noodles.picture.name).read_bytes()


def test_the_file_may_come_under_the_usual_name(ma, media):
    assert ma("update", encoding="multipart", sellerImage=picture()) == SAVED


def test_the_picture_loses_its_metadata_and_stands_upright(ma, noodles, media):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "where it was taken"
    ma("update", encoding="multipart", sellerImage=picture(exif=exif))
    saved = saved_picture(media, noodles)
    assert saved.size == (200, 300)
    assert not saved.getexif()
    assert b"where it was taken" not in (media / noodles.picture.name).read_bytes()


@pytest.mark.parametrize(
    ("upload", "size"),
    [
        (picture(size=(4000, 2000)), (1024, 512)),
        (picture("PNG", size=(2047, 1000)), (1024, 500)),
        (picture("PNG", size=(16000, 1000)), (1024, 64)),
        (picture("PNG", size=(3, 16000)), (1, 1024)),
        (picture(size=(16000, 3)), (1024, 1)),
        (picture("WEBP", size=(4000, 4000)), (1024, 1024)),
        (picture("PNG", mode="1", size=(4000, 4000)), (1024, 1024)),
    ],
    ids=lambda value: str(value) if isinstance(value, tuple) else "",
)
def test_a_large_picture_becomes_smaller(ma, noodles, media, upload, size):
    assert ma("update", encoding="multipart", sellerImage=upload) == SAVED
    assert saved_picture(media, noodles).size == size


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_keeps_what_it_shows_and_stands_upright(ma, noodles, media, format):
    """A red half beside a blue one, which the camera's note turns by 90 degrees."""
    shown = Image.new("RGB", (3000, 2000), "red")
    shown.paste("blue", (1500, 0, 3000, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    shown.save(content, format, exif=exif, **({"lossless": True} if format == "WEBP" else {}))
    upload = SimpleUploadedFile("stall", content.getvalue())
    assert ma("update", encoding="multipart", sellerImage=upload) == SAVED
    saved = saved_picture(media, noodles)
    assert saved.size == (683, 1024)
    red, blue = (saved.getpixel((340, row)) for row in (500, 524))
    assert red[0] > 240 > 15 > red[2]
    assert blue[2] > 240 > 15 > blue[0]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("size", [(300, 200), (3000, 2000)])
def test_what_can_be_seen_through_is_white(ma, noodles, media, mode, size):
    seen_through = Image.new("RGBA", size, (0, 0, 0, 0))
    seen_through.paste((0, 0, 0, 255), (0, 0, size[0] // 2, size[1]))
    content = io.BytesIO()
    seen_through.convert(mode).save(content, "PNG", **({"transparency": 0} if mode == "P" else {}))
    upload = SimpleUploadedFile("stall.png", content.getvalue())
    assert ma("update", encoding="multipart", sellerImage=upload) == SAVED
    saved = saved_picture(media, noodles)
    assert min(saved.getpixel((saved.width - 5, 100))) > 250
    if mode != "P":  # whose palette has one black
        assert max(saved.getpixel((5, 100))) < 5


def test_the_picture_that_is_replaced_is_deleted(ma, noodles, media):
    ma("update", encoding="multipart", sellerImage=picture())
    ma("update", encoding="multipart", sellerImage=picture())
    noodles.refresh_from_db()
    assert [path.name for path in (media / "sellers").iterdir()] == [noodles.picture.name.split("/")[1]]


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (SimpleUploadedFile("a.jpg", b"x" * (512 * 1024 + 1)), "Size Error"),
        (SimpleUploadedFile("a.jpg", b"no picture"), "Type Error"),
        (SimpleUploadedFile("a.jpg", picture().read()[:200]), "Type Error"),
        (SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "Type Error"),
        (picture("GIF", name="a.jpg"), "Type Error"),
        (picture("PNG", mode="1", size=(4001, 4000)), "Type Error"),
        (SimpleUploadedFile("a.jpg", many_scans(1000)), "Type Error"),
    ],
)
def test_a_picture_that_cannot_be_taken_leaves_the_rest_standing(ma, noodles, media, upload, reason):
    ma("update", encoding="multipart", sellerImage=picture())
    noodles.refresh_from_db()
    answer = ma("update", encoding="multipart", sellerName="兰州拉面", sellerImage=upload)
    assert answer == {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": reason}
    kept = noodles.picture.name
    noodles.refresh_from_db()
    assert (noodles.name, noodles.picture.name) == ("兰州拉面", kept)
    assert (media / kept).exists()


def test_a_folder_that_cannot_be_written_leaves_the_rest_standing(ma, noodles, media):
    media.write_text("not a folder")
    answer = ma("update", encoding="multipart", sellerName="兰州拉面", sellerImage=picture())
    assert answer == {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": "Save Error"}
    assert Seller.objects.get().name == "兰州拉面"
