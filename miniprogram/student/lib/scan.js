// What the stall's screen shows as a QR code.

const SHOWN = /^callme:sellerId=(\d+)&marchSn=([1-9]\d?)&claim=(\d*)$/;

/** Return the number of a scanned text, with its stall and its claim ("" where it needs none); null for any other text. */
function read(text) {
  const found = SHOWN.exec(text);
  return found && { sellerId: Number(found[1]), marchSn: Number(found[2]), claim: found[3] };
}

module.exports = { read };
