import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { faults } from "../tools/lint.mjs";
import { Program, ROOT } from "../tools/program.mjs";
import { toCss } from "../tools/wxss.mjs";

const css = (source, options) => toCss(source, { load: () => "", ...options }).replace(/\s+/g, " ").trim();

test("rpx are shares of the width, and imports are put in place", () => {
    assert.equal(css(".a { width: 75rpx; margin: -7.5rpx }"), ".a { width: 10vw; margin: -1vw }");
    assert.equal(css('@import "b.wxss"; .a {}', { load: (path) => `.from-${path[0]} {}` }), ".from-b {} .a {}");
});

test("a page's rules reach that page alone, with no more weight than before", () => {
    assert.equal(
        css("page { top: 0 } .a, .b .c::after {} @media (x) { .d {} }", { page: "p/p" }),
        'page:where([data-page="p/p"]) { top: 0 } :where([data-page="p/p"]) .a, :where([data-page="p/p"]) .b .c::after {} '
        + '@media (x) { :where([data-page="p/p"]) .d {} }',
    );
});

test("a selector that WeChat's components refuse is refused", () => {
    for (const selector of ["view", "#id", "[disabled]", "*", ".a > button"]) {
        assert.throws(() => css(`${selector} { top: 0 }`), /made of classes/);
    }
    assert.throws(() => css(".a { top: 0"), /brace/);
    assert.throws(() => css("@font-face { src: x }"), /font-face/);
});

/** Return the faults of the student's program after a change of one file; `content` is a text, or null to delete it. */
function changed(path, content) {
    const folder = mkdtempSync(join(tmpdir(), "lint-"));
    try {
        cpSync(join(ROOT, "miniprogram/student"), folder, { recursive: true });
        if (content === null) {
            rmSync(join(folder, path));
        } else {
            writeFileSync(join(folder, path), content(readFileSync(join(folder, path), "utf8")));
        }
        return faults(new Program("student", folder)).join("\n");
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const WXML = "pages/index/index.wxml";
const SCRIPT = "pages/index/index.js";
const CASES = [
    ["an unknown element", WXML, (text) => `${text}<video src="a" />`, /<video> is not known/],
    ["an unknown attribute", WXML, (text) => `${text}<view hidden="true" />`, /<view> has no hidden/],
    ["an inline style", WXML, (text) => `${text}<view style="top: 0" />`, /<view> has no style/],
    ["an unknown open-type", WXML, (text) => `${text}<button open-type="getUserInfo" />`, /<button> has no open-type "getUserInfo"/],
    ["an open-type of what is no button", WXML, (text) => `${text}<view open-type="getPhoneNumber" />`, /<view> has no open-type/],
    ["an unknown event", WXML, (text) => `${text}<view bindscroll="reload" />`, /<view> has no event scroll/],
    ["a handler that is not there", WXML, (text) => `${text}<view bindtap="reloda" />`, /no method reloda/],
    ["a page without page-meta", WXML, (text) => text.replace(/<page-meta.*/, ""), /begins without page-meta/],
    ["a missing script of a page", SCRIPT, null, /pages\/index\/index\.js is missing/],
    ["a missing file of app.json", "theme.json", (text) => text.replace("barText", "barTxt"), /@barText is not there/],
    ["a page that nothing leads to", "app.json", (text) => text.replace("pages/wait/wait", "pages/wait/x"), /nothing leads to pages\/wait\/x/],
    ["a way to no page", SCRIPT, (text) => text.replaceAll("/pages/wait/wait", "/pages/wiat/wait"), /there is no page pages\/wiat\/wait/],
    ["syntax that is too new", SCRIPT, (text) => `${text}\nlet a = b ?? c;`, /Unexpected token/],
    ["a method that is too new", SCRIPT, (text) => `${text}\n[].at(-1);`, /at is newer/],
    ["a browser's object", SCRIPT, (text) => `${text}\nlocalStorage.clear();`, /localStorage is a browser's/],
    ["an unknown function of WeChat's", SCRIPT, (text) => `${text}\nwx.vibrateLnog();`, /wx\.vibrateLnog is not known/],
    ["a module that is not there", SCRIPT, (text) => `${text}\nrequire("./other");`, /other\.js is missing/],
    ["too much for a main package", "sounds/ring.wav", () => "x".repeat(500 * 1024), /bytes are more than/],
    ["a sheet that does not compile", "app.wxss", (text) => `${text}\nview { top: 0 }`, /made of classes/],
];

for (const [what, path, content, words] of CASES) {
    test(`the lint refuses ${what}`, () => assert.match(changed(path, content), words));
}

test("the lint has nothing against the programs as they are", () => {
    assert.deepEqual(["student", "stall"].flatMap((name) => faults(new Program(name))), []);
});
