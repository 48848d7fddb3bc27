"""Telephone numbers as people paste them, and as they are kept."""

import re

from callme_site.wire.fields import half_width, without_directions

TELEPHONE = r"1[3-9][0-9]{9}"  # 11 digits, mainland mobile

# Between digits; what Unicode has for a hyphen, and the minus.
SEPARATORS = re.compile("(?<=[0-9])[\\s\u2010-\u2015\u2212-]+(?=[0-9])")


def plain_telephone(text: str) -> str:
    """Return the number without what address books and chats put around and into it: blanks, hyphens, +86.

    Full-width digits become plain ones. What is no telephone number comes out as something that is none either.
    """
    digits = SEPARATORS.sub("", half_width(without_directions(text)).strip())
    return re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", digits)
