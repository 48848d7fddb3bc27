"""Uploaded pictures come back as pictures, whatever is in them, and nothing else comes back at all."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from callme_site.testing.pictures import HTML, TRAVERSALS, encoded


def polyglot():
    """A picture that opens, and is a page to whoever looks for one: at its beginning, in it, and behind it."""
    return encoded(size=(40, 30), comment=HTML) + HTML


@pytest.fixture
def folder(media):
    """The folder of pictures, and beside it what nobody may see."""
    media.mkdir()
    (media.parent / "secret.jpg").write_bytes(b"secret")
    (media / "folder.jpg").mkdir()
    return media


@pytest.mark.parametrize(
    ("name", "content_type"), [("a.jpg", "image/jpeg"), ("a.png", "image/png"), ("a.html.jpg", "image/jpeg")]
)
def test_the_name_alone_says_what_it_is(client, folder, name, content_type):
    (folder / name).write_bytes(HTML)
    response = client.get(f"/media/{name}")
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.getvalue() == HTML


@pytest.mark.parametrize(
    "name", ["a.html", "a.svg", "a.jpg.html", "a.JPG", "a.jpg.gz", "a", ".jpg", "a.png ", "a.jpg."]
)
def test_what_is_no_picture_is_not_served(client, folder, name):
    (folder / name).write_bytes(HTML)
    assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize("name", ["", ".", "./", "folder.jpg", "folder.jpg/", "no.jpg", "folder.jpg/no.jpg"])
def test_no_folder_is_listed(client, folder, name):
    assert client.get(f"/media/{name}").status_code in (301, 404)


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_way_leads_out_of_the_folder(client, folder, path):
    response = client.get(f"/media/{path}", follow=True)
    assert response.status_code in (400, 404)
    assert b"secret" not in response.content


@pytest.mark.parametrize("name", ["a.html", "a.jpg.html", "../../a.svg", "a.jpg", ""])
def test_a_picture_that_is_a_page_too_comes_back_as_a_picture_alone(client, ma, noodles, folder, name):
    upload = SimpleUploadedFile(name or "x", polyglot(), "text/html")
    assert ma("update", encoding="multipart", sellerImage=upload)["updateImageSuccess"] == "success"
    response = client.get(ma("info")["imageUrl"].removeprefix("http://testserver"))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    content = response.getvalue()
    assert Image.open(io.BytesIO(content)).size == (40, 30)
    assert b"script" not in content


def test_a_page_that_is_called_a_picture_is_not_taken(ma, noodles, folder):
    upload = SimpleUploadedFile("a.jpg", HTML, "image/jpeg")
    answer = ma("update", encoding="multipart", sellerImage=upload)
    assert answer == {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": "Type Error"}
