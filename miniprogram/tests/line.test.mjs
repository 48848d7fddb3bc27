import assert from "node:assert/strict";
import { test } from "node:test";
import { Phone, ok } from "./phone.mjs";

const TIMED_OUT = { queryErr: "Session Time Out" };

/** A server whose sessions are the keys that it gave and has not ended. */
function server() {
    const alive = new Set();
    let given = 0;
    const answer = (query, { sessionKey }) => {
        if (query === "login") {
            given += 1;
            alive.add(`key-${given}`);
            return ok({ loginSuccess: "success", sessionKey: `key-${given}` });
        }
        return ok(alive.has(sessionKey) ? { [`${query}Success`]: "success" } : TIMED_OUT);
    };
    return { alive, answer };
}

test("all that ask at once wait for one login", async () => {
    const phone = new Phone("student", server().answer);
    const { ask } = phone.require("lib/line");
    await Promise.all([ask("menu"), ask("hungry"), ask("seller_list")]);
    assert.deepEqual(phone.queries(), ["login", "menu", "hungry", "seller_list"]);
    assert.equal(phone.asked[0].isseller, "no");
    assert.deepEqual([...phone.stored], [["sessionKey", "key-1"]]);
});

test("a session that ended is begun anew once for all, and each query is tried again once", async () => {
    const { alive, answer } = server();
    const phone = new Phone("student", answer);
    const { ask } = phone.require("lib/line");
    await ask("menu");
    alive.clear();
    phone.asked.length = 0;
    await Promise.all([ask("menu"), ask("hungry")]);
    assert.deepEqual(phone.queries(), ["menu", "hungry", "login", "menu", "hungry"]);
});

test("a query whose session ends again is not tried for ever", async () => {
    const phone = new Phone("student", (query) => ok(query === "login" ? { loginSuccess: "success", sessionKey: "k" } : TIMED_OUT));
    const { ask, Failure } = phone.require("lib/line");
    await assert.rejects(ask("menu"), (error) => error instanceof Failure && error.message === "Session Time Out");
    assert.deepEqual(phone.queries(), ["login", "menu", "login", "menu"]);
});

test("the key that is kept is used, and nothing else is kept", async () => {
    const { alive, answer } = server();
    alive.add("kept");
    const phone = new Phone("student", answer);
    phone.stored.set("sessionKey", "kept");
    await phone.require("lib/line").ask("menu");
    assert.deepEqual(phone.queries(), ["menu"]);
});

test("a login that failed is tried by the next who asks", async () => {
    const { answer } = server();
    let down = true;
    const phone = new Phone("student", (query, data) => {
        if (down) {
            throw new Error("no network");
        }
        return answer(query, data);
    });
    const { ask, NoAnswer } = phone.require("lib/line");
    await assert.rejects(ask("menu"), NoAnswer);
    down = false;
    await ask("menu");
    assert.deepEqual(phone.queries(), ["login", "login", "menu"]);
});

test("who has yet to sign up has a session", async () => {
    const phone = new Phone("stall", (query) => ok(query === "login"
        ? { loginSuccess: "fail", failMsg: "Seller Openid Error", sessionKey: "new" }
        : { infoSuccess: "fail", failMsg: "Invalid Session Error" }));
    const { ask, Failure, onSession } = phone.require("lib/line");
    const keys = [];
    onSession((key) => keys.push(key));
    await assert.rejects(ask("info"), (error) => error instanceof Failure && error.message === "Invalid Session Error");
    assert.equal(phone.asked[1].sessionKey, "new");
    assert.deepEqual(keys, ["new"]);
});

test("a busy server says when to come back, in either spelling", async () => {
    for (const name of ["Retry-After", "retry-after"]) {
        const phone = new Phone("student", () => ({ statusCode: 503, header: { [name]: "2" }, data: { queryErr: "Server Error" } }));
        await assert.rejects(phone.require("lib/line").ask("menu"), { message: "Server Error", wait: 2 });
    }
});

test("what is no answer of the protocol is no answer", async () => {
    for (const data of ["<html>", null, ""]) {
        const phone = new Phone("student", () => ok(data));
        await assert.rejects(phone.require("lib/line").ask("menu"), { message: "No Answer" });
    }
    const slow = new Phone("student", () => ok({ loginSuccess: "fail", failMsg: "API Error" }));
    const { ask, NoAnswer } = slow.require("lib/line");
    await assert.rejects(ask("menu"), (error) => error instanceof NoAnswer && error.message === "API Error");
});

test("a picture goes with the session, and again with the next", async () => {
    const { alive, answer } = server();
    const phone = new Phone("stall", answer);
    const { upload } = phone.require("lib/line");
    await upload("update", { sellerName: "包子铺" }, "sellerImage", "wxfile://1");
    alive.clear();
    await upload("update", {}, "sellerImage", "wxfile://1");
    assert.deepEqual(phone.queries(), ["login", "update", "update", "login", "update"]);
    assert.equal(phone.asked[1].sellerName, "包子铺");
});
