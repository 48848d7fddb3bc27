"""Uploaded pictures: checked, and re-encoded without their metadata, in as little memory as a decoder needs."""

import ctypes
import fcntl
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from PIL import ExifTags, Image, ImageOps

from callme_site.storage.pool import pool

SIZE_LIMIT = 512 * 1024  # bytes
PIXEL_LIMIT = 16_000_000  # of which a decoder needs 4 to 16 bytes each
SCANS = 100  # of a JPEG, which has 10 or so; its decoder goes through the whole picture for each
SIDE = 1024  # pixels; a phone's screen shows no more
BAND = 64  # rows at a time that are copied
LINE = 8  # pictures in a process, of which one is opened
PATIENCE = 40  # seconds that one waits for its turn; a phone gives an upload up after 60

line = threading.BoundedSemaphore(LINE)
opening = threading.Lock()

# With each large piece that is freed, malloc would take larger ones from its heap, which keeps them (mallopt(3)).
M_MMAP_THRESHOLD = -3
ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 128 * 1024)


class Refused(Exception):
    """A picture that is not taken; the text is the failMsg."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Be the only one on this host that has a picture open; raises Refused where too many wait, or one too long."""
    if not line.acquire(blocking=False):
        raise Refused("Save Error")
    pool.give_back()  # who waits needs no database connection
    try:
        if not opening.acquire(timeout=PATIENCE):
            raise Refused("Save Error")
        try:
            with Path(__file__).open("rb") as shared:  # any file will do that all processes have
                fcntl.flock(shared, fcntl.LOCK_EX)
                yield
        finally:
            opening.release()
    finally:
        line.release()


def as_jpeg(upload: UploadedFile | None) -> bytes:
    """Return the uploaded JPEG, PNG or WebP picture as a JPEG of at most 1024 pixels a side; raises Refused."""
    if upload is None:
        raise Refused("No File Uploaded")
    if upload.size is None or upload.size > SIZE_LIMIT:
        raise Refused("Size Error")
    content = upload.read()
    if content.count(b"\xff\xda") > SCANS:
        raise Refused("Type Error")
    with one_at_a_time():
        picture = opened(content)
    picture.thumbnail((SIDE, SIDE))
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=85, optimize=True)
    return jpeg.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return the picture upright, on white, and less than twice as large as what is kept; raises Refused."""
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > PIXEL_LIMIT:
                raise Refused("Type Error")
            # A JPEG is decoded in a half, a quarter or an eighth of its size.
            longest = max(picture.size)
            width, height = (max(side * SIDE // longest, 1) for side in picture.size)
            picture.draft(None, (width, height))
            reduced = reduce(picture)
            reduced.getexif()[ExifTags.Base.Orientation] = picture.getexif().get(ExifTags.Base.Orientation, 1)
            return ImageOps.exif_transpose(reduced)
    except Refused:
        raise
    except Exception:
        # Decoders raise whatever their format makes them stumble on: OSError, ValueError, struct.error, zlib.error …
        raise Refused("Type Error") from None


def reduce(picture: Image.Image) -> Image.Image:
    """Return the picture on white, smaller by a whole factor, without another copy of the whole."""
    factor = max(max(picture.size) // SIDE, 1)
    reduced = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    for top in range(0, picture.height, BAND * factor):
        band = picture.crop((0, top, picture.width, min(top + BAND * factor, picture.height))).convert("RGBA")
        flat = Image.new("RGB", band.size, "white")
        flat.paste(band, mask=band.getchannel("A"))
        reduced.paste(flat.reduce(factor), (0, top // factor))
    return reduced
