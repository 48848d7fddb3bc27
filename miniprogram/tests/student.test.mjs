import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Phone, ok } from "./phone.mjs";

const always = () => true;
const soup = { sellerId: 1, sellerName: "兰州拉面", marchSn: 7, note: "牛肉面" };
const rice = { sellerId: 3, sellerName: "煲仔饭", marchSn: 2, note: "" };

beforeEach(() => mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 }));
afterEach(() => mock.timers.reset());

const pass = (seconds) => mock.timers.tick(seconds * 1000);

/** A phone whose server answers `hungry` for an order, by "sellerId-marchSn", with what stands there; "" is success. */
function phone(menu = {}) {
    const stands = {};
    const made = new Phone("student", (query, { sellerId, marchSn }) => {
        if (query === "login") {
            return ok({ loginSuccess: "success", sessionKey: "key" });
        }
        if (query === "menu") {
            return ok({ menuSuccess: "success", ...menu });
        }
        const stand = stands[`${sellerId}-${marchSn}`];
        return ok(stand === "" ? { hungrySuccess: "success" } : { hungrySuccess: "fail", failMsg: "Not Ready Yet", ...stand });
    });
    const live = made.require("lib/live");
    const look = async () => {
        made.asked.length = 0;
        await live.look(always);
        return made.asked.filter(({ query }) => query !== "login").map(({ query, marchSn }) => [query, marchSn].join(" ").trim());
    };
    return { live, look, stands, learn: made.require("lib/learn").learn };
}

test("an order is asked for when the server says, and within bounds", async () => {
    const { live, look, stands } = phone();
    live.begin(soup);
    for (const [retryAfter, seconds] of [[4, 4], [0.2, 1], [600, 30], [undefined, 3], ["x", 3], [-1, 3]]) {
        stands["1-7"] = { ahead: 5, retryAfter };
        assert.deepEqual(await look(), ["hungry 7"]);
        assert.equal(live.pace(), seconds * 1000);
        pass(seconds - 0.6);
        assert.deepEqual(await look(), []);
        pass(0.2);
    }
    assert.equal(live.find(soup).ahead, 5);
});

test("of several orders those that are due are asked for", async () => {
    const { live, look, stands } = phone();
    live.begin(soup);
    live.begin(rice);
    stands["1-7"] = { ahead: 20, retryAfter: 10 };
    stands["3-2"] = "";
    assert.deepEqual(await look(), ["hungry 7", "hungry 2"]);
    assert.equal(live.rings(), true);
    live.hush();
    assert.equal(live.rings(), false);
    live.find(rice).looks = 2; // not the look after coming back, at which menu is asked too
    pass(3);
    assert.deepEqual(await look(), ["hungry 2"]);
    assert.equal(live.rings(), false);
    assert.equal(live.pace(), 3000);
    pass(7);
    assert.deepEqual(await look(), ["hungry 7", "hungry 2"]);
    live.wake();
    assert.deepEqual(await look(), ["hungry 7", "hungry 2"]);
});

test("an end is told by hungry alone, and asked for no more once it cannot be taken back", async () => {
    const { live, look, stands } = phone();
    for (const [ended, again] of [["ended", true], ["collected", false], ["cleared", false], ["abandoned", false], ["uncollected", false]]) {
        live.begin(soup);
        stands["1-7"] = { ended };
        assert.deepEqual(await look(), ["hungry 7"]);
        assert.deepEqual([live.find(soup).state, live.find(soup).ended], ["ended", ended]);
        assert.equal(live.pace(), again ? 3000 : 0);
    }
    live.begin(soup);
    stands["1-7"] = { ended: "ended" };
    await look();
    pass(20);
    await look();
    assert.equal(live.pace(), 0);
});

