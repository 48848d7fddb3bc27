import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Phone } from "./phone.mjs";

const jsQR = createRequire(import.meta.url)("jsqr");
const phone = new Phone("stall");
const { codeOf, draw } = phone.require("lib/ticket");
const qr = phone.require("lib/qr");

/** A canvas, as far as a code needs one. */
function canvas() {
    const made = { width: 300, height: 150 };
    let pixels = null;
    const context = {
        fillStyle: "",
        fillRect(left, top, width, height) {
            pixels ??= new Uint8ClampedArray(made.width * made.height * 4).fill(255);
            const shade = { "#ffffff": 255, "#000000": 0 }[context.fillStyle];
            for (let y = top; y < top + height; y += 1) {
                for (let x = left; x < left + width; x += 1) {
                    pixels.fill(shade, (y * made.width + x) * 4, (y * made.width + x) * 4 + 3);
                }
            }
        },
    };
    made.getContext = () => context;
    made.read = () => jsQR(pixels, made.width, made.height);
    return made;
}

test("a reader reads from the canvas what was drawn, in every version", () => {
    const texts = [codeOf(1, 7, ""), codeOf(12345, 99, "0042"), "x".repeat(12), "y".repeat(32), "z".repeat(78), "A1&=".repeat(26)];
    const versions = texts.map((text) => {
        const drawn = canvas();
        draw(drawn, text);
        const read = drawn.read();
        assert.equal(read?.data, text);
        return read.version;
    });
    assert.deepEqual(versions, [3, 3, 1, 2, 4, 5]);
});

test("a scratch on the screen is mended, whatever the number and its claim", () => {
    for (let claim = 0; claim < 60; claim += 1) {
        const text = codeOf(claim * 37, 1 + (claim % 99), String(claim * 167).padStart(4, "0"));
        const drawn = canvas();
        draw(drawn, text);
        const context = drawn.getContext();
        context.fillStyle = "#000000";
        context.fillRect(drawn.width / 2, drawn.height / 2, 30, 30);
        assert.equal(drawn.read()?.data, text);
    }
});

test("the text is the one that the student's phone scans", () => {
    assert.equal(codeOf(3, 37, "0421"), "callme:sellerId=3&marchSn=37&claim=0421");
    assert.equal(codeOf(3, 37, ""), "callme:sellerId=3&marchSn=37&claim=");
});

test("what is too long is refused", () => {
    assert.equal(qr("x".repeat(106)).length, 37);
    assert.throws(() => qr("x".repeat(107)), /too long/);
});
