// The page: a seller's phone, students' phones, and what the browser remembers of them.

import { sound } from "./bell.js";
import { button, text } from "./page.js";
import { SellerPhone } from "./seller.js";
import { StudentPhone } from "./student.js";

const STORE = "callme.phones";
const NAMES = ["li", "wang", "zhang", "liu", "yang", "zhao"];

const sets = document.querySelector(".sets");
const more = document.querySelector("[data-more]");
const phones = [];
const tabs = new Map();
const remembered = recall();

/** Return what this browser remembers; storage may be full or forbidden. */
function recall() {
    try {
        return JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
        return {};
    }
}

function remember() {
    const [seller, ...students] = phones.map((phone) => phone.kept);
    try {
        localStorage.setItem(STORE, JSON.stringify({ ...remembered, seller, students }));
    } catch {
        // Then the phones begin anew next time.
    }
}

function open(kind, role, kept = {}) {
    const phone = new kind(role, kept, changed);
    phones.push(phone);
    sets.append(phone.root);
    const tab = document.createElement("button");
    tab.type = "button";
    tab.addEventListener("click", () => phone.root.scrollIntoView({ inline: "center", block: "nearest" }));
    tabs.set(phone, tab);
    more.before(tab);
    seen.observe(phone.root);
    const remove = button(phone.root, "remove");
    remove.hidden = phones.length <= 2;
    remove.addEventListener("click", () => close(phone));
    phone.do(() => phone.start());
    return phone;
}

function close(phone) {
    phone.stop();
    phone.root.remove();
    tabs.get(phone).remove();
    tabs.delete(phone);
    phones.splice(phones.indexOf(phone), 1);
    more.focus();
    changed();
}

function changed(phone) {
    if (phones.length < 2) {
        return; // the page is just opening
    }
    remember();
    for (const [each, tab] of tabs) {
        tab.textContent = (each.role === "student" && each.kept.name) || text(`role-${each.role}`);
        tab.classList.toggle("ready", each.stage === "ready");
    }
    if (phone?.board) {
        document.querySelector("[data-board]").href = `/board/?sellers=${phone.board}`;
    }
    markStep();
}

/** Mark what comes next in the life of a number. */
function markStep() {
    const [seller, ...students] = phones.map((phone) => phone.stage);
    const step =
        seller === "out" || students.every((stage) => stage === "out") ? 0
        : students.includes("ready") ? 4
        : students.includes("waiting") ? 3
        : seller === "handed" ? 2
        : 1;
    document.querySelectorAll(".steps li").forEach((item, place) => {
        item.classList.toggle("past", place < step);
        if (place === step) {
            item.setAttribute("aria-current", "step");
        } else {
            item.removeAttribute("aria-current");
        }
    });
}

// On a small screen one phone is seen at a time, and its tab says which.
const seen = new IntersectionObserver(
    (entries) => {
        for (const { target, isIntersecting } of entries) {
            const phone = phones.find(({ root }) => root === target);
            tabs.get(phone)?.classList.toggle("seen", isIntersecting);
        }
    },
    { threshold: 0.7 },
);

function hear(on) {
    sound(on);
    remembered.sound = on;
    document.querySelector("[data-sound]").setAttribute("aria-pressed", on);
}

document.querySelector("[data-sound]").addEventListener("click", () => {
    hear(!remembered.sound);
    remember();
});
document.querySelector("[data-language]").addEventListener("click", ({ currentTarget }) => {
    document.cookie = `django_language=${currentTarget.dataset.language}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
});
more.addEventListener("click", () => {
    const taken = phones.map(({ kept }) => kept.name);
    const name = NAMES.find((free) => !taken.includes(free));
    const phone = open(StudentPhone, "student", name ? { name } : {});
    changed();
    phone.root.scrollIntoView({ inline: "center", block: "nearest" });
});

hear(remembered.sound ?? true);
open(SellerPhone, "seller", remembered.seller);
for (const kept of remembered.students ?? [{}]) {
    open(StudentPhone, "student", kept);
}
changed();
