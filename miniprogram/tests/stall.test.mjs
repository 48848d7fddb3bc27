import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Phone } from "./phone.mjs";

const phone = new Phone("stall");
const { ago, isCalled, numbers, sorted } = phone.require("lib/orders");
const { left, warning } = phone.require("lib/months");
const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;

const shown = (rows) => rows.map(({ number }) => number);

test("what is to be cooked comes before what is called, in the order of taking", () => {
    const orderList = {
        notedList: [
            { marchSn: 5, noteContent: "牛肉面", called: false, takenAt: SECONDS - 60, calledAt: null },
            { marchSn: 2, noteContent: "", called: true, takenAt: SECONDS - 600, calledAt: SECONDS - 130 },
            { marchSn: 9, noteContent: "刀削面", called: false, takenAt: SECONDS - 300, calledAt: null },
        ],
        unnotedList: [{ marchSn: 7, noteContent: null, called: false, takenAt: SECONDS - 5, calledAt: null }],
    };
    const { cooking, called, blank } = sorted(orderList, { 2: 2 }, NOW);
    assert.deepEqual([shown(cooking), shown(called), shown(blank)], [[9, 5], [2], [7]]);
    assert.deepEqual(cooking.map(({ wait }) => wait), ["5 分钟", "1 分钟"]);
    assert.deepEqual([called[0].wait, called[0].times, blank[0].wait], ["2 分钟", "×2", "刚刚"]);
    assert.deepEqual(numbers(orderList), [5, 2, 9, 7]);
});

test("what nobody fetches is apart from what was called just now", () => {
    const orderList = {
        notedList: [
            { marchSn: 4, noteContent: "", called: true, takenAt: SECONDS - 2000, calledAt: SECONDS - 1500, uncollected: true },
            { marchSn: 6, noteContent: "", called: true, takenAt: SECONDS - 900, calledAt: SECONDS - 60, uncollected: false },
        ],
        unnotedList: [{ marchSn: 8, noteContent: null, called: true, takenAt: 0, calledAt: SECONDS - 1500, uncollected: true }],
    };
    const { called, late, blank } = sorted(orderList, {}, NOW);
    assert.deepEqual([shown(called), shown(late), shown(blank)], [[6], [4], [8]]);
    assert.equal(late[0].wait, "25 分钟前叫的号");
    assert.deepEqual([4, 6, 9].map((number) => isCalled(orderList, number)), [true, true, false]);
});

test("a day's figures are words and bars", () => {
    const { words } = phone.require("lib/day");
    const hours = new Array(24).fill(0);
    Object.assign(hours, { 7: 40, 9: 1, 10: 13 });
    const day = words({ orders: 54, hours, p50: 284, p90: 611, uncollected: 3 });
    assert.deepEqual(day.bars.map(({ label, count, bar }) => [label, count, bar]), [["7 时", 40, 20], ["8 时", 0, 0], ["9 时", 1, 1], ["10 时", 13, 7]]);
    assert.deepEqual(day.waits, ["一半的订单，填号后 5 分钟内叫到", "十份里有九份，11 分钟内叫到"]);
    assert.deepEqual([day.title, day.uncollected], ["今天发出 54 个号", "没人来取：3 份"]);
    const none = words({ orders: 0, hours: new Array(24).fill(0), p50: null, p90: null, uncollected: 0 });
    assert.deepEqual([none.title, none.bars, none.waits], ["今天还没有发号。", [], ["还没有叫过学生填的号。"]]);
    assert.match(words({ orders: 1, hours, p50: 0, p90: 0, uncollected: 0 }).waits[0], /1 分钟/);
});

test("a server that tells neither times nor what is called leaves that to the phone", () => {
    const orderList = {
        notedList: [{ marchSn: 5, noteContent: "牛肉面" }, { marchSn: 2, noteContent: "" }],
        unnotedList: [{ marchSn: 7, noteContent: null }],
    };
    const { cooking, called, blank } = sorted(orderList, { 2: 1 }, NOW);
    assert.deepEqual([shown(cooking), shown(called), shown(blank)], [[5], [2], [7]]);
    assert.deepEqual([cooking[0].wait, called[0].times], ["", ""]);
});

test("a phone whose clock is behind shows no wait below nothing", () => {
    assert.equal(ago(SECONDS + 90, NOW), "刚刚");
    assert.equal(ago(null, NOW), "");
});

test("it warns from a week before the end", () => {
    const now = new Date(2026, 10, 24, 23, 59);
    assert.equal(warning({ balanceMon: 1, paidUntil: "2026-12-02" }, now), "");
    assert.equal(warning({ balanceMon: 1, paidUntil: "2026-12-01" }, now), "2026-12-01 到期，还有 7 天。请找工作人员续费。");
    assert.equal(warning({ balanceMon: 0 }, now), "月数用完了。请找工作人员续费，然后再取号。");
    assert.equal(warning({ balanceMon: 1 }, now), "");
    assert.equal(left({ balanceMon: 3 }), "还剩 3 个月");
    assert.equal(left({ balanceMon: 3, paidUntil: "2027-02-24" }), "还剩 3 个月，到 2027-02-24");
});

test("the button for the telephone number brings a code, or a reason to type it", () => {
    const { read } = phone.require("lib/phone_number");
    assert.deepEqual(read({ errMsg: "getPhoneNumber:ok", code: "abc" }), { code: "abc", said: "" });
    assert.match(read({ errMsg: "getPhoneNumber:fail user deny" }).said, /没有用微信里的手机号/);
    for (const errno of [1400001, 112]) {
        assert.match(read({ errMsg: "getPhoneNumber:fail", errno }).said, /微信现在给不了手机号/);
    }
});

test("the code of a login is what the server computes", () => {
    const sha256 = phone.require("lib/sha256");
    for (const text of ["", "abc", "0123456789abcdef0123456789abcdef01234567", "x".repeat(55), "x".repeat(56), "x".repeat(200)]) {
        assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"));
    }
});
