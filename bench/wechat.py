"""WeChat for the load `messages`: the sandbox's, which takes its time, and in which everybody wants every message.

python -m bench.wechat PORT
"""

import sys
from collections.abc import Mapping
from typing import Any

from bench.sites import CREDENTIAL
from callme_site.trial.sandbox import SandboxWeChat
from callme_site.trial.sandbox_services import TEMPLATE

SEND = "/cgi-bin/message/subscribe/send"
SECONDS = 0.2  # that a message takes


class Willing(SandboxWeChat):
    """A WeChat that asks nobody whether they want a message."""

    def send_message(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.allowed[str(sent.get("touser")), TEMPLATE] += 1
        return super().send_message(sent)


if __name__ == "__main__":
    server = Willing(("127.0.0.1", int(sys.argv[1])), {CREDENTIAL: CREDENTIAL})
    server.set_mood({"path": SEND, "seconds": SECONDS})
    server.serve_forever()
