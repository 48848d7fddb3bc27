"""The files of sellers: pictures, and codes to scan."""

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def save_file(name: str, content: bytes) -> str:
    """Write an uploaded or fetched file and return its name; raises OSError, and then leaves no half of it behind."""
    try:
        return default_storage.save(name, ContentFile(content))
    except OSError:
        default_storage.delete(name)
        raise


def absolute_url(name: str | None) -> str:
    """Return the address of the file of that name as phones need it, or "" where there is none."""
    return settings.PUBLIC_URL + default_storage.url(name) if name else ""
