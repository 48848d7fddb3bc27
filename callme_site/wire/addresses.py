"""Where a request comes from."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address: what a proxy of ours (PROXIES) tells of it, else whoever is connected to us.

    An IPv6 client is its network of 64 bits, within which it chooses its addresses as it likes.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        address = plain(peer)
        if told and any(address in ip_network(proxy) for proxy in settings.PROXIES):
            address = plain(told)
    except ValueError:
        return peer
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False).network_address)


def plain(text: str) -> IPv4Address | IPv6Address:
    """Return the address, and of an IPv4 address that is written as IPv6 that itself; raises ValueError."""
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address
