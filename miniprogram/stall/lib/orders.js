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
