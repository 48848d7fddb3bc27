"""What the compiled statements of orders are told when they run."""

from django.db import models

from callme_site.storage.statements import Parameter

SELLER, NUMBER, BUYER, SLOT, ORDER = (
    Parameter(name, models.BigIntegerField()) for name in ("seller", "number", "buyer", "slot", "order")
)
NOTE, OPENID, MESSAGE = (Parameter(name, models.CharField()) for name in ("note", "openid", "message"))
NOW, SINCE = (Parameter(name, models.DateTimeField()) for name in ("now", "since"))