test("what the stall takes back is back, and rings again when it is called", async () => {
    const { live, look, stands } = phone({ taken: [soup] });
    live.begin(soup);
    const stand = async (stands7) => {
        stands["1-7"] = stands7;
        pass(3);
        await look();
        const { state, back } = live.find(soup);
        return [state, back, live.rings()];
    };
    assert.deepEqual(await stand({ ahead: 0, retryAfter: 2 }), ["waiting", "", false]);
    assert.deepEqual(await stand(""), ["ready", "", true]);
    live.hush();
    assert.deepEqual(await stand({ ahead: 0, retryAfter: 2 }), ["waiting", "call", false]);
    assert.deepEqual(await stand(""), ["ready", "", true]);
    assert.deepEqual(await stand({ ended: "ended" }), ["ended", "", false]);
    live.find(soup).seen = true;
    assert.deepEqual(await stand(""), ["ready", "end", true]);
    assert.equal(live.find(soup).seen, false);
});

test("where hungry tells neither, menu is asked now and then whether the order lives", async () => {
    const old = { takenFlag: "success", takenSellerId: 1, takenSellerName: "兰州拉面", takenMarchSn: 7, takenMenuName: "牛肉面" };
    const { live, look } = phone(old);
    live.begin(soup);
    const asked = [];
    for (let turn = 0; turn < 5; turn += 1) {
        asked.push(...(await look()));
        pass(3);
    }
    assert.deepEqual(asked, ["hungry 7", "menu", "hungry 7", "hungry 7", "hungry 7", "hungry 7", "menu"]);
    assert.equal(live.find(soup).state, "waiting");
    old.takenFlag = "fail";
    live.wake();
    await look();
    assert.deepEqual([live.find(soup).state, live.find(soup).ended], ["ended", ""]);
});

test("a number that is out again, called and with nobody's order, is not the student's", async () => {
    const { live, look, stands } = phone({ taken: [] });
    live.begin(soup);
    stands["1-7"] = "";
    assert.deepEqual(await look(), ["hungry 7"]);
    pass(3);
    assert.deepEqual(await look(), ["hungry 7", "menu"]);
    assert.equal(live.find(soup).state, "ended");
});

test("the orders that menu tells are those that live; the others stay until it is said how they ended", async () => {
    const { live, look, stands } = phone();
    const { taken } = new Phone("student").require("lib/orders");
    live.begin({ ...soup, marchSn: 9 });
    live.keep(taken({ takenFlag: "success", taken: [
        { sellerId: 1, sellerName: "兰州拉面", marchSn: 7, menuName: "牛肉面", called: false },
        { sellerId: 3, sellerName: "煲仔饭", marchSn: 2, menuName: "", called: true },
    ] }));
    const shown = () => live.all().map(({ marchSn, note, state }) => [marchSn, note, state]);
    assert.deepEqual(shown(), [[7, "牛肉面", "waiting"], [2, "", "ready"], [9, "牛肉面", "waiting"]]);
    stands["1-9"] = { ended: "cleared" };
    stands["1-7"] = { ahead: 1 };
    stands["3-2"] = "";
    await look();
    const before = live.find(soup);
    live.keep([soup, rice]);
    assert.deepEqual(shown()[2], [9, "牛肉面", "ended"]);
    assert.equal(live.find(soup), before); // which the page that shows it goes on showing
    pass(21);
    live.keep([soup, rice]);
    assert.equal(shown().length, 2);
    live.drop(soup);
    live.drop(rice);
    assert.equal(live.pace(), 0);
});

test("an answer that comes after its page is gone changes nothing", async () => {
    const { live, stands } = phone();
    live.begin(soup);
    stands["1-7"] = "";
    await live.look(() => false);
    assert.equal(live.find(soup).state, "waiting");
});

test("the message's order is learnt, whatever has become of it", async () => {
    const states = async (menu, stand) => {
        const { live, look, stands, learn } = phone(menu);
        stands["1-7"] = stand;
        const order = await learn({ sellerId: 1, marchSn: 7 });
        const asked = await look();
        assert.equal(live.find(soup), order);
        assert.equal(order.told, false);
        return [order.state, order.ended, order.sellerName, order.note, ...asked];
    };
    const name = "兰州拉面";
    const alive = { sellerName: name, taken: [{ ...soup, menuName: "牛肉面", called: true }] };
    assert.deepEqual(await states(alive, ""), ["ready", "", name, "牛肉面", "hungry 7"]);
    alive.taken[0].called = false;
    assert.deepEqual(await states(alive, { ahead: 2 }), ["waiting", "", name, "牛肉面", "hungry 7"]); // the call was taken back
    const gone = { sellerName: name, taken: [] };
    assert.deepEqual(await states(gone, { ended: "collected" }), ["ended", "collected", name, "", "hungry 7"]);
    // It ended long ago; and the number may be out again, called, with nobody's order.
    assert.deepEqual(await states(gone, undefined), ["ended", "", name, "", "hungry 7", "menu"]);
    assert.deepEqual(await states(gone, ""), ["ended", "", name, "", "hungry 7", "menu"]);
});

