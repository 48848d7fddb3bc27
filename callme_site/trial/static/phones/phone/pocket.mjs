// The pocket: a phone that is put in is suspended as WeChat suspends it, and its timers and requests with it.

const GRACE = 5000; // milliseconds in the background until nothing runs any more (WeChat: operating mechanism)
const UNSTEADY = 250; // milliseconds after that in which WeChat's network still fails

export class Pocket {
    #waiting = []; // what is to happen once the phone is out again
    #unanswered = new Set(); // how to fail each request that is under way
    #grace = null;
    #out = -Infinity; // when it came out after having been suspended

    hidden = false;
    suspended = false;

    /** `moved(hidden)` tells the program. */
    constructor(moved) {
        this.moved = moved;
    }

    move(hidden) {
        if (hidden === this.hidden) {
            return;
        }
        this.hidden = hidden;
        if (hidden) {
            this.moved(true);
            this.#grace = window.setTimeout(() => this.#suspend(), GRACE);
            return;
        }
        window.clearTimeout(this.#grace);
        if (this.suspended) {
            this.suspended = false;
            this.#out = performance.now();
        }
        this.#waiting.splice(0).forEach((happen) => happen());
        this.moved(false);
    }

    #suspend() {
        this.suspended = true;
        [...this.#unanswered].forEach((fail) => fail());
        this.#unanswered.clear();
    }

    /** Run it now, or when the phone is out of the pocket. */
    run(happen) {
        if (this.suspended) {
            this.#waiting.push(happen);
        } else {
            happen();
        }
    }

    /**
     * A request is under way until the function that is returned is called; `fail` is called where that is too late.
     */
    begin(fail) {
        this.#unanswered.add(fail);
        return () => this.#unanswered.delete(fail);
    }

    get unsteady() {
        return this.suspended || performance.now() - this.#out < UNSTEADY;
    }

    /** Return the timers that a program has: they stand still in the pocket. */
    timers() {
        const gone = new Set();
        const once = (act, wait, ...rest) => {
            const id = window.setTimeout(() => this.run(() => gone.has(id) || act(...rest)), wait);
            return id;
        };
        const often = (act, wait, ...rest) => {
            let queued = false;
            const id = window.setInterval(() => {
                if (!queued) {
                    queued = true;
                    this.run(() => {
                        queued = false;
                        if (!gone.has(id)) {
                            act(...rest);
                        }
                    });
                }
            }, wait);
            return id;
        };
        const end = (id) => {
            gone.add(id);
            window.clearTimeout(id);
        };
        return { setTimeout: once, clearTimeout: end, setInterval: often, clearInterval: end };
    }
}
