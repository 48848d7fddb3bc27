// What both phones are: a frame with one screen at a time, a line to the server, and what is said about it.

import { Line, NoAnswer } from "./line.js";
import { button, copy, fill, plain, slot, text } from "./page.js";
import { Talk } from "./talk.js";
import { inFront, sleep } from "./waiting.js";

const PACE = 3; // seconds between polls
const PATIENCE = 12; // seconds between tries, at most

export class Phone {
    #left = new AbortController(); // aborted when the screen that is shown is left
    #doing = null; // what was pressed on this screen and is not done yet

    /** `kept` is what the browser remembers of this phone; `changed` is called after each change of it or of `stage`. */
    constructor(role, kept, changed) {
        this.role = role;
        this.kept = kept;
        this.changed = changed;
        this.stage = "out";
        this.root = copy("set");
        this.root.classList.add(role);
        this.view = slot(this.root, "view");
        const talk = new Talk(this.root);
        this.line = new Line(role, (exchange) => {
            talk.add(exchange);
            if (exchange.status && exchange.status < 500) {
                fill(this.root, { trouble: "" });
            }
        });
        fill(this.root, { role: text(`role-${role}`) });
        button(this.root, "leave").addEventListener("click", () => this.forget());
    }

    /** Begin where the browser left off: logged in, or at the login. */
    start() {
        if (this.kept.name) {
            return this.enter(this.kept.name);
        }
        return this.showLogin();
    }

    move(stage) {
        this.stage = stage;
        fill(this.root, { who: stage === "out" ? "" : this.kept.name });
        button(this.root, "leave").hidden = stage === "out";
        this.changed(this);
    }

    /** Put a screen on the phone; all that waited for the last one ends. */
    show(id) {
        this.stop();
        this.#left = new AbortController();
        const focused = this.view.contains(document.activeElement);
        const screen = copy(id);
        this.view.replaceChildren(screen);
        this.view.scrollTop = 0;
        this.say("");
        if (focused) {
            screen.querySelector("[data-focus]")?.focus({ preventScroll: true });
        }
        return screen;
    }

    /** End what the phone does by itself. */
    stop() {
        this.#doing = null;
        this.root.classList.remove("ringing", "busy");
        this.#left.abort();
    }

    say(words) {
        fill(this.root, { said: words });
    }

    /** Do something when a button is pressed or a form is sent, one thing at a time; what fails is said. */
    on(root, name, act) {
        const element = button(root, name);
        element.addEventListener(element.matches("form") ? "submit" : "click", (event) => {
            event.preventDefault();
            this.do(() => act(element));
        });
    }

    async do(act) {
        if (this.#doing) {
            return;
        }
        this.#doing = act;
        this.root.classList.add("busy");
        this.say("");
        try {
            await act();
        } catch (error) {
            this.excuse(error);
        }
        if (this.#doing === act) {
            this.#doing = null;
            this.root.classList.remove("busy");
        }
    }

    /** Say why something was not done; leaving a screen is no fault. */
    excuse(error) {
        if (error.name === "AbortError") {
            return;
        }
        // What changes something is not sent again by itself: by the time the line is back the number may be another's.
        this.say(plain(error instanceof NoAnswer && error.message !== "API Error" ? "Not Sure" : error.message));
    }

    /** Send a query once. Raises Failure, NoAnswer. */
    ask(query, fields, options) {
        return this.line.ask(query, fields, options);
    }

    /** Send what changes nothing until it is answered, however long the server is away. Raises Failure. */
    read(query, fields, options) {
        return this.#insist(() => this.line.ask(query, fields, options));
    }

    async #insist(ask) {
        const { signal } = this.#left;
        for (let wait = PACE; ; wait = Math.min(2 * wait, PATIENCE)) {
            try {
                await inFront(signal);
                const answer = await ask();
                signal.throwIfAborted();
                return answer;
            } catch (error) {
                signal.throwIfAborted();
                if (!(error instanceof NoAnswer)) {
                    throw error;
                }
                fill(this.root, { trouble: plain(error.message) });
                await sleep((error.wait ?? wait) * 1000, signal);
            }
        }
    }

    /** Do a task every three seconds while the page is in front and this screen is shown. */
    async poll(task) {
        const { signal } = this.#left;
        while (!signal.aborted) {
            try {
                await inFront(signal);
                await task();
            } catch (error) {
                this.excuse(error);
            }
            await sleep(PACE * 1000, signal).catch(() => {});
        }
    }

    showLogin() {
        const screen = this.show("login");
        this.move("out");
        fill(screen, { title: text(`login-${this.role}`) });
        for (const name of this.names()) {
            const choice = copy("name");
            choice.textContent = name;
            choice.addEventListener("click", () => this.do(() => this.enter(name)));
            slot(screen, "names").append(choice);
        }
        this.on(screen, "login", (form) => this.enter(form.elements.name.value.trim()));
    }

    /** Log in, and stay at it while the server is away. */
    async login(name) {
        this.show("connecting");
        this.kept.name = name;
        this.move("idle");
        return this.#insist(() => this.line.login(name));
    }

    /** Log out: the phone is nobody's. */
    forget() {
        this.kept = {};
        this.showLogin();
    }
}
