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
