"""A lunch on a machine where callme has just been cloned: bin/serve as a process, two phones, and the staff."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from PIL import Image

from callme_site import capacity
from callme_site.testing.phones import NOT_READY
from callme_site.testing.pictures import encoded
from callme_site.testing.processes import START_SECONDS, command_line, tree, workers_of

STOP_SECONDS = 8  # on a busy machine; a worker that does not hear of it is killed after 20


def test_from_the_first_start_to_the_last_bite(machine):
    server = machine.start()
    assert server.login is not None
    eat(server)
    picture = show_the_stall(server)
    sell_months(server, server.login)
    refuse_what_is_too_large(server)
    assert server.stop(signal.SIGTERM) == 0

    server = machine.start()
    assert server.login is None
    stall = server.ask("login", isseller="yes", code="sandbox-stall1-evening")
    assert stall == {"loginSuccess": "success", "sessionKey": stall["sessionKey"], "balanceMon": 5}
    assert requests.get(picture, timeout=10).status_code == 200
    assert server.stop(signal.SIGINT) == 0


@pytest.mark.parametrize("loading", [False, True], ids=["as soon as there are workers", "while they load callme"])
def test_a_stop_is_quick_while_it_is_starting(machine, loading):
    """A worker that has not begun to serve would not hear the signal by itself."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(machine.checkout), "PORT": str(machine.port)}
    command, environment = [machine.checkout / "bin" / "serve"], {**environment, **machine.settings}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            until = time.monotonic() + START_SECONDS
            while not any(workers := workers_of(process.pid)) or (loading and not is_loading(workers[0])):
                assert time.monotonic() < until
        finally:
            began = time.monotonic()
            process.terminate()
        said, _errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0
    assert time.monotonic() < began + STOP_SECONDS
    assert "callme is up" not in said


def is_loading(worker):
    """Return whether the process has come to the pictures of callme's sellers, which who starts it has not."""
    return "_imaging" in Path(f"/proc/{worker}/maps").read_text()


@pytest.mark.parametrize("memory", ["off", "several-hosts", ""])
def test_it_has_more_threads_where_each_request_asks_the_database(machine, memory):
    machine.settings |= {"MEMORY": memory} if memory else {}
    command = command_line(machine.start().workers()[0])
    assert command[command.index("--blocking-threads") + 1] == ("8" if memory == "off" else "5")


@pytest.mark.parametrize(("memory", "quick"), [("off", 7), ("one-host", 4)])
def test_all_but_one_of_them_can_have_a_connection(memory, quick):
    script = (
        "import sys; from callme_site import server, wsgi; from callme_site.storage.pool import pool;"
        " server.settings.MEMORY = sys.argv[1]; server.calling(wsgi.application, {}); print(pool.quick.qsize())"
    )
    command = [sys.executable, "-c", script, memory]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "callme_site.testing.settings"}
    assert subprocess.check_output(command, env=environment, text=True) == f"{quick}\n"


@pytest.mark.parametrize(("environment", "wanted"), [({}, capacity.WORKERS), ({"WORKERS": "3"}, 3)], ids=["usual", "3"])
def test_it_is_up_when_all_workers_answer_and_ends_at_once(machine, environment, wanted):
    machine.settings |= environment
    for _ in range(3):
        server = machine.start()
        workers = server.workers()
        assert len(workers) == wanted
        # The kernel chooses: one of those that listen.
        assert {listener for listener in workers if listens(listener)} == set(workers)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() < began + STOP_SECONDS


