// Made by bin/build-miniprograms of miniprogram/student/; do not edit.
export const globals = ["require","module","exports","wx","App","Page","getApp","getCurrentPages","setTimeout","clearTimeout","setInterval","clearInterval","console"];
export const json = {"app.json":{"pages":["pages/index/index","pages/qu/qu","pages/wait/wait"],"window":{"navigationBarTitleText":"取个号","navigationBarBackgroundColor":"@bar","navigationBarTextStyle":"@barText","backgroundColor":"@ground","backgroundTextStyle":"@loading"},"darkmode":true,"themeLocation":"theme.json","sitemapLocation":"sitemap.json"},"pages/index/index.json":{},"pages/qu/qu.json":{},"pages/wait/wait.json":{},"theme.json":{"light":{"bar":"#ffffff","barText":"black","ground":"#f3f6f6","loading":"dark"},"dark":{"bar":"#1d272b","barText":"white","ground":"#11181b","loading":"light"}}};
export const scripts = {
"app.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
App({
  launched: false, // whether the order that there was at the start has been shown
});
}).call(undefined); },
"config.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Where the server is: the one address to change before the mini-program goes on phones (docs/miniprogram.md).

module.exports = {
  server: "https://callme.example.edu.cn/",
  isseller: "no",
};
}).call(undefined); },
"lib/consent.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The student's leave for WeChat's message when the food is ready: one message for each yes.

const { templateIds } = require("./line");
const t = require("./texts");

let unused = false; // whether there has been a yes that no order has used: the number was wrong, say

/** Ask for leave and return whether it is given; has to be called in the tap's own callback. No and an error are alike. */
function ask() {
  return new Promise((resolve) => {
    const tmplIds = templateIds();
    if (unused || !tmplIds.length) {
      resolve(unused);
      return;
    }
    wx.requestSubscribeMessage({
      tmplIds,
      success(result) {
        unused = tmplIds.some((id) => result[id] === "accept");
        resolve(unused);
      },
      fail: () => resolve(false),
    });
  });
}

/** The leave went with an order. */
function use() {
  unused = false;
}

/** Return what is said of the message before it is asked for; "" where there is none. */
function says() {
  return new Promise((resolve) => {
    const tmplIds = templateIds();
    if (!tmplIds.length) {
      resolve("");
      return;
    }
    wx.getSetting({
      withSubscriptions: true,
      success({ subscriptionsSetting }) {
        const { mainSwitch = true, itemSettings = {} } = subscriptionsSetting || {};
        const always = (choice) => tmplIds.some((id) => itemSettings[id] === choice);
        resolve(!mainSwitch || always("reject") ? t.messageNever : always("accept") ? t.messageAlways : t.messageAsks);
      },
      fail: () => resolve(t.messageAsks),
    });
  });
}

module.exports = { ask, says, use };
}).call(undefined); },
"lib/language.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The phone's language: Chinese or English.

const english = !wx.getAppBaseInfo().language.startsWith("zh");

/** Return the texts of the phone's language. */
function pick(texts) {
  return english ? texts.en : texts.zh;
}

/** Put values into the {places} of a text. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

module.exports = { pick, fill };
}).call(undefined); },
"lib/learn.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// What has become of an order that this phone has not heard of yet: WeChat's message named it.

const live = require("./live");
const { menuOf, taken } = require("./orders");

/** Return the order, to be looked after from now on: it lives, or `hungry` tells how it ended. Throws Failure, NoAnswer. */
async function learn(asked) {
  const menu = await menuOf(asked.sellerId);
  const orders = menu ? taken(menu) : [];
  if (menu) {
    live.keep(orders);
  }
  const { sellerId, marchSn } = asked;
  const order = live.find(asked)
    || live.begin({ sellerId, marchSn, sellerName: menu ? menu.sellerName : "", note: "", learned: true });
  order.told = false; // the one message has come: a further call has none
  return order;
}

module.exports = { learn };
}).call(undefined); },
"lib/line.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The line to the server: one POST a query, one login for all that wait for it, each query tried again once after it.

const config = require("../config");

const TIMEOUT = 10000; // milliseconds; a login may take 7 seconds while WeChat is slow
const TIMED_OUT = "Session Time Out";

let key = "";
let templates = null; // ids of the messages that this person may allow; null where they have not been read yet
let login = null; // under way
const listeners = new Set();

/** The query was not carried out; the message is its failMsg or queryErr, `answer` all that came. */
class Failure extends Error {
  constructor(reason, answer) {
    super(reason);
    this.answer = answer;
  }
}

/**
 * Nothing came that could be read: whether it was carried out is not known. `wait`: seconds until the server is back,
 * if it said so.
 */
class NoAnswer extends Error {
  constructor(reason, wait) {
    super(reason);
    this.wait = wait;
  }
}

/** Read an answer, which wx.uploadFile leaves as a text; throws Failure or NoAnswer. */
function read(query, { statusCode, header = {}, data }) {
  const answer = typeof data === "string" ? parsed(data) : data;
  if (statusCode >= 500 || !answer || typeof answer !== "object") {
    const wait = Number(header["Retry-After"] || header["retry-after"]);
    throw new NoAnswer(statusCode === 503 ? "Server Error" : "No Answer", wait || undefined);
  }
  if (answer[`${query}Success`] !== "success") {
    throw new Failure(answer.queryErr || answer.failMsg, answer);
  }
  return answer;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}

/** Send it by wx.request or wx.uploadFile and return the answer. */
function send(call, query, options) {
  return new Promise((resolve, reject) => {
    call(Object.assign({
      url: config.server,
      timeout: TIMEOUT,
      success(result) {
        try {
          resolve(read(query, result));
        } catch (error) {
          reject(error);
        }
      },
      fail() {
        reject(new NoAnswer("No Answer"));
      },
    }, options));
  });
}

function post(query, fields) {
  const data = Object.assign({ query }, fields);
  return send(wx.request, query, { method: "POST", data });
}

function keep({ sessionKey, templateIds = [] }) {
  key = sessionKey;
  templates = templateIds;
  wx.setStorageSync("sessionKey", key);
  if (templates.length) {
    wx.setStorageSync("templateIds", templates);
  } else {
    wx.removeStorageSync("templateIds");
  }
  listeners.forEach((listener) => listener(key));
}

async function logIn() {
  const { code } = await new Promise((resolve, reject) => {
    wx.login({ success: resolve, fail: () => reject(new NoAnswer("No Answer")) });
  });
  try {
    keep(await post("login", { isseller: config.isseller, code }));
  } catch (error) {
    if (error.message === "API Error") {
      throw new NoAnswer("API Error");
    }
    // Who has yet to sign up has a session, too.
    if (!error.answer || !error.answer.sessionKey) {
      throw error;
    }
    keep(error.answer);
  }
  return key;
}

/** Return the key of a session: of the one that there is, or of the login that all wait for. */
function session() {
  key = key || wx.getStorageSync("sessionKey");
  if (key) {
    return key;
  }
  if (!login) {
    login = logIn();
    const over = () => {
      login = null;
    };
    login.then(over, over);
  }
  return login;
}

/** Let the next query begin with a login. */
function forget() {
  key = "";
  wx.removeStorageSync("sessionKey");
}

async function inSession(attempt) {
  const used = await session();
  try {
    return await attempt(used);
  } catch (error) {
    if (error.message !== TIMED_OUT) {
      throw error;
    }
    if (key === used) {
      forget();
    }
    return attempt(await session());
  }
}

/** Return the ids of the messages that this person may allow, as the login told them. */
function templateIds() {
  templates = templates || wx.getStorageSync("templateIds") || [];
  return templates;
}

/** Ask the server and return its answer. Throws Failure, NoAnswer. */
function ask(query, fields) {
  return inSession((sessionKey) => post(query, Object.assign({ sessionKey }, fields)));
}

/** Ask with a file in the field of that name. Throws Failure, NoAnswer. */
function upload(query, fields, name, filePath) {
  return inSession((sessionKey) => {
    const formData = Object.assign({ query, sessionKey }, fields);
    return send(wx.uploadFile, query, { filePath, name, formData });
  });
}

/**
 * Call `listener` with the key of the session that there is, and of each that begins, until the function returned is
 * called.
 */
function onSession(listener) {
  listeners.add(listener);
  if (key) {
    listener(key);
  }
  return () => listeners.delete(listener);
}

module.exports = { ask, upload, forget, onSession, templateIds, Failure, NoAnswer };
}).call(undefined); },
"lib/live.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The student's live orders: what was heard of each, and when it is worth asking again. The page that is in front asks.

