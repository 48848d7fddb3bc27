"""Settings of callme. What differs between machines comes from the environment, else from .env (see .env.example)."""

import base64
import hashlib
import shlex
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from callme_site import capacity

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# cron starts jobs in $HOME with no environment, so the path is absolute and .env may hold everything.
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or ("only-for-debugging" if DEBUG else "")
SECRET_KEY_FALLBACKS: list[str] = []

# The address that phones and browsers use; its scheme decides whether cookies and redirects insist on https.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = urlsplit(PUBLIC_URL).scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health$"]  # a monitor on the machine itself asks without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# An https PUBLIC_URL means that a proxy ends TLS in front of us: the server itself speaks plain http.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# The other hosts of a campus' domain are not ours to promise https for (W005, W021). A lock on the username alone,
# whatever the address, is what we want (axes.W006).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "axes.W006"]
# Whose X-Forwarded-For is believed: addresses and networks of the proxies in front of us.
PROXIES = env.list("PROXIES", default=["127.0.0.1", "::1"])

INSTALLED_APPS = [
    "callme_site",
    "accounts",
    "sellers",
    "queueing",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_crontab",
]
# Moving in from the original server's database; who has done so may delete the folder.
if (BASE_DIR / "queueing" / "legacy").is_dir():
    INSTALLED_APPS.append("queueing.legacy")
# A WeChat in which anybody can be anybody, and the two phones in the browser: for trying callme only.
WECHAT_SANDBOX = env.bool("WECHAT_SANDBOX", default=False)
if WECHAT_SANDBOX:
    INSTALLED_APPS.append("callme_site.trial")

MIDDLEWARE = [
    "callme_site.wire.gateway.phones_first",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.browsers.remember_browser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    *(["callme_site.errors.NotFoundAsEver"] if DEBUG else []),
]

CSRF_FAILURE_VIEW = "callme_site.errors.sent_too_late"

ROOT_URLCONF = "callme_site.urls"
WSGI_APPLICATION = "callme_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# The database is a Galera cluster, and servers write to several of its nodes.
GALERA = env.bool("GALERA", default=False)


