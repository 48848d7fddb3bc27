"""Openids that WeChat will want again, kept encrypted: by the first of OPENID_KEYS, and read by any of them."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

KEPT_LENGTH = 300  # of an openid of 128 characters; WeChat's have 28
NONE = ""  # what is kept where no openid is


@lru_cache(maxsize=4)
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Return what encrypts by the first key; raises ValueError for a key that is none."""
    return MultiFernet([Fernet(key) for key in keys])


def encrypted(openid: str) -> str:
    """Return what may be kept of the openid: NONE without OPENID_KEYS."""
    return cipher(tuple(settings.OPENID_KEYS)).encrypt(openid.encode()).decode() if settings.OPENID_KEYS else NONE


def decrypted(kept: str) -> str | None:
    """Return the openid, or None where none is kept, or only under a key that is no longer there."""
    if kept == NONE or not settings.OPENID_KEYS:
        return None
    try:
        return cipher(tuple(settings.OPENID_KEYS)).decrypt(kept).decode()
    except InvalidToken:
        return None
