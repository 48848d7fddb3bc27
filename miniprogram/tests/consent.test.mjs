import assert from "node:assert/strict";
import { test } from "node:test";
import { makeWx } from "../../callme_site/trial/static/phones/phone/api.mjs";
import { Phone, ok } from "./phone.mjs";

const ID = "template-of-the-call";
const login = (templateIds) => (query) => ok(query === "login" ? { loginSuccess: "success", sessionKey: "key", ...(templateIds && { templateIds }) } : { menuSuccess: "success" });

/** A student's phone that has logged in; `answer` is what WeChat calls back with, and `boxes` what it was asked. */
async function student(answer, templateIds = [ID]) {
    const phone = new Phone("student", login(templateIds));
    const boxes = [];
    phone.wx.requestSubscribeMessage = ({ tmplIds, success, fail }) => {
        boxes.push(tmplIds);
        const { errCode } = answer;
        (errCode ? fail : success)({ errMsg: errCode ? "requestSubscribeMessage:fail" : "requestSubscribeMessage:ok", ...answer });
    };
    await phone.require("lib/line").ask("menu", { sellerId: 1 });
    return { phone, boxes, consent: phone.require("lib/consent") };
}

test("one yes is asked for at the tap itself, and goes with one order", async () => {
    const { consent, boxes } = await student({ [ID]: "accept" });
    const asked = consent.ask();
    assert.deepEqual(boxes, [[ID]]); // before anything was waited for
    assert.equal(await asked, true);
    assert.equal(await consent.ask(), true); // the number was wrong: the yes is still there
    assert.equal(boxes.length, 1);
    consent.use();
    await consent.ask();
    assert.equal(boxes.length, 2);
});

for (const answer of [{ [ID]: "reject" }, { [ID]: "ban" }, { [ID]: "filter" }, {}, { errCode: 20004 }, { errCode: 10002 }]) {
    test(`${JSON.stringify(answer)} is no leave, and no obstacle`, async () => {
        const { consent, boxes } = await student(answer);
        assert.equal(await consent.ask(), false);
        assert.equal(await consent.ask(), false);
        assert.equal(boxes.length, 2);
    });
}

test("where there is no message nobody is asked, and nothing is said", async () => {
    for (const none of [[], null]) {
        const { consent, boxes } = await student({ [ID]: "accept" }, none);
        assert.equal(await consent.ask(), false);
        assert.deepEqual([await consent.says(), boxes], ["", []]);
    }
});

test("it is said beforehand what for, and what was chosen for always", async () => {
    const { phone, consent } = await student({});
    const says = (subscriptionsSetting) => {
        phone.wx.getSetting = ({ withSubscriptions, success }) => success({ authSetting: {}, ...(withSubscriptions ? { subscriptionsSetting } : {}) });
        return consent.says();
    };
    assert.match(await says({ mainSwitch: true }), /微信会问：餐好时给您发一条消息，只这一次/);
    assert.match(await says(undefined), /微信会问/);
    assert.match(await says({ mainSwitch: true, itemSettings: { another: "reject" } }), /微信会问/);
    assert.match(await says({ mainSwitch: true, itemSettings: { [ID]: "accept" } }), /^餐好时，微信会给您发/);
    assert.match(await says({ mainSwitch: true, itemSettings: { [ID]: "reject" } }), /关闭了微信的消息/);
    assert.match(await says({ mainSwitch: false, itemSettings: { [ID]: "accept" } }), /关闭了微信的消息/);
    phone.wx.getSetting = ({ fail }) => fail({ errMsg: "getSetting:fail" });
    assert.match(await consent.says(), /微信会问/);
});