const { ask } = require("./line");
const { menuOf, same, taken } = require("./orders");

const PACE = 3000; // milliseconds from one look at an order to the next, where the server does not say
const LEAST = 1000; // milliseconds: the bounds of what it may say
const MOST = 30000;
const NEAR = 500; // milliseconds: what is due so soon is asked along with the rest
const BACK = 20000; // milliseconds for which a stall's own end may be taken back: UNDO_SECONDS, and a look or two
const CHECK = 4; // every so many looks, `menu` is asked where `hungry` tells neither that an order lives nor that it ended

let orders = [];

/**
 * Return the orders: `state` is waiting, ready or ended, `back` what the stall has taken back (its call, its end or ""),
 * `seen` whether the end has been read, `told` whether WeChat will send a message of the call; undefined where that is
 * not known.
 */
function all() {
  return orders;
}

function find(order) {
  return orders.find((each) => same(each, order));
}

/** Look after an order that begins, or of which is `learned` that it was there once; returns it. */
function begin({ sellerId, sellerName, marchSn, note, called, told, learned = false }) {
  const order = {
    sellerId, sellerName, marchSn, note, state: called ? "ready" : "waiting", back: "", ended: "", endedAt: 0,
    ahead: undefined, hushed: false, seen: false, told, learned, due: 0, looks: 0,
  };
  drop(order);
  orders.push(order);
  return order;
}

/** Look no more after an order. */
function drop(order) {
  orders = orders.filter((each) => !same(each, order));
}

/** Take over the live orders that the server told of. What it does not tell of stays until it is said how it ended. */
function keep(told) {
  const over = (order) => order.state === "ended" && Date.now() - order.endedAt > BACK;
  const rest = orders.filter((order) => !over(order) && !told.some((each) => same(each, order)));
  const live = told.map((order) => find(order) || begin(order));
  orders = live.concat(rest);
}

/** Ask for every order at the next look: what was heard may be long ago. */
function wake() {
  orders.forEach((order) => Object.assign(order, { due: 0, looks: 0 }));
}

/** Ask for the orders that are due. Throws Failure, NoAnswer. */
async function look(current) {
  for (const order of orders.filter(({ due }) => due <= Date.now() + NEAR)) {
    const heard = await hear(order);
    if (!current()) {
      return;
    }
    take(order, heard);
  }
}

/** Return in how many milliseconds an order is due; 0 where none will be. */
function pace() {
  const next = Math.min(...orders.map(({ due }) => due));
  return next < Infinity ? Math.min(Math.max(next - Date.now(), NEAR), MOST) : 0;
}

/** Ask how an order stands; `surely` whether it ended, however long ago. Throws Failure, NoAnswer. */
async function hear(order, surely = order.learned) {
  const { sellerId, marchSn } = order;
  try {
    await ask("hungry", { sellerId, marchSn });
    // Once a phone is back: after its order ended, the number may be out again, with nobody's order.
    return (surely || order.looks === 1) && !await lives(order) ? { state: "ended", ended: "" } : { state: "ready" };
  } catch (error) {
    if (error.message !== "Not Ready Yet") {
      throw error;
    }
    const { ahead, retryAfter, ended } = error.answer;
    if (ended) {
      return { state: "ended", ended };
    }
    const untold = ahead === undefined && (surely || order.state === "ready" || order.looks % CHECK === 0);
    return untold && !await lives(order) ? { state: "ended", ended: "" } : { state: "waiting", ahead, retryAfter };
  }
}

async function lives(order) {
  const menu = await menuOf(order.sellerId);
  return !menu || taken(menu).some((each) => same(each, order)); // a stall without months has no menu that could tell
}

function take(order, { state, ahead, retryAfter, ended = "" }) {
  const now = Date.now();
  if (state !== order.state) {
    order.back = state === "ended" ? "" : order.state === "ended" ? "end" : order.state === "ready" ? "call" : "";
    order.endedAt = now;
    order.hushed = false;
    order.seen = false;
    order.told = state === "ready" ? false : order.told; // the one message has gone: a further call has none
  }
  const wait = retryAfter > 0 ? Math.min(Math.max(retryAfter * 1000, LEAST), MOST) : PACE;
  const again = state !== "ended" || ended === "ended" && now - order.endedAt < BACK;
  Object.assign(order, { state, ahead, ended, learned: false, looks: order.looks + 1, due: again ? now + wait : Infinity });
}

/** Return whether an order is called that nobody has hushed. */
function rings() {
  return orders.some(({ state, hushed }) => state === "ready" && !hushed);
}

function hush() {
  orders.forEach((order) => {
    order.hushed = order.state === "ready";
  });
}

module.exports = { all, begin, drop, find, hear, hush, keep, look, pace, rings, wake };
}).call(undefined); },
"lib/orders.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// What the server tells of stalls and of the student's orders.

const { ask } = require("./line");

/** Return the live orders that an answer to `menu` tells of, the oldest first; an older server knows of that alone. */
function taken(menu) {
  if (menu.taken) {
    return menu.taken.map(({ sellerId, sellerName, marchSn, menuName, called }) => ({
      sellerId, sellerName, marchSn, note: menuName, called,
    }));
  }
  return menu.takenFlag === "success" ? [{
    sellerId: menu.takenSellerId,
    sellerName: menu.takenSellerName,
    marchSn: menu.takenMarchSn,
    note: menu.takenMenuName,
    called: false,
  }] : [];
}

/** Return a stall's menu, or null where it is not open. Throws Failure, NoAnswer. */
async function menuOf(sellerId) {
  try {
    return await ask("menu", { sellerId });
  } catch (error) {
    if (error.message === "Illegal Seller Error") {
      return null;
    }
    throw error;
  }
}

/** Return the stalls that are open. Throws Failure, NoAnswer. */
async function openStalls() {
  try {
    const { list } = await ask("seller_list");
    return Object.keys(list).map((place) => list[place]);
  } catch (error) {
    if (error.message === "Null List Error") {
      return [];
    }
    throw error;
  }
}

function same(one, other) {
  return one.sellerId === other.sellerId && one.marchSn === other.marchSn;
}

module.exports = { menuOf, openStalls, same, taken };
}).call(undefined); },
"lib/reasons.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// What each failMsg and queryErr of the protocol is in plain words, and what is said where no answer came.

const language = require("./language");

