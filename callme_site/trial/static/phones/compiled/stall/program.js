// Made by bin/build-miniprograms of miniprogram/stall/; do not edit.
export const globals = ["require","module","exports","wx","App","Page","getApp","getCurrentPages","setTimeout","clearTimeout","setInterval","clearInterval","console"];
export const json = {"app.json":{"pages":["pages/counter/counter","pages/signup/signup","pages/shop/shop","pages/today/today","pages/code/code","pages/staff/staff"],"window":{"navigationBarTitleText":"叫个号","navigationBarBackgroundColor":"@bar","navigationBarTextStyle":"@barText","backgroundColor":"@ground","backgroundTextStyle":"@loading"},"darkmode":true,"themeLocation":"theme.json","sitemapLocation":"sitemap.json"},"pages/code/code.json":{},"pages/counter/counter.json":{},"pages/shop/shop.json":{},"pages/signup/signup.json":{},"pages/staff/staff.json":{},"pages/today/today.json":{},"theme.json":{"light":{"bar":"#ffffff","barText":"black","ground":"#f3f6f6","loading":"dark"},"dark":{"bar":"#1d272b","barText":"white","ground":"#11181b","loading":"light"}}};
export const scripts = {
"app.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
App({
  calls: {}, // how often this phone has called each number since it was opened
});
}).call(undefined); },
"config.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Where the server is: the one address to change before the mini-program goes on phones (docs/miniprogram.md).

module.exports = {
  server: "https://callme.example.edu.cn/",
  isseller: "yes",
};
}).call(undefined); },
"lib/day.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The figures of a day, as the page of the day shows them.

const { fill } = require("./language");
const t = require("./texts");

const STEPS = 20; // lengths that a bar can have: templates set no widths

/** Return the hours from the first with an order to the last, each with its bar, 1 to STEPS, or 0 without an order. */
function bars(hours) {
  const most = Math.max(...hours);
  const used = hours.map((count, hour) => (count ? hour : -1)).filter((hour) => hour >= 0);
  return hours
    .map((count, hour) => ({
      hour,
      count,
      label: fill(t.hour, { hour }),
      says: fill(t.hourSays, { hour, count }),
      bar: Math.ceil((count / most) * STEPS),
    }))
    .slice(used[0], used[used.length - 1] + 1);
}

/** Return the answer of `today` in words; the waits are rounded up to whole minutes. */
function words({ orders, hours, p50, p90, uncollected }) {
  const within = (text, seconds) => fill(text, { minutes: Math.max(1, Math.ceil(seconds / 60)) });
  return {
    title: orders ? fill(t.todayTitle, { orders }) : t.todayNone,
    bars: orders ? bars(hours) : [],
    waits: p50 === null ? [t.noWaits] : [within(t.half, p50), within(t.most, p90)],
    uncollected: fill(t.uncollected, { count: uncollected }),
  };
}

module.exports = { words };
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
"lib/months.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Months on duty in words, and whether the end is near.

const { fill } = require("./language");
const t = require("./texts");

const NEAR = 7; // days
const DAY = 24 * 3600 * 1000; // milliseconds

/** Return in how many days the duty ends; `until` is a day, as in 2026-12-24. */
function daysTo(until, now) {
  const [year, month, day] = until.split("-").map(Number);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((new Date(year, month - 1, day) - today) / DAY);
}

/** Return the months left as words; a server that does not tell until when leaves the day out. */
function left({ balanceMon, paidUntil: until }) {
  return fill(until ? t.monthsUntil : t.months, { months: balanceMon, until });
}

/**
 * Return what to warn of, or "": from a week before the end. A server that does not tell the day: nothing, unless it
 * is over.
 */
function warning({ balanceMon, paidUntil: until }, now) {
  if (balanceMon <= 0) {
    return t.monthsOver;
  }
  const days = until ? daysTo(until, now) : Infinity;
  return days <= NEAR ? fill(t.monthsNear, { until, days: Math.max(days, 0) }) : "";
}

module.exports = { left, warning };
}).call(undefined); },
"lib/orders.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The numbers that are out, as the counter shows them.

const { fill } = require("./language");
const t = require("./texts");

const minutesSince = (since, now) => Math.floor(Math.max(0, now / 1000 - since) / 60);

/**
 * Return how long ago that was, in words; `since` is in seconds since the epoch, or null or missing where it is not
 * known.
 */
function ago(since, now) {
  if (!since) {
    return "";
  }
  const minutes = minutesSince(since, now);
  return minutes < 1 ? t.justNow : fill(t.minutes, { minutes });
}

/**
 * Return what is to be cooked, what is called, what nobody has entered, and what was called long ago and not fetched
 * (`late`), each in the order of taking. `calls` is how often this phone has called each number: a server that does not
 * tell what is called leaves that to the phone.
 */
function sorted({ notedList, unnotedList }, calls, now) {
  const row = (entry) => {
    const { marchSn, noteContent, takenAt, calledAt, uncollected } = entry;
    const called = entry.called === undefined ? Boolean(calls[marchSn]) : entry.called;
    return {
      number: marchSn,
      note: noteContent || "",
      called,
      times: called && calls[marchSn] > 1 ? `×${calls[marchSn]}` : "",
      wait: uncollected
        ? fill(t.lateSince, { minutes: minutesSince(calledAt, now) })
        : ago(called ? calledAt : takenAt, now),
      late: Boolean(uncollected),
      takenAt: takenAt || 0,
    };
  };
  const rows = (list) => list.map(row).sort((one, other) => one.takenAt - other.takenAt);
  const noted = rows(notedList);
  return {
    cooking: noted.filter(({ called }) => !called),
    called: noted.filter(({ called, late }) => called && !late),
    late: noted.filter(({ late }) => late),
    blank: rows(unnotedList),
  };
}

/** Return all numbers that are out. */
function numbers({ notedList, unnotedList }) {
  return notedList.concat(unnotedList).map(({ marchSn }) => marchSn);
}

/** Return whether the number is out and called; a server that does not tell is not believed to have called it. */
function isCalled({ notedList, unnotedList }, number) {
  return notedList.concat(unnotedList).some(({ marchSn, called }) => marchSn === number && Boolean(called));
}

module.exports = { ago, isCalled, numbers, sorted };
}).call(undefined); },
"lib/phone_number.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// What WeChat's button for the telephone number brings.

const t = require("./texts");

// errno (WeChat: getPhoneNumber): the account has used up what it may ask; the privacy declaration does not name it.
const NOT_TO_BE_HAD = [1400001, 112];

/** Return the `code` that the server exchanges for the number, or what is `said` where there is none. */
function read({ code, errno }) {
  if (code) {
    return { code, said: "" };
  }
  return { code: "", said: NOT_TO_BE_HAD.includes(errno) ? t.numberNotToBeHad : t.numberRefused };
}

module.exports = { read };
}).call(undefined); },
"lib/qr.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// QR codes (ISO/IEC 18004), as far as a number needs them: bytes, the lowest level of correction, as a screen is clean,
// and versions 1 to 5, whose data is one block.

const VERSIONS = [[19, 7], [34, 10], [55, 15], [80, 20], [108, 26]]; // bytes of data and of correction
const LEVEL = 1; // L, in the format's bits
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const EXP = [1]; // powers of 2 in the field of 256
while (EXP.length < 255) {
  const next = EXP[EXP.length - 1] * 2;
  EXP.push(next > 255 ? next ^ 0x11d : next);
}
const times = (one, other) => (one && other ? EXP[(EXP.indexOf(one) + EXP.indexOf(other)) % 255] : 0);

/** Return the bytes of Reed and Solomon's correction. */
function correction(data, count) {
  let generator = [1];
  for (let power = 0; power < count; power += 1) {
    const shifted = generator.concat(0);
    generator = shifted.map((byte, place) => byte ^ (place ? times(generator[place - 1], EXP[power]) : 0));
  }
  const rest = data.concat(new Array(count).fill(0));
  data.forEach((_, start) => {
    const factor = rest[start];
    generator.forEach((byte, place) => {
      rest[start + place] ^= times(byte, factor);
    });
  });
  return rest.slice(data.length);
}

const digits = (number, length) => number.toString(2).padStart(length, "0");

/** Return the bits of an ASCII text with its correction, in the smallest version that has room for it. */
function encoded(text) {
  const version = VERSIONS.findIndex(([room]) => text.length + 2 <= room) + 1;
  if (!version) {
    throw new Error("too long for a QR code of version 5");
  }
  const [room, count] = VERSIONS[version - 1];
  const bytes = text.split("").map((letter) => letter.charCodeAt(0));
  const bits = `0100${digits(bytes.length, 8)}${bytes.map((byte) => digits(byte, 8)).join("")}0000`;
  const data = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2));
  for (let filler = 0xec; data.length < room; filler ^= 0xec ^ 0x11) {
    data.push(filler);
  }
  return { version, bits: data.concat(correction(data, count)).map((byte) => digits(byte, 8)).join("") };
}

/** Return the patterns that every code of that version has, 1 dark, and undefined where the data goes. */
function patterns(version) {
  const size = 17 + 4 * version;
  const grid = Array.from({ length: size }, () => new Array(size).fill(undefined));
  const square = (left, top, reach, light) => {
    for (let y = Math.max(top - reach, 0); y <= Math.min(top + reach, size - 1); y += 1) {
      for (let x = Math.max(left - reach, 0); x <= Math.min(left + reach, size - 1); x += 1) {
        grid[y][x] = light.indexOf(Math.max(Math.abs(x - left), Math.abs(y - top))) < 0 ? 1 : 0;
      }
    }
  };
  for (let place = 0; place < size; place += 1) {
    grid[6][place] = 1 - (place % 2);
    grid[place][6] = 1 - (place % 2);
  }
  [[3, 3], [size - 4, 3], [3, size - 4]].forEach(([x, y]) => square(x, y, 4, [2, 4]));
  if (version > 1) {
    square(size - 7, size - 7, 2, [1]);
  }
  format(grid, 0); // to keep its place free
  return grid;
}

/** Write level and mask twice, with their own correction. */
function format(grid, mask) {
  const size = grid.length;
  const told = (LEVEL << 3) | mask;
  let rest = told;
  for (let bit = 0; bit < 10; bit += 1) {
    rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  }
  const bits = ((told << 10) | rest) ^ 0x5412;
  for (let place = 0; place < 15; place += 1) {
    const bit = (bits >>> place) & 1;
    const past = place < 6 ? place : place + 1; // the timing pattern lies between
    grid[place < 8 ? past : size - 15 + place][8] = bit;
    grid[8][place < 8 ? size - 1 - place : place === 8 ? 7 : 14 - place] = bit;
  }
  grid[size - 8][8] = 1;
}

/** Fill in the data, masked, two columns at a time, from the right, up and down. */
function filled(version, bits, mask) {
  const grid = patterns(version);
  const size = grid.length;
  let next = 0;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    const up = Math.ceil(right / 2) % 2 === 0;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      [right, right - 1].filter((x) => grid[y][x] === undefined).forEach((x) => {
        grid[y][x] = Number(bits[next] === "1") ^ Number(MASKS[mask](x, y)); // what is left over is light
        next += 1;
      });
    }
  }
  format(grid, mask);
  return grid;
}

