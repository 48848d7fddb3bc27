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
