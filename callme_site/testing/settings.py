"""Settings of the tests: fixed ones, whatever .env or the environment say; only the database is the caller's choice."""

import os
import tempfile
from pathlib import Path

os.environ.update(
    DEBUG="off",
    SECRET_KEY="only-for-tests",
    PUBLIC_URL="http://testserver",
    ALLOWED_HOSTS="testserver",
    CSRF_TRUSTED_ORIGINS="http://testserver",
    LANGUAGE_CODE="zh-hans",
    TIME_ZONE="Asia/Shanghai",
    GALERA="off",
    LOGIN_ERRORS_A_MINUTE="60",
    PROXIES="127.0.0.1,::1",
    SESSION_MINUTES="60",
    ORDERS_A_PERSON="5",
    SIGN_UP_HOURS="48",
    STALE_ORDER_HOURS="12",
    UNDO_SECONDS="10",
    REST_MINUTES="2",
    UNCOLLECTED_MINUTES="15",
    UNCOLLECTED_CLOSE_MINUTES="60",
    RETRY_AFTER_LEAST="2",
    RETRY_AFTER_MOST="10",
    HISTORY_DAYS="400",
    WORKERS="2",
    MEMORY="one-host",
    MEDIA_ROOT="/nonexistent",  # a test that saves a file asks for the fixture that gives it a folder
    WECHAT_SANDBOX="off",
    WECHAT_API_URL="http://127.0.0.1:9",  # nobody listens on the discard port; the fixture `wechat` starts a server
    WECHAT_BUYER_APPID="test-buyer",
    WECHAT_BUYER_SECRET="test-buyer-secret",
    WECHAT_SELLER_APPID="test-seller",
    WECHAT_SELLER_SECRET="test-seller-secret",
    OPENID_KEYS="",
    MESSAGE_TEMPLATE_ID="",
    MESSAGE_FIELDS="",
    CONTENT_CHECK="off",
    SIGNUP_PROOF="",
)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")

from callme_site.settings import *  # noqa: F403

INSTALLED_APPS += ["callme_site.trial"]  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests that run beside each other change databases of their own.
_versions = tempfile.TemporaryDirectory(prefix="callme-versions-")
VERSIONS_FILE = Path(_versions.name) / "versions"
