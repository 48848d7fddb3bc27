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
