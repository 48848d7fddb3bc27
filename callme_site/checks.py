"""System checks: a setting that cannot work stops the start, in one clear line."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils.translation import gettext as _

from accounts import openids
from callme_site import capacity
from callme_site.storage import versions
from callme_site.storage.caches import SECONDS
from queueing import messages

WECHAT_NAMES = ["WECHAT_BUYER_APPID", "WECHAT_BUYER_SECRET", "WECHAT_SELLER_APPID", "WECHAT_SELLER_SECRET"]
POSITIVE_NAMES = [
    "SESSION_MINUTES", "ORDERS_A_PERSON", "SIGN_UP_HOURS", "STALE_ORDER_HOURS", "HISTORY_DAYS", "LOGIN_ERRORS_A_MINUTE",
    "UNCOLLECTED_MINUTES", "UNCOLLECTED_CLOSE_MINUTES", "RETRY_AFTER_LEAST", "WORKERS",
]  # fmt: skip


@register
def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    try:
        settings.SECRET_KEY  # noqa: B018
    except ImproperlyConfigured:
        hint = _("bin/serve writes one into .env; by hand: SECRET_KEY=<50 random characters>.")
        return [Error(_("SECRET_KEY is not set, and DEBUG is off."), hint=hint, id="callme.E001")]
    return []


@register
def check_wechat(**kwargs: Any) -> list[CheckMessage]:
    if settings.WECHAT_SANDBOX:
        return check_sandbox()
    missing = ", ".join(name for name in WECHAT_NAMES if not getattr(settings, name))
    if not missing:
        return []
    hint = _(
        "WeChat's console of the two mini-programs shows them; to try callme without: WECHAT_SANDBOX=on, DEBUG=on."
    )
    return [
        Error(_("WECHAT_SANDBOX is off, and not set: %(names)s.") % {"names": missing}, hint=hint, id="callme.E003")
    ]


def check_sandbox() -> list[CheckMessage]:
    """Anybody can be anybody in the sandbox, so it must never serve real people."""
    errors: list[CheckMessage] = []
    if not settings.DEBUG:
        hint = _("To serve real phones: WECHAT_SANDBOX=off; to try callme: DEBUG=on.")
        errors.append(Error(_("WECHAT_SANDBOX is on, and DEBUG is off."), hint=hint, id="callme.E002"))
    if any(getattr(settings, name).startswith("wx") for name in WECHAT_NAMES[::2]):
        hint = _("Set WECHAT_SANDBOX=off and DEBUG=off, in .env too.")
        errors.append(Error(_("WECHAT_SANDBOX is on, but the appids are WeChat's."), hint=hint, id="callme.E004"))
    return errors


@register
def check_public_url(**kwargs: Any) -> list[CheckMessage]:
    url = urlsplit(settings.PUBLIC_URL)
    if url.scheme in ("http", "https") and url.hostname and not (url.path or url.query or url.fragment):
        return []
    hint = _("For instance PUBLIC_URL=https://callme.example.edu.cn")
    return [Error(_("PUBLIC_URL is not http(s)://host[:port]."), hint=hint, id="callme.E005")]


@register
def check_galera(**kwargs: Any) -> list[CheckMessage]:
    if not settings.GALERA or settings.DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
        return []
    hint = _("DATABASE_URL names a node of the cluster: mysql://…; for any other database: GALERA=off.")
    return [Error(_("GALERA is on, but the database is SQLite."), hint=hint, id="callme.E008")]


@register
def check_memory(**kwargs: Any) -> list[CheckMessage]:
    if settings.MEMORY in SECONDS:
        return []
    text = _("MEMORY is none of %(choices)s.") % {"choices": ", ".join(SECONDS)}
    return [Error(text, hint=_("Leave it out for the usual value."), id="callme.E009")]


@register
def check_proxies(**kwargs: Any) -> list[CheckMessage]:
    try:
        for proxy in settings.PROXIES:
            ip_network(proxy)
    except ValueError:
        hint = _("For instance PROXIES=127.0.0.1,10.0.0.0/28")
        return [Error(_("PROXIES are not addresses or networks."), hint=hint, id="callme.E013")]
    return []


@register(Tags.database)
def check_connections(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A rush must not take all the connections that the database grants."""
    connection = connections["default"]
    if "default" not in (databases or ()) or connection.vendor != "mysql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@max_connections, @@max_user_connections")
        granted = min(limit for limit in cursor.fetchone() if limit)  # 0: none of its own
    wanted = settings.WORKERS * capacity.CONNECTIONS + capacity.SENDER_CONNECTIONS + capacity.OTHERS
    if wanted <= granted:
        return []
    text = _("The database grants %(granted)s connections, and callme may need %(wanted)s.")
    hint = _("max_connections, as in deploy/callme.cnf; of the user, max_user_connections.")
    return [Error(text % {"granted": granted, "wanted": wanted}, hint=hint, id="callme.E012")]


