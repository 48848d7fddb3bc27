// A phone's line to the server: POST / as the mini-programs send it, one query after the other.

const SECONDS = 10; // a login may take 7 while WeChat is slow

/** The query was not carried out; the message is its failMsg or queryErr, `answer` all that came. */
export class Failure extends Error {
    constructor(reason, answer = {}) {
        super(reason);
        this.answer = answer;
    }
}

/** Nothing came that could be read; `wait` is in how many seconds the server wants to be asked again, if it said so. */
export class NoAnswer extends Error {
    constructor(reason, wait) {
        super(reason);
        this.wait = wait;
    }
}

/** Return a code as wx.login() would: new each time, and good for one login. */
function code(name) {
    const random = crypto.getRandomValues(new Uint32Array(2));
    return `sandbox-${name}-${Array.from(random, (part) => part.toString(36)).join("")}`;
}

export class Line {
    #turn = Promise.resolve();
    #key = null;

    /** `role` is "seller" or "student"; `heard` is told of each exchange. */
    constructor(role, heard) {
        this.role = role;
        this.heard = heard;
    }

    /** Log in as that person; return the answer. Raises Failure, NoAnswer. */
    login(name) {
        this.name = name;
        return this.#inTurn(() => this.#login());
    }

    /** Send a query and return the answer of its success; `picture` makes it multipart. Raises Failure, NoAnswer. */
    ask(query, fields = {}, options = {}) {
        return this.#inTurn(() => this.#inSession(query, fields, options));
    }

    #inTurn(task) {
        const answer = this.#turn.then(task);
        this.#turn = answer.catch(() => {});
        return answer;
    }

    async #inSession(query, fields, options) {
        const ask = () => this.#send({ query, sessionKey: this.#key, ...fields }, options);
        try {
            return await ask();
        } catch (error) {
            if (error.message !== "Session Time Out") {
                throw error;
            }
            await this.#login();
            return ask();
        }
    }

    async #login() {
        const sent = { query: "login", isseller: this.role === "seller" ? "yes" : "no", code: code(this.name) };
        try {
            const answer = await this.#send(sent);
            this.#key = answer.sessionKey;
            return answer;
        } catch (error) {
            // A person who has yet to sign up gets a session too.
            this.#key = error.answer?.sessionKey ?? this.#key;
            if (error.message === "API Error") {
                throw new NoAnswer(error.message);
            }
            throw error;
        }
    }

    async #send(sent, { picture, poll = false } = {}) {
        const body = picture ? new FormData() : new URLSearchParams(sent);
        if (picture) {
            Object.entries(sent).forEach(([name, value]) => body.append(name, value));
            body.append("sellerImage", picture);
        }
        const exchange = { sent, picture, poll, status: null, answered: "" };
        let response;
        try {
            const signal = AbortSignal.timeout(SECONDS * 1000);
            response = await fetch("/", { method: "POST", body, signal, credentials: "omit" });
            exchange.answered = await response.text();
            exchange.status = response.status;
        } catch {
            throw new NoAnswer("No Answer");
        } finally {
            this.heard(exchange);
        }
        return read(sent.query, response, exchange.answered);
    }
}

function read(query, response, answered) {
    let answer;
    try {
        answer = JSON.parse(answered);
    } catch {
        throw new NoAnswer("No Answer");
    }
    if (response.status >= 500) {
        throw new NoAnswer("Server Error", Number(response.headers.get("Retry-After")) || undefined);
    }
    if (answer[`${query}Success`] !== "success") {
        throw new Failure(answer.queryErr ?? answer.failMsg, answer);
    }
    return answer;
}