module.exports = language.pick({
  zh: {
    "API Error": "微信暂时没有应答，请稍候。",
    "Login Error": "微信不认得这次登录，请关掉小程序再打开。",
    "Seller Openid Error": "这个微信已绑定另一个档口。",
    "Null List Error": "现在没有营业的档口。",
    "Illegal Seller Error": "这个档口现在没有营业。",
    "Due Date Error": "月数用完了，或者工作人员停用了这个窗口：请找工作人员，然后再取号。",
    "Paused Error": "这个档口现在暂停发号。",
    "No Sn Valid": "99 个号都发出去了，请先结束几个。",
    "Invalid Sn Error": "没有发出这个号，请再看一眼。",
    "Too Late Error": "时间太久了，不能再撤回。",
    "Taken Error": "这个号已经有人填了。请核对手里的号。",
    "Too Many Error": "您的订单太多了，请先取一份餐，再填这个号。",
    "Invalid Note Error": "备注太长：最多 200 个字。",
    "Not Ready Yet": "还没有做好。",
    "Invalid Session Error": "这部手机没有绑定档口。",
    "Invalid Tel Error": "这个手机号没有登记，或已被另一部手机使用，或要请工作人员重新开放入驻。",
    "Need Proof Error": "这里要用微信绑定的手机号入驻：请点“用微信手机号”。",
    "Need Renew Error": "月数用完了：请先找工作人员续费。",
    "Invalid Name Error": "名字是 1 到 60 个字。",
    "Invalid Menu Error": "菜单最多 60 道菜，每道最多 40 个字。",
    "Invalid Proof Error": "没能改，请再试一次。",
    "Need Signup Error": "请先入驻。",
    "No File Uploaded": "没有收到图片。",
    "Size Error": "图片太大：最多 512 KB。其他内容已保存。",
    "Type Error": "图片不是能打开的 JPEG、PNG 或 WebP。其他内容已保存。",
    "Save Error": "服务器没能存下图片。其他内容已保存。",
    "Not Admin Error": "只有工作人员可以这样做。",
    "Invalid Term Error": "一次可以续 1 到 36 个月。",
    "Illegal query": "服务器看不懂这个小程序，请更新微信。",
    "Session Time Out": "登录过期了，请再试一次。",
    "Method Not Allowed": "服务器看不懂这个小程序，请更新微信。",
    "Body Too Large": "一次发的内容太多了。",
    "Server Error": "服务器暂时忙，手机会自动重试。",
    "No Answer": "连不上服务器，手机会自动重试。",
    "Not Sure": "没有收到应答。请看看是否已办成，没有就再按一次。",
    "Slow": "网络很慢，还在等应答……",
  },
  en: {
    "API Error": "WeChat does not answer at the moment. One moment, please.",
    "Login Error": "WeChat does not know this login. Close the mini-program and open it again.",
    "Seller Openid Error": "This WeChat account runs another stall.",
    "Null List Error": "No stall is open at the moment.",
    "Illegal Seller Error": "This stall is not open at the moment.",
    "Due Date Error": "No months left, or the staff have switched this stall off: ask them, then take numbers again.",
    "Paused Error": "The stall hands out no numbers for now.",
    "No Sn Valid": "All 99 numbers are out. End some first.",
    "Invalid Sn Error": "This number is not out. Please look at it again.",
    "Too Late Error": "It is too late to take that back.",
    "Taken Error": "Somebody has entered this number already. Please look at yours again.",
    "Too Many Error": "You have too many orders. Collect one first, then enter this number.",
    "Invalid Note Error": "The note is too long: 200 characters at most.",
    "Not Ready Yet": "Not ready yet.",
    "Invalid Session Error": "This phone runs no stall.",
    "Invalid Tel Error": "Nobody is registered under this telephone number, or another phone has signed up with it, or the staff have to open it for sign-up again.",
    "Need Proof Error": "Signing up takes the telephone number that WeChat knows of you: choose it, do not type it.",
    "Need Renew Error": "No months left: ask the staff to renew first.",
    "Invalid Name Error": "A name has 1 to 60 characters.",
    "Invalid Menu Error": "A menu has at most 60 dishes of at most 40 characters each.",
    "Invalid Proof Error": "That could not be changed. Please try again.",
    "Need Signup Error": "Please sign up first.",
    "No File Uploaded": "No picture was received.",
    "Size Error": "The picture is too large: 512 KB at most. The rest is saved.",
    "Type Error": "The picture is no JPEG, PNG or WebP that opens. The rest is saved.",
    "Save Error": "The server could not keep the picture. The rest is saved.",
    "Not Admin Error": "Only staff may do this.",
    "Invalid Term Error": "1 to 36 months can be bought at once.",
    "Illegal query": "The server does not understand this mini-program. Please update WeChat.",
    "Session Time Out": "The login has run out. Please try again.",
    "Method Not Allowed": "The server does not understand this mini-program. Please update WeChat.",
    "Body Too Large": "That was too much to send at once.",
    "Server Error": "The server is busy. The phone tries again by itself.",
    "No Answer": "No connection to the server. The phone tries again by itself.",
    "Not Sure": "No answer came. Look whether it is done, else press again.",
    "Slow": "The network is slow. Still waiting for an answer …",
  },
});
}).call(undefined); },
"lib/ring.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The ring of a called order, on whatever page one is: sound and vibration, over the phone's mute switch.

const { rings } = require("./live");

let sound = null;

/** Ring, or be still, as the orders are. */
function ring() {
  if (!rings()) {
    still();
    return;
  }
  if (!sound) {
    sound = wx.createInnerAudioContext();
    sound.src = "/sounds/ring.wav";
    wx.setInnerAudioOption({ obeyMuteSwitch: false });
  }
  wx.vibrateLong();
  sound.stop();
  sound.play();
}

function still() {
  if (sound) {
    sound.stop();
  }
}

module.exports = { ring, still };
}).call(undefined); },
"lib/says.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// What is said of an order and of a stall's line.

const { fill } = require("./language");
const t = require("./texts");

const ENDS = {
  collected: t.endCollected,
  ended: t.ended,
  cleared: t.endCleared,
  abandoned: t.endAbandoned,
  uncollected: t.endUncollected,
};

/** Return in words how an order ended; where the server does not know any more, that it did. */
function end({ ended }) {
  return ENDS[ended] || t.endUnknown;
}

/** Return in words how many are ahead of a waiting order, or "" where that is not known. */
function ahead(order) {
  return order.state !== "waiting" || order.ahead === undefined ? "" : order.ahead ? fill(t.ahead, { ahead: order.ahead }) : t.aheadNone;
}

/** Return in words whether WeChat will tell of a waiting order's call; `templates` are the messages that there are. */
function message({ told }, templates) {
  return told ? t.messageComes : told === undefined && templates.length ? t.messageMaybe : t.keepOpen;
}

/** Return what a page shows of an order in a row. */
function row(order) {
  const { sellerId, sellerName, marchSn, note, state } = order;
  const line = fill(t.waitingLine, { number: marchSn, stall: sellerName });
  const says = { waiting: t.waitingAt, ready: t.ready, ended: end(order) }[state];
  return { key: `${sellerId}-${marchSn}`, sellerId, marchSn, state, line, note, says, ahead: ahead(order) };
}

/** Return what the list shows of a stall; what is not known is "". */
function stall({ id, name, imageURL, waiting, wait, open }) {
  return {
    id,
    name,
    imageURL,
    initial: Array.from(name)[0] || "",
    paused: open === false ? t.paused : "",
    waiting: waiting === undefined ? "" : waiting ? fill(t.waitingMany, { waiting }) : t.waitingNone,
    wait: wait === undefined ? "" : fill(t.waited, { minutes: Math.max(Math.round(wait / 60), 1) }),
  };
}

/** Sort stalls by `waiting` or `wait`, or leave them as they are listed: what is paused comes last, before it the unknown. */
function sorted(stalls, by) {
  if (!by) {
    return stalls;
  }
  const value = (each) => (each[by] === undefined ? Infinity : each[by]);
  const paused = (each) => (each.open === false ? 1 : 0);
  const places = new Map(stalls.map((each, place) => [each, place]));
  const compare = (one, other) => (value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0);
  return stalls.slice().sort((one, other) => (
    paused(one) - paused(other) || compare(one, other) || places.get(one) - places.get(other)
  ));
}

module.exports = { ahead, end, message, row, sorted, stall };
}).call(undefined); },
"lib/scan.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// What the stall's screen shows as a QR code.

const SHOWN = /^callme:sellerId=(\d+)&marchSn=([1-9]\d?)&claim=(\d*)$/;

/** Return the number of a scanned text, with its stall and its claim ("" where it needs none); null for any other text. */
function read(text) {
  const found = SHOWN.exec(text);
  return found && { sellerId: Number(found[1]), marchSn: Number(found[2]), claim: found[3] };
}

module.exports = { read };
}).call(undefined); },
"lib/texts.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Every text of the student's mini-program, in both languages.

const language = require("./language");

