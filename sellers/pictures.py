"""Uploaded pictures: checked, and re-encoded without their metadata."""

import io

from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

SIZE_LIMIT = 512 * 1024  # bytes
PIXEL_LIMIT = 25_000_000  # more would cost 100 MB of memory to open
SIDE = 1024  # pixels; a phone's screen shows no more


class Refused(Exception):
    """A picture that is not taken; the text is the failMsg."""


def as_jpeg(upload: UploadedFile | None) -> bytes:
    """Return the uploaded JPEG, PNG or WebP picture as a JPEG of at most 1024 pixels a side; raises Refused."""
    if upload is None:
        raise Refused("No File Uploaded")
    if upload.size > SIZE_LIMIT:
        raise Refused("Size Error")
    try:
        with Image.open(upload, formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > PIXEL_LIMIT:
                raise Refused("Type Error")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Refused:
        raise
    except Exception:
        # Decoders raise whatever their format makes them stumble on: OSError, ValueError, struct.error, zlib.error …
        raise Refused("Type Error") from None
    upright.thumbnail((SIDE, SIDE))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    jpeg = io.BytesIO()
    flat.save(jpeg, "JPEG", quality=85, optimize=True)
    return jpeg.getvalue()
