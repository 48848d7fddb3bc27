"""Q12 and Q15: the seller's own profile."""

import io
from contextlib import closing

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from conftest import make_seller
from sellers.models import Seller

NO_FILE = {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": "No File Uploaded"}
SAVED = {"updateSuccess": "success", "updateImageSuccess": "success"}


def picture(format="JPEG", size=(300, 200), mode="RGB", name="stall.jpg", **options):
    content = io.BytesIO()
    Image.new(mode, size, "red").save(content, format, **options)
    return SimpleUploadedFile(name, content.getvalue())


def saved_picture(media, seller):
    seller.refresh_from_db()
    return Image.open(io.BytesIO((media / seller.picture.name).read_bytes()))


def test_it_shows_the_profile(ma):
    assert ma("info") == {
        "infoSuccess": "success",
        "sellerName": "拉面",
        "imageUrl": "",
        "menuList": ["牛肉面", "刀削面"],
        "balanceMon": 3,
        "personName": "马师傅",
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


def test_a_large_picture_becomes_smaller(ma, noodles, media):
    ma("update", encoding="multipart", sellerImage=picture(size=(4000, 2000)))
    assert saved_picture(media, noodles).size == (1024, 512)


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
        (picture("PNG", mode="1", size=(6000, 6000)), "Type Error"),
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
