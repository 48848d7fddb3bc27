// The panel beside a phone: each request and its answer as they went over the line, the newest on top.

import { copy, fill, slot, text } from "./page.js";

const KEPT = 40; // exchanges
const LENGTH = 1500; // characters of an answer
const POLLS = ["hungry", "note", "menu", "seller_list", "info", "admin"]; // they change nothing

/** Shorten session keys, which nobody compares, and answers without end. */
function brief(written) {
    const short = written.replace(/\b([0-9a-f]{6})[0-9a-f]{34}\b/g, "$1…");
    return short.length > LENGTH ? `${short.slice(0, LENGTH)}…` : short;
}

function asked({ sent }) {
    return brief(Object.entries(sent).map(([name, value]) => `${name}=${value}`).join(" & "));
}

export class Talk {
    #entries = [];

    constructor(root) {
        this.list = slot(root, "exchanges");
        this.silence = slot(root, "silence");
    }

    /** Show an exchange; a poll that is answered as before is counted where it stands. */
    add(exchange) {
        this.silence.hidden = true;
        const entry = this.#same(exchange) ?? this.#new(exchange);
        entry.times += 1;
        fill(entry.item, {
            times: entry.times > 1 ? `×${entry.times}` : "",
            time: new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false }),
        });
    }

    /** Return the entry of the same poll with the same answer since anything else happened. */
    #same(exchange) {
        const since = this.#entries.findIndex((entry) => !entry.poll);
        const polls = since < 0 ? this.#entries : this.#entries.slice(0, since);
        const last = polls.find((entry) => entry.asked === asked(exchange));
        return POLLS.includes(exchange.sent.query) && last?.answered === exchange.answered && last.status === exchange.status ? last : null;
    }

    #new(exchange) {
        const item = copy("exchange");
        const { status, answered } = exchange;
        const poll = POLLS.includes(exchange.sent.query);
        fill(item, {
            query: exchange.sent.query,
            status: status ?? text("no-answer"),
            asked: asked(exchange),
            answered: brief(answered),
        });
        item.className = !status || status >= 400 ? "broken" : /Success": "fail"|queryErr/.test(answered) ? "failed" : "";
        const entry = { item, poll, status, answered, asked: asked(exchange), times: 0 };
        this.#entries.unshift(entry);
        this.list.prepend(item);
        this.#entries.splice(KEPT).forEach((old) => old.item.remove());
        return entry;
    }
}
