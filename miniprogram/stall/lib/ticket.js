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