module.exports = language.pick({
  zh: {
    title: "取个号",
    where: "在哪个档口吃？",
    none: "现在没有营业的档口。",
    reload: "再看一次",
    loading: "正在连接……",
    yours: "您的订单",
    waitingAt: "您在等餐",
    waitingLine: "{number} 号 · {stall}",
    open: "打开",
    ahead: "前面还有 {ahead} 份",
    aheadNone: "前面没有更早的订单了",
    sort: "档口的顺序",
    byPlace: "默认",
    byWaiting: "人少的",
    byWait: "等得短的",
    paused: "暂停取号",
    waitingMany: "{waiting} 份在等",
    waitingNone: "没有人在等",
    waited: "最近约等 {minutes} 分钟",
    numberTitle: "手里的号",
    numberHint: "点数字，填商家给您的号",
    erase: "删除",
    digit: "数字 {digit}",
    scan: "扫屏幕上的码",
    scanWrong: "这不是档口屏幕上的取餐码。",
    scanFailed: "没有扫成，请用数字填。",
    claim: "屏幕上的四位码",
    claimPlaceholder: "四位码（有才填）",
    claimMaybe: "没有发出这个号，请再看一眼。屏幕上有四位码的，也要填。",
    claimWrong: "没有发出这个号，或四位码不对。错过五次的，请商家再出示一次。",
    dish: "点的什么？",
    noteLabel: "给商家的备注",
    notePlaceholder: "如：牛肉面，不要香菜",
    wait: "等餐",
    sending: "正在发送……",
    numberMissing: "请先填手里的号。",
    otherStalls: "其他档口",
    messageAsks: "接着微信会问：餐好时给您发一条消息，只这一次。不同意也一样等。",
    messageAlways: "餐好时，微信会给您发一条消息。",
    messageNever: "您关闭了微信的消息：叫号时，手机只在小程序打开时响。",
    cooking: "正在做，可以离开柜台",
    keepOpen: "请让这个页面开着：微信只在它打开时响铃。",
    messageComes: "餐好时微信会给您发一条消息，手机可以放进口袋。",
    messageMaybe: "允许过消息的，餐好时微信会告诉您；没有的，请让这个页面开着。",
    giveUp: "不要了",
    giveUpAsk: "不要 {number} 号了？",
    giveUpSays: "商家会看到这个号已结束。",
    giveUpNo: "继续等",
    giveUpYes: "不要了",
    givenUp: "已放弃这个号。",
    ready: "您的餐好了！",
    collect: "已取餐",
    hush: "别响了",
    enjoy: "慢用！",
    backCall: "商家撤回了叫号，还没有做好。",
    backEnd: "商家撤回了结束，您的订单还在。",
    another: "再点一份",
    endCollected: "这份餐已经取走了。",
    ended: "商家结束了您的订单。",
    endCleared: "商家清空了号码，您的订单已结束。",
    endAbandoned: "时间太久，您的订单已自动结束。",
    endUncollected: "叫号后一直没有来取，您的订单已自动结束。",
    endUnknown: "您的订单已结束。",
    endedSays: "如果还没有取到餐，请到柜台问一下。",
    back: "回到档口",
    yourNumber: "您的号",
  },
  en: {
    title: "Queue number",
    where: "Where do you eat?",
    none: "No stall is open at the moment.",
    reload: "Look again",
    loading: "Connecting …",
    yours: "Your orders",
    waitingAt: "You are waiting",
    waitingLine: "No. {number} · {stall}",
    open: "Open",
    ahead: "{ahead} ahead of you",
    aheadNone: "No earlier order is waiting",
    sort: "Order of the stalls",
    byPlace: "As listed",
    byWaiting: "Fewest waiting",
    byWait: "Shortest wait",
    paused: "Paused: no new numbers",
    waitingMany: "{waiting} waiting",
    waitingNone: "Nobody waiting",
    waited: "Others waited about {minutes} min",
    numberTitle: "Your number",
    numberHint: "Tap the number that you were handed",
    erase: "Erase",
    digit: "Digit {digit}",
    scan: "Scan code",
    scanWrong: "That is no code of a number on a stall’s screen.",
    scanFailed: "The scan did not work. Please enter the number.",
    claim: "Four digits on the screen",
    claimPlaceholder: "4 digits, if any",
    claimMaybe: "This number is not out. Please look at it again. If the screen shows four digits, enter them too.",
    claimWrong: "This number is not out, or the four digits are wrong. After five wrong ones, ask the stall to show it again.",
    dish: "What did you order?",
    noteLabel: "Note for the stall",
    notePlaceholder: "e.g. beef noodles, no coriander",
    wait: "Wait for my food",
    sending: "Sending …",
    numberMissing: "Please enter the number first.",
    otherStalls: "Other stalls",
    messageAsks: "Then WeChat asks to send you one message when it is ready, this once. No is fine, too.",
    messageAlways: "WeChat will send you a message when it is ready.",
    messageNever: "You have switched WeChat’s messages off: the phone rings only while this is open.",
    cooking: "Being cooked; you may leave the counter",
    keepOpen: "Keep this page open: WeChat rings only while it is.",
    messageComes: "WeChat will send you a message when it is ready; you may put the phone away.",
    messageMaybe: "If you allowed a message, WeChat will tell you; if not, keep this page open.",
    giveUp: "Give it up",
    giveUpAsk: "Give number {number} up?",
    giveUpSays: "The stall will see that it has ended.",
    giveUpNo: "Wait on",
    giveUpYes: "Give up",
    givenUp: "The number is given up.",
    ready: "Your food is ready!",
    collect: "Collected",
    hush: "Stop ringing",
    enjoy: "Enjoy your meal!",
    backCall: "The stall took the call back: it is not ready yet.",
    backEnd: "The stall took the end back: your order goes on.",
    another: "Another order",
    endCollected: "This order has been collected.",
    ended: "The stall has ended your order.",
    endCleared: "The stall has cleared its numbers, and your order with them.",
    endAbandoned: "Your order was out for too long and has been ended.",
    endUncollected: "Your order was called, not collected for long, and has been ended.",
    endUnknown: "Your order has ended.",
    endedSays: "If you have not got your food, please ask at the counter.",
    back: "Back to the stalls",
    yourNumber: "Your number",
  },
});
}).call(undefined); },
"lib/watch.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Looking again and again, as long as a page is in front; and doing one thing at a time, with what came of it in words.

const { Failure, NoAnswer } = require("./line");
const reasons = require("./reasons");

const BASE = 3000; // milliseconds to the second try, then twice as long each time
const FIRST = 300; // milliseconds to the first: just out of the background, WeChat's network fails for a moment
const PATIENCE = 12000; // milliseconds between tries, at most
const SLOW = 2500; // milliseconds after which a slow network is told of

const watches = new Set();

// A network that is back is used at once.
wx.onNetworkStatusChange(({ isConnected }) => {
  if (isConnected) {
    watches.forEach((watch) => watch.hurry());
  }
});

/** Return whether an error is one that a person is told of, and no fault of the program. */
function isTold(error) {
  return error instanceof Failure || error instanceof NoAnswer;
}

/** Say what an error is in plain words; a fault of the program is thrown. */
function plain(error) {
  if (!isTold(error)) {
    throw error;
  }
  return reasons[error.message] || error.message;
}

/**
 * Runs a task from start() to stop(): every `pace` milliseconds, which the task may change, or once where that is 0. What
 * fails for want of an answer is said on the page, and tried again.
 */
class Watch {
  constructor(page, pace, task) {
    this.page = page;
    this.pace = pace;
    this.task = task;
    this.turn = 0; // each start and stop is a new one: what an earlier one brings is dropped
    this.timer = null;
    this.running = false;
  }

  start() {
    this.stop();
    watches.add(this);
    this.failed = 0;
    this.run();
  }

  stop() {
    this.turn += 1;
    this.running = false;
    clearTimeout(this.timer);
    watches.delete(this);
  }

  /** Do not wait for the next time. */
  hurry() {
    if (!this.running) {
      clearTimeout(this.timer);
      this.run();
    }
  }

  async run() {
    const turn = this.turn;
    const current = () => turn === this.turn;
    this.running = true;
    const slow = setTimeout(() => current() && this.page.setData({ trouble: reasons.Slow }), SLOW);
    let wait = 0; // milliseconds, where it is not the pace
    let trouble = "";
    let fault = null; // of the program, which goes on looking all the same
    try {
      await this.task(current);
      this.failed = 0;
    } catch (error) {
      if (error instanceof NoAnswer) {
        this.failed += 1;
        wait = error.wait ? error.wait * 1000 : Math.min(BASE * 2 ** (this.failed - 2), PATIENCE);
        if (this.failed === 1) {
          wait = FIRST;
        }
      }
      if (isTold(error)) {
        trouble = plain(error);
      } else {
        fault = error;
      }
    }
    clearTimeout(slow);
    if (current()) {
      this.running = false;
      if (this.failed !== 1 && this.page.data.trouble !== trouble) {
        this.page.setData({ trouble });
      }
      if (this.pace || this.failed) {
        this.timer = setTimeout(() => this.run(), wait || this.pace);
      }
    }
    if (fault) {
      throw fault;
    }
  }
}

/** Do what was pressed, one thing at a time; `busy` is its name until then, and `said` why it was not done. */
async function act(page, name, task) {
  if (page.data.busy) {
    return;
  }
  page.setData({ busy: name, said: "", saidOf: "" });
  const slow = setTimeout(() => page.setData({ said: reasons.Slow, saidOf: name }), SLOW);
  let said = "";
  try {
    await task();
  } catch (error) {
    // What changes something is not sent again by itself.
    said = error instanceof NoAnswer && error.message !== "API Error" ? reasons["Not Sure"] : plain(error);
  } finally {
    clearTimeout(slow);
    page.setData({ busy: "", said, saidOf: said ? name : "" });
  }
}

/**
 * Carry out a change. Where its answer is lost, `isDone` looks whether it was carried out; if not, throws what `ask`
 * threw.
 */
