"""Pictures to upload, and what may not come in or out in their place."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

# A page, whatever its name is.
HTML = b"<html><script>alert(document.cookie)</script></html>"
# Addresses that lead out of the folder of pictures, for whoever follows them.
TRAVERSALS = [
    *[
        "../secret.jpg",
        "%2e%2e/secret.jpg",
        "..%2fsecret.jpg",
        "x/../../secret.jpg",
        "/../secret.jpg",
        "..%5csecret.jpg",
    ],
    *["%2e%2e%2fsecret.jpg", "..%252fsecret.jpg", "....//secret.jpg", "%00/../../secret.jpg", "../media/../secret.jpg"],
]


def encoded(format: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """Return a red picture as it is sent and stored."""
    content = io.BytesIO()
    Image.new(mode, size, "red").save(content, format, **options)
    return content.getvalue()


def picture(
    format: str = "JPEG",
    size: tuple[int, int] = (300, 200),
    mode: str = "RGB",
    name: str = "stall.jpg",
    **options: Any,
) -> SimpleUploadedFile:
    """Return a red picture as Django's test client uploads it."""
    return SimpleUploadedFile(name, encoded(format, size, mode, **options))
