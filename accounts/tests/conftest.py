from collections.abc import Iterator
from typing import Any

import pytest

from accounts.tests.whimsical import WhimsicalWeChat
from callme_site.testing.serving import in_thread


@pytest.fixture
def server(settings: Any) -> Iterator[WhimsicalWeChat]:
    with in_thread(WhimsicalWeChat()) as server:
        settings.WECHAT_API_URL = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.go_on.set()
