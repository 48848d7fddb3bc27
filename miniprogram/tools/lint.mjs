// What the developer tools or a reviewer would refuse, and what the browser's phones do not know: `node lint.mjs`.

import { parse } from "acorn";
import { fileURLToPath } from "node:url";
import { ELEMENTS, STRUCTURE, propertiesOf } from "../../callme_site/trial/static/phones/phone/elements.mjs";
import { makeWx } from "../../callme_site/trial/static/phones/phone/api.mjs";
import { PROGRAMS, Program } from "./program.mjs";
import { toCss } from "./wxss.mjs";

const MOST_BYTES = 500 * 1024; // of a main package; WeChat takes 2 MB
// Base library 3.0.0 (project.config.json) runs on phones whose engine lacks what came later; the developer tools turn
// async functions into what it has ("enhance"), and no method into another.
const ECMA = 2018;
const TOO_NEW = [
    "at", "flat", "flatMap", "fromEntries", "matchAll", "replaceAll", "allSettled", "any", "findLast", "findLastIndex",
    "hasOwn", "toSorted", "toReversed", "toSpliced", "groupBy", "finally", "trimStart", "trimEnd",
]; // prettier-ignore
const NO_BROWSER = [
    "window", "document", "self", "globalThis", "location", "navigator", "fetch", "XMLHttpRequest", "localStorage",
    "sessionStorage", "Blob", "File", "FormData", "URL", "URLSearchParams", "TextEncoder",
    "TextDecoder", "AbortController", "structuredClone", "queueMicrotask", "eval", "Function", "BigInt", "WeakRef",
]; // prettier-ignore
const CONTROL = ["wx:if", "wx:elif", "wx:else", "wx:for", "wx:for-item", "wx:for-index", "wx:key"];
const NODE_KEYS = ["body", "key", "property"];

const wx = makeWx({});

/** Return what is wrong with the program, a line each. */
export function faults(program) {
    const found = [];
    const complain = (path, words) => found.push(`${program.name}/${path}: ${words}`);
    for (const check of [checkFiles, checkScripts, checkTemplates, checkSheets, checkWays]) {
        check(program, complain);
    }
    return found;
}

function checkFiles(program, complain) {
    const { pages, themeLocation, sitemapLocation } = program.app;
    const bytes = program.files.reduce((sum, path) => sum + program.bytes(path).length, 0);
    if (bytes > MOST_BYTES) {
        complain("", `${bytes} bytes are more than ${MOST_BYTES}`);
    }
    for (const path of ["app.js", "app.wxss", "project.config.json", themeLocation, sitemapLocation].filter(Boolean)) {
        if (!program.files.includes(path)) {
            complain("app.json", `${path} is missing`);
        }
    }
    for (const page of pages) {
        for (const ending of ["js", "json", "wxml"].filter((each) => !program.files.includes(`${page}.${each}`))) {
            complain("app.json", `${page}.${ending} is missing`);
        }
    }
    for (const path of program.ending(".wxml").filter((each) => !pages.includes(each.slice(0, -5)))) {
        complain(path, "is no page of app.json");
    }
    for (const path of program.ending(".json")) {
        try {
            program.json(path);
        } catch (error) {
            complain(path, error.message);
        }
    }
    const themes = program.json(themeLocation);
    for (const [, name] of JSON.stringify(program.app).matchAll(/"@(\w+)"/g)) {
        if (!themes.light[name] || !themes.dark[name]) {
            complain(themeLocation, `@${name} is not there for light and dark`);
        }
    }
}

/** Visit every node of a syntax tree with its parent. */
function visit(node, parent, act) {
    act(node, parent);
    for (const value of Object.values(node)) {
        for (const child of Array.isArray(value) ? value : [value]) {
            if (child && typeof child.type === "string") {
                visit(child, node, act);
            }
        }
    }
}

function tree(program, path) {
    return parse(program.text(path), { ecmaVersion: ECMA, sourceType: "script", locations: true });
}

function checkScripts(program, complain) {
    for (const path of program.ending(".js")) {
        try {
            visit(tree(program, path), null, (node, parent) => {
                const words = faultOf(node, parent, program, path);
                if (words) {
                    complain(`${path}:${node.loc.start.line}`, words);
                }
            });
        } catch (error) {
            complain(path, error.message);
        }
    }
}

