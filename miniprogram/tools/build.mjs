// Compiles the two mini-programs for the browser's phones, and copies the engine beside them: `node build.mjs
// [FOLDER]`.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PROGRAMS, Program, STATIC } from "./program.mjs";
import { toCss } from "./wxss.mjs";

const require = createRequire(import.meta.url);
const { TmplGroup } = require("glass-easel-template-compiler");

// What the developer tools read and a phone does not.
const NOT_ON_PHONES = ["project.config.json", "sitemap.json"];
// The names that a script of a mini-program has. A browser's own are hidden from it, as a phone has none.
const GLOBALS = [
    "require", "module", "exports", "wx", "App", "Page", "getApp", "getCurrentPages",
    "setTimeout", "clearTimeout", "setInterval", "clearInterval", "console",
]; // prettier-ignore
const HIDDEN = [
    "window", "document", "self", "globalThis", "location", "navigator", "fetch", "XMLHttpRequest", "localStorage",
    "sessionStorage", "crypto", "alert", "confirm", "prompt", "Image", "Audio", "Blob", "File", "FormData", "URL",
    "URLSearchParams", "TextEncoder", "TextDecoder", "AbortController", "structuredClone", "queueMicrotask",
]; // prettier-ignore
const SCRIPT = /\.(js)$/;
const CODE = /\.(js|json|wxml|wxss)$/;

const head = (name) => `// Made by bin/build-miniprograms of miniprogram/${name}/; do not edit.\n`;

function code(program) {
    const group = new TmplGroup();
    for (const path of program.ending(".wxml")) {
        const warnings = group.addTmpl(path.slice(0, -5), program.text(path)) ?? [];
        for (const warning of warnings) {
            throw new Error(`${program.name}/${path}: ${JSON.stringify(warning)}`);
        }
    }
    const templates = group.getTmplGenObjectGroups();
    const scripts = program.files.filter((path) => SCRIPT.test(path)).map((path) => {
        // A page's names of its own win over the hidden ones.
        const source = program.text(path).trimEnd();
        const body = `const [${HIDDEN.join(", ")}] = []; return (function () {\n${source}\n}).call(undefined);`;
        return `${JSON.stringify(path)}: function (${GLOBALS.join(", ")}) { ${body} }`;
    });
    const configs = program.ending(".json").filter((path) => !NOT_ON_PHONES.includes(path));
    return [
        head(program.name),
        `export const globals = ${JSON.stringify(GLOBALS)};\n`,
        `export const json = ${JSON.stringify(Object.fromEntries(configs.map((path) => [path, program.json(path)])))};\n`,
        `export const scripts = {\n${scripts.join(",\n")}\n};\n`,
        `export const templates = ${templates};\n`,
    ].join("");
}

function css(program) {
    const sheet = (path, page) => {
        try {
            return toCss(program.text(path), { load: program.imported(path), page });
        } catch (error) {
            throw new Error(`${program.name}/${path}: ${error.message}`);
        }
    };
    const pages = program.app.pages.filter((page) => program.files.includes(`${page}.wxss`));
    return [
        `/* Made by bin/build-miniprograms of miniprogram/${program.name}/; do not edit. */\n`,
        sheet("app.wxss", null),
        ...pages.map((page) => sheet(`${page}.wxss`, page)),
    ].join("");
}

function write(path, content) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
}

/** The two files of the engine, which find each other by their places. */
function engine(folder) {
    const from = (name) => dirname(require.resolve(`${name}/package.json`));
    mkdirSync(folder, { recursive: true });
    const easel = "glass_easel.all.es.js";
    const adapter = "glass_easel_miniprogram_adapter.es.js";
    const plain = (text) => text.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n");
    write(join(folder, easel), plain(readFileSync(join(from("glass-easel"), "dist", easel), "utf8")));
    const text = readFileSync(join(from("glass-easel-miniprogram-adapter"), "dist", adapter), "utf8");
    write(join(folder, adapter), plain(text.replaceAll('from"glass-easel"', `from"./${easel}"`)));
    copyFileSync(join(from("glass-easel"), "LICENSE"), join(folder, "LICENSE"));
}

export function build(folder) {
    rmSync(join(folder, "compiled"), { recursive: true, force: true });
    rmSync(join(folder, "engine"), { recursive: true, force: true });
    engine(join(folder, "engine"));
    for (const program of PROGRAMS.map((name) => new Program(name))) {
        const to = join(folder, "compiled", program.name);
        write(join(to, "program.js"), code(program));
        write(join(to, "program.css"), css(program));
        for (const path of program.files.filter((each) => !CODE.test(each))) {
            write(join(to, path), program.bytes(path));
        }
    }
}

build(process.argv[2] ?? STATIC);