test("which messages there are outlives the program, as the session does, and nothing else is kept", async () => {
    const { phone } = await student({});
    assert.deepEqual([...phone.stored], [["sessionKey", "key"], ["templateIds", [ID]]]);
    const later = new Phone("student", login([]));
    later.stored = phone.stored;
    const { ask, templateIds } = later.require("lib/line");
    assert.deepEqual(templateIds(), [ID]);
    assert.deepEqual(later.asked, []);
    later.stored.clear();
    await ask("menu", {}); // this server has none any more
    assert.deepEqual([templateIds(), [...later.stored.keys()]], [[], ["sessionKey"]]);
});

/** WeChat as the browser's phones draw it; `answer` is what is pressed in the box. */
function wechat(settings, answer = { accepted: true, always: false }) {
    const boxes = [];
    const allowed = [];
    const phone = { tapped: true, pocket: { run: (act) => act() } };
    phone.wechat = {
        templates: { a: "Food", b: "Bill", c: "Food", d: "Offer" },
        settings,
        remember: (settings) => {
            phone.wechat.settings = settings;
        },
        askConsent: (titles, answered) => {
            boxes.push(titles);
            answered(answer.accepted, answer.always);
        },
        allow: async (id) => {
            if (phone.away) {
                throw new Error("away");
            }
            allowed.push(id);
        },
    };
    const wx = makeWx(phone);
    const ask = (tmplIds) => new Promise((resolve) => wx.requestSubscribeMessage({ tmplIds, complete: resolve }));
    const setting = async () => (await wx.getSetting({ withSubscriptions: true })).subscriptionsSetting;
    return { phone, boxes, allowed, ask, setting };
}

test("WeChat's box answers for what it asked, and WeChat lets come what was allowed", async () => {
    const yes = wechat({});
    assert.deepEqual(await yes.ask(["a", "b"]), { errMsg: "requestSubscribeMessage:ok", a: "accept", b: "accept" });
    assert.deepEqual([yes.boxes, yes.allowed], [[["Food", "Bill"]], ["a", "b"]]);
    assert.deepEqual(await yes.setting(), { mainSwitch: true });
    const no = wechat({}, { accepted: false, always: false });
    assert.equal((await no.ask(["a"])).a, "reject");
    assert.deepEqual(no.allowed, []);
});

test("what was chosen for always is not asked again, and told by the settings", async () => {
    for (const [accepted, result] of [[true, "accept"], [false, "reject"]]) {
        const { ask, boxes, allowed, setting } = wechat({}, { accepted, always: true });
        assert.equal((await ask(["a"])).a, result);
        assert.equal((await ask(["a"])).a, result);
        assert.equal(boxes.length, 1);
        assert.equal(allowed.length, accepted ? 2 : 0);
        assert.deepEqual(await setting(), { mainSwitch: true, itemSettings: { a: result } });
    }
});

test("a template that is banned, or titled as another, is not asked for", async () => {
    const { ask, boxes, allowed } = wechat({ banned: ["b"] });
    assert.deepEqual(await ask(["a", "b", "c"]), { errMsg: "requestSubscribeMessage:ok", a: "accept", b: "ban", c: "filter" });
    assert.deepEqual([boxes, allowed], [[["Food"]], ["a"]]);
});

test("WeChat's errors", async () => {
    const code = async (ids, settings = {}) => {
        const { ask, boxes } = wechat(settings);
        const { errCode, errMsg } = await ask(ids);
        assert.match(errMsg, /^requestSubscribeMessage:fail /);
        assert.deepEqual(boxes, []);
        return errCode;
    };
    assert.deepEqual(
        [await code([]), await code("a"), await code(["x"]), await code(["a", "b", "c", "d"]), await code(["a"], { off: true })],
        [10001, 10004, 20001, 20003, 20004],
    );
    const untapped = wechat({});
    untapped.phone.tapped = false;
    assert.equal((await untapped.ask(["a"])).errMsg, "requestSubscribeMessage:fail can only be invoked by user TAP gesture.");
    const away = wechat({});
    away.phone.away = true;
    assert.equal((await away.ask(["a"])).errCode, 10003);
});
