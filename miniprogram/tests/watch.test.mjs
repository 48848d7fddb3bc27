import assert from "node:assert/strict";
import { test } from "node:test";
import { Phone } from "./phone.mjs";

function page() {
    const said = [];
    return {
        said,
        data: { busy: "", trouble: "" },
        setData(data) {
            Object.assign(this.data, data);
            said.push(data);
        },
    };
}

function parts() {
    const phone = new Phone("stall");
    return { ...phone.require("lib/watch"), ...phone.require("lib/line") };
}

test("one tap is one deed, however often it is tapped meanwhile", async () => {
    const { act } = parts();
    const shown = page();
    let done = 0;
    let finish;
    const first = act(shown, "take", () => {
        done += 1;
        return new Promise((resolve) => {
            finish = resolve;
        });
    });
    await act(shown, "take", () => (done += 1));
    assert.equal(shown.data.busy, "take");
    finish();
    await first;
    assert.equal(done, 1);
    assert.equal(shown.data.busy, "");
});

test("what was refused is said beside what caused it", async () => {
    const { act, Failure, NoAnswer } = parts();
    const shown = page();
    await act(shown, "call-7", () => Promise.reject(new Failure("Invalid Sn Error", {})));
    assert.deepEqual([shown.data.said, shown.data.saidOf], ["没有发出这个号，请再看一眼。", "call-7"]);
    await act(shown, "take", () => Promise.reject(new NoAnswer("No Answer")));
    assert.equal(shown.data.said, "没有收到应答。请看看是否已办成，没有就再按一次。");
});

test("a fault of the program is no news for the person, and not hidden", async () => {
    const { act } = parts();
    const shown = page();
    await assert.rejects(act(shown, "take", () => Promise.reject(new TypeError("x is undefined"))), TypeError);
    assert.equal(shown.data.busy, "");
});

test("after a lost answer it is looked whether it was done, and nothing is sent again", async () => {
    const { surely, NoAnswer, Failure } = parts();
    let sent = 0;
    const lost = () => {
        sent += 1;
        return Promise.reject(new NoAnswer("No Answer"));
    };
    assert.equal(await surely(lost, async () => 7), 7);
    await assert.rejects(surely(lost, async () => undefined), NoAnswer);
    assert.equal(sent, 2);
    await assert.rejects(surely(() => Promise.reject(new Failure("Due Date Error", {})), async () => 7), Failure);
});

test("looking is tried a few times", async () => {
    const { surely, NoAnswer } = parts();
    let looks = 0;
    const look = () => {
        looks += 1;
        return looks < 3 ? Promise.reject(new NoAnswer("No Answer")) : Promise.resolve(12);
    };
    assert.equal(await surely(() => Promise.reject(new NoAnswer("No Answer")), look), 12);
});

test("the first failure after coming to the front is tried again in silence, the second is said", async () => {
    const { Watch, NoAnswer } = parts();
    const shown = page();
    let tries = 0;
    const watch = new Watch(shown, 0, async () => {
        tries += 1;
        throw new NoAnswer("No Answer");
    });
    watch.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([tries, shown.data.trouble], [1, ""]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual([tries, shown.data.trouble], [2, "连不上服务器，手机会自动重试。"]);
    watch.stop();
});

test("a fault of the program while looking is not hidden, and the looking goes on", async () => {
    const { Watch } = parts();
    let looks = 0;
    const watch = new Watch(page(), 5, async () => {
        looks += 1;
        throw new TypeError("x is undefined");
    });
    await assert.rejects(watch.run(), TypeError);
    watch.run = async () => (looks += 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    watch.stop();
    assert.ok(looks > 1);
});

test("a task may change the pace, and end it", async () => {
    const { Watch } = parts();
    const paces = [20, 0];
    let looks = 0;
    const watch = new Watch(page(), 60_000, async () => {
        watch.pace = paces[looks];
        looks += 1;
    });
    watch.start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(looks, 2);
});

test("what an earlier look brings after stop is dropped", async () => {
    const { Watch } = parts();
    const seen = [];
    let finish;
    const watch = new Watch(page(), 0, async (current) => {
        await new Promise((resolve) => {
            finish = resolve;
        });
        seen.push(current());
    });
    watch.start();
    watch.stop();
    finish();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(seen, [false]);
});
