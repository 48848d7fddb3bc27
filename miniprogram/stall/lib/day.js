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
