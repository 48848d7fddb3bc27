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