test("whether WeChat will tell is said as it is known", async () => {
    const { live, look, stands } = phone({ taken: [soup] });
    const says = new Phone("student").require("lib/says");
    const words = (told, templates) => says.message({ told }, templates);
    assert.match(words(true, ["id"]), /微信会给您发一条消息/);
    assert.match(words(false, ["id"]), /微信只在它打开时响铃/);
    assert.match(words(undefined, ["id"]), /允许过消息的/); // an order of before this start
    assert.match(words(undefined, []), /微信只在它打开时响铃/);
    const order = live.begin({ ...soup, told: true });
    stands["1-7"] = { ahead: 0 };
    await look();
    assert.equal(order.told, true);
    stands["1-7"] = "";
    pass(3);
    await look();
    stands["1-7"] = { ahead: 0 };
    pass(3);
    await look();
    assert.deepEqual([order.state, order.told], ["waiting", false]); // taken back: its message is used up
});

test("orders and stalls in words", () => {
    const says = new Phone("student").require("lib/says");
    const order = { ...soup, state: "waiting" };
    assert.deepEqual([3, 0, undefined].map((ahead) => says.row({ ...order, ahead }).ahead), [
        "前面还有 3 份", "前面没有更早的订单了", "",
    ]);
    assert.equal(says.row({ ...order, state: "ready", ahead: 3 }).ahead, "");
    const stall = { id: 1, name: "兰州拉面", imageURL: "" };
    const words = (figures) => {
        const { paused, waiting, wait } = says.stall({ ...stall, ...figures });
        return [paused, waiting, wait];
    };
    assert.deepEqual(words({}), ["", "", ""]);
    assert.deepEqual(words({ waiting: 0, wait: 10, open: true }), ["", "没有人在等", "最近约等 1 分钟"]);
    assert.deepEqual(words({ waiting: 7, wait: 312, open: false }), ["暂停取号", "7 份在等", "最近约等 5 分钟"]);
    for (const kind of ["collected", "ended", "cleared", "abandoned", "uncollected"]) {
        assert.notEqual(says.end({ ended: kind }), says.end({ ended: "" }));
    }
});

test("stalls are sorted by who waits and how long: what is not known after what is, what is paused last", () => {
    const { sorted } = new Phone("student").require("lib/says");
    const stalls = [
        { id: 1, waiting: 9, wait: 60 },
        { id: 2 },
        { id: 3, waiting: 0, open: false },
        { id: 4, waiting: 2, wait: 300, open: true },
        { id: 5, waiting: 2 },
    ];
    const ids = (by) => sorted(stalls, by).map(({ id }) => id);
    assert.deepEqual(ids(""), [1, 2, 3, 4, 5]);
    assert.deepEqual(ids("waiting"), [4, 5, 1, 2, 3]);
    assert.deepEqual(ids("wait"), [1, 4, 2, 5, 3]);
});

test("a scanned code is a number of a stall's, or nothing", () => {
    const { read } = new Phone("student").require("lib/scan");
    assert.deepEqual(read("callme:sellerId=12&marchSn=37&claim=0417"), { sellerId: 12, marchSn: 37, claim: "0417" });
    assert.deepEqual(read("callme:sellerId=1&marchSn=7&claim="), { sellerId: 1, marchSn: 7, claim: "" });
    for (const other of [
        "", "https://example.edu.cn/", "callme:sellerId=1&marchSn=0&claim=", "callme:sellerId=1&marchSn=100&claim=",
        "callme:sellerId=1&marchSn=7&claim=x", " callme:sellerId=1&marchSn=7&claim=", "callme:sellerId=1&marchSn=7&claim=1\n",
    ]) {
        assert.equal(read(other), null);
    }
});
