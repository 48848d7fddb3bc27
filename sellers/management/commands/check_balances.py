from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from callme_site.operation import commands
from sellers.models import Seller


class Command(commands.Command):
    help = gettext_lazy("Prove that every seller's months are the sum of its ledger; exit status 1 where not.")

    def handle(self, **options: Any) -> str:
        wrong = list(Seller.objects.out_of_balance())
        for seller in wrong:
            self.stderr.write(
                _("Seller %(id)d (%(telephone)s): %(months)d months, but %(in_ledger)d in the ledger")
                % {
                    "id": seller.pk,
                    "telephone": seller.telephone,
                    "months": seller.months,
                    "in_ledger": seller.in_ledger,
                }
            )
        if wrong:
            raise CommandError(
                ngettext("%(count)d balance is wrong.", "%(count)d balances are wrong.", len(wrong))
                % {"count": len(wrong)}
            )
        count = Seller.objects.count()
        return ngettext("%(count)d balance is right.", "%(count)d balances are right.", count) % {"count": count}