async function surely(ask, isDone) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NoAnswer)) {
      throw error;
    }
    const done = await again(isDone);
    if (!done) {
      throw error;
    }
    return done;
  }
}

/** Ask what changes nothing, a few times. */
async function again(ask) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoAnswer) || attempt === 3) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, error.wait ? error.wait * 1000 : FIRST * attempt));
    }
  }
}

module.exports = { Watch, act, again, plain, surely };
}).call(undefined); },
"pages/index/index.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The student's orders, and the stalls that are open.

const live = require("../../lib/live");
const { menuOf, openStalls, taken } = require("../../lib/orders");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const t = require("../../lib/texts");
const { Watch } = require("../../lib/watch");

Page({
  data: { t, trouble: "", loaded: false, orders: [], stalls: [], by: "", tells: false },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.title });
    this.stalls = [];
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.reload();
  },

  onHide() {
    this.rest();
  },

  onUnload() {
    this.rest();
  },

  rest() {
    this.watch.stop();
    still();
  },

  /** See once which stalls and orders there are, and then how the orders stand, again and again. */
  async look(current) {
    if (!this.listed) {
      await this.list(current);
    }
    await live.look(current);
    if (current()) {
      this.watch.pace = live.pace();
      this.showOrders();
      ring();
    }
  },

  async list(current) {
    const stalls = await openStalls();
    const menu = stalls.length ? await menuOf(stalls[0].id) : null;
    if (!current()) {
      return;
    }
    if (menu) {
      live.keep(taken(menu));
    }
    this.stalls = stalls;
    this.listed = true;
    this.setData({ loaded: true, tells: stalls.length > 1 && stalls.some(({ waiting }) => waiting !== undefined) });
    this.showStalls();
    this.showOrders();
    const [first, second] = live.all();
    if (first && !second && !getApp().launched) {
      this.openOrder(first);
    }
    getApp().launched = true;
  },

  showStalls() {
    this.setData({ stalls: says.sorted(this.stalls, this.data.by).map(says.stall) });
  },

  showOrders() {
    const orders = live.all().filter(({ seen }) => !seen);
    this.setData({ orders: orders.map(says.row) });
  },

  openOrder({ sellerId, marchSn }) {
    wx.navigateTo({ url: `/pages/wait/wait?sellerId=${sellerId}&marchSn=${marchSn}&known=yes` });
  },

  open({ currentTarget }) {
    const { seller, number } = currentTarget.dataset;
    this.openOrder({ sellerId: seller, marchSn: number });
  },

  sort({ currentTarget }) {
    this.setData({ by: currentTarget.dataset.by });
    this.showStalls();
  },

  choose({ currentTarget }) {
    wx.navigateTo({ url: `/pages/qu/qu?sellerId=${currentTarget.dataset.id}` });
  },

  reload() {
    this.listed = false;
    live.wake();
    this.watch.start();
  },
});
}).call(undefined); },
"pages/qu/qu.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// A stall: the number that was handed out, and the dish. Also opened by the stall's code, with scene `sellerId=5`, and by the
// code of a number of another stall, with `marchSn` and `claim`.

const { Failure, ask } = require("../../lib/line");
const consent = require("../../lib/consent");
const { fill } = require("../../lib/language");
const live = require("../../lib/live");
const { menuOf, same, taken } = require("../../lib/orders");
const reasons = require("../../lib/reasons");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const scan = require("../../lib/scan");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

const DIGITS = "1234567890".split("").map((digit) => ({ digit, label: fill(t.digit, { digit }) }));

/** Return the stall that the page was opened for: by the list, or by the code. */
function sellerOf(options) {
  const scene = decodeURIComponent(options.scene || "");
  const [, scanned] = /^sellerId=(\d+)$/.exec(scene) || [];
  return Number(options.sellerId || scanned);
}

Page({
  data: {
    t, digits: DIGITS, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    closed: "", name: "", menu: [], number: "", claim: "", note: "", orders: [], message: "",
  },

  onLoad(options) {
    this.sellerId = sellerOf(options);
    wx.setNavigationBarTitle({ title: t.title });
    this.setData({ number: options.marchSn || "", claim: options.claim || "" });
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.listed = false;
    live.wake();
    this.watch.start();
  },

  onHide() {
    this.rest();
  },

  onUnload() {
    this.rest();
  },

  rest() {
    this.watch.stop();
    still();
  },

  /** See once what the stall cooks, and then how the student's orders stand, again and again. */
  async look(current) {
    if (!this.listed) {
      await this.list(current);
    }
    await live.look(current);
    if (current()) {
      this.watch.pace = live.pace();
      this.showOrders();
      ring();
    }
  },

  async list(current) {
    const menu = await menuOf(this.sellerId);
    if (!current()) {
      return;
    }
    if (menu) {
      live.keep(taken(menu));
    }
    this.listed = true;
    consent.says().then((message) => this.setData({ message }));
    this.setData({
      loaded: true,
      closed: menu ? "" : reasons["Illegal Seller Error"],
      name: menu ? menu.sellerName : "",
      menu: menu ? Array.from(new Set(menu.menuContent)) : [],
    });
    this.showOrders();
  },

  /** Show the orders that are called, and those that wait at this stall. */
  showOrders() {
    const shown = ({ state, sellerId }) => state === "ready" || state === "waiting" && sellerId === this.sellerId;
    this.setData({ orders: live.all().filter(shown).map(says.row) });
  },

  open({ currentTarget }) {
    const { seller, number } = currentTarget.dataset;
    this.wait({ sellerId: seller, marchSn: number });
  },

  wait({ sellerId, marchSn }) {
    wx.redirectTo({ url: `/pages/wait/wait?sellerId=${sellerId}&marchSn=${marchSn}&known=yes` });
  },

  press({ currentTarget }) {
    const number = this.data.number + currentTarget.dataset.digit;
    if (/^[1-9]\d?$/.test(number)) {
      this.setData({ number, said: "" });
    }
  },

  erase() {
    this.setData({ number: this.data.number.slice(0, -1), said: "" });
  },

  scan() {
    wx.scanCode({
      scanType: ["qrCode"],
      success: ({ result }) => this.take(scan.read(result)),
      fail: ({ errMsg }) => this.setData({ said: errMsg.includes("cancel") ? "" : t.scanFailed }),
    });
  },

  /** Take over what was scanned, maybe at another stall. */
  take(found) {
    if (!found) {
      this.setData({ said: t.scanWrong });
      return;
    }
    const { sellerId, marchSn, claim } = found;
    if (sellerId === this.sellerId) {
      this.setData({ number: String(marchSn), claim, said: "" });
    } else {
      wx.redirectTo({ url: `/pages/qu/qu?sellerId=${sellerId}&marchSn=${marchSn}&claim=${claim}` });
    }
  },

  prove({ detail }) {
    this.setData({ claim: detail.value, said: "" });
  },

  choose({ currentTarget }) {
    this.setData({ note: this.data.menu[currentTarget.dataset.place] });
  },

  write({ detail }) {
    this.setData({ note: detail.value });
  },

  async push() {
    if (!this.data.number) {
      this.setData({ said: t.numberMissing });
      return;
    }
    if (this.data.busy || this.asking) {
      return;
    }
    this.asking = true;
    try {
      this.send(await consent.ask());
    } finally {
      this.asking = false;
    }
  },

  /** Send the number; `told`: WeChat is to tell when it is called. */
  send(told) {
    const { sellerId } = this;
    const { name, note, claim } = this.data;
    const marchSn = Number(this.data.number);
    const order = { sellerId, sellerName: name, marchSn, note, told };
    const more = Object.assign(claim ? { claim } : {}, told ? { subscribe: "yes" } : {});
    const fields = Object.assign({ sellerId, marchSn, noteContent: note }, more);
    act(this, "push", async () => {
      await surely(
        () => this.bind(fields),
        async () => {
          const menu = await menuOf(sellerId);
          return Boolean(menu) && taken(menu).some((each) => same(each, order));
        },
      );
      consent.use();
      live.begin(order);
      this.wait(order);
    });
  },

  /** Send it; a stall may ask for the claim, and the server does not say that this is what was missing or wrong. */
  async bind(fields) {
    try {
      await ask("push", fields);
    } catch (error) {
      throw error.message === "Invalid Sn Error" ? new Failure(fields.claim ? t.claimWrong : t.claimMaybe) : error;
    }
    return true;
  },

  toStalls() {
    wx.reLaunch({ url: "/pages/index/index" });
  },
});
}).call(undefined); },
"pages/wait/wait.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Waiting for a number, and the call. Opened with `sellerId` and `marchSn`: with `known` by another page, of an order that
// is looked after; without, by WeChat's message of the call, whatever has become of the order since.