/** Return how hard it is to read, by the standard's four rules. */
function penalty(grid) {
  const size = grid.length;
  const rows = grid.map((row) => row.join(""));
  const lines = rows.concat(grid.map((_, x) => grid.map((row) => row[x]).join("")));
  const found = (line, pattern) => line.match(pattern) || [];
  let sum = 0;
  lines.forEach((line) => {
    found(line, /0{5,}|1{5,}/g).forEach((run) => {
      sum += run.length - 2;
    });
    sum += 40 * found(line, /(?=10111010000|00001011101)/g).length;
  });
  for (let y = 1; y < size; y += 1) {
    for (let x = 1; x < size; x += 1) {
      sum += 3 * [grid[y][x - 1], grid[y - 1][x], grid[y - 1][x - 1]].every((module) => module === grid[y][x]);
    }
  }
  const dark = rows.join("").replace(/0/g, "").length / size / size;
  return sum + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}

/** Return the code of an ASCII text of at most 106 letters: rows of 1 for dark and 0 for light, without a margin. */
module.exports = function qr(text) {
  const { version, bits } = encoded(text);
  const grids = MASKS.map((_, mask) => filled(version, bits, mask));
  return grids.reduce((best, grid) => (penalty(grid) < penalty(best) ? grid : best));
};
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
"lib/sha256.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// SHA-256 (FIPS 180-4) of a text of ASCII, in hex digits: the code of a login is computed as the server computes it.

const ROUNDS = 64;
const primes = [];
for (let number = 2; primes.length < ROUNDS; number += 1) {
  if (primes.every((prime) => number % prime)) {
    primes.push(number);
  }
}
/** Return the first 32 bits of the fraction. */
const fraction = (root) => (root - Math.floor(root)) * 2 ** 32 | 0;
const K = primes.map((prime) => fraction(Math.cbrt(prime)));
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

const turned = (word, by) => (word >>> by) | (word << (32 - by));

/** Return the 32-bit words of a padded message. */
function words(text) {
  const count = (((text.length + 8) >> 6) + 1) * 16;
  const list = new Array(count).fill(0);
  for (let place = 0; place <= text.length; place += 1) {
    const byte = place < text.length ? text.charCodeAt(place) : 0x80;
    list[place >> 2] |= byte << (24 - (place % 4) * 8);
  }
  list[count - 1] = text.length * 8;
  return list;
}

function schedule(block) {
  const w = block.slice();
  for (let place = 16; place < ROUNDS; place += 1) {
    const one = w[place - 15];
    const two = w[place - 2];
    const small = turned(one, 7) ^ turned(one, 18) ^ (one >>> 3);
    const large = turned(two, 17) ^ turned(two, 19) ^ (two >>> 10);
    w[place] = (w[place - 16] + small + w[place - 7] + large) | 0;
  }
  return w;
}

function compress(state, block) {
  let [a, b, c, d, e, f, g, h] = state;
  schedule(block).forEach((word, round) => {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + K[round] + word) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0;
    [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
  });
  return [a, b, c, d, e, f, g, h].map((word, place) => (word + state[place]) | 0);
}

module.exports = function sha256(text) {
  const list = words(text);
  let state = START;
  for (let place = 0; place < list.length; place += 16) {
    state = compress(state, list.slice(place, place + 16));
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
};
}).call(undefined); },
"lib/texts.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Every text of the stall's mini-program, in both languages.

const language = require("./language");

module.exports = language.pick({
  zh: {
    title: "叫个号",
    loading: "正在连接……",
    shop: "我的店",
    take: "取一个号",
    taking: "正在取号……",
    handOut: "请递给学生",
    cooking: "要做的",
    called: "已叫号",
    blank: "还没人填",
    none: "没有发出的号。取一个，递给学生。",
    noNote: "没有备注",
    call: "叫号",
    recall: "再叫一次",
    end: "结束",
    endAsk: "{number} 号还没叫，就结束吗？",
    endSays: "学生会看到订单已结束。",
    endYes: "结束",
    endNo: "不",
    choose: "选多个",
    chooseSays: "做好了哪几个？",
    chooseNone: "请先选号。",
    callChosen: "叫这 {count} 个号",
    notCalled: "没有叫 {numbers}：这些订单已经结束了。",
    between: "、",
    undo: "撤回",
    saidCalled: "已叫 {numbers}",
    saidEnded: "已结束 {numbers}",
    undone: "已撤回 {numbers}",
    notUndone: "没有撤回 {numbers}：订单后来又变了。",
    show: "出示",
    codeOf: "{number} 号的二维码",
    codeOfSays: "学生扫一扫，不用输号",
    late: "没人来取",
    lateSince: "{minutes} 分钟前叫的号",
    lateSays: "一直没人取的订单，服务器会自己结束。",
    today: "今天",
    todayTitle: "今天发出 {orders} 个号",
    todayNone: "今天还没有发号。",
    todayHours: "每小时发出的号",
    hour: "{hour} 时",
    hourSays: "{hour} 时：{count} 个号",
    half: "一半的订单，填号后 {minutes} 分钟内叫到",
    most: "十份里有九份，{minutes} 分钟内叫到",
    noWaits: "还没有叫过学生填的号。",
    uncollected: "没人来取：{count} 份",
    claim: "四位码",
    paused: "已暂停发号",
    pausedSays: "发出的号照常叫。今晚零点自动恢复。",
    pause: "暂停发号",
    resume: "恢复发号",
    proof: "要核对四位码",
    proofSays: "每个号另有四位码，学生填号时要一起填，别人就填不了。扫屏幕上的码不用输。",
    on: "已开",
    off: "已关",
    clear: "清掉没人填的 {count} 个号",
    clearAsk: "清掉 {count} 个号？",
    clearSays: "没人填的号：{numbers}",
    clearYes: "清掉",
    cleared: "清掉了 {count} 个号。",
    justNow: "刚刚",
    minutes: "{minutes} 分钟",
    months: "还剩 {months} 个月",
    monthsUntil: "还剩 {months} 个月，到 {until}",
    monthsNear: "{until} 到期，还有 {days} 天。请找工作人员续费。",
    monthsOver: "月数用完了。请找工作人员续费，然后再取号。",
    signup: "入驻",
    signupSays: "这个微信还没有绑定档口。请填工作人员卖月数时登记的手机号。",
    telNum: "手机号",
    useNumber: "用微信里的手机号入驻",
    numberRefused: "没有用微信里的手机号，可以自己填。",
    numberNotToBeHad: "微信现在给不了手机号，请自己填。",
    numberAgain: "微信没能证实这个手机号，请再点一次。",
    sellerName: "店名",
    personName: "您的名字",
    optional: "可以不填",
    signingUp: "正在入驻……",
    loginCode: "本次登录的代码，给工作人员看：",
    staff: "工作人员",
    picture: "店的图片",
    choosePicture: "换一张图片",
    menu: "菜单，一行一道菜",
    menuPlaceholder: "牛肉面\n刀削面",
    save: "保存",
    saving: "正在保存……",
    saved: "已保存。",
    nothing: "没有改动。",
    code: "小程序码",
    codeSays: "贴在柜台上：学生用微信一扫，就到您的菜单。",
    codePrint: "点图片放大，再长按保存或发给打印店。",
    codeLabel: "本店的小程序码",
    refused: "这部手机不是工作人员的",
    refusedSays: "请在后台把它关联到您的登录：用户页上会列出刚登录的手机。",
    sellers: "所有档口",
    noSellers: "还没有档口。",
    noName: "未命名",
    renew: "续费",
    renewTitle: "卖几个月？",
    renewNew: "给新档口",
    termOf: "{months} 个月",
    renewAsk: "卖 {months} 个月？",
    renewSays: "{name} {telNum}",
    renewYes: "卖出",
    cancel: "取消",
    renewed: "已卖出 {months} 个月。",
    telMissing: "请填 11 位手机号。",
  },
  en: {
    title: "Counter",
    loading: "Connecting …",
    shop: "My stall",
    take: "Take a number",
    taking: "Taking a number …",
    handOut: "Hand out",
    cooking: "To cook",
    called: "Called",
    blank: "Not entered yet",
    none: "No number is out. Take one and hand it to the student.",
    noNote: "no note",
    call: "Call",
    recall: "Call again",
    end: "End",
    endAsk: "End number {number}? It was not called.",
    endSays: "The student will see that the order has ended.",
    endYes: "End",
    endNo: "No",
    choose: "Choose several",
    chooseSays: "Which ones are ready?",
    chooseNone: "Choose numbers first.",
    callChosen: "Call {count}",
    notCalled: "Not called: {numbers}. Those orders had ended.",
    between: ", ",
    undo: "Undo",
    saidCalled: "Called: {numbers}",
    saidEnded: "Ended: {numbers}",
    undone: "Taken back: {numbers}",
    notUndone: "Not taken back: {numbers}. The order has changed since.",
    show: "Show",
    codeOf: "Code of number {number}",
    codeOfSays: "Scanning it saves typing",
    late: "Not collected",
    lateSince: "Called {minutes} min ago",
    lateSays: "What nobody collects, the server ends by itself.",
    today: "Today",
    todayTitle: "Numbers taken today: {orders}",
    todayNone: "No number was taken today.",
    todayHours: "Numbers by the hour",
    hour: "{hour}:00",
    hourSays: "{hour}:00, numbers: {count}",
    half: "Half of the orders were called within {minutes} min of being entered",
    most: "Nine in ten were called within {minutes} min",
    noWaits: "No student’s number has been called yet.",
    uncollected: "Not collected: {count}",
    claim: "Digits",
    paused: "Paused",
    pausedSays: "No new numbers; those that are out go on. It ends by itself at midnight.",
    pause: "Pause taking numbers",
    resume: "Resume",
    proof: "Ask for proof",
    proofSays: "Each number comes with four digits, which its student has to enter too, so that nobody else can. Scanning the code on the screen enters both.",
    on: "On",
    off: "Off",
    clear: "Clear the {count} that nobody entered",
    clearAsk: "Clear numbers: {count}",
    clearSays: "Nobody has entered: {numbers}",
    clearYes: "Clear",
    cleared: "Numbers cleared: {count}",
    justNow: "just now",
    minutes: "{minutes} min",
    months: "Months left: {months}",
    monthsUntil: "Months left: {months}, until {until}",
    monthsNear: "Your months end on {until}, days left: {days}. Please ask the staff to renew.",
    monthsOver: "No months left. Ask the staff to renew, then take numbers again.",
    signup: "Sign up",
    signupSays: "This WeChat account runs no stall yet. Enter the telephone number that the staff registered when they sold the months.",
    telNum: "Telephone number",
    useNumber: "Sign up with WeChat’s number",
    numberRefused: "WeChat’s number was not used. You may type it.",
    numberNotToBeHad: "WeChat cannot give the number now. Please type it.",
    numberAgain: "WeChat could not prove this number. Please tap once more.",
    sellerName: "Name of the stall",
    personName: "Your name",
    optional: "may stay empty",
    signingUp: "Signing up …",
    loginCode: "Code of this login, for staff: ",
    staff: "For staff",
    picture: "Picture of the stall",
    choosePicture: "Choose a picture",
    menu: "Menu, a dish a line",
    menuPlaceholder: "Beef noodles\nDumplings",
    save: "Save",
    saving: "Saving …",
    saved: "Saved.",
    nothing: "Nothing was changed.",
    code: "Code to scan",
    codeSays: "Put it up at the counter: whoever scans it with WeChat comes to your menu.",
    codePrint: "Tap the picture, then hold it to save it or to send it to a printer.",
    codeLabel: "This stall’s mini-program code",
    refused: "This phone is no staff’s",
    refusedSays: "Link it to your login in the administration: a user’s page lists the phones that have just logged in.",
    sellers: "All stalls",
    noSellers: "There is no stall yet.",
    noName: "no name",
    renew: "Renew",
    renewTitle: "How many months?",
    renewNew: "For a new stall",
    termOf: "Months: {months}",
    renewAsk: "Sell months: {months}",
    renewSays: "{name} {telNum}",
    renewYes: "Sell",
    cancel: "Cancel",
    renewed: "Months sold: {months}",
    telMissing: "Please enter a telephone number of 11 digits.",
  },
});
}).call(undefined); },
"lib/ticket.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The code of a number on the stall's screen, which the student's phone scans instead of typing.

