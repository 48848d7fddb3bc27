// The page stack: which pages are open, and what WeChat tells each of them when.

const DEEPEST = 10; // pages (WeChat: navigateTo)

export class Navigation {
    #stack = [];

    /** `make(route)` returns a page's root; `drawn(top, depth)` is told what is on top after each move. */
    constructor(routes, make, drawn) {
        this.routes = routes;
        this.make = make;
        this.drawn = drawn;
    }

    get pages() {
        return this.#stack.map(({ page }) => page);
    }

    get top() {
        return this.#stack[this.#stack.length - 1];
    }

    /** Begin anew with that page alone. */
    reLaunch(url) {
        const opened = this.#open(url);
        while (this.#stack.length) {
            this.#close();
        }
        this.#enter(opened);
    }

    navigateTo(url) {
        if (this.#stack.length >= DEEPEST) {
            throw new Error("webview count limit exceed");
        }
        const opened = this.#open(url);
        this.top.page.onHide?.();
        this.top.host.hidden = true;
        this.#enter(opened);
    }

    redirectTo(url) {
        const opened = this.#open(url);
        this.#close();
        this.#enter(opened);
    }

    navigateBack(delta = 1) {
        for (let closed = 0; closed < delta && this.#stack.length > 1; closed += 1) {
            this.#close();
        }
        this.top.host.hidden = false;
        this.drawn(this.top, this.#stack.length);
        this.top.page.onShow?.();
    }

    /** Tell the page on top that the phone went into the pocket, or came out. */
    moved(hidden) {
        const { page } = this.top;
        (hidden ? page.onHide : page.onShow)?.call(page);
    }

    #open(url) {
        const [path, query = ""] = url.split("?");
        const from = this.top ? `/${this.top.route}` : "/";
        const route = new URL(path, `http://phone${from}`).pathname.slice(1);
        if (!this.routes.includes(route)) {
            throw new Error(`page "${route}" is not found`);
        }
        // WeChat hands a query on as it is written.
        const options = Object.fromEntries(query.split("&").filter(Boolean).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
        return { route, options };
    }

    #enter({ route, options }) {
        const { page, host, release } = this.make(route);
        const opened = { route, options, page, host, release };
        this.#stack.push(opened);
        this.drawn(opened, this.#stack.length);
        page.onLoad?.(options);
        if (this.top === opened) {
            page.onShow?.();
        }
        if (this.top === opened) {
            page.onReady?.();
        }
    }

    #close() {
        const { page, release } = this.#stack.pop();
        page.onUnload?.();
        release();
    }
}