const { fill } = require("../../lib/language");
const { ask, templateIds } = require("../../lib/line");
const live = require("../../lib/live");
const { learn } = require("../../lib/learn");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

const TAKEN_BACK = { call: t.backCall, end: t.backEnd };

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", state: "waiting", ringing: false, number: "", name: "", note: "",
    ahead: "", message: "", back: "", end: "", collected: false, called: [],
  },

  onLoad({ sellerId, marchSn, known }) {
    wx.setNavigationBarTitle({ title: t.title });
    getApp().launched = true;
    this.asked = { sellerId: Number(sellerId), marchSn: Number(marchSn) };
    this.order = live.find(this.asked);
    if (!this.order) {
      this.setData({ state: "", number: this.asked.marchSn });
    } else if (!known) {
      this.order.told = false; // this was the one message: a further call has none
    }
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    if (!this.asked.sellerId || !this.asked.marchSn) {
      this.toStalls();
      return;
    }
    wx.setKeepScreenOn({ keepScreenOn: true });
    live.wake();
    this.show();
    this.watch.start();
  },

  onHide() {
    this.rest();
  },

  onUnload() {
    this.rest();
  },

  rest() {
    this.watch.stop();
    still();
    wx.setKeepScreenOn({ keepScreenOn: false });
  },

  async look(current) {
    if (!this.order) {
      this.order = await learn(this.asked);
    }
    await live.look(current);
    if (current()) {
      this.watch.pace = live.pace();
      this.show();
      ring();
    }
  },

  show() {
    const { order } = this;
    if (!order) {
      return;
    }
    const { marchSn, sellerName, note, state, back, ended, hushed } = order;
    order.seen = state === "ended";
    this.setData({
      number: marchSn,
      name: sellerName,
      note,
      state,
      ringing: state === "ready" && !hushed,
      ahead: says.ahead(order),
      message: says.message(order, templateIds()),
      back: TAKEN_BACK[back] || "",
      end: says.end(order),
      collected: ended === "collected",
      called: live.all().filter((each) => each !== order && each.state === "ready").map(says.row),
    });
  },

  hush() {
    live.hush();
    still();
    this.show();
  },

  collect() {
    this.end("collect", t.enjoy);
  },

  giveUp() {
    wx.showModal({
      title: fill(t.giveUpAsk, { number: this.order.marchSn }),
      content: t.giveUpSays,
      cancelText: t.giveUpNo,
      confirmText: t.giveUpYes,
      success: ({ confirm }) => confirm && this.end("giveUp", t.givenUp),
    });
  },

  end(name, words) {
    const { sellerId, marchSn } = this.order;
    act(this, name, async () => {
      await surely(
        () => ask("done", { sellerId, marchSn }),
        async () => (await live.hear(this.order, true)).state === "ended",
      );
      live.drop(this.order);
      this.toStalls();
      wx.showToast({ title: words, icon: "none", duration: 2500 });
    });
  },

  open({ currentTarget }) {
    const { seller, number } = currentTarget.dataset;
    wx.redirectTo({ url: `/pages/wait/wait?sellerId=${seller}&marchSn=${number}&known=yes` });
  },

  toStalls() {
    wx.reLaunch({ url: "/pages/index/index" });
  },
});
}).call(undefined); }
};
export const templates = (()=>{var G={};var R={};var X=function(a){return a==null?Object.create(null):a};var Y=function(a){return a==null?'':String(a)};var Z=function(a,b){if(a===true)return true;if(a)return a[b]};var P=function(a){return typeof a==='function'?a:()=>{}};var Q={a:function(a){for(var i=0;i<a.length;i++)if(a[i])return a},b:function(b){var a=Object.values(b);for(var i=0;i<a.length;i++)if(a[i])return a}};G["pages/wait/wait"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"name":new Array(1),"said":new Array(2),"trouble":new Array(2),"number":new Array(2)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e=(C,f,g,h,i,j,T,E)=>{var m=(C,T)=>{C||K||Z(h,"says")?T(Y(X(f).says)):T()},n=(C,T)=>{C||K||Z(h,"line")?T(Y(X(f).line)):T()},l=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"order-says")},m);E("view",{},(N,C)=>{},n)},o=(C,T)=>{C||K||Z(U.t,"open")?T(Y(X(D.t).open)):T()},k=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"order-words")},l);E("view",{},(N,C)=>{if(C)L(N,"order-open")},o)};E("button",{},(N,C)=>{if(C)L(N,"btn order order-ready");if(C)O(N,"bindtap","open");if(C||K||Z(h,"sellerId"))R.d(N,"seller",X(f).sellerId);if(C||K||Z(h,"marchSn"))R.d(N,"number",X(f).marchSn)},k)},f=(C,T)=>{C||K||U.name?T(Y(D.name),(N)=>{A["name"][0]=(D,E,T)=>{T(N,Y(D.name))}}):T()},g=(C,T)=>{C||K||U.number?T(Y(D.number),(N)=>{A["number"][1]=(D,E,T)=>{T(N,Y(D.number))}}):T()},h,j=(C,T)=>{C||K||U.note?T(Y(D.note)):T()},i=(C,T,E)=>{if(h===1){E("view",{},(N,C)=>{if(C)L(N,"note")},j)}},l,n=(C,T)=>{C||K||U.back?T(Y(D.back)):T()},m=(C,T,E)=>{if(l===1){E("view",{},(N,C)=>{if(C)L(N,"back")},n)}},o,q=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},p=(C,T,E)=>{if(o===1){E("view",{},(N,C)=>{},q)}},r,t=(C,T)=>{C||K||Z(U.t,"cooking")?T(Y(X(D.t).cooking)):T()},s=(C,T,E)=>{if(r===1){E("view",{},(N,C)=>{},t)}},u,w=(C,T)=>{C||K||Z(U.t,"ready")?T(Y(X(D.t).ready)):T()},v=(C,T,E)=>{if(u===1){E("view",{},(N,C)=>{if(C)L(N,"cheer")},w)}},x,z=(C,T)=>{C||K||U.end?T(Y(D.end)):T()},y=(C,T,E)=>{if(x===1){E("view",{},(N,C)=>{if(C)L(N,"cheer")},z)}},k=(C,T,E,B)=>{l=D.state!=="ended"&&D.back?1:0;B(l,m);o=!D.state?1:0;B(o,p);r=D.state==="waiting"?1:0;B(r,s);u=D.state==="ready"?1:0;B(u,v);x=D.state==="ended"?1:0;B(x,y)},A0,C0=(C,T)=>{C||K||U.ahead?T(Y(D.ahead)):T()},B0=(C,T,E)=>{if(A0===1){E("view",{},(N,C)=>{if(C)L(N,"ahead");if(C)O(N,"aria-live","polite")},C0)}},D0,F0=(C,T)=>{C||K||U.message?T(Y(D.message)):T()},E0=(C,T,E)=>{if(D0===1){E("view",{},(N,C)=>{if(C)L(N,"quiet hint")},F0)}},G0,I0=(C,T)=>{C||K||Z(U.t,"endedSays")?T(Y(X(D.t).endedSays)):T()},H0=(C,T,E)=>{if(G0===1){E("view",{},(N,C)=>{if(C)L(N,"quiet hint")},I0)}},K0,M0=(C,T)=>{C||K||Z(U.t,"collect")?T(Y(X(D.t).collect)):T()},N0,P0=(C,T)=>{C||K||Z(U.t,"hush")?T(Y(X(D.t).hush)):T()},O0=(C,T,E)=>{if(N0===1){E("button",{},(N,C)=>{if(C)L(N,"btn gap hush");if(C)O(N,"bindtap","hush")},P0)}},L0=(C,T,E,B)=>{if(K0===1){E("button",{},(N,C)=>{var $A=D.busy==="collect";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main collect "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","collect")},M0);N0=D.ringing?1:0;B(N0,O0)}},Q0,S0=(C,T)=>{C||K||Z(U.t,"another")?T(Y(X(D.t).another)):T()},T0=(C,T)=>{C||K||Z(U.t,"giveUp")?T(Y(X(D.t).giveUp)):T()},R0=(C,T,E)=>{if(Q0===1){E("button",{},(N,C)=>{if(C)L(N,"btn another");if(C)O(N,"bindtap","toStalls")},S0);E("button",{},(N,C)=>{var $A=D.busy==="giveUp";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-flat gap give-up "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","giveUp")},T0)}},U0,W0=(C,T)=>{C||K||Z(U.t,"back")?T(Y(X(D.t).back)):T()},V0=(C,T,E)=>{if(U0===1){E("button",{},(N,C)=>{if(C)L(N,"btn btn-flat");if(C)O(N,"bindtap","toStalls")},W0)}},X0,Z0=(C,T)=>{C||K||Z(U.t,"back")?T(Y(X(D.t).back)):T()},Y0=(C,T,E)=>{if(X0===1){E("button",{},(N,C)=>{if(C)L(N,"btn btn-main");if(C)O(N,"bindtap","toStalls")},Z0)}},a0=(C,T)=>{C||K||U.said?T(Y(D.said),(N)=>{A["said"][1]=(D,E,T)=>{T(N,Y(D.said))}}):T()},J0=(C,T,E,B)=>{K0=D.state==="ready"?1:0;B(K0,L0);Q0=D.state==="waiting"?1:0;B(Q0,R0);U0=!D.state?1:0;B(U0,V0);X0=D.state==="ended"?1:0;B(X0,Y0);E("view",{},(N,C)=>{var $A=D.said;if(C||K||!!(U.said||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));A["said"][0]=(D,E,T)=>{var $B=D.said;L(N,"said "+Y($B?"":"said-none"))};if(C)O(N,"aria-live","assertive")},a0)},c=(C,T,E,B,F)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);F(D.called,"key",U?U.called:undefined,[0,"called"],e);E("view",{},(N,C)=>{if(C)L(N,"stall")},f);E("view",{},(N,C)=>{if(C)L(N,"number");if(C||K||!!(Z(U.t,"yourNumber")||U.number)||undefined)O(N,"aria-label",Y(X(D.t).yourNumber)+" "+Y(D.number));A["number"][0]=(D,E,T)=>{O(N,"aria-label",Y(X(D.t).yourNumber)+" "+Y(D.number));E(N)}},g);h=D.note?1:0;B(h,i);E("view",{},(N,C)=>{if(C)L(N,"state");if(C)O(N,"aria-live","assertive")},k);A0=D.ahead?1:0;B(A0,B0);D0=D.state==="waiting"?1:0;B(D0,E0);G0=D.state==="ended"&&!D.collected?1:0;B(G0,H0);E("view",{},(N,C)=>{if(C)L(N,"acts")},J0)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C||K||!!U.state||undefined)L(N,"screen wait wait-"+Y(D.state))},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/qu/qu"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"trouble":new Array(2)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e=(C,f,g,h,i,j,T,E)=>{var m=(C,T)=>{C||K||Z(h,"says")?T(Y(X(f).says)):T()},n=(C,T)=>{C||K||Z(h,"line")?T(Y(X(f).line)):T()},o,q=(C,T)=>{C||K||Z(h,"ahead")?T(Y(X(f).ahead)):T()},p=(C,T,E)=>{if(o===1){E("view",{},(N,C)=>{},q)}},l=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"order-says")},m);E("view",{},(N,C)=>{},n);o=X(f).ahead?1:0;B(o,p)},r=(C,T)=>{C||K||Z(U.t,"open")?T(Y(X(D.t).open)):T()},k=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"order-words")},l);E("view",{},(N,C)=>{if(C)L(N,"order-open")},r)};E("button",{},(N,C)=>{if(C||K||!!Z(h,"state")||undefined)L(N,"btn order order-"+Y(X(f).state));if(C)O(N,"bindtap","open");if(C||K||Z(h,"sellerId"))R.d(N,"seller",X(f).sellerId);if(C||K||Z(h,"marchSn"))R.d(N,"number",X(f).marchSn)},k)},f,h=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},i=(C,T)=>{C||K||U.closed?T(Y(D.closed)):T()},j=(C,T)=>{C||K||Z(U.t,"otherStalls")?T(Y(X(D.t).otherStalls)):T()},k=(C,T)=>{C||K||U.name?T(Y(D.name)):T()},l=(C,T)=>{C||K||Z(U.t,"numberTitle")?T(Y(X(D.t).numberTitle)):T()},n=(C,T)=>{C||K||!!U.number||undefined?T(Y(D.number||"–")):T()},o,q=(C,T)=>{C||K||Z(U.t,"numberHint")?T(Y(X(D.t).numberHint)):T()},r=(C,T)=>{C||K||Z(U.t,"erase")?T(Y(X(D.t).erase)):T()},p=(C,T,E)=>{if(o===1){E("view",{},(N,C)=>{if(C)L(N,"quiet number-hint")},q)}else{E("button",{},(N,C)=>{if(C)L(N,"btn erase");if(C)O(N,"bindtap","erase")},r)}},m=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.number;if(C||K||!!(U.number||($A?undefined:undefined))||undefined)L(N,"number "+Y($A?"":"number-none"));if(C)O(N,"aria-live","polite");if(C||K||!!(U.number||Z(U.t,"numberHint"))||undefined)O(N,"aria-label",D.number||X(D.t).numberHint)},n);o=!D.number?1:0;B(o,p)},t=(C,u,v,w,x,y,T,E)=>{var z=(C,T)=>{C||K||Z(w,"digit")?T(Y(X(u).digit)):T()};E("button",{},(N,C)=>{if(C)L(N,"btn key");if(C)O(N,"hover-class","key-pressed");if(C||K||Z(w,"label"))O(N,"aria-label",X(u).label);if(C)O(N,"bindtap","press");if(C||K||Z(w,"digit"))R.d(N,"digit",X(u).digit)},z)},s=(C,T,E,B,F)=>{F(D.digits,"digit",U?U.digits:undefined,[0,"digits"],t)},v=(C,T)=>{C||K||Z(U.t,"scan")?T(Y(X(D.t).scan)):T()},w=(C)=>{},u=(C,T,E)=>{E("button",{},(N,C)=>{if(C)L(N,"btn scan");if(C)O(N,"bindtap","scan")},v);E("input",{},(N,C)=>{if(C)L(N,"input claim");if(C)O(N,"type","number");if(C||K||U.claim)O(N,"value",D.claim);if(C)O(N,"maxlength","4");if(C||K||Z(U.t,"claim"))O(N,"aria-label",X(D.t).claim);if(C||K||Z(U.t,"claimPlaceholder"))O(N,"placeholder",X(D.t).claimPlaceholder);if(C)O(N,"bindinput","prove")},w)},x=(C,T)=>{C||K||Z(U.t,"dish")?T(Y(X(D.t).dish)):T()},y,B0=(C,C0,D0,E0,F0,G0,T,E)=>{var H0=(C,T)=>{C||K||E0?T(Y(C0)):T()};E("button",{},(N,C)=>{var $A=D.note===C0;if(C||K||!!(U.note||E0||($A?undefined:undefined))||undefined)L(N,"btn dish "+Y($A?"dish-chosen":""));if(C||K||!!(U.note||E0)||undefined)O(N,"aria-pressed",D.note===C0);if(C)O(N,"bindtap","choose");if(C||K||F0)R.d(N,"place",D0)},H0)},A0=(C,T,E,B,F)=>{F(D.menu,"*this",U?U.menu:undefined,[0,"menu"],B0)},z=(C,T,E)=>{if(y===1){E("view",{},(N,C)=>{if(C)L(N,"dishes")},A0)}},C0=(C)=>{},E0,G0=(C,T)=>{C||K||U.message?T(Y(D.message)):T()},F0=(C,T,E)=>{if(E0===1){E("view",{},(N,C)=>{if(C)L(N,"quiet message")},G0)}},H0=(C,T)=>{var $A=D.busy;C||K||!!U.busy||($A?Z(U.t,"sending"):Z(U.t,"wait"))?T(Y($A?X(D.t).sending:X(D.t).wait)):T()},I0=(C,T)=>{C||K||U.said?T(Y(D.said)):T()},D0=(C,T,E,B)=>{E0=D.message?1:0;B(E0,F0);E("button",{},(N,C)=>{var $A=D.busy;if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","push")},H0);E("view",{},(N,C)=>{var $A=D.said;if(C||K||!!(U.said||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},I0)},g=(C,T,E,B)=>{if(f===1){E("view",{},(N,C)=>{if(C)L(N,"quiet")},h)}else if(f===2){E("view",{},(N,C)=>{if(C)L(N,"heading")},i);E("button",{},(N,C)=>{if(C)L(N,"btn gap");if(C)O(N,"bindtap","toStalls")},j)}else{E("view",{},(N,C)=>{if(C)L(N,"heading")},k);E("view",{},(N,C)=>{if(C)L(N,"part")},l);E("view",{},(N,C)=>{if(C)L(N,"number-row")},m);E("view",{},(N,C)=>{if(C)L(N,"keypad")},s);E("view",{},(N,C)=>{if(C)L(N,"proof")},u);E("view",{},(N,C)=>{if(C)L(N,"part")},x);y=X(D.menu).length?1:0;B(y,z);E("textarea",{},(N,C)=>{if(C)L(N,"input area");if(C||K||U.note)O(N,"value",D.note);if(C)O(N,"maxlength","200");if(C||K||undefined)O(N,"auto-height",true);if(C||K||Z(U.t,"noteLabel"))O(N,"aria-label",X(D.t).noteLabel);if(C||K||Z(U.t,"notePlaceholder"))O(N,"placeholder",X(D.t).notePlaceholder);if(C)O(N,"bindinput","write")},C0);E("view",{},(N,C)=>{if(C)L(N,"foot")},D0)}},c=(C,T,E,B,F)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);F(D.orders,"key",U?U.orders:undefined,[0,"orders"],e);f=!D.loaded?1:D.closed?2:0;B(f,g)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/index/index"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"trouble":new Array(2)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e,h=(C,T)=>{C||K||Z(U.t,"yours")?T(Y(X(D.t).yours)):T()},i=(C,j,k,l,m,n,T,E)=>{var q=(C,T)=>{C||K||Z(l,"says")?T(Y(X(j).says)):T()},r=(C,T)=>{C||K||Z(l,"line")?T(Y(X(j).line)):T()},s,u=(C,T)=>{C||K||Z(l,"note")?T(Y(X(j).note)):T()},t=(C,T,E)=>{if(s===1){E("view",{},(N,C)=>{if(C)L(N,"order-note")},u)}},v,x=(C,T)=>{C||K||Z(l,"ahead")?T(Y(X(j).ahead)):T()},w=(C,T,E)=>{if(v===1){E("view",{},(N,C)=>{},x)}},p=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"order-says")},q);E("view",{},(N,C)=>{},r);s=X(j).note?1:0;B(s,t);v=X(j).ahead?1:0;B(v,w)},y=(C,T)=>{C||K||Z(U.t,"open")?T(Y(X(D.t).open)):T()},o=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"order-words")},p);E("view",{},(N,C)=>{if(C)L(N,"order-open")},y)};E("button",{},(N,C)=>{if(C||K||!!Z(l,"state")||undefined)L(N,"btn order order-"+Y(X(j).state));if(C)O(N,"bindtap","open");if(C||K||Z(l,"sellerId"))R.d(N,"seller",X(j).sellerId);if(C||K||Z(l,"marchSn"))R.d(N,"number",X(j).marchSn)},o)},g=(C,T,E,B,F)=>{E("view",{},(N,C)=>{if(C)L(N,"heading yours")},h);F(D.orders,"key",U?U.orders:undefined,[0,"orders"],i)},f=(C,T,E)=>{if(e===1){E("view",{},(N,C)=>{if(C)L(N,"orders");if(C)O(N,"aria-live","polite")},g)}},j=(C,T)=>{C||K||Z(U.t,"where")?T(Y(X(D.t).where)):T()},k,m=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},l=(C,T,E)=>{if(k===1){E("view",{},(N,C)=>{if(C)L(N,"quiet gap")},m)}},n,p=(C,T)=>{C||K||Z(U.t,"none")?T(Y(X(D.t).none)):T()},o=(C,T,E)=>{if(n===1){E("view",{},(N,C)=>{if(C)L(N,"quiet gap")},p)}},q,t=(C,T)=>{C||K||Z(U.t,"byPlace")?T(Y(X(D.t).byPlace)):T()},u=(C,T)=>{C||K||Z(U.t,"byWaiting")?T(Y(X(D.t).byWaiting)):T()},v=(C,T)=>{C||K||Z(U.t,"byWait")?T(Y(X(D.t).byWait)):T()},s=(C,T,E)=>{E("button",{},(N,C)=>{var $A=D.by==="";if(C||K||!!(U.by||($A?undefined:undefined))||undefined)L(N,"btn sort "+Y($A?"sort-chosen":""));if(C||K||!!U.by||undefined)O(N,"aria-pressed",D.by==="");if(C)O(N,"bindtap","sort");if(C)R.d(N,"by","")},t);E("button",{},(N,C)=>{var $A=D.by==="waiting";if(C||K||!!(U.by||($A?undefined:undefined))||undefined)L(N,"btn sort "+Y($A?"sort-chosen":""));if(C||K||!!U.by||undefined)O(N,"aria-pressed",D.by==="waiting");if(C)O(N,"bindtap","sort");if(C)R.d(N,"by","waiting")},u);E("button",{},(N,C)=>{var $A=D.by==="wait";if(C||K||!!(U.by||($A?undefined:undefined))||undefined)L(N,"btn sort "+Y($A?"sort-chosen":""));if(C||K||!!U.by||undefined)O(N,"aria-pressed",D.by==="wait");if(C)O(N,"bindtap","sort");if(C)R.d(N,"by","wait")},v)},r=(C,T,E)=>{if(q===1){E("view",{},(N,C)=>{if(C)L(N,"sorts");if(C)O(N,"aria-role","group");if(C||K||Z(U.t,"sort"))O(N,"aria-label",X(D.t).sort)},s)}},w=(C,x,y,z,A0,B0,T,E)=>{var D0,F0=(C)=>{},G0=(C,T)=>{C||K||Z(z,"initial")?T(Y(X(x).initial)):T()},E0=(C,T,E)=>{if(D0===1){E("image",{},(N,C)=>{if(C)L(N,"face");if(C||K||Z(z,"imageURL"))O(N,"src",X(x).imageURL);if(C)O(N,"mode","aspectFill")},F0)}else{E("view",{},(N,C)=>{if(C)L(N,"face face-none");if(C)O(N,"aria-hidden","true")},G0)}},I0=(C,T)=>{C||K||Z(z,"name")?T(Y(X(x).name)):T()},K0,M0=(C,T)=>{C||K||Z(z,"paused")?T(Y(X(x).paused)):T()},L0=(C,T,E)=>{if(K0===1){E("view",{},(N,C)=>{if(C)L(N,"paused")},M0)}},N0,P0=(C,T)=>{C||K||Z(z,"waiting")?T(Y(X(x).waiting)):T()},O0=(C,T,E)=>{if(N0===1){E("view",{},(N,C)=>{},P0)}},Q0,S0=(C,T)=>{C||K||Z(z,"wait")?T(Y(X(x).wait)):T()},R0=(C,T,E)=>{if(Q0===1){E("view",{},(N,C)=>{},S0)}},J0=(C,T,E,B)=>{K0=X(x).paused?1:0;B(K0,L0);N0=X(x).waiting?1:0;B(N0,O0);Q0=X(x).wait?1:0;B(Q0,R0)},H0=(C,T,E)=>{E("view",{},(N,C)=>{},I0);E("view",{},(N,C)=>{if(C)L(N,"figures")},J0)},C0=(C,T,E,B)=>{D0=X(x).imageURL?1:0;B(D0,E0);E("view",{},(N,C)=>{if(C)L(N,"stall-words")},H0)};E("button",{},(N,C)=>{if(C)L(N,"btn stall");if(C)O(N,"bindtap","choose");if(C||K||Z(z,"id"))R.d(N,"id",X(x).id)},C0)},x,z=(C,T)=>{C||K||Z(U.t,"reload")?T(Y(X(D.t).reload)):T()},y=(C,T,E)=>{if(x===1){E("button",{},(N,C)=>{if(C)L(N,"btn btn-flat gap");if(C)O(N,"bindtap","reload")},z)}},c=(C,T,E,B,F)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);e=X(D.orders).length?1:0;B(e,f);E("view",{},(N,C)=>{if(C)L(N,"heading")},j);k=!D.loaded?1:0;B(k,l);n=D.loaded&&!X(D.stalls).length?1:0;B(n,o);q=D.tells?1:0;B(q,r);F(D.stalls,"id",U?U.stalls:undefined,[0,"stalls"],w);x=D.loaded?1:0;B(x,y)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();return G})();