const qr = require("./qr");

const MODULE = 12; // pixels of the canvas; the page makes it as large as it likes
const QUIET = 4; // modules of white around it, which a reader needs

/** Return the text of the code, which docs/protocol.md describes; `claim` is "" where the number needs none. */
function codeOf(sellerId, number, claim) {
  return `callme:sellerId=${sellerId}&marchSn=${number}&claim=${claim}`;
}

/** Draw it, dark on white whatever the phone's colours are. */
function draw(canvas, text) {
  const grid = qr(text);
  const size = (grid.length + 2 * QUIET) * MODULE;
  Object.assign(canvas, { width: size, height: size });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, size, size);
  context.fillStyle = "#000000";
  grid.forEach((row, y) => row.forEach((dark, x) => {
    if (dark) {
      context.fillRect((x + QUIET) * MODULE, (y + QUIET) * MODULE, MODULE, MODULE);
    }
  }));
}

module.exports = { codeOf, draw };
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
"pages/code/code.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The stall's mini-program code, to be shown and printed.

const { ask } = require("../../lib/line");
const t = require("../../lib/texts");
const { Watch } = require("../../lib/watch");

Page({
  data: { t, trouble: "", url: "" },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.code });
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.watch.start();
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
  },

  async look(current) {
    const { qrcodeImageUrl } = await ask("qrcode");
    if (current()) {
      this.setData({ url: qrcodeImageUrl });
    }
  },

  enlarge() {
    wx.previewImage({ urls: [this.data.url] });
  },
});
}).call(undefined); },
"pages/counter/counter.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The counter: taking numbers, calling and ending them.

const { Failure, ask } = require("../../lib/line");
const { fill } = require("../../lib/language");
const months = require("../../lib/months");
const { isCalled, numbers, sorted } = require("../../lib/orders");
const t = require("../../lib/texts");
const { codeOf, draw } = require("../../lib/ticket");
const { Watch, act, again, surely } = require("../../lib/watch");

const PACE = 3000; // milliseconds between two looks
const PROFILE = 10 * 60 * 1000; // milliseconds between two looks at the stall's own name and months
const UNDO = 10 * 1000; // milliseconds in which the server takes a step back (UNDO_SECONDS)
const UNBOUND = ["Invalid Session Error", "Need Signup Error"];

/** Return whether the stall hands out nothing for now, although it has months. */
const isPaused = ({ open, balanceMon }) => open === false && balanceMon > 0;

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    name: "", face: "", initial: "", warning: "", handed: 0, cooking: [], called: [], late: [], blank: [], clearWords: "",
    codeWords: "", choosing: false, chooseWords: "", undo: null,
    claim: null, paused: false,
  },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.title });
    this.known = new Set(); // the numbers that were out when last seen
    this.unsure = null; // those that were out before a fetch of which no answer came
    this.sellerId = 0;
    this.chosen = new Set(); // the numbers that are to be called with one tap
    this.undoUntil = 0;
    this.watch = new Watch(this, PACE, (current) => this.look(current));
  },

  onShow() {
    this.profileAt = 0;
    if (Date.now() > this.undoUntil) {
      this.dropUndo(); // a phone's timers stand still in the background
    }
    this.drawCode();
    wx.setKeepScreenOn({ keepScreenOn: true });
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
    wx.setKeepScreenOn({ keepScreenOn: false });
  },

  async look(current) {
    try {
      if (Date.now() - this.profileAt > PROFILE) {
        const profile = await ask("info");
        if (!current()) {
          return;
        }
        this.profileAt = Date.now();
        this.introduce(profile);
      }
      const note = await ask("note");
      if (current()) {
        this.list(note);
        await this.learnClaim();
      }
    } catch (error) {
      if (UNBOUND.indexOf(error.message) >= 0) {
        wx.reLaunch({ url: "/pages/signup/signup" });
        return;
      }
      throw error;
    }
  },

  introduce(profile) {
    this.setData({
      name: profile.sellerName,
      face: profile.imageUrl,
      initial: Array.from(profile.sellerName)[0] || "",
      warning: months.warning(profile, new Date()),
      paused: isPaused(profile),
    });
  },

  /** See what is out at once, after a change. */
  async lookNow() {
    const note = await again(() => ask("note"));
    this.list(note);
    return note.orderList;
  },

  list({ sellerId, orderList }) {
    this.sellerId = sellerId;
    const { calls } = getApp();
    const out = numbers(orderList);
    Object.keys(calls).filter((number) => out.indexOf(Number(number)) < 0).forEach((number) => delete calls[number]);
    if (this.unsure) {
      const fresh = out.find((number) => !this.unsure.has(number));
      if (fresh) {
        this.hand(fresh, null);
        this.setData({ said: "", saidOf: "" });
      }
    }
    this.known = new Set(out);
    const rows = sorted(orderList, calls, Date.now());
    const waits = rows.blank.some(({ number }) => number === this.data.handed);
    this.chosen.forEach((number) => !rows.cooking.some((row) => row.number === number) && this.chosen.delete(number));
    if (this.data.choosing && !rows.cooking.length) {
      this.chooseOver();
    }
    this.setData(Object.assign(rows, this.choice(rows.cooking), {
      loaded: true,
      handed: waits ? this.data.handed : 0,
      clearWords: fill(t.clear, { count: rows.blank.length }),
    }));
  },

  /**
   * Show a number to the student who is to have it, and the code to scan; `claim` is "" where it needs none, and null
   * where that is not known yet.
   */
  hand(number, claim) {
    this.unsure = null;
    this.known.add(number);
    delete getApp().calls[number];
    this.setData({ handed: number, claim, codeWords: fill(t.codeOf, { number }) }, () => this.drawCode());
  },

  show({ currentTarget }) {
    const { number } = currentTarget.dataset;
    act(this, `show-${number}`, async () => {
      this.hand(number, null);
      await again(() => this.learnClaim());
    });
  },

  async learnClaim() {
    const { handed, claim } = this.data;
    if (!handed || claim !== null) {
      return;
    }
    let learnt = "";
    try {
      learnt = (await ask("claim", { marchSn: handed })).claim;
    } catch (error) {
      if (error.message !== "Invalid Sn Error") {
        throw error; // else it has none, or has just ended, which the list tells
      }
    }
    if (this.data.handed === handed) {
      this.setData({ claim: learnt }, () => this.drawCode());
    }
  },

  drawCode() {
    const { handed, claim } = this.data;
    if (!handed || claim === null) {
      return;
    }
    wx.createSelectorQuery().select(".ticket-code").fields({ node: true }).exec(([canvas]) => {
      if (canvas) {
        draw(canvas.node, codeOf(this.sellerId, handed, claim));
      }
    });
  },

  /** Take one number for one tap: where the answer is lost, the list tells whether one was taken. */
  take() {
    act(this, "take", async () => {
      const fresh = async () => {
        const { orderList } = await ask("note");
        const number = numbers(orderList).find((each) => !this.unsure.has(each));
        return number && { number, claim: null };
      };
      let taken = this.unsure ? await again(fresh) : null;
      this.unsure = this.unsure || new Set(this.known);
      try {
        taken = taken || await surely(async () => {
          const { marchSn, claim } = await ask("fetch");
          return { number: marchSn, claim: claim || "" };
        }, fresh);
      } catch (error) {
        if (error instanceof Failure) {
          this.unsure = null;
          this.setData({ paused: this.data.paused || error.message === "Paused Error" });
        }
        throw error;
      }
      this.hand(taken.number, taken.claim);
      await this.lookNow();
      await again(() => this.learnClaim());
    });
  },

  pause() {
    this.setOpen("pause", false);
  },

  resume() {
    this.setOpen("resume", true);
  },

  /** Hand out numbers again, or none for now. */
  setOpen(query, open) {
    act(this, query, async () => {
      await surely(() => ask(query), async () => (await ask("info")).open === open);
      const profile = await again(() => ask("info"));
      this.introduce(profile);
      if (open && isPaused(profile)) {
        throw new Failure("Due Date Error"); // it was not the stall that closed it
      }
    });
  },

  call({ currentTarget }) {
    const { number } = currentTarget.dataset;
    const step = this.data.cooking.some((row) => row.number === number) ? "call" : "recall";
    act(this, `call-${number}`, async () => {
      await surely(
        () => ask("call", { marchSn: number }),
        async () => step === "call" && isCalled(await this.lookNow(), number),
      );
      await this.areCalled([number], step);
    });
  },

  /** Count the calls that were made, and offer to take them back. */
  async areCalled(list, step) {
    const { calls } = getApp();
    list.forEach((number) => {
      calls[number] = (calls[number] || 0) + 1;
    });
    this.offerUndo(step, list, t.saidCalled);
    await this.lookNow();
  },

  /** Return the rows to choose from, and what the button says. */
  choice(cooking) {
    return {
      cooking: cooking.map((row) => Object.assign({}, row, { chosen: this.chosen.has(row.number) })),
      chooseWords: fill(t.callChosen, { count: this.chosen.size }),
    };
  },

  choose() {
    this.chosen.clear();
    this.setData(Object.assign(this.choice(this.data.cooking), { choosing: true, said: "", saidOf: "" }));
  },

  chooseOver() {
    this.setData({ choosing: false, said: "", saidOf: "" }, () => this.drawCode());
  },

  pick({ currentTarget }) {
    const { number } = currentTarget.dataset;
    if (!this.chosen.delete(number)) {
      this.chosen.add(number);
    }
    this.setData(this.choice(this.data.cooking));
  },

  callChosen() {
    const list = Array.from(this.chosen);
    if (!list.length) {
      this.setData({ said: t.chooseNone, saidOf: "chosen" });
      return;
    }
    act(this, "chosen", async () => {
      const { called, failed } = await surely(() => this.callAll(list), () => this.whichAreCalled(list));
      this.chooseOver();
      await this.areCalled(called, "call");
      if (failed.length) {
        throw new Failure(fill(t.notCalled, { numbers: failed.join(t.between) }));
      }
    });
  },

  /** Call them all; a server that could call none of them says which, too. */
  async callAll(list) {
    try {
      return await ask("call", { marchSn: list });
    } catch (error) {
      if (error.answer && error.answer.failed) {
        return error.answer;
      }
      throw error;
    }
  },

  /** Return what the answer would have said, or null where they were not called. */
  async whichAreCalled(list) {
    const orderList = await this.lookNow();
    const out = numbers(orderList);
    const live = list.filter((number) => out.indexOf(number) >= 0);
    const failed = list.filter((number) => out.indexOf(number) < 0);
    return live.every((number) => isCalled(orderList, number)) ? { called: live, failed } : null;
  },

  /** Offer to take back a step, for as long as the server does. */
  offerUndo(step, list, words) {
    this.dropUndo();
    if (!list.length) {
      return;
    }
    this.undoUntil = Date.now() + UNDO;
    this.undoTimer = setTimeout(() => this.dropUndo(), UNDO);
    this.setData({ undo: { step, list, words: fill(words, { numbers: list.join(t.between) }) } });
  },

  dropUndo() {
    clearTimeout(this.undoTimer);
    this.setData({ undo: null });
  },

  undo() {
    const { step, list } = this.data.undo;
    act(this, "undo", async () => {
      const changed = [];
      try {
        for (const number of list) {
          await this.undoOne(step, number, changed);
        }
      } catch (error) {
        // A second undo of a recall would take back the call itself.
        if (error instanceof Failure || step === "recall") {
          this.dropUndo();
        }
        throw error;
      } finally {
        await this.lookNow();
      }
      this.dropUndo();
      if (changed.length) {
        throw new Failure(fill(t.notUndone, { numbers: changed.join(t.between) }));
      }
      wx.showToast({ title: fill(t.undone, { numbers: list.join(t.between) }), icon: "none" });
    });
  },

  /** Take back a step on one number; one whose order has changed since goes into `changed`. */
  async undoOne(step, number, changed) {
    try {
      await surely(() => ask("undo", { marchSn: number }), async () => {
        const orderList = await this.lookNow();
        const isOut = numbers(orderList).indexOf(number) >= 0;
        return step === "end" ? isOut : step === "call" && isOut && !isCalled(orderList, number);
      });
    } catch (error) {
      if (error.message !== "Invalid Sn Error") {
        throw error;
      }
      changed.push(number);
      return;
    }
    const { calls } = getApp();
    if (step !== "end" && calls[number]) {
      calls[number] -= 1;
    }
  },

  end({ currentTarget }) {
    const { number, called } = currentTarget.dataset;
    if (called) {
      this.endNow(number);
      return;
    }
    wx.showModal({
      title: fill(t.endAsk, { number }),
      content: t.endSays,
      cancelText: t.endNo,
      confirmText: t.endYes,
      success: ({ confirm }) => confirm && this.endNow(number),
    });
  },

  endNow(number) {
    act(this, `end-${number}`, async () => {
      await surely(
        () => ask("done", { isseller: "yes", marchSn: number }),
        async () => numbers(await this.lookNow()).indexOf(number) < 0,
      );
      this.offerUndo("end", [number], t.saidEnded);
      await this.lookNow();
    });
  },

  clear() {
    const shown = this.data.blank.map(({ number }) => number);
    wx.showModal({
      title: fill(t.clearAsk, { count: shown.length }),
      content: fill(t.clearSays, { numbers: shown.join(", ") }),
      cancelText: t.cancel,
      confirmText: t.clearYes,
      success: ({ confirm }) => confirm && this.clearNow(shown.length),
    });
  },

  clearNow(count) {
    act(this, "clear", async () => {
      await surely(() => ask("clear"), async () => !(await this.lookNow()).unnotedList.length);
      wx.showToast({ title: fill(t.cleared, { count }), icon: "none" });
      await this.lookNow();
    });
  },

  toShop() {
    wx.navigateTo({ url: "/pages/shop/shop" });
  },
});
}).call(undefined); },
"pages/shop/shop.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The stall's own page: its name, picture and menu, and the months that are left.