@register
def check_positive(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            _("%(name)s is not above 0.") % {"name": name},
            hint=_("Leave it out for the usual value."),
            id="callme.E006",
        )
        for name in POSITIVE_NAMES
        if getattr(settings, name) <= 0
    ]


@register
def check_uncollected(**kwargs: Any) -> list[CheckMessage]:
    if settings.UNCOLLECTED_CLOSE_MINUTES > settings.UNCOLLECTED_MINUTES:
        return []
    hint = _("What is not collected is shown as that first, and closed later: leave both out for the usual values.")
    return [Error(_("UNCOLLECTED_CLOSE_MINUTES is not above UNCOLLECTED_MINUTES."), hint=hint, id="callme.E014")]


@register
def check_openid_keys(**kwargs: Any) -> list[CheckMessage]:
    try:
        if settings.OPENID_KEYS:
            openids.cipher(tuple(settings.OPENID_KEYS))
    except ValueError:
        hint = _(".env.example says how to make one.")
        return [Error(_("One of OPENID_KEYS is no key."), hint=hint, id="callme.E015")]
    return []


@register
def check_signup_proof(**kwargs: Any) -> list[CheckMessage]:
    if settings.SIGNUP_PROOF not in ("", "required"):
        hint = _("SIGNUP_PROOF=required, or leave it out.")
        return [Error(_("SIGNUP_PROOF is not required, and not empty."), hint=hint, id="callme.E016")]
    if settings.SIGNUP_PROOF and not settings.OPENID_KEYS:
        hint = _("WeChat proves a telephone number to whom it belongs: that takes OPENID_KEYS.")
        return [Error(_("SIGNUP_PROOF is on, and OPENID_KEYS is empty."), hint=hint, id="callme.E017")]
    return []


@register
def check_messages(**kwargs: Any) -> list[CheckMessage]:
    """What WeChat would refuse in each message, which stops them all."""
    if not settings.MESSAGE_TEMPLATE_ID:
        return []
    wrong = [
        f"{field}={value}" for field, value in settings.MESSAGE_FIELDS.items() if not messages.can_hold(field, value)
    ]
    if settings.MESSAGE_FIELDS and not wrong:
        return []
    text = _("MESSAGE_TEMPLATE_ID is set, and MESSAGE_FIELDS is empty.")
    if wrong:
        text = _("MESSAGE_FIELDS: WeChat's template cannot have %(fields)s.") % {"fields": ", ".join(wrong)}
    hint = _(
        "For instance thing1=stall,character_string2=number,thing3=note,time4=called: the template's fields, each with"
        " what fits there."
    )
    return [Error(text, hint=hint, id="callme.E018")]


@register
def check_what_takes_openids(**kwargs: Any) -> list[CheckMessage]:
    if settings.OPENID_KEYS:
        return []
    wanted = {"MESSAGE_TEMPLATE_ID": settings.MESSAGE_TEMPLATE_ID, "CONTENT_CHECK": settings.CONTENT_CHECK}
    return [
        Warning(
            _("%(name)s is set and does nothing, as OPENID_KEYS is empty.") % {"name": name},
            hint=_("WeChat wants to be told whom it is about: .env.example says how to make a key."),
            id="callme.W002",
        )
        for name, value in wanted.items()
        if value
    ]


@register
def check_versions_file(**kwargs: Any) -> list[CheckMessage]:
    """Without it no process could tell the others what it has changed."""
    try:
        versions.version_file()
    except OSError as error:
        text = _("%(file)s cannot be written: %(reason)s.")
        facts = {"file": settings.VERSIONS_FILE, "reason": error.strerror}
        hint = _(
            "All that use this database on this host share it: bin/serve, crontab's jobs and the commands run as one"
            " user, or as users with the same first group."
        )
        return [Error(text % facts, hint=hint, id="callme.E007")]
    return []


@register(Tags.security, deploy=True)
def check_https(**kwargs: Any) -> list[CheckMessage]:
    if settings.HTTPS:
        return []
    hint = _("WeChat's phones insist on https in the published mini-program; a campus network for trials does not.")
    return [
        Warning(_("PUBLIC_URL is plain http: passwords and sessions travel readable."), hint=hint, id="callme.W001")
    ]
