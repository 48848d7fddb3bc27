"""Bodies of requests byte by byte, sent by Django's test client."""

import json
from typing import Any

FORM, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=B"


def part(name: str, value: str, *, filename: str = "", headers: str = "") -> bytes:
    """Return one part of a multipart body."""
    filename = filename and f'; filename="{filename}"'
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n{headers}\r\n{value}\r\n'.encode()


# A query that would change something, in each encoding; KEY stands for Ma's sessionKey.
FETCH_FORM = b"query=fetch&sessionKey=KEY"
FETCH_JSON = b'{"query": "fetch", "sessionKey": "KEY"}'
FETCH_PARTS = part("query", "fetch") + part("sessionKey", "KEY")
END = b"--B--\r\n"


def post(phone: Any, body: bytes, content_type: str, **environ: Any) -> tuple[int, Any]:
    """Post a body in which KEY stands for the phone's sessionKey; return the status and the answer."""
    body = body.replace(b"KEY", phone.session_key.encode())
    # The client leaves the type of an empty body out.
    environ = {"CONTENT_TYPE": content_type, **environ}
    response = phone.client.generic("POST", "/", body, **environ)
    assert response["Content-Type"] == "application/json"
    return response.status_code, json.loads(response.content)
