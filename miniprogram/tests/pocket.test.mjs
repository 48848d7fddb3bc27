import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Pocket } from "../../callme_site/trial/static/phones/phone/pocket.mjs";

const real = globalThis.performance;
let now;
let tasks;

/** A clock in the test's hand. */
function pass(milliseconds) {
    const end = now + milliseconds;
    for (;;) {
        const [id, task] = [...tasks].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
        if (!task) {
            break;
        }
        now = task.at;
        if (task.every) {
            task.at += task.every;
        } else {
            tasks.delete(id);
        }
        task.act();
    }
    now = end;
}

beforeEach(() => {
    now = 0;
    tasks = new Map();
    let last = 0;
    const add = (act, wait, every) => {
        tasks.set((last += 1), { act, at: now + wait, every });
        return last;
    };
    globalThis.window = {
        setTimeout: (act, wait) => add(act, wait, 0),
        setInterval: (act, wait) => add(act, wait, wait),
        clearTimeout: (id) => tasks.delete(id),
    };
    Object.defineProperty(globalThis, "performance", { value: { now: () => now }, configurable: true });
});

afterEach(() => {
    delete globalThis.window;
    Object.defineProperty(globalThis, "performance", { value: real, configurable: true });
});

test("timers go on for five seconds in the pocket, then wait until it is out, each once", () => {
    const seen = [];
    const pocket = new Pocket((hidden) => seen.push(hidden ? "hide" : "show"));
    const { setTimeout, setInterval, clearTimeout } = pocket.timers();
    setInterval(() => seen.push("tick"), 2000);
    setTimeout(() => seen.push("late"), 7000);
    clearTimeout(setTimeout(() => seen.push("never"), 6000));
    pocket.move(true);
    pass(20_000);
    assert.deepEqual(seen, ["hide", "tick", "tick"]);
    pocket.move(false);
    assert.deepEqual(seen, ["hide", "tick", "tick", "tick", "late", "show"]);
});

test("what is under way is interrupted after five seconds, and the network fails for a moment afterwards", () => {
    const pocket = new Pocket(() => {});
    const failed = [];
    pocket.begin(() => failed.push("slow"));
    pocket.begin(() => failed.push("answered"))();
    pocket.move(true);
    pass(4999);
    assert.deepEqual([failed, pocket.unsteady], [[], false]);
    pass(1);
    assert.deepEqual([failed, pocket.unsteady], [["slow"], true]);
    pocket.move(false);
    pass(249);
    assert.equal(pocket.unsteady, true);
    pass(1);
    assert.equal(pocket.unsteady, false);
});

test("a short stay in the pocket stops nothing", () => {
    const pocket = new Pocket(() => {});
    pocket.begin(() => assert.fail("interrupted"));
    pocket.move(true);
    pass(3000);
    pocket.move(false);
    pass(10_000);
    assert.equal(pocket.unsteady, false);
});