function faultOf(node, parent, program, path) {
    if (node.type === "MemberExpression" && !node.computed) {
        const { object, property } = node;
        if (object.name === "wx" && !(property.name in wx)) {
            return `wx.${property.name} is not known to the browser's phones`;
        }
        return TOO_NEW.includes(property.name) ? `${property.name} is newer than some phones` : "";
    }
    if (node.type === "Identifier" && NO_BROWSER.includes(node.name)) {
        const name = ["MemberExpression", "Property", "MethodDefinition"].includes(parent.type)
            && !parent.computed && NODE_KEYS.some((key) => parent[key] === node && key !== "body");
        return name ? "" : `${node.name} is a browser's; a phone has none`;
    }
    if (node.type === "CallExpression" && node.callee.name === "require") {
        const to = new URL(`${node.arguments[0].value}.js`, `http://program/${path}`).pathname.slice(1);
        return program.files.includes(to) ? "" : `${to} is missing`;
    }
    return "";
}

/** Return the methods of a page's definition, or null where there is no script that parses. */
function methods(program, path) {
    const found = new Set();
    let whole;
    try {
        whole = tree(program, path);
    } catch {
        return null; // which is complained of where the scripts are checked
    }
    visit(whole, null, (node) => {
        if (node.type === "CallExpression" && ["Page", "Component"].includes(node.callee.name)) {
            node.arguments[0].properties.forEach(({ key }) => found.add(key.name));
        }
    });
    return found;
}

function* tags(text) {
    const bare = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, " "));
    for (const match of bare.matchAll(/<([\w-]+)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/g)) {
        const line = bare.slice(0, match.index).split("\n").length;
        const attributes = [...match[2].matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [name, value]);
        yield { line, tag: match[1], attributes };
    }
}

function checkTemplates(program, complain) {
    for (const path of program.ending(".wxml")) {
        const text = program.text(path);
        const handlers = methods(program, path.replace(/wxml$/, "js"));
        const all = [...tags(text)];
        if ((text.match(/<[a-z]/g) ?? []).length !== all.length) {
            complain(path, "has a tag that is not written as others are: <name attribute=\"…\">");
        }
        if (all[0]?.tag !== "page-meta") {
            complain(path, "begins without page-meta, which lets the text follow the phone's size");
        }
        for (const { line, tag, attributes } of all) {
            if (STRUCTURE.includes(tag)) {
                continue;
            }
            if (!ELEMENTS[tag]) {
                complain(`${path}:${line}`, `<${tag}> is not known`);
                continue;
            }
            attributes.forEach(([name, value]) => {
                const words = attributeFault(tag, name, value, handlers);
                if (words) {
                    complain(`${path}:${line}`, words);
                }
            });
        }
    }
}

function attributeFault(tag, name, value, handlers) {
    if (["class", "id"].includes(name) || name.startsWith("data-") || CONTROL.includes(name)) {
        return "";
    }
    const [, event] = /^(?:bind|catch):?(\w+)$/.exec(name) ?? [];
    if (!event) {
        const values = ELEMENTS[tag].values?.[name];
        if (values && !values.includes(value)) {
            return `<${tag}> has no ${name} "${value}"`;
        }
        return name in propertiesOf(tag) ? "" : `<${tag}> has no ${name}`;
    }
    if (!["tap", ...(ELEMENTS[tag].events ?? [])].includes(event)) {
        return `<${tag}> has no event ${event}`;
    }
    return !handlers || handlers.has(value) ? "" : `the page has no method ${value}`;
}

function checkSheets(program, complain) {
    for (const path of program.ending(".wxss")) {
        try {
            toCss(program.text(path), { load: program.imported(path) });
        } catch (error) {
            complain(path, error.message);
        }
    }
}

/** Each page is led to by another one, and nothing leads to a page that is not there. */
function checkWays(program, complain) {
    const led = new Set([program.app.pages[0]]);
    for (const path of program.ending(".js")) {
        for (const [, page] of program.text(path).matchAll(/["'`]\/(pages\/[\w/]+)/g)) {
            led.add(page);
            if (!program.app.pages.includes(page)) {
                complain(path, `there is no page ${page}`);
            }
        }
    }
    for (const page of program.app.pages.filter((each) => !led.has(each))) {
        complain("app.json", `nothing leads to ${page}`);
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const found = PROGRAMS.flatMap((name) => faults(new Program(name)));
    found.forEach((line) => console.error(line));
    process.exitCode = found.length ? 1 : 0;
}
