// A mini-program as its files say it: what the compiler and the lint both read.

import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const PROGRAMS = ["student", "stall"];
/** Where the browser's phones find what is compiled. */
export const STATIC = join(ROOT, "callme_site/trial/static/phones");

export class Program {
    constructor(name, folder = join(ROOT, "miniprogram", name)) {
        this.name = name;
        this.folder = folder;
        this.files = list(folder);
        this.app = this.json("app.json");
    }

    text(path) {
        return readFileSync(join(this.folder, path), "utf8");
    }

    bytes(path) {
        return readFileSync(join(this.folder, path));
    }

    json(path) {
        return JSON.parse(this.text(path));
    }

    /** Return the paths of that ending, in order. */
    ending(suffix) {
        return this.files.filter((path) => path.endsWith(suffix));
    }

    /** Return the text of a style sheet that another one imports. */
    imported(from) {
        return (path) => this.text(path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path));
    }
}

function list(folder, below = "") {
    return readdirSync(join(folder, below), { withFileTypes: true })
        .flatMap((entry) => {
            const path = posix.join(below, entry.name);
            return entry.isDirectory() ? list(folder, path) : [path];
        })
        .sort();
}
