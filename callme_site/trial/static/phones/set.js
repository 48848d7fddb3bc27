// A phone on the page: the frame that it runs in, whose it is, its pocket, and what it asked.

import { Messages } from "./messages.js";
import { button, copy, fill, slot, text } from "./page.js";
import { Talk } from "./talk.js";

const PEOPLE = {
    stall: ["stall1", "stall2", "stall3", "baozi", "staff"],
    student: ["li", "wang", "zhang", "liu", "yang", "zhao"],
};
const STAGES = { "pages/index/index": "idle", "pages/qu/qu": "choosing", "pages/wait/wait": "waiting" }; // of a student
const SHAKE = 900; // milliseconds

export class PhoneSet {
    #shaking = null;

    /** `changed` is called after each change of whose phone it is, and of `stage`. */
    constructor(program, person, changed) {
        this.program = program;
        this.changed = changed;
        this.stage = "idle";
        this.root = copy("set");
        this.root.classList.add(program);
        this.talk = new Talk(this.root);
        this.frame = slot(this.root, "screen");
        fill(this.root, { role: text(`role-${program}`) });
        slot(this.root, "scanning").hidden = program === "stall";
        this.messages = new Messages(this.root, () => this.#called(), (page) => this.#pocket(page));
        this.people = slot(this.root, "person");
        this.people.addEventListener("change", () => this.#choose());
        button(this.root, "pocket").addEventListener("click", () => this.#pocket());
        slot(this.root, "scan").addEventListener("change", ({ currentTarget }) => {
            this.send({ callme: "scan", url: `pages/qu/qu?scene=${encodeURIComponent(`sellerId=${currentTarget.value}`)}` });
            currentTarget.value = "";
        });
        this.give(person);
    }

    /** Let it be the phone of that person. */
    give(person) {
        this.person = person;
        const names = PEOPLE[this.program].includes(person) ? PEOPLE[this.program] : [...PEOPLE[this.program], person];
        this.people.replaceChildren(...names.map((name) => new Option(name, name)), new Option(text("somebody"), ""));
        this.people.value = person;
        this.stage = "idle";
        this.#show(false);
        this.frame.title = `${text(`role-${this.program}`)}: ${person}`;
        this.frame.src = `/phone/${this.program}/?person=${encodeURIComponent(person)}`;
    }

    #choose() {
        const person = (this.people.value || prompt(text("somebody-asked")) || "").replaceAll("-", "").trim();
        this.give(person || this.person);
        this.changed(this);
    }

    /** Put it into the pocket or take it out; `page`: for the message that opens that page. */
    #pocket(page) {
        const pocketed = button(this.root, "pocket").getAttribute("aria-pressed") !== "true";
        this.#show(pocketed);
        this.send({ callme: "pocket", in: pocketed, open: page });
        if (pocketed && this.program === "student") {
            this.messages.begin(this.person);
        }
        if (page) {
            this.frame.focus();
        }
    }

    #show(pocketed) {
        button(this.root, "pocket").setAttribute("aria-pressed", pocketed);
        this.root.classList.toggle("in-pocket", pocketed);
        this.messages.end();
    }

    send(message) {
        this.frame.contentWindow?.postMessage(message, location.origin);
    }

    /** Hear what the phone tells. */
    hear({ callme, ...facts }) {
        if (callme === "exchange") {
            this.talk.add(facts);
            this.#follow(facts);
        } else if (callme === "page") {
            this.#move(STAGES[facts.route]);
        } else if (callme === "vibrate") {
            this.#shake();
        }
    }

    /** A message has come: this template tells of nothing but a call. */
    #called() {
        this.#shake();
        this.#move("ready");
    }

    #shake() {
        this.root.classList.add("ringing");
        clearTimeout(this.#shaking);
        this.#shaking = setTimeout(() => this.root.classList.remove("ringing"), SHAKE);
    }

    /** See by what was answered where the number stands, and which stalls there are. */
    #follow({ sent: { query }, answered }) {
        let answer;
        try {
            answer = JSON.parse(answered);
        } catch {
            return;
        }
        if (query === "note" && answer.orderList) {
            this.#move(answer.orderList.unnotedList.length ? "handed" : "idle");
        } else if (query === "hungry" && answer.hungrySuccess === "success") {
            this.#move("ready");
        } else if (query === "hungry" && answer.ahead !== undefined) {
            this.#move("waiting"); // again, where the stall took its call back
        } else if (query === "seller_list" && answer.list) {
            this.stalls = Object.values(answer.list);
            this.changed(this);
        }
    }

    #move(stage) {
        if (stage && stage !== this.stage) {
            this.stage = stage;
            this.changed(this);
        }
    }

    /** Offer the codes of the stalls that are there to be scanned. */
    offer(stalls) {
        const scan = slot(this.root, "scan");
        const options = stalls.map(({ id, name }) => new Option(`${text("code-of")} ${id} ${name}`, id));
        scan.replaceChildren(scan.options[0], ...options);
    }
}
