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
