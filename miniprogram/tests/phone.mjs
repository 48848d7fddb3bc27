// A phone without a screen: it runs a mini-program's modules, and a test answers what they ask.

import { Program } from "../tools/program.mjs";

/**
 * A phone that runs modules of the program; `answer(query, data)` returns { statusCode, header, data } or throws for
 * no network.
 */
export class Phone {
    asked = []; // the data of each request, in order
    stored = new Map();
    #modules = new Map();
    #network = [];

    constructor(name, answer = () => ok({}), language = "zh_CN") {
        this.program = new Program(name);
        let logins = 0;
        const send = ({ data, formData, success, fail }, raw) => {
            const sent = data ?? formData;
            this.asked.push(sent);
            Promise.resolve().then(() => answer(sent.query, sent)).then(
                (result) => success(raw ? { ...result, data: JSON.stringify(result.data) } : result),
                () => fail({ errMsg: "request:fail" }),
            );
        };
        this.wx = {
            login: ({ success }) => success({ code: `code-${(logins += 1)}` }),
            request: (options) => send(options, false),
            uploadFile: (options) => send(options, true),
            getStorageSync: (key) => this.stored.get(key) ?? "",
            setStorageSync: (key, value) => this.stored.set(key, value),
            removeStorageSync: (key) => this.stored.delete(key),
            getAppBaseInfo: () => ({ language }),
            onNetworkStatusChange: (listener) => this.#network.push(listener),
        };
    }

    queries() {
        return this.asked.map(({ query }) => query);
    }

    /** Return what a module exports; the path is as in "lib/line". */
    require(path) {
        if (!this.#modules.has(path)) {
            const module = { exports: {} };
            this.#modules.set(path, module);
            const run = new Function("require", "module", "exports", "wx", this.program.text(`${path}.js`));
            const require = (asked) => this.require(new URL(asked, `http://phone/${path}`).pathname.slice(1));
            run(require, module, module.exports, this.wx);
        }
        return this.#modules.get(path).exports;
    }
}

export function ok(data) {
    return { statusCode: 200, header: {}, data };
}
