"""What sellers know of a person, and how it is forgotten."""

from collections.abc import Iterator

from accounts import privacy
from accounts.models import Person
from callme_site.sentences import Sentence
from sellers.guesses import WrongTelephones
from sellers.models import Seller
from sellers.records import Unbinding


@privacy.forgets
def of_person(person: Person) -> Iterator[Sentence]:
    """Forget the wrong numbers that it tried, and that it was unbound: with the person, its being kept out ends too."""
    if seller := Seller.objects.filter(person=person).first():
        facts = {"seller": str(seller), "id": seller.pk}
        raise privacy.MayNotForget(
            Sentence("It is bound to the stall %(seller)s (id %(id)s): unbind it there first, in the console.", facts)
        )
    if count := WrongTelephones.objects.filter(person=person).delete()[0]:
        yield Sentence("The record of its wrong telephone numbers deleted.")
    unbindings = Unbinding.objects.filter(person=person)
    if count := unbindings.filter(lifted_at=None).count():
        yield Sentence(
            "It may sign up again for %(count)d stall that it was kept out of.",
            {"count": count},
            "It may sign up again for %(count)d stalls that it was kept out of.",
        )
    unbindings.delete()
