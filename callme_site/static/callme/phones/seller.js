// The stall's phone: it takes numbers, sees what students ordered, calls and ends.

import { button, copy, fill, plain, show, slot, text } from "./page.js";
import { Phone } from "./phone.js";

const UNBOUND = ["Invalid Session Error", "Seller Openid Error"];

export class SellerPhone extends Phone {
    names() {
        return ["stall1", "stall2", "stall3"];
    }

    async enter(name) {
        try {
            await this.login(name);
        } catch (error) {
            if (error.message === "Seller Openid Error") {
                this.showSignup();
                return;
            }
            if (error.name !== "AbortError") {
                this.showLogin();
            }
            throw error;
        }
        await this.showCounter();
    }

    showSignup() {
        const screen = this.show("signup");
        this.on(screen, "signup", async (form) => {
            const filled = [...new FormData(form)].filter(([, value]) => value);
            await this.ask("signup", Object.fromEntries(filled));
            await this.showCounter();
        });
    }

    async showCounter() {
        const screen = this.show("counter");
        this.kept.called ??= {};
        this.rows = new Map();
        this.handed = null;
        this.on(screen, "shop", () => this.showShop());
        this.on(screen, "fetch", () => this.take(screen));
        this.on(screen, "clear", async () => {
            await this.ask("clear");
            await this.look(screen);
        });
        const profile = await this.read("info");
        fill(screen, { name: profile.sellerName });
        show(slot(screen, "face"), profile.imageUrl);
        this.poll(() => this.watch(screen));
    }

    async take(screen) {
        const { marchSn } = await this.ask("fetch");
        delete this.kept.called[marchSn];
        this.handed = marchSn;
        await this.look(screen);
    }

    /** Look at the notes; a phone that was unbound in the admin has to begin anew. */
    async watch(screen) {
        try {
            await this.look(screen, { poll: true });
        } catch (error) {
            if (UNBOUND.includes(error.message)) {
                await this.enter(this.kept.name);
            } else {
                throw error;
            }
        }
    }

    async look(screen, options) {
        const { sellerId, orderList } = await this.read("note", {}, options);
        const orders = [...orderList.notedList, ...orderList.unnotedList];
        this.list(screen, orders);
        const board = slot(screen, "board");
        board.hidden = false;
        board.href = `/board/${sellerId}/`;
        button(screen, "clear").hidden = !orderList.unnotedList.length;
        const waits = orderList.unnotedList.some((order) => order.marchSn === this.handed);
        slot(screen, "ticket").hidden = !waits;
        if (waits) {
            fill(slot(screen, "ticket"), { number: this.handed });
        }
        this.move(orderList.unnotedList.length ? "handed" : "idle");
    }

    /** Bring the rows up to date, each in its place: the one that a finger or the focus is on stays. */
    list(screen, orders) {
        const numbers = new Set(orders.map((order) => order.marchSn));
        for (const [number, row] of this.rows) {
            if (!numbers.has(number)) {
                row.remove();
                this.rows.delete(number);
                delete this.kept.called[number];
            }
        }
        const list = slot(screen, "orders");
        orders.forEach((order, place) => {
            const row = this.rows.get(order.marchSn) ?? this.row(screen, order.marchSn);
            this.describe(row, order);
            if (list.children[place] !== row) {
                list.insertBefore(row, list.children[place] ?? null);
            }
        });
        fill(screen, { count: orders.length || "" });
        slot(screen, "empty").hidden = orders.length > 0;
    }

    row(screen, number) {
        const row = copy("order");
        this.rows.set(number, row);
        this.on(row, "call", async () => {
            await this.ask("call", { marchSn: number });
            this.kept.called[number] = (this.kept.called[number] ?? 0) + 1;
            await this.look(screen);
        });
        this.on(row, "end", async () => {
            await this.ask("done", { isseller: "yes", marchSn: number });
            await this.look(screen);
        });
        return row;
    }

    describe(row, { marchSn, noteContent }) {
        const called = this.kept.called[marchSn] ?? 0;
        fill(row, { number: marchSn, note: noteContent ?? "", times: called > 1 ? `×${called}` : "" });
        row.className = noteContent === null ? "free" : called ? "ready" : "";
        button(row, "call").hidden = noteContent === null;
    }

    async showShop(said = "") {
        const screen = this.show("shop");
        this.on(screen, "back", () => this.showCounter());
        const profile = await this.read("info");
        const shown = { ...profile, menu: profile.menuList.join("\n") };
        for (const name of ["sellerName", "personName", "menu"]) {
            screen.elements[name].value = shown[name];
        }
        fill(screen, { months: profile.balanceMon });
        show(slot(screen, "picture"), profile.imageUrl);
        this.on(screen, "update", () => this.save(screen, shown));
        this.say(said);
    }

    /** Send what was changed, and nothing else. */
    async save(form, shown) {
        const picture = form.elements.sellerImage.files[0];
        const names = ["sellerName", "personName"].filter((name) => form.elements[name].value !== shown[name]);
        const fields = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
        if (form.elements.menu.value !== shown.menu) {
            fields.menuList = JSON.stringify(form.elements.menu.value.split("\n"));
        }
        const answer = await this.ask("update", fields, { picture });
        await this.showShop(picture && answer.failMsg ? plain(answer.failMsg) : text("saved"));
    }
}
