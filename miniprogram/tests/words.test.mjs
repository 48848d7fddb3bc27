import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROGRAMS, Program, ROOT } from "../tools/program.mjs";
import { Phone } from "./phone.mjs";

const LANGUAGES = ["zh_CN", "en"];
const REASON = /[A-Z][A-Za-z]+(?: [A-Z]?[a-z]+)+/; // Taken Error, No Sn Valid, Illegal query
// Each program is a package of its own at WeChat, so what they share is there twice.
const SHARED = ["lib/line.js", "lib/watch.js", "lib/language.js", "lib/reasons.js", "lib/look.wxss", "theme.json", "sitemap.json"];

/** Return every failMsg and queryErr that the protocol page names. */
function told() {
    const text = readFileSync(join(ROOT, "docs/protocol.md"), "utf8");
    const all = (pattern) => [...text.matchAll(new RegExp(pattern, "g"))].map((match) => match[1]);
    const tables = [...text.matchAll(/^\| failMsg.*\n\|[-|]+\n((?:\|.*\n)+)/gm)].flatMap(([, rows]) => rows.trim().split("\n"));
    return new Set([
        ...all(`"(?:failMsg|queryErr)": "(${REASON.source})"`),
        ...all(`failMsg: \`(${REASON.source})\``),
        ...tables.map((row) => row.split("|")[1].trim()),
    ]);
}

test("what the two programs share is the same in both", () => {
    const [student, stall] = PROGRAMS.map((name) => new Program(name));
    for (const path of SHARED) {
        assert.equal(stall.text(path), student.text(path), path);
    }
    const server = (program) => /server: "(.*)"/.exec(program.text("config.js"))[1];
    assert.equal(server(stall), server(student));
});

test("there are plain words for every failure of the protocol, in both languages", () => {
    const expected = told();
    assert.ok(expected.size > 20);
    for (const language of LANGUAGES) {
        const reasons = new Phone("student", undefined, language).require("lib/reasons");
        assert.deepEqual([...expected].filter((reason) => !reasons[reason]), []);
    }
});

test("a stall that may not take numbers is told of both reasons, which the wire does not tell apart", () => {
    const [zh, en] = LANGUAGES.map((language) => new Phone("stall", undefined, language).require("lib/reasons"));
    assert.match(zh["Due Date Error"], /月数用完了，或者.*停用/);
    assert.match(en["Due Date Error"], /No months left, or .*switched this stall off/);
});

for (const name of PROGRAMS) {
    test(`every text of the ${name}'s is there in both languages, and used`, () => {
        const [zh, en] = LANGUAGES.map((language) => new Phone(name, undefined, language).require("lib/texts"));
        assert.deepEqual(Object.keys(zh), Object.keys(en));
        assert.ok(Object.values(zh).every((text) => /[一-鿿]|^\W/.test(text)));
        assert.ok(Object.values(en).every((text) => !/[一-鿿]/.test(text)));
        const places = (texts) => Object.values(texts).map((text) => (text.match(/\{\w+\}/g) ?? []).sort());
        assert.deepEqual(places(zh), places(en));
        const program = new Program(name);
        const code = [...program.ending(".wxml"), ...program.ending(".js")].map((path) => program.text(path)).join("\n");
        const used = new Set([...code.matchAll(/\bt\.(\w+)/g)].map((match) => match[1]));
        assert.deepEqual([...used].sort(), Object.keys(zh).sort());
    });
}