def listens(worker):
    """Return whether the process holds a socket that listens."""
    inodes = {str(file.readlink()) for file in Path(f"/proc/{worker}/fd").iterdir() if file.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return any(f"socket:[{row[9]}]" in inodes for row in rows if row[3] == "0A")


@pytest.mark.parametrize(("name", "value"), [("WORKERS", "0"), ("WORKERS", "two"), ("PORT", "65535")])
def test_a_number_that_cannot_be_is_named(machine, name, value):
    """Django would begin with the database, and granian with nothing but its own words."""
    machine.settings |= {name: value}
    with pytest.raises(AssertionError, match=f"callme: {name} is not a number .*: {value}\n"):
        machine.start()


def test_it_sends_the_message_of_a_call_and_does_not_outlive_what_sends_it(machine):
    server = machine.start()
    login = server.ask("login", isseller="no", code="sandbox-li")
    assert login["templateIds"] == ["sandbox-template"]
    wechat = machine.settings["WECHAT_API_URL"]
    allowed = {"name": "li", "template_id": "sandbox-template"}
    assert requests.post(f"{wechat}/sandbox/subscribe", json=allowed, timeout=5).json()["errcode"] == 0
    stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    order = {"sellerId": 1, "marchSn": server.ask("fetch", stall)["marchSn"]}
    server.ask("push", login["sessionKey"], **order, noteContent="牛肉面", subscribe="yes")
    server.ask("call", stall, marchSn=order["marchSn"])
    until = time.monotonic() + START_SECONDS
    while not (come := requests.get(f"{wechat}/sandbox/messages?name=li", timeout=5).json()["messages"]):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert come[0]["page"] == f"pages/wait/wait?sellerId=1&marchSn={order['marchSn']}"

    (sender,) = [pid for pid in tree(server.process.pid) if "send_messages" in command_line(pid)]
    os.kill(sender, signal.SIGKILL)
    assert server.wait() == 1
    assert "callme: what sends messages has ended by itself, with status 137" in server.said


def eat(server):
    """Two phones, from login to done."""
    student = server.ask("login", isseller="no", code="sandbox-li")["sessionKey"]
    stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    listed = server.ask("seller_list", student)
    assert (listed["count"], listed["list"]["1"]["name"]) == (3, "兰州拉面")
    order = {"sellerId": listed["list"]["1"]["id"], "marchSn": 1}
    assert server.ask("menu", student, sellerId=order["sellerId"])["menuContent"] == ["牛肉面", "刀削面", "炒拉条"]

    assert server.ask("fetch", stall) == {"fetchSuccess": "success", "marchSn": 1}
    assert server.ask("push", student, noteContent="牛肉面 🌶", **order) == {"pushSuccess": "success"}
    (noted,) = server.ask("note", stall)["orderList"]["notedList"]
    assert {**noted, "takenAt": 0} == {
        "marchSn": 1, "noteContent": "牛肉面 🌶", "called": False, "takenAt": 0, "calledAt": None,
        "uncollected": False,
    }  # fmt: skip
    assert server.ask("hungry", student, **order) == {**NOT_READY, "ahead": 0, "retryAfter": 2}
    assert server.ask("call", stall, marchSn=1) == {"callSuccess": "success"}
    assert server.ask("hungry", student, **order) == {"hungrySuccess": "success"}
    assert server.ask("done", student, **order) == {"doneSuccess": "success"}
    assert server.ask("fetch", stall) == {"fetchSuccess": "success", "marchSn": 2}  # 1 rests
    assert server.ask("clear", stall) == {"clearSuccess": "success"}


def show_the_stall(server):
    """The stall gets a picture and a code to scan; return the picture's address."""
    stall = server.ask("login", isseller="yes", code="sandbox-stall1-again")["sessionKey"]
    updated = server.ask("update", stall, files={"sellerImage": ("stall.jpg", encoded(), "image/jpeg")})
    assert updated == {"updateSuccess": "success", "updateImageSuccess": "success"}
    picture = server.ask("info", stall)["imageUrl"]
    for url in (picture, server.ask("qrcode", stall)["qrcodeImageUrl"]):
        response = requests.get(url, timeout=10)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
        assert Image.open(io.BytesIO(response.content)).format == "JPEG"
    return picture


def sell_months(server, login):
    """Staff renews one stall from the phone and lets another sign up; the admin takes the login that was printed."""
    staff = server.ask("login", isseller="yes", code="sandbox-staff")
    assert staff["failMsg"] == "Seller Openid Error"
    assert len(server.ask("admin", staff["sessionKey"])["sellerList"]) == 4
    assert server.ask("renew", staff["sessionKey"], telNum="13800000001", term=2) == {"renewSuccess": "success"}
    newcomer = server.ask("login", isseller="yes", code="sandbox-zhao")["sessionKey"]
    assert server.ask("signup", newcomer, telNum="13800000004", sellerName="凉皮") == {"signupSuccess": "success"}
    assert server.ask("fetch", newcomer) == {"fetchSuccess": "success", "marchSn": 1}

    with requests.Session() as browser:
        page = f"{server.url}/admin/login/?next=/admin/"
        assert browser.get(page, timeout=10).status_code == 200
        form = {"username": login[0], "password": login[1], "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        admin = browser.post(page, form, timeout=10)
        assert (admin.status_code, admin.url) == (200, f"{server.url}/admin/")
        assert browser.get(f"{server.url}/static/admin/css/base.css", timeout=10).status_code == 200


def test_it_speaks_one_language(machine):
    server = machine.start()
    assert "Staff login at" in server.said
    assert not re.search(r"[\u2e80-\u9fff]", server.said)
    assert 'lang="zh-hans"' in requests.get(f"{server.url}/admin/", timeout=10).text  # whatever the script speaks


def refuse_what_is_too_large(server):
    """A body over the limit is refused while nothing of it has been sent."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as phone:
        phone.sendall(
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        assert phone.recv(1000).startswith(b"HTTP/1.1 413 ")
