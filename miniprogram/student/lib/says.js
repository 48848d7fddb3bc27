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
