"""Where a request comes from: what our own proxies tell is believed, what anybody else says is not."""

import pytest

from callme_site.wire.addresses import client_address


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("::1", "203.0.113.5", "203.0.113.5"),
        ("::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.7", "203.0.113.5", "203.0.113.5"),
        ("198.51.100.9", "203.0.113.5", "198.51.100.9"),
        ("127.0.0.1", None, "127.0.0.1"),
        # Only the last was told by our proxy.
        ("127.0.0.1", "192.0.2.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("", "203.0.113.5", ""),
    ],
)
def test_it_believes_our_own_proxies_alone(rf, settings, peer, told, address):
    settings.PROXIES = ["127.0.0.1", "::1", "10.0.0.0/28"]
    request = rf.post("/", REMOTE_ADDR=peer, **({} if told is None else {"HTTP_X_FORWARDED_FOR": told}))
    assert client_address(request) == address
