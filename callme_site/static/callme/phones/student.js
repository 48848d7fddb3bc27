// A student's phone: it enters the number with a note, waits, rings, and is done once the food is collected.

import { ring } from "./bell.js";
import { button, copy, fill, plain, show, slot, text } from "./page.js";
import { Phone } from "./phone.js";

const TURNS = 4; // every so many polls it looks whether the order is still there: hungry does not tell

export class StudentPhone extends Phone {
    names() {
        return ["li", "wang", "zhang"];
    }

    async enter(name) {
        try {
            await this.login(name);
        } catch (error) {
            if (error.name !== "AbortError") {
                this.showLogin();
            }
            throw error;
        }
        const stalls = await this.stalls();
        const stall = stalls.find(({ id }) => id === this.kept.stall);
        const menu = await this.menu((stall ?? stalls[0])?.id);
        if (menu?.takenFlag === "success") {
            this.showWait(taken(menu));
        } else if (stall && menu) {
            this.showMenu(stall.id, menu);
        } else {
            this.showStalls(stalls);
        }
    }

    /** Return the stalls on duty. */
    async stalls() {
        try {
            const stalls = Object.values((await this.read("seller_list")).list);
            this.board = stalls.map(({ id }) => id).join(",");
            this.changed(this);
            return stalls;
        } catch (error) {
            if (error.message === "Null List Error") {
                return [];
            }
            throw error;
        }
    }

    /** Return a stall's menu, or null where it is not on duty. */
    async menu(sellerId, options) {
        try {
            return sellerId ? await this.read("menu", { sellerId }, options) : null;
        } catch (error) {
            if (error.message === "Illegal Seller Error") {
                return null;
            }
            throw error;
        }
    }

    showStalls(stalls) {
        const screen = this.show("stalls");
        this.move("idle");
        this.on(screen, "reload", async () => this.showStalls(await this.stalls()));
        for (const { id, name, imageURL } of stalls) {
            const item = copy("stall");
            fill(item, { name, initial: Array.from(name)[0] ?? "" });
            show(slot(item, "face"), imageURL);
            slot(item, "initial").hidden = Boolean(imageURL);
            this.on(item, "choose", async () => {
                const menu = await this.read("menu", { sellerId: id });
                if (menu.takenFlag === "success") {
                    this.showWait(taken(menu));
                } else {
                    this.showMenu(id, menu);
                }
            });
            slot(screen, "stalls").append(item);
        }
        this.say(stalls.length ? "" : plain("Null List Error"));
    }

    showMenu(id, menu) {
        const screen = this.show("menu");
        this.kept.stall = id;
        this.move("idle");
        fill(screen, { name: menu.sellerName });
        const { marchSn, noteContent } = screen.elements;
        slot(screen, "tap").hidden = !menu.menuContent.length;
        for (const dish of menu.menuContent) {
            const choice = copy("name");
            choice.textContent = dish;
            choice.addEventListener("click", () => {
                noteContent.value = dish;
            });
            slot(screen, "dishes").append(choice);
        }
        this.on(screen, "back", async () => this.showStalls(await this.stalls()));
        this.on(screen, "push", () => this.push(id, menu.sellerName, marchSn.value.trim(), noteContent.value));
    }

    async push(sellerId, sellerName, marchSn, noteContent) {
        await this.ask("push", { sellerId, marchSn, noteContent });
        this.showWait({ sellerId, sellerName, marchSn: Number(marchSn), note: noteContent });
    }

    showWait(order) {
        const screen = this.show("wait");
        this.kept.stall = order.sellerId;
        this.move("waiting");
        fill(screen, { name: order.sellerName, number: order.marchSn, note: order.note });
        this.on(screen, "collect", () => this.end(order, "enjoy"));
        this.on(screen, "giveup", () => this.end(order, "given-up"));
        this.on(screen, "hush", () => this.hush(screen));
        this.hushed = false;
        let turn = 0;
        this.poll(async () => {
            turn += 1;
            if (turn % TURNS || (await this.lives(order))) {
                await this.look(screen, order);
            }
        });
    }

    async look(screen, order) {
        try {
            await this.read("hungry", { sellerId: order.sellerId, marchSn: order.marchSn }, { poll: true });
        } catch (error) {
            if (error.message !== "Not Ready Yet") {
                throw error;
            }
            if (this.stage === "ready") {
                await this.lives(order);
            }
            return;
        }
        if (this.stage !== "ready") {
            this.move("ready");
            slot(screen, "waiting").hidden = true;
            slot(screen, "alert").append(copy("ready"));
            button(screen, "giveup").hidden = true;
            button(screen, "collect").hidden = button(screen, "hush").hidden = false;
        }
        if (!this.hushed) {
            this.root.classList.add("ringing");
            ring();
        }
    }

    hush(screen) {
        this.hushed = true;
        this.root.classList.remove("ringing");
        button(screen, "collect").focus();
        button(screen, "hush").hidden = true;
    }

    /** Return whether this is still the order that the caller has; where it is not, show what there is. */
    async lives(order) {
        const menu = await this.menu(order.sellerId, { poll: true });
        if (!menu) {
            return true; // a stall without months has no menu that could tell
        }
        if (menu.takenFlag === "success") {
            const { sellerId, marchSn } = taken(menu);
            if (sellerId !== order.sellerId || marchSn !== order.marchSn) {
                this.showWait(taken(menu));
                return false;
            }
            return true;
        }
        this.showMenu(order.sellerId, menu);
        this.say(text("ended"));
        return false;
    }

    async end(order, words) {
        await this.ask("done", { sellerId: order.sellerId, marchSn: order.marchSn });
        const menu = await this.menu(order.sellerId);
        if (menu?.takenFlag === "success") {
            this.showWait(taken(menu));
        } else if (menu) {
            this.showMenu(order.sellerId, menu);
        } else {
            this.showStalls(await this.stalls());
        }
        this.say(text(words));
    }
}

/** Return the order that a menu's answer tells of. */
function taken(menu) {
    return {
        sellerId: menu.takenSellerId,
        sellerName: menu.takenSellerName,
        marchSn: menu.takenMarchSn,
        note: menu.takenMenuName,
    };
}