const { ask, upload, Failure } = require("../../lib/line");
const months = require("../../lib/months");
const t = require("../../lib/texts");
const { Watch, act, again, surely } = require("../../lib/watch");

const WIDTH = 1024; // pixels of a picture at most: the server takes 512 KB
const NAMES = ["sellerName", "personName"];

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    sellerName: "", personName: "", menu: "", picture: "", left: "", proof: false,
  },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.shop });
    this.chosen = ""; // the path of a picture that is to be sent
    this.shown = null; // what the server told of last
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    if (!this.shown) {
      this.watch.start(); // what is being written is not written over
    }
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
  },

  async look(current) {
    const profile = await ask("info");
    if (current()) {
      this.show(profile);
    }
  },

  show(profile) {
    const { sellerName, personName, menuList, imageUrl, proof } = profile;
    this.chosen = "";
    this.shown = { sellerName, personName, menu: menuList.join("\n") };
    this.setData(Object.assign({ loaded: true, picture: imageUrl, left: months.left(profile), proof }, this.shown));
  },

  write({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.name]: detail.value });
  },

  choose() {
    wx.chooseMedia({
      count: 1,
      mediaType: ["image"],
      sizeType: ["compressed"],
      success: ({ tempFiles }) => wx.compressImage({
        src: tempFiles[0].tempFilePath,
        quality: 80,
        compressedWidth: WIDTH,
        success: ({ tempFilePath }) => this.preview(tempFilePath),
        // Some phones cannot; whether it is a picture, the server says.
        fail: () => this.preview(tempFiles[0].tempFilePath),
      }),
    });
  },

  preview(path) {
    this.chosen = path;
    this.setData({ picture: path, said: "", saidOf: "" });
  },

  /** Turned at once, without what is being written. */
  turnProof() {
    const proof = !this.data.proof;
    act(this, "proof", async () => {
      await surely(
        () => ask("update", { proof: proof ? "yes" : "no" }),
        async () => (await ask("info")).proof === proof,
      );
      this.setData({ proof });
    });
  },

  /** Return what was changed, and nothing else. */
  changes() {
    const fields = {};
    NAMES.filter((name) => this.data[name] !== this.shown[name]).forEach((name) => {
      fields[name] = this.data[name];
    });
    if (this.data.menu !== this.shown.menu) {
      fields.menuList = JSON.stringify(this.data.menu.split("\n"));
    }
    return fields;
  },

  save() {
    const fields = this.changes();
    if (!this.chosen && !Object.keys(fields).length) {
      wx.showToast({ title: t.nothing, icon: "none" });
      return;
    }
    act(this, "save", async () => {
      const answer = await surely(
        () => (this.chosen ? upload("update", fields, "sellerImage", this.chosen) : ask("update", fields)),
        () => this.isSaved(fields),
      );
      const lost = this.chosen && answer.failMsg;
      this.show(await again(() => ask("info")));
      if (lost) {
        throw new Failure(answer.failMsg, answer);
      }
      wx.showToast({ title: t.saved, icon: "none" });
    });
  },

  /**
   * Look whether the change was carried out; of a picture that cannot be seen, so it is sent again by who presses
   * again.
   */
  async isSaved(fields) {
    const profile = await ask("info");
    const menu = fields.menuList === undefined || JSON.stringify(profile.menuList) === fields.menuList;
    const names = NAMES.every((name) => fields[name] === undefined || fields[name] === profile[name]);
    return !this.chosen && menu && names ? profile : null;
  },

  toToday() {
    wx.navigateTo({ url: "/pages/today/today" });
  },

  toCode() {
    wx.navigateTo({ url: "/pages/code/code" });
  },

  toStaff() {
    wx.navigateTo({ url: "/pages/staff/staff" });
  },
});
}).call(undefined); },
"pages/signup/signup.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// Signing up with the telephone number that staff registered: typed, or proven by WeChat.

const { Failure, ask, forget, onSession } = require("../../lib/line");
const phoneNumber = require("../../lib/phone_number");
const sha256 = require("../../lib/sha256");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

// What is otherwise said where WeChat's number did not serve.
const NUMBER_FAILED = { "Login Error": t.numberAgain, "API Error": t.numberNotToBeHad };

Page({
  data: { t, trouble: "", busy: "", said: "", saidOf: "", code: "", telNum: "", sellerName: "", personName: "" },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.signup });
    this.watch = new Watch(this, 0, (current) => this.look(current));
    this.deaf = onSession((key) => this.setData({ code: sha256(key).slice(0, 6) }));
  },

  onShow() {
    this.watch.start();
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
    this.deaf();
  },

  /** Staff may have bound this phone meanwhile. */
  async look(current) {
    if (await this.isBound() && current()) {
      this.toCounter();
    }
  },

  async isBound() {
    try {
      await ask("info");
      return true;
    } catch (error) {
      if (error.message === "Invalid Session Error") {
        return false;
      }
      throw error;
    }
  },

  write({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.name]: detail.value });
  },

  signUp() {
    this.send("signUp", { telNum: this.data.telNum });
  },

  /** WeChat tells a code of the number, if it may. */
  prove({ detail }) {
    const { code, said } = phoneNumber.read(detail);
    if (code) {
      this.send("prove", { phoneCode: code });
    } else {
      this.setData({ said, saidOf: "prove" });
    }
  },

  send(name, fields) {
    const { sellerName, personName } = this.data;
    if (sellerName.trim()) {
      fields.sellerName = sellerName;
    }
    if (personName.trim()) {
      fields.personName = personName;
    }
    act(this, name, async () => {
      await surely(() => this.bind(fields), () => this.isBound());
      this.toCounter();
    });
  },

  async bind(fields) {
    try {
      await ask("signup", fields);
    } catch (error) {
      if (!fields.phoneCode || !(error instanceof Failure)) {
        throw error;
      }
      if (error.message === "Login Error") {
        forget(); // the code was spent or too old; or the session is one with which the server cannot ask WeChat
      }
      throw new Failure(NUMBER_FAILED[error.message] || error.message);
    }
    return true;
  },

  toCounter() {
    wx.reLaunch({ url: "/pages/counter/counter" });
  },

  toStaff() {
    wx.navigateTo({ url: "/pages/staff/staff" });
  },
});
}).call(undefined); },
"pages/staff/staff.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// For staff: the stalls and their months, and selling more.

const { ask, onSession } = require("../../lib/line");
const { fill } = require("../../lib/language");
const sha256 = require("../../lib/sha256");
const t = require("../../lib/texts");
const { Watch, act, again, surely } = require("../../lib/watch");

const TERMS = [1, 3, 6, 12].map((months) => ({ months, label: fill(t.termOf, { months }) }));

