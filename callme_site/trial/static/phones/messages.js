// WeChat's messages over the dark screen of a phone in the pocket.

import { copy, fill, slot } from "./page.js";

const PACE = 1000; // milliseconds between two looks
const KEPT = 3; // messages that are shown, the newest on top

export class Messages {
    #turn = 0; // each begin and end is a new one: what an earlier look brings is dropped
    #shown = new Set(); // their places among all that have come

    /** `came` is called when one has come, `open(page)` when one is tapped. */
    constructor(root, came, open) {
        this.list = slot(root, "messages");
        this.came = came;
        this.open = open;
    }

    /** Show what comes to that person from now on, until end(). */
    begin(person) {
        this.end();
        this.#shown.clear();
        this.#look(person, performance.now(), this.#turn);
    }

    end() {
        this.#turn += 1;
        this.list.replaceChildren();
    }

    async #look(person, since, turn) {
        const seconds = (performance.now() - since) / 1000;
        const messages = await this.#ask(person, seconds);
        if (turn !== this.#turn) {
            return;
        }
        for (const message of messages.filter(({ place }) => !this.#shown.has(place))) {
            this.#shown.add(message.place);
            this.#show(message);
        }
        setTimeout(() => turn === this.#turn && this.#look(person, since, turn), PACE);
    }

    /** Return what came within so many seconds, the oldest first; nothing where there is no answer. */
    async #ask(person, seconds) {
        try {
            const response = await fetch(`/phone/wechat/messages?${new URLSearchParams({ name: person, seconds })}`);
            return response.ok ? (await response.json()).messages : [];
        } catch {
            return [];
        }
    }

    #show({ page, came, lines }) {
        const item = copy("message");
        fill(item, { came });
        const words = lines.flat().map((text) => {
            const span = document.createElement("span");
            span.textContent = text;
            return span;
        });
        slot(item, "lines").append(...words);
        item.firstElementChild.addEventListener("click", () => this.open(page));
        this.list.prepend(item);
        [...this.list.children].slice(KEPT).forEach((old) => old.remove());
        this.came();
    }
}