def database(url: str) -> dict:
    """Return Django's settings for a database URL; raises ImproperlyConfigured for one that we cannot serve."""
    config = env.db_url_config(url)
    options = config.setdefault("OPTIONS", {})
    # Kept connections save the handshake; the check is a ping, and spares the first request after MariaDB was away.
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] != ":memory:" and not Path(config["NAME"]).is_absolute():
            raise ImproperlyConfigured(
                "DATABASE_URL: a SQLite path is absolute, with four slashes: sqlite:////srv/callme/callme.sqlite3"
            )
        # IMMEDIATE takes the write lock at BEGIN, where waiting for it works; a later upgrade would fail at once.
        options |= {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": "PRAGMA journal_mode=WAL"}
    elif config["ENGINE"] == "django.db.backends.mysql":
        # Nobody waits 50 s (MariaDB's default) for a row, or a day for a table: a phone has asked again by then. (A
        # migration is more patient: see the command.)
        options["init_command"] = (
            "SET SESSION sql_mode='STRICT_TRANS_TABLES', "
            "SESSION innodb_lock_wait_timeout=2, SESSION lock_wait_timeout=1"
        )
        if GALERA:
            # What another node has acknowledged is applied here before anything is read or written (1 + 2 + 4: reads,
            # updates and deletes, inserts).
            options["init_command"] += ", SESSION wsrep_sync_wait=7"
        options |= {"charset": "utf8mb4", "connect_timeout": 3}
    else:
        raise ImproperlyConfigured("DATABASE_URL begins with sqlite:// or mysql:// (MariaDB too is mysql://)")
    return config


def versions_file(config: dict) -> Path:
    """Return where those who use a database on this host share its versions: the same file for all checkouts.

    Of two databases with one file each would merely make the other's callers forget.
    """
    if config["ENGINE"].endswith("sqlite3") and config["NAME"] != ":memory:":
        return Path(f"{Path(config['NAME']).resolve()}-versions")
    host, port = config.get("HOST") or "localhost", str(config.get("PORT") or 3306)
    place = config["OPTIONS"].get("unix_socket") or f"{host}:{port}"
    if place in ("localhost:3306", "127.0.0.1:3306", "[::1]:3306", "::1:3306", "/var/run/mysqld/mysqld.sock"):
        place = "/run/mysqld/mysqld.sock"  # Debian's server, which is reached by either
    # For a service, /tmp is another one (PrivateTmp), and nearly all else only to be read (ProtectSystem).
    name = hashlib.sha256(f"{place} {config['NAME']}".encode()).hexdigest()[:16]
    return Path(f"/dev/shm/callme-{name}")  # noqa: S108


DATABASES = {"default": database(env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'callme.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The first of these refuses, the second knows the users.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Ten wrong passwords lock that login, from wherever: behind nginx and a campus gateway, addresses tell nobody apart.
# Only a browser in which it has logged in before counts its own: accounts/browsers.py.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "accounts.browsers.counted_as"
AXES_HANDLER = "accounts.browsers.Handler"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Whom the staff's queries answer; accounts asks for it, and knows nothing of sellers.
RENEW_PERMISSION = "sellers.renew_seller"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_SECURE = True, "Lax", HTTPS
LOCALE_PATHS = [BASE_DIR / "callme_site" / "locale"]  # one catalogue for all apps
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
# The few static files are served from where they are: no collectstatic, and none that are out of date.
WHITENOISE_USE_FINDERS = True
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "media"))
FILE_UPLOAD_PERMISSIONS = 0o644

WECHAT_API_URL = env.str("WECHAT_API_URL", default="").rstrip("/") or (
    "http://127.0.0.1:8001" if WECHAT_SANDBOX else "https://api.weixin.qq.com"
)


def credential(name: str, in_sandbox: str) -> str:
    """Return one of WeChat's credentials; the sandbox takes whatever it is told, checks.py asks for the real ones."""
    return env.str(name, default="") or (in_sandbox if WECHAT_SANDBOX else "")


def sandbox_key() -> str:
    """Return a key for the openids of the sandbox's people."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"openids {SECRET_KEY}".encode()).digest()).decode()


WECHAT_BUYER_APPID = credential("WECHAT_BUYER_APPID", "sandbox-buyer")
WECHAT_BUYER_SECRET = credential("WECHAT_BUYER_SECRET", "sandbox-buyer-secret")
WECHAT_SELLER_APPID = credential("WECHAT_SELLER_APPID", "sandbox-seller")
WECHAT_SELLER_SECRET = credential("WECHAT_SELLER_SECRET", "sandbox-seller-secret")

# What WeChat wants an openid for; without a key none is kept, and all of this is off. The sandbox has a key of its own.
OPENID_KEYS = env.list("OPENID_KEYS", default=[]) or ([sandbox_key()] if WECHAT_SANDBOX else [])
# The message that a called student gets: its template, and which of its fields tells what.
MESSAGE_TEMPLATE_ID = credential("MESSAGE_TEMPLATE_ID", "sandbox-template")
MESSAGE_FIELDS = dict(
    field.partition("=")[::2]
    for field in credential("MESSAGE_FIELDS", "thing1=stall,character_string2=number,thing3=note,time4=called").split(
        ","
    )
    if field
)
# Whether WeChat checks names, menus and notes.
CONTENT_CHECK = env.bool("CONTENT_CHECK", default=False)
# required: a stall is signed up for by a telephone number that WeChat has proven, and no other way.
SIGNUP_PROOF = env.str("SIGNUP_PROOF", default="")
# The server's processes, which bin/serve starts.
WORKERS = env.int("WORKERS", default=capacity.WORKERS)
# Wrong codes from one address, after which its logins are slow: accounts/login_errors.py.
LOGIN_ERRORS_A_MINUTE = env.int("LOGIN_ERRORS_A_MINUTE", default=60)
SESSION_MINUTES = env.int("SESSION_MINUTES", default=60)
# What the server's processes may answer from memory: see callme_site/storage/versions.py.
MEMORY = env.str("MEMORY", default=capacity.default_memory(GALERA))
VERSIONS_FILE = versions_file(DATABASES["default"])
ORDERS_A_PERSON = env.int("ORDERS_A_PERSON", default=5)
SIGN_UP_HOURS = env.int("SIGN_UP_HOURS", default=48)
STALE_ORDER_HOURS = env.int("STALE_ORDER_HOURS", default=12)
# The stall's day: what may be taken back, how long a number rests, when food counts as not collected.
UNDO_SECONDS = env.int("UNDO_SECONDS", default=10)
REST_MINUTES = env.int("REST_MINUTES", default=2)
UNCOLLECTED_MINUTES = env.int("UNCOLLECTED_MINUTES", default=15)
UNCOLLECTED_CLOSE_MINUTES = env.int("UNCOLLECTED_CLOSE_MINUTES", default=60)
# Seconds after which a phone is told to ask again: when it is nearly its turn, and when many are before it (0: untold).
RETRY_AFTER_LEAST = env.int("RETRY_AFTER_LEAST", default=2)
RETRY_AFTER_MOST = env.int("RETRY_AFTER_MOST", default=10)
HISTORY_DAYS = env.int("HISTORY_DAYS", default=400)

CRONJOBS = [
    ("*/10 * * * *", "django.core.management.call_command", ["expire_sessions"]),
    ("*/5 * * * *", "django.core.management.call_command", ["close_stale_orders"]),
    ("10 0 * * *", "django.core.management.call_command", ["charge_months"]),
    ("40 3 * * *", "django.core.management.call_command", ["prune_history"]),
    ("50 3 * * *", "django.core.management.call_command", ["clearsessions"]),
    ("20 4 * * *", "django.core.management.call_command", ["check_privacy"]),
]
# Two checkouts of one user share a crontab: the marker tells whose line it is.
CRONTAB_COMMENT = f"callme in {BASE_DIR}"
CRONTAB_DJANGO_MANAGE_PATH = str(BASE_DIR / "manage.py")
CRONTAB_PYTHON_EXECUTABLE = shlex.quote(sys.executable)
# What a job says is in its JobRun; only its errors are worth a mail from cron.
CRONTAB_COMMAND_SUFFIX = ">/dev/null"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "callme_site.operation.logs.Formatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "axes": {"level": "WARNING"},
        # urllib3 writes whole URLs at DEBUG, and WeChat's carry our secret.
        "urllib3": {"level": "INFO"},
    },
}