Page({
  data: {
    t, terms: TERMS, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    refused: "", code: "", sellers: [], chosen: "", telNum: "",
  },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.staff });
    this.watch = new Watch(this, 0, (current) => this.look(current));
    this.deaf = onSession((key) => this.setData({ code: sha256(key).slice(0, 6) }));
  },

  onShow() {
    this.watch.start();
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
    this.deaf();
  },

  async look(current) {
    try {
      const { sellerList } = await ask("admin");
      if (current()) {
        this.list(sellerList);
      }
    } catch (error) {
      if (error.message !== "Not Admin Error") {
        throw error;
      }
      this.setData({ loaded: true, refused: "yes" });
    }
  },

  list(sellerList) {
    this.sellers = sellerList;
    this.setData({
      loaded: true,
      refused: "",
      sellers: sellerList.map(({ sellerName, personName, telNum, balanceMon }) => ({
        telNum, personName, name: sellerName || t.noName, left: fill(t.months, { months: balanceMon }), out: balanceMon <= 0,
      })),
    });
  },

  choose({ currentTarget }) {
    const { tel } = currentTarget.dataset;
    this.setData({ chosen: this.data.chosen === tel ? "" : tel, said: "", saidOf: "" });
  },

  write({ detail }) {
    this.setData({ telNum: detail.value, said: "", saidOf: "" });
  },

  sell({ currentTarget }) {
    const { months } = currentTarget.dataset;
    const known = currentTarget.dataset.tel;
    const telNum = known || this.data.telNum.trim();
    if (!known && !/^1\d{10}$/.test(telNum.replace(/[^\d]/g, ""))) {
      this.setData({ said: t.telMissing, saidOf: "sell-" });
      return;
    }
    const seller = this.data.sellers.find((each) => each.telNum === telNum);
    wx.showModal({
      title: fill(t.renewAsk, { months }),
      content: fill(t.renewSays, { name: seller ? seller.name : t.renewNew, telNum }),
      cancelText: t.cancel,
      confirmText: t.renewYes,
      success: ({ confirm }) => confirm && this.renew(telNum, months, known ? `sell-${known}` : "sell-"),
    });
  },

  /** Sell once for one press: where the answer is lost, the list tells whether it was sold. */
  renew(telNum, months, name) {
    const balance = (list) => {
      const seller = list.find((each) => each.telNum === telNum);
      return seller ? seller.balanceMon : 0;
    };
    const before = balance(this.sellers);
    act(this, name, async () => {
      await surely(
        () => ask("renew", { telNum, term: months }),
        async () => balance((await ask("admin")).sellerList) > before,
      );
      wx.showToast({ title: fill(t.renewed, { months }), icon: "none" });
      this.setData({ chosen: "", telNum: "" });
      this.list((await again(() => ask("admin"))).sellerList);
    });
  },
});
}).call(undefined); },
"pages/today/today.js": function (require, module, exports, wx, App, Page, getApp, getCurrentPages, setTimeout, clearTimeout, setInterval, clearInterval, console) { const [window, document, self, globalThis, location, navigator, fetch, XMLHttpRequest, localStorage, sessionStorage, crypto, alert, confirm, prompt, Image, Audio, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, structuredClone, queueMicrotask] = []; return (function () {
// The day's figures: how many numbers, when, how long students waited, and what nobody collected.

const { words } = require("../../lib/day");
const { ask } = require("../../lib/line");
const t = require("../../lib/texts");
const { Watch } = require("../../lib/watch");

Page({
  data: { t, trouble: "", day: null },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.today });
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.watch.start();
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
  },

  async look(current) {
    const answer = await ask("today");
    if (current()) {
      this.setData({ day: words(answer) });
    }
  },
});
}).call(undefined); }
};
export const templates = (()=>{var G={};var R={};var X=function(a){return a==null?Object.create(null):a};var Y=function(a){return a==null?'':String(a)};var Z=function(a,b){if(a===true)return true;if(a)return a[b]};var P=function(a){return typeof a==='function'?a:()=>{}};var Q={a:function(a){for(var i=0;i<a.length;i++)if(a[i])return a},b:function(b){var a=Object.values(b);for(var i=0;i<a.length;i++)if(a[i])return a}};G["pages/shop/shop"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"trouble":new Array(2)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e,g=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},h=(C,T)=>{C||K||U.left?T(Y(D.left)):T()},i,k=(C)=>{},j=(C,T,E)=>{if(i===1){E("image",{},(N,C)=>{if(C)L(N,"picture");if(C||K||U.picture)O(N,"src",D.picture);if(C)O(N,"mode","aspectFill");if(C||K||Z(U.t,"picture"))O(N,"aria-label",X(D.t).picture)},k)}},l=(C,T)=>{C||K||Z(U.t,"choosePicture")?T(Y(X(D.t).choosePicture)):T()},n=(C,T)=>{C||K||Z(U.t,"sellerName")?T(Y(X(D.t).sellerName)):T()},o=(C)=>{},m=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},n);E("input",{},(N,C)=>{if(C)L(N,"input seller-name");if(C)O(N,"maxlength","60");if(C||K||U.sellerName)O(N,"value",D.sellerName);if(C||K||Z(U.t,"sellerName"))O(N,"aria-label",X(D.t).sellerName);if(C)O(N,"bindinput","write");if(C)R.d(N,"name","sellerName")},o)},q=(C,T)=>{C||K||Z(U.t,"personName")?T(Y(X(D.t).personName)):T()},r=(C)=>{},p=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},q);E("input",{},(N,C)=>{if(C)L(N,"input");if(C)O(N,"maxlength","60");if(C||K||U.personName)O(N,"value",D.personName);if(C||K||Z(U.t,"personName"))O(N,"aria-label",X(D.t).personName);if(C)O(N,"bindinput","write");if(C)R.d(N,"name","personName")},r)},t=(C,T)=>{C||K||Z(U.t,"menu")?T(Y(X(D.t).menu)):T()},u=(C)=>{},s=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},t);E("textarea",{},(N,C)=>{if(C)L(N,"input area menu");if(C||K||U.menu)O(N,"value",D.menu);if(C)O(N,"maxlength","-1");if(C||K||undefined)O(N,"auto-height",true);if(C||K||Z(U.t,"menu"))O(N,"aria-label",X(D.t).menu);if(C||K||Z(U.t,"menuPlaceholder"))O(N,"placeholder",X(D.t).menuPlaceholder);if(C)O(N,"bindinput","write");if(C)R.d(N,"name","menu")},u)},w=(C,T)=>{var $A=D.busy;C||K||!!U.busy||($A?Z(U.t,"saving"):Z(U.t,"save"))?T(Y($A?X(D.t).saving:X(D.t).save)):T()},x=(C,T)=>{var $A=D.saidOf==="save";C||K||!!U.saidOf||($A?U.said:undefined)?T(Y($A?D.said:"")):T()},v=(C,T,E)=>{E("button",{},(N,C)=>{var $A=D.busy;if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","save")},w);E("view",{},(N,C)=>{var $A=D.said&&D.saidOf==="save";if(C||K||!!(U.said||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},x)},A0=(C,T)=>{C||K||Z(U.t,"proof")?T(Y(X(D.t).proof)):T()},B0=(C,T)=>{C||K||Z(U.t,"proofSays")?T(Y(X(D.t).proofSays)):T()},z=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"proof-title")},A0);E("view",{},(N,C)=>{if(C)L(N,"quiet")},B0)},C0=(C,T)=>{var $A=D.proof;C||K||!!U.proof||($A?Z(U.t,"on"):Z(U.t,"off"))?T(Y($A?X(D.t).on:X(D.t).off)):T()},D0=(C,T)=>{var $A=D.saidOf==="proof";C||K||!!U.saidOf||($A?U.said:undefined)?T(Y($A?D.said:"")):T()},y=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"proof-words")},z);E("button",{},(N,C)=>{var $A=D.proof;var $B=D.busy==="proof";if(C||K||!!(U.proof||($A?undefined:undefined)||U.busy||($B?undefined:undefined))||undefined)L(N,"btn "+Y($A?"btn-main":"")+" proof-switch "+Y($B?"btn-busy":""));if(C||K||Z(U.t,"proof"))O(N,"aria-label",X(D.t).proof);if(C||K||U.proof)O(N,"aria-pressed",D.proof);if(C)O(N,"bindtap","turnProof")},C0);E("view",{},(N,C)=>{var $A=D.said&&D.saidOf==="proof";if(C||K||!!(U.said||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said proof-said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},D0)},E0=(C,T)=>{C||K||Z(U.t,"today")?T(Y(X(D.t).today)):T()},F0=(C,T)=>{C||K||Z(U.t,"code")?T(Y(X(D.t).code)):T()},G0=(C,T)=>{C||K||Z(U.t,"staff")?T(Y(X(D.t).staff)):T()},f=(C,T,E,B)=>{if(e===1){E("view",{},(N,C)=>{if(C)L(N,"quiet")},g)}else{E("view",{},(N,C)=>{if(C)L(N,"card left")},h);i=D.picture?1:0;B(i,j);E("button",{},(N,C)=>{if(C)L(N,"btn");if(C)O(N,"bindtap","choose")},l);E("view",{},(N,C)=>{if(C)L(N,"field")},m);E("view",{},(N,C)=>{if(C)L(N,"field")},p);E("view",{},(N,C)=>{if(C)L(N,"field")},s);E("view",{},(N,C)=>{if(C)L(N,"foot")},v);E("view",{},(N,C)=>{if(C)L(N,"card more proof")},y);E("button",{},(N,C)=>{if(C)L(N,"btn gap");if(C)O(N,"bindtap","toToday")},E0);E("button",{},(N,C)=>{if(C)L(N,"btn gap");if(C)O(N,"bindtap","toCode")},F0);E("button",{},(N,C)=>{if(C)L(N,"btn gap");if(C)O(N,"bindtap","toStaff")},G0)}},c=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);e=!D.loaded?1:0;B(e,f)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/counter/counter"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H["row"]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={},K=U===true,c=(C,T)=>{C||K||U.number?T(Y(D.number)):T()},e=(C,T)=>{C||K||!!(U.note||Z(U.t,"noNote"))||undefined?T(Y(D.note||X(D.t).noNote)):T()},g,i=(C,T)=>{var $A=D.late;C||K||!!(U.late||($A?U.wait:Z(U.t,"called"))||U.times)||undefined?T(Y(Y($A?D.wait:X(D.t).called)+" "+Y(D.times)+" ")):T()},h=(C,T,E)=>{if(g===1){E("text",{},(N,C)=>{if(C)L(N,"row-state")},i)}},f=(C,T,E,B)=>{g=D.called?1:0;B(g,h);var $A=D.late;C||K||!!U.late||($A?undefined:U.wait)?T(Y($A?"":D.wait)):T()},d=(C,T,E)=>{E("view",{},(N,C)=>{var $A=D.note;if(C||K||!!(U.note||($A?undefined:undefined))||undefined)L(N,"row-note "+Y($A?"":"quiet"))},e);E("view",{},(N,C)=>{if(C)L(N,"row-wait")},f)},k=(C,T)=>{var $A=D.called;C||K||!!U.called||($A?Z(U.t,"recall"):Z(U.t,"call"))?T(Y($A?X(D.t).recall:X(D.t).call)):T()},l=(C,T)=>{C||K||Z(U.t,"end")?T(Y(X(D.t).end)):T()},j=(C,T,E)=>{E("button",{},(N,C)=>{var $A=D.busy==="call-"+D.number;if(C||K||!!(U.busy||U.number||($A?undefined:undefined))||undefined)L(N,"btn row-call "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","call");if(C||K||U.number)R.d(N,"number",D.number)},k);E("button",{},(N,C)=>{var $A=D.busy==="end-"+D.number;if(C||K||!!(U.busy||U.number||($A?undefined:undefined))||undefined)L(N,"btn btn-flat row-end "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","end");if(C||K||U.number)R.d(N,"number",D.number);if(C||K||U.called)R.d(N,"called",D.called)},l)},m,o=(C,T)=>{C||K||U.said?T(Y(D.said)):T()},n=(C,T,E)=>{if(m===1){E("view",{},(N,C)=>{if(C)L(N,"said row-said")},o)}},b=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"row-number")},c);E("view",{},(N,C)=>{if(C)L(N,"row-words")},d);E("view",{},(N,C)=>{if(C)L(N,"row-acts")},j);m=D.said&&(D.saidOf==="call-"+D.number||D.saidOf==="end-"+D.number)?1:0;B(m,n)},a=(C,T,E)=>{E("view",{},(N,C)=>{var $A=D.called;var $B=D.late;if(C||K||!!(U.called||($A?undefined:undefined)||U.late||($B?undefined:undefined))||undefined)L(N,"row "+Y($A?"row-called":"")+" "+Y($B?"row-late":""))},b)};;return {C:a,B:A}};H["choice"]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={},K=U===true,c=(C,T)=>{var $A=D.chosen;C||K||!!U.chosen||($A?undefined:undefined)?T(Y($A?"✓":"")):T()},d=(C,T)=>{C||K||U.number?T(Y(D.number)):T()},f=(C,T)=>{C||K||!!(U.note||Z(U.t,"noNote"))||undefined?T(Y(D.note||X(D.t).noNote)):T()},g=(C,T)=>{C||K||U.wait?T(Y(D.wait)):T()},e=(C,T,E)=>{E("view",{},(N,C)=>{var $A=D.note;if(C||K||!!(U.note||($A?undefined:undefined))||undefined)L(N,"row-note "+Y($A?"":"quiet"))},f);E("view",{},(N,C)=>{if(C)L(N,"row-wait")},g)},b=(C,T,E)=>{E("view",{},(N,C)=>{var $A=D.chosen;if(C||K||!!(U.chosen||($A?undefined:undefined))||undefined)L(N,"choice-mark "+Y($A?"choice-marked":""));if(C)O(N,"aria-hidden","true")},c);E("view",{},(N,C)=>{if(C)L(N,"row-number")},d);E("view",{},(N,C)=>{if(C)L(N,"row-words")},e)},a=(C,T,E)=>{E("button",{},(N,C)=>{if(C)L(N,"row choice");if(C||K||U.chosen)O(N,"aria-pressed",D.chosen);if(C)O(N,"bindtap","pick");if(C||K||U.number)R.d(N,"number",D.number)},b)};;return {C:a,B:A}};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"trouble":new Array(2)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e,g=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},h=(C,T)=>{C||K||Z(U.t,"chooseSays")?T(Y(X(D.t).chooseSays)):T()},i=(C,j,k,l,m,n,T,E,B,F,S,J)=>{var o,p=(C,T,E,B,F,S,J)=>{var $A=I(o);if(o&&$A)$A(R,C,Object.assign({},X(j),{t:D.t}),K||(U?(l)===true||Object.assign({},X(l),{t:U.t}):Object.create(null))).C(C,T,E,B,F,S,J)};o="choice";B(o,p)},j,l=(C,T)=>{C||K||U.warning?T(Y(D.warning)):T()},k=(C,T,E)=>{if(j===1){E("view",{},(N,C)=>{if(C)L(N,"card warning")},l)}},n,p=(C)=>{},q=(C,T)=>{C||K||U.initial?T(Y(D.initial)):T()},o=(C,T,E)=>{if(n===1){E("image",{},(N,C)=>{if(C)L(N,"face");if(C||K||U.face)O(N,"src",D.face);if(C)O(N,"mode","aspectFill")},p)}else{E("view",{},(N,C)=>{if(C)L(N,"face face-none");if(C)O(N,"aria-hidden","true")},q)}},r=(C,T)=>{C||K||U.name?T(Y(D.name)):T()},s=(C,T)=>{C||K||Z(U.t,"shop")?T(Y(X(D.t).shop)):T()},m=(C,T,E,B)=>{n=D.face?1:0;B(n,o);E("view",{},(N,C)=>{if(C)L(N,"heading head-name")},r);E("button",{},(N,C)=>{if(C)L(N,"btn head-shop");if(C)O(N,"bindtap","toShop")},s)},t,x=(C,T)=>{C||K||Z(U.t,"handOut")?T(Y(X(D.t).handOut)):T()},y=(C,T)=>{C||K||U.handed?T(Y(D.handed)):T()},z,B0=(C,T)=>{C||K||Z(U.t,"claim")?T(Y(X(D.t).claim)):T()},A0=(C,T,E)=>{if(z===1){E("view",{},(N,C)=>{if(C)L(N,"ticket-words")},B0)}},C0,E0=(C,T)=>{C||K||U.claim?T(Y(D.claim)):T()},D0=(C,T,E)=>{if(C0===1){E("view",{},(N,C)=>{if(C)L(N,"ticket-claim")},E0)}},w=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"ticket-words")},x);E("view",{},(N,C)=>{if(C)L(N,"ticket-number")},y);z=D.claim?1:0;B(z,A0);C0=D.claim?1:0;B(C0,D0)},G0=(C)=>{},H0=(C,T)=>{C||K||Z(U.t,"codeOfSays")?T(Y(X(D.t).codeOfSays)):T()},F0=(C,T,E)=>{E("canvas",{},(N,C)=>{var $A=D.claim===null;if(C||K||!!(U.claim||($A?undefined:undefined))||undefined)L(N,"ticket-code "+Y($A?"ticket-code-none":""));if(C)O(N,"type","2d");if(C)O(N,"aria-role","img");if(C||K||U.codeWords)O(N,"aria-label",D.codeWords)},G0);E("view",{},(N,C)=>{if(C)L(N,"ticket-words")},H0)},v=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"ticket-side")},w);E("view",{},(N,C)=>{if(C)L(N,"ticket-side")},F0)},u=(C,T,E)=>{if(t===1){E("view",{},(N,C)=>{if(C)L(N,"ticket")},v)}},I0,L0=(C,T)=>{C||K||Z(U.t,"paused")?T(Y(X(D.t).paused)):T()},M0=(C,T)=>{C||K||Z(U.t,"pausedSays")?T(Y(X(D.t).pausedSays)):T()},N0=(C,T)=>{C||K||Z(U.t,"resume")?T(Y(X(D.t).resume)):T()},K0=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"paused-title")},L0);E("view",{},(N,C)=>{},M0);E("button",{},(N,C)=>{var $A=D.busy==="resume";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main gap "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","resume")},N0)},O0=(C,T)=>{var $A=D.busy==="take";C||K||!!U.busy||($A?Z(U.t,"taking"):Z(U.t,"take"))?T(Y($A?X(D.t).taking:X(D.t).take)):T()},J0=(C,T,E)=>{if(I0===1){E("view",{},(N,C)=>{if(C)L(N,"card paused")},K0)}else{E("button",{},(N,C)=>{var $A=D.busy==="take";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main take "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","take")},O0)}},P0=(C,T)=>{var $A=D.saidOf==="take"||D.saidOf==="pause"||D.saidOf==="resume";C||K||!!(U.saidOf||U.saidOf||U.saidOf)||($A?U.said:undefined)?T(Y($A?D.said:"")):T()},Q0,S0=(C,T)=>{C||K||Z(U.t,"none")?T(Y(X(D.t).none)):T()},R0=(C,T,E)=>{if(Q0===1){E("view",{},(N,C)=>{if(C)L(N,"quiet gap")},S0)}},T0,W0=(C,T)=>{C||K||!!(Z(U.t,"cooking")||Z(U.cooking,"length"))||undefined?T(Y(Y(X(D.t).cooking)+" "+Y(X(D.cooking).length))):T()},X0,Z0=(C,T)=>{C||K||Z(U.t,"choose")?T(Y(X(D.t).choose)):T()},Y0=(C,T,E)=>{if(X0===1){E("button",{},(N,C)=>{if(C)L(N,"btn btn-flat part-act");if(C)O(N,"bindtap","choose")},Z0)}},V0=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"part")},W0);X0=X(D.cooking).length>1?1:0;B(X0,Y0)},a0=(C,b0,c0,d0,e0,f0,T,E,B,F,S,J)=>{var g0,h0=(C,T,E,B,F,S,J)=>{var $A=I(g0);if(g0&&$A)$A(R,C,Object.assign({},X(b0),{t:D.t,busy:D.busy,said:D.said,saidOf:D.saidOf}),K||(U?(d0)===true||Object.assign({},X(d0),{t:U.t,busy:U.busy,said:U.said,saidOf:U.saidOf}):Object.create(null))).C(C,T,E,B,F,S,J)};g0="row";B(g0,h0)},U0=(C,T,E,B,F)=>{if(T0===1){E("view",{},(N,C)=>{if(C)L(N,"part-head")},V0);F(D.cooking,"number",U?U.cooking:undefined,[0,"cooking"],a0)}},b0,d0=(C,T)=>{C||K||!!(Z(U.t,"called")||Z(U.called,"length"))||undefined?T(Y(Y(X(D.t).called)+" "+Y(X(D.called).length))):T()},e0=(C,f0,g0,h0,i0,j0,T,E,B,F,S,J)=>{var k0,l0=(C,T,E,B,F,S,J)=>{var $A=I(k0);if(k0&&$A)$A(R,C,Object.assign({},X(f0),{t:D.t,busy:D.busy,said:D.said,saidOf:D.saidOf}),K||(U?(h0)===true||Object.assign({},X(h0),{t:U.t,busy:U.busy,said:U.said,saidOf:U.saidOf}):Object.create(null))).C(C,T,E,B,F,S,J)};k0="row";B(k0,l0)},c0=(C,T,E,B,F)=>{if(b0===1){E("view",{},(N,C)=>{if(C)L(N,"part")},d0);F(D.called,"number",U?U.called:undefined,[0,"called"],e0)}},f0,i0=(C,T)=>{C||K||!!(Z(U.t,"blank")||Z(U.blank,"length"))||undefined?T(Y(Y(X(D.t).blank)+" "+Y(X(D.blank).length))):T()},j0=(C,T)=>{C||K||U.clearWords?T(Y(D.clearWords)):T()},h0=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"part")},i0);E("button",{},(N,C)=>{var $A=D.busy==="clear";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-flat part-act clear "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","clear")},j0)},k0=(C,T)=>{var $A=D.saidOf==="clear";C||K||!!U.saidOf||($A?U.said:undefined)?T(Y($A?D.said:"")):T()},l0=(C,m0,n0,o0,p0,q0,T,E)=>{var s0=(C,T)=>{C||K||Z(o0,"number")?T(Y(X(m0).number)):T()},t0=(C,T)=>{C||K||Z(o0,"wait")?T(Y(X(m0).wait)):T()},u0=(C,T)=>{C||K||Z(U.t,"show")?T(Y(X(D.t).show)):T()},v0=(C,T)=>{C||K||Z(U.t,"end")?T(Y(X(D.t).end)):T()},w0,y0=(C,T)=>{C||K||U.said?T(Y(D.said)):T()},x0=(C,T,E)=>{if(w0===1){E("view",{},(N,C)=>{if(C)L(N,"said row-said")},y0)}},r0=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"row-number")},s0);E("view",{},(N,C)=>{if(C)L(N,"row-words row-wait")},t0);E("button",{},(N,C)=>{var $A=D.busy==="show-"+X(m0).number;if(C||K||!!(U.busy||Z(o0,"number")||($A?undefined:undefined))||undefined)L(N,"btn row-show "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","show");if(C||K||Z(o0,"number"))R.d(N,"number",X(m0).number)},u0);E("button",{},(N,C)=>{var $A=D.busy==="end-"+X(m0).number;if(C||K||!!(U.busy||Z(o0,"number")||($A?undefined:undefined))||undefined)L(N,"btn btn-flat row-end "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","end");if(C||K||Z(o0,"number"))R.d(N,"number",X(m0).number);if(C||K||undefined)R.d(N,"called",false)},v0);w0=D.said&&(D.saidOf==="end-"+X(m0).number||D.saidOf==="show-"+X(m0).number)?1:0;B(w0,x0)};E("view",{},(N,C)=>{if(C)L(N,"row row-blank")},r0)},g0=(C,T,E,B,F)=>{if(f0===1){E("view",{},(N,C)=>{if(C)L(N,"part-head")},h0);E("view",{},(N,C)=>{var $A=D.said&&D.saidOf==="clear";if(C||K||!!(U.said||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},k0);F(D.blank,"number",U?U.blank:undefined,[0,"blank"],l0)}},m0,o0=(C,T)=>{C||K||!!(Z(U.t,"late")||Z(U.late,"length"))||undefined?T(Y(Y(X(D.t).late)+" "+Y(X(D.late).length))):T()},p0=(C,q0,r0,s0,t0,u0,T,E,B,F,S,J)=>{var v0,w0=(C,T,E,B,F,S,J)=>{var $A=I(v0);if(v0&&$A)$A(R,C,Object.assign({},X(q0),{t:D.t,busy:D.busy,said:D.said,saidOf:D.saidOf}),K||(U?(s0)===true||Object.assign({},X(s0),{t:U.t,busy:U.busy,said:U.said,saidOf:U.saidOf}):Object.create(null))).C(C,T,E,B,F,S,J)};v0="row";B(v0,w0)},q0=(C,T)=>{C||K||Z(U.t,"lateSays")?T(Y(X(D.t).lateSays)):T()},n0=(C,T,E,B,F)=>{if(m0===1){E("view",{},(N,C)=>{if(C)L(N,"part")},o0);F(D.late,"number",U?U.late:undefined,[0,"late"],p0);E("view",{},(N,C)=>{if(C)L(N,"quiet")},q0)}},r0,t0=(C,T)=>{C||K||Z(U.t,"pause")?T(Y(X(D.t).pause)):T()},s0=(C,T,E)=>{if(r0===1){E("button",{},(N,C)=>{var $A=D.busy==="pause";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn pause "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","pause")},t0)}},f=(C,T,E,B,F)=>{if(e===1){E("view",{},(N,C)=>{if(C)L(N,"quiet")},g)}else if(e===2){E("view",{},(N,C)=>{if(C)L(N,"heading choice-says")},h);F(D.cooking,"number",U?U.cooking:undefined,[0,"cooking"],i)}else{j=D.warning?1:0;B(j,k);E("view",{},(N,C)=>{if(C)L(N,"head")},m);t=D.handed?1:0;B(t,u);I0=D.paused?1:0;B(I0,J0);E("view",{},(N,C)=>{var $A=D.said&&(D.saidOf==="take"||D.saidOf==="pause"||D.saidOf==="resume");if(C||K||!!(U.said||U.saidOf||U.saidOf||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},P0);Q0=!X(D.cooking).length&&!X(D.called).length&&!X(D.late).length&&!X(D.blank).length?1:0;B(Q0,R0);T0=X(D.cooking).length?1:0;B(T0,U0);b0=X(D.called).length?1:0;B(b0,c0);f0=X(D.blank).length?1:0;B(f0,g0);m0=X(D.late).length?1:0;B(m0,n0);r0=!D.paused?1:0;B(r0,s0)}},w0=(C,T)=>{var $A=D.undo;C||K||!!U.undo||($A?Z(U.undo,"words"):undefined)?T(Y($A?X(D.undo).words:"")):T()},x0,z0=(C,T)=>{C||K||Z(U.t,"undo")?T(Y(X(D.t).undo)):T()},y0=(C,T,E)=>{if(x0===1){E("button",{},(N,C)=>{var $A=D.busy==="undo";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn undo-act "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","undo")},z0)}},v0=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"undo-words")},w0);x0=D.undo?1:0;B(x0,y0)},A1=(C,T)=>{var $A=D.saidOf==="undo"||D.saidOf==="chosen";C||K||!!(U.saidOf||U.saidOf)||($A?U.said:undefined)?T(Y($A?D.said:"")):T()},B1,E1=(C,T)=>{C||K||U.chooseWords?T(Y(D.chooseWords)):T()},F1=(C,T)=>{C||K||Z(U.t,"cancel")?T(Y(X(D.t).cancel)):T()},D1=(C,T,E)=>{E("button",{},(N,C)=>{var $A=D.busy==="chosen";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main choice-call "+Y($A?"btn-busy":""));if(C)O(N,"bindtap","callChosen")},E1);E("button",{},(N,C)=>{if(C)L(N,"btn btn-flat row-end");if(C)O(N,"bindtap","chooseOver")},F1)},C1=(C,T,E)=>{if(B1===1){E("view",{},(N,C)=>{if(C)L(N,"row-acts foot-acts")},D1)}},u0=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.undo;if(C||K||!!U.undo||($A?undefined:undefined))L(N,$A?"undo":"");if(C)O(N,"aria-live","polite")},v0);E("view",{},(N,C)=>{var $A=D.said&&(D.saidOf==="undo"||D.saidOf==="chosen");if(C||K||!!(U.said||U.saidOf||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},A1);B1=D.choosing?1:0;B(B1,C1)},c=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);e=!D.loaded?1:D.choosing?2:0;B(e,f);E("view",{},(N,C)=>{var $A=D.choosing||D.undo||D.saidOf==="undo"||D.saidOf==="chosen";if(C||K||!!(U.choosing||U.undo||U.saidOf||U.saidOf||($A?undefined:undefined))||undefined)L(N,"foot "+Y($A?"":"foot-none"))},u0)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/code/code"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble)):T()},e=(C,T)=>{C||K||Z(U.t,"codeSays")?T(Y(X(D.t).codeSays)):T()},f,h=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},g=(C,T,E)=>{if(f===1){E("view",{},(N,C)=>{if(C)L(N,"quiet gap")},h)}},i,l=(C)=>{},k=(C,T,E)=>{E("image",{},(N,C)=>{if(C)L(N,"picture");if(C||K||U.url)O(N,"src",D.url);if(C)O(N,"mode","aspectFit");if(C||K||Z(U.t,"codeLabel"))O(N,"aria-label",X(D.t).codeLabel);if(C||K||undefined)O(N,"show-menu-by-longpress",true)},l)},m=(C,T)=>{C||K||Z(U.t,"codePrint")?T(Y(X(D.t).codePrint)):T()},j=(C,T,E)=>{if(i===1){E("button",{},(N,C)=>{if(C)L(N,"btn paper");if(C)O(N,"bindtap","enlarge")},k);E("view",{},(N,C)=>{if(C)L(N,"quiet")},m)}},c=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));if(C)O(N,"aria-live","polite")},d);E("view",{},(N,C)=>{},e);f=!D.url&&!D.trouble?1:0;B(f,g);i=D.url?1:0;B(i,j)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/today/today"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble)):T()},e,g=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},f=(C,T,E)=>{if(e===1){E("view",{},(N,C)=>{if(C)L(N,"quiet")},g)}},h,j=(C,T)=>{C||K||Z(U.day,"title")?T(Y(X(D.day).title)):T()},l=(C,m,n,o,p,q,T,E)=>{var r=(C,T)=>{C||K||o?T(Y(m)):T()};E("view",{},(N,C)=>{},r)},m=(C,T)=>{C||K||Z(U.day,"uncollected")?T(Y(X(D.day).uncollected)):T()},k=(C,T,E,B,F)=>{F(X(D.day).waits,"*this",U?Z(U.day,"waits"):undefined,[0,"day","waits"],l);E("view",{},(N,C)=>{},m)},n,p=(C,T)=>{C||K||Z(U.t,"todayHours")?T(Y(X(D.t).todayHours)):T()},r=(C,s,t,u,v,w,T,E)=>{var y=(C,T)=>{C||K||Z(u,"label")?T(Y(X(s).label)):T()},A0=(C)=>{},z=(C,T,E)=>{E("view",{},(N,C)=>{if(C||K||!!Z(u,"bar")||undefined)L(N,"hour-bar bar-"+Y(X(s).bar))},A0)},B0=(C,T)=>{C||K||Z(u,"count")?T(Y(X(s).count)):T()},x=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"hour-label")},y);E("view",{},(N,C)=>{if(C)L(N,"hour-way")},z);E("view",{},(N,C)=>{if(C)L(N,"hour-count")},B0)};E("view",{},(N,C)=>{if(C)L(N,"hour");if(C)O(N,"aria-role","img");if(C||K||Z(u,"says"))O(N,"aria-label",X(s).says)},x)},q=(C,T,E,B,F)=>{F(X(D.day).bars,"hour",U?Z(U.day,"bars"):undefined,[0,"day","bars"],r)},o=(C,T,E)=>{if(n===1){E("view",{},(N,C)=>{if(C)L(N,"part")},p);E("view",{},(N,C)=>{if(C)L(N,"card")},q)}},i=(C,T,E,B)=>{if(h===1){E("view",{},(N,C)=>{if(C)L(N,"heading")},j);E("view",{},(N,C)=>{if(C)L(N,"card gap")},k);n=X(X(D.day).bars).length?1:0;B(n,o)}},c=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));if(C)O(N,"aria-live","polite")},d);e=!D.day&&!D.trouble?1:0;B(e,f);h=D.day?1:0;B(h,i)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/signup/signup"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"trouble":new Array(2),"telNum":new Array(1),"sellerName":new Array(1),"said":new Array(4),"saidOf":new Array(4),"busy":new Array(4),"t":new Array(16),"personName":new Array(1),"code":new Array(1)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e=(C,T)=>{C||K||Z(U.t,"signup")?T(Y(X(D.t).signup),(N)=>{A["t"][0]=(D,E,T)=>{T(N,Y(X(D.t).signup))}}):T()},f=(C,T)=>{C||K||Z(U.t,"signupSays")?T(Y(X(D.t).signupSays),(N)=>{A["t"][1]=(D,E,T)=>{T(N,Y(X(D.t).signupSays))}}):T()},h=(C,T)=>{C||K||Z(U.t,"telNum")?T(Y(X(D.t).telNum),(N)=>{A["t"][2]=(D,E,T)=>{T(N,Y(X(D.t).telNum))}}):T()},i=(C)=>{},j=(C,T)=>{var $A=D.busy==="prove";C||K||!!U.busy||($A?Z(U.t,"signingUp"):Z(U.t,"useNumber"))?T(Y($A?X(D.t).signingUp:X(D.t).useNumber),(N)=>{A["busy"][1]=A["t"][4]=A["t"][5]=(D,E,T)=>{var $B=D.busy==="prove";T(N,Y($B?X(D.t).signingUp:X(D.t).useNumber))}}):T()},k=(C,T)=>{var $A=D.saidOf==="prove";C||K||!!U.saidOf||($A?U.said:undefined)?T(Y($A?D.said:""),(N)=>{A["saidOf"][1]=A["said"][1]=(D,E,T)=>{var $B=D.saidOf==="prove";T(N,Y($B?D.said:""))}}):T()},g=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},h);E("input",{},(N,C)=>{if(C)L(N,"input tel");if(C)O(N,"type","number");if(C)O(N,"maxlength","20");if(C||K||U.telNum)O(N,"value",D.telNum);A["telNum"][0]=(D,E,T)=>{O(N,"value",D.telNum);E(N)};if(C||K||Z(U.t,"telNum"))O(N,"aria-label",X(D.t).telNum);A["t"][3]=(D,E,T)=>{O(N,"aria-label",X(D.t).telNum);E(N)};if(C)O(N,"bindinput","write");if(C)R.d(N,"name","telNum")},i);E("button",{},(N,C)=>{var $A=D.busy==="prove";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn gap prove "+Y($A?"btn-busy":""));A["busy"][0]=(D,E,T)=>{var $B=D.busy==="prove";L(N,"btn gap prove "+Y($B?"btn-busy":""))};if(C)O(N,"open-type","getPhoneNumber");if(C)O(N,"bindgetphonenumber","prove")},j);E("view",{},(N,C)=>{var $A=D.said&&D.saidOf==="prove";if(C||K||!!(U.said||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));A["said"][0]=A["saidOf"][0]=(D,E,T)=>{var $B=D.said&&D.saidOf==="prove";L(N,"said "+Y($B?"":"said-none"))};if(C)O(N,"aria-live","assertive")},k)},m=(C,T)=>{C||K||Z(U.t,"sellerName")?T(Y(X(D.t).sellerName),(N)=>{A["t"][6]=(D,E,T)=>{T(N,Y(X(D.t).sellerName))}}):T()},n=(C)=>{},l=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},m);E("input",{},(N,C)=>{if(C)L(N,"input seller-name");if(C)O(N,"maxlength","60");if(C||K||U.sellerName)O(N,"value",D.sellerName);A["sellerName"][0]=(D,E,T)=>{O(N,"value",D.sellerName);E(N)};if(C||K||Z(U.t,"sellerName"))O(N,"aria-label",X(D.t).sellerName);A["t"][7]=(D,E,T)=>{O(N,"aria-label",X(D.t).sellerName);E(N)};if(C||K||Z(U.t,"optional"))O(N,"placeholder",X(D.t).optional);A["t"][8]=(D,E,T)=>{O(N,"placeholder",X(D.t).optional);E(N)};if(C)O(N,"bindinput","write");if(C)R.d(N,"name","sellerName")},n)},p=(C,T)=>{C||K||Z(U.t,"personName")?T(Y(X(D.t).personName),(N)=>{A["t"][9]=(D,E,T)=>{T(N,Y(X(D.t).personName))}}):T()},q=(C)=>{},o=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},p);E("input",{},(N,C)=>{if(C)L(N,"input");if(C)O(N,"maxlength","60");if(C||K||U.personName)O(N,"value",D.personName);A["personName"][0]=(D,E,T)=>{O(N,"value",D.personName);E(N)};if(C||K||Z(U.t,"personName"))O(N,"aria-label",X(D.t).personName);A["t"][10]=(D,E,T)=>{O(N,"aria-label",X(D.t).personName);E(N)};if(C||K||Z(U.t,"optional"))O(N,"placeholder",X(D.t).optional);A["t"][11]=(D,E,T)=>{O(N,"placeholder",X(D.t).optional);E(N)};if(C)O(N,"bindinput","write");if(C)R.d(N,"name","personName")},q)},s=(C,T)=>{var $A=D.busy==="signUp";C||K||!!U.busy||($A?Z(U.t,"signingUp"):Z(U.t,"signup"))?T(Y($A?X(D.t).signingUp:X(D.t).signup),(N)=>{A["busy"][3]=A["t"][12]=A["t"][13]=(D,E,T)=>{var $B=D.busy==="signUp";T(N,Y($B?X(D.t).signingUp:X(D.t).signup))}}):T()},t=(C,T)=>{var $A=D.saidOf==="prove";C||K||!!U.saidOf||($A?undefined:U.said)?T(Y($A?"":D.said),(N)=>{A["saidOf"][3]=A["said"][3]=(D,E,T)=>{var $B=D.saidOf==="prove";T(N,Y($B?"":D.said))}}):T()},r=(C,T,E)=>{E("button",{},(N,C)=>{var $A=D.busy==="signUp";if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn btn-main "+Y($A?"btn-busy":""));A["busy"][2]=(D,E,T)=>{var $B=D.busy==="signUp";L(N,"btn btn-main "+Y($B?"btn-busy":""))};if(C)O(N,"bindtap","signUp")},s);E("view",{},(N,C)=>{var $A=D.said&&D.saidOf!=="prove";if(C||K||!!(U.said||U.saidOf||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));A["said"][2]=A["saidOf"][2]=(D,E,T)=>{var $B=D.said&&D.saidOf!=="prove";L(N,"said "+Y($B?"":"said-none"))};if(C)O(N,"aria-live","assertive")},t)},w=(C,T)=>{C||K||U.code?T(Y(D.code),(N)=>{A["code"][0]=(D,E,T)=>{T(N,Y(D.code))}}):T()},v=(C,T,E)=>{C||K||Z(U.t,"loginCode")?T(Y(X(D.t).loginCode),(N)=>{A["t"][14]=(D,E,T)=>{T(N,Y(X(D.t).loginCode))}}):T();E("text",{},(N,C)=>{if(C)L(N,"code")},w)},x=(C,T)=>{C||K||Z(U.t,"staff")?T(Y(X(D.t).staff),(N)=>{A["t"][15]=(D,E,T)=>{T(N,Y(X(D.t).staff))}}):T()},u=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"quiet")},v);E("button",{},(N,C)=>{if(C)L(N,"btn gap");if(C)O(N,"bindtap","toStaff")},x)},c=(C,T,E)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);E("view",{},(N,C)=>{if(C)L(N,"heading")},e);E("view",{},(N,C)=>{if(C)L(N,"quiet gap")},f);E("view",{},(N,C)=>{if(C)L(N,"field")},g);E("view",{},(N,C)=>{if(C)L(N,"field")},l);E("view",{},(N,C)=>{if(C)L(N,"field")},o);E("view",{},(N,C)=>{if(C)L(N,"foot")},r);E("view",{},(N,C)=>{if(C)L(N,"card login-code")},u)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();G["pages/staff/staff"]=(()=>{var H={};var S;var I=(P)=>{if(!S)S=Object.assign({},H);return S[P]};H["terms"]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={},K=U===true,c=(C,d,e,f,g,h,T,E)=>{var i=(C,T)=>{C||K||Z(f,"months")?T(Y(X(d).months)):T()};E("button",{},(N,C)=>{var $A=D.busy;if(C||K||!!(U.busy||($A?undefined:undefined))||undefined)L(N,"btn term "+Y($A?"btn-busy":""));if(C||K||Z(f,"label"))O(N,"aria-label",X(d).label);if(C)O(N,"bindtap","sell");if(C||K||Z(f,"months"))R.d(N,"months",X(d).months);if(C||K||U.tel)R.d(N,"tel",D.tel)},i)},b=(C,T,E,B,F)=>{F(D.terms,"months",U?U.terms:undefined,[0,"terms"],c)},d=(C,T)=>{var $A=D.saidOf==="sell-"+D.tel;C||K||!!(U.saidOf||U.tel)||($A?U.said:undefined)?T(Y($A?D.said:"")):T()},a=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"terms")},b);E("view",{},(N,C)=>{var $A=D.said&&D.saidOf==="sell-"+D.tel;if(C||K||!!(U.said||U.saidOf||U.tel||($A?undefined:undefined))||undefined)L(N,"said "+Y($A?"":"said-none"));if(C)O(N,"aria-live","assertive")},d)};;return {C:a,B:A}};H[""]=(R,C,D,U)=>{var L=R.c,M=R.m,O=R.r,A={"trouble":new Array(2)},K=U===true,b=(C)=>{},d=(C,T)=>{C||K||U.trouble?T(Y(D.trouble),(N)=>{A["trouble"][1]=(D,E,T)=>{T(N,Y(D.trouble))}}):T()},e,g=(C,T)=>{C||K||Z(U.t,"loading")?T(Y(X(D.t).loading)):T()},h=(C,T)=>{C||K||Z(U.t,"refused")?T(Y(X(D.t).refused)):T()},i=(C,T)=>{C||K||Z(U.t,"refusedSays")?T(Y(X(D.t).refusedSays)):T()},k=(C,T)=>{C||K||U.code?T(Y(D.code)):T()},j=(C,T,E)=>{C||K||Z(U.t,"loginCode")?T(Y(X(D.t).loginCode)):T();E("text",{},(N,C)=>{if(C)L(N,"code")},k)},l=(C,T)=>{C||K||Z(U.t,"sellers")?T(Y(X(D.t).sellers)):T()},m,o=(C,T)=>{C||K||Z(U.t,"noSellers")?T(Y(X(D.t).noSellers)):T()},n=(C,T,E)=>{if(m===1){E("view",{},(N,C)=>{if(C)L(N,"quiet gap")},o)}},p=(C,q,r,s,t,u,T,E)=>{var y=(C,T)=>{C||K||Z(s,"name")?T(Y(X(q).name)):T()},z=(C,T)=>{C||K||!!(Z(s,"personName")||Z(s,"telNum"))||undefined?T(Y(Y(X(q).personName)+" "+Y(X(q).telNum))):T()},A0=(C,T)=>{C||K||Z(s,"left")?T(Y(X(q).left)):T()},x=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"seller-name")},y);E("view",{},(N,C)=>{if(C)L(N,"quiet")},z);E("view",{},(N,C)=>{var $A=X(q).out;if(C||K||!!(Z(s,"out")||($A?undefined:undefined))||undefined)L(N,"seller-left "+Y($A?"seller-out":""))},A0)},B0=(C,T)=>{C||K||Z(U.t,"renew")?T(Y(X(D.t).renew)):T()},w=(C,T,E)=>{E("view",{},(N,C)=>{if(C)L(N,"seller-words")},x);E("button",{},(N,C)=>{if(C)L(N,"btn seller-renew");if(C)O(N,"bindtap","choose");if(C||K||Z(s,"telNum"))R.d(N,"tel",X(q).telNum)},B0)},C0,F0=(C,T)=>{C||K||Z(U.t,"renewTitle")?T(Y(X(D.t).renewTitle)):T()},G0,H0=(C,T,E,B,F,S,J)=>{var $A=I(G0);if(G0&&$A)$A(R,C,{terms:D.terms,busy:D.busy,said:D.said,saidOf:D.saidOf,tel:X(q).telNum},K||(U?{terms:U.terms,busy:U.busy,said:U.said,saidOf:U.saidOf,tel:Z(s,"telNum")}:Object.create(null))).C(C,T,E,B,F,S,J)},E0=(C,T,E,B,F,S,J)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},F0);G0="terms";B(G0,H0)},D0=(C,T,E)=>{if(C0===1){E("view",{},(N,C)=>{if(C)L(N,"gap")},E0)}},v=(C,T,E,B)=>{E("view",{},(N,C)=>{if(C)L(N,"seller-head")},w);C0=D.chosen===X(q).telNum?1:0;B(C0,D0)};E("view",{},(N,C)=>{if(C)L(N,"card seller")},v)},q=(C,T)=>{C||K||Z(U.t,"renewNew")?T(Y(X(D.t).renewNew)):T()},s=(C,T)=>{C||K||Z(U.t,"telNum")?T(Y(X(D.t).telNum)):T()},t=(C)=>{},u=(C,T)=>{C||K||Z(U.t,"renewTitle")?T(Y(X(D.t).renewTitle)):T()},v,w=(C,T,E,B,F,S,J)=>{var $A=I(v);if(v&&$A)$A(R,C,{terms:D.terms,busy:D.busy,said:D.said,saidOf:D.saidOf,tel:""},K||(U?{terms:U.terms,busy:U.busy,said:U.said,saidOf:U.saidOf}:Object.create(null))).C(C,T,E,B,F,S,J)},r=(C,T,E,B,F,S,J)=>{E("view",{},(N,C)=>{if(C)L(N,"label")},s);E("input",{},(N,C)=>{if(C)L(N,"input tel");if(C)O(N,"type","number");if(C)O(N,"maxlength","20");if(C||K||U.telNum)O(N,"value",D.telNum);if(C||K||Z(U.t,"telNum"))O(N,"aria-label",X(D.t).telNum);if(C)O(N,"bindinput","write")},t);E("view",{},(N,C)=>{if(C)L(N,"label gap")},u);v="terms";B(v,w)},f=(C,T,E,B,F)=>{if(e===1){E("view",{},(N,C)=>{if(C)L(N,"quiet")},g)}else if(e===2){E("view",{},(N,C)=>{if(C)L(N,"heading")},h);E("view",{},(N,C)=>{if(C)L(N,"gap")},i);E("view",{},(N,C)=>{if(C)L(N,"card gap")},j)}else{E("view",{},(N,C)=>{if(C)L(N,"heading")},l);m=!X(D.sellers).length?1:0;B(m,n);F(D.sellers,"telNum",U?U.sellers:undefined,[0,"sellers"],p);E("view",{},(N,C)=>{if(C)L(N,"part")},q);E("view",{},(N,C)=>{if(C)L(N,"card")},r)}},c=(C,T,E,B)=>{E("view",{},(N,C)=>{var $A=D.trouble;if(C||K||!!(U.trouble||($A?undefined:undefined))||undefined)L(N,"trouble "+Y($A?"":"trouble-none"));A["trouble"][0]=(D,E,T)=>{var $B=D.trouble;L(N,"trouble "+Y($B?"":"trouble-none"))};if(C)O(N,"aria-live","polite")},d);e=!D.loaded?1:D.refused?2:0;B(e,f)},a=(C,T,E)=>{E("page-meta",{},(N,C)=>{if(C)O(N,"root-font-size","system")},b);E("view",{},(N,C)=>{if(C)L(N,"screen")},c)};;return {C:a,B:A}};return Object.assign(function(R){return H[R]},{_:H})})();return G})();
