"""The two phones: a seller's and a student's in the browser, for whoever tries callme or writes a mini-program."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from callme_site.pages import own_files_only

# What a phone says for each failMsg and queryErr of docs/protocol.md, and where no answer came.
REASONS = {
    "API Error": _("WeChat does not answer at the moment."),
    "Login Error": _("WeChat does not know this login. Please log in again."),
    "Seller Openid Error": _("This WeChat account runs another stall."),
    "Null List Error": _("No stall is on duty yet."),
    "Illegal Seller Error": _("This stall is not on duty."),
    "Due Date Error": _("No months left: ask the staff to renew, then take numbers again."),
    "No Sn Valid": _("All 99 numbers are out. End some first."),
    "Invalid Sn Error": _("This number is not out. Please look at it again."),
    "Taken Error": _("Somebody has entered this number already."),
    "Invalid Note Error": _("The note is too long: 200 characters at most."),
    "Not Ready Yet": _("Not ready yet."),
    "Invalid Session Error": _("This phone runs no stall any more. Please log in again."),
    "Invalid Tel Error": _("Nobody is registered under this telephone number, or another phone has signed up with it."),
    "Need Renew Error": _("No months left: ask the staff to renew first."),
    "Invalid Name Error": _("A name has 1 to 60 characters."),
    "Invalid Menu Error": _("A menu has at most 60 dishes of at most 40 characters each."),
    "Need Signup Error": _("Please sign up first."),
    "No File Uploaded": _("No picture was sent."),
    "Size Error": _("The picture is too large: 512 KB at most. The rest is saved."),
    "Type Error": _("The picture is no JPEG, PNG or WebP that opens. The rest is saved."),
    "Save Error": _("The server could not keep the picture. The rest is saved."),
    "Not Admin Error": _("Only staff may do this."),
    "Invalid Term Error": _("1 to 36 months can be bought at once."),
    "Illegal query": _("The server does not understand this phone."),
    "Session Time Out": _("The login has run out. Please log in again."),
    "Method Not Allowed": _("The server does not understand this phone."),
    "Body Too Large": _("That was too much to send at once."),
    "Server Error": _("The server is busy for a moment. The phone tries again by itself."),
    "No Answer": _("No connection to the server. The phone tries again by itself."),
    "Not Sure": _("No answer came. Look whether it is done, else press again."),
}


@own_files_only
def page(request: HttpRequest) -> HttpResponse:
    """Show the two phones; what they ask goes to `POST /`, as from any mini-program."""
    return render(request, "phones.html", {"reasons": {reason: str(text) for reason, text in REASONS.items()}})
