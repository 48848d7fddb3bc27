// The page: a stall's phone, students' phones, and what the browser remembers of them.

import { button, text } from "./page.js";
import { PhoneSet } from "./set.js";

const STORE = "callme.phones";
const STUDENTS = ["li", "wang", "zhang", "liu", "yang", "zhao"];

const sets = document.querySelector(".sets");
const more = document.querySelector("[data-more]");
const phones = [];
const tabs = new Map();
const remembered = recall();
let stalls = [];

/** Return what this browser remembers; storage may be full or forbidden. */
function recall() {
    try {
        return JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
        return {};
    }
}

function remember() {
    const [stall, ...students] = phones.map(({ person }) => person);
    try {
        localStorage.setItem(STORE, JSON.stringify({ ...remembered, stall, students }));
    } catch {
        // Then the phones begin anew next time.
    }
}

function open(program, person) {
    const phone = new PhoneSet(program, person, changed);
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
    phone.offer(stalls);
    return phone;
}

function close(phone) {
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
        tab.textContent = each.program === "student" ? each.person : text("role-stall");
        tab.classList.toggle("ready", each.stage === "ready");
    }
    if (phone?.stalls && JSON.stringify(phone.stalls) !== JSON.stringify(stalls)) {
        stalls = phone.stalls;
        document.querySelector("[data-board]").href = `/board/?sellers=${stalls.map(({ id }) => id).join(",")}`;
        phones.forEach((each) => each.offer(stalls));
    }
    markStep();
}

/** Mark what comes next in the life of a number. */
function markStep() {
    const [stall, ...students] = phones.map(({ stage }) => stage);
    const step =
        students.includes("ready") ? 4
        : students.includes("waiting") ? 3
        : !students.includes("choosing") ? 0
        : stall === "handed" ? 2
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
    remembered.sound = on;
    document.querySelector("[data-sound]").setAttribute("aria-pressed", on);
    phones.forEach((phone) => phone.send({ callme: "sound", on }));
}

addEventListener("message", ({ data, origin, source }) => {
    const phone = phones.find(({ frame }) => frame.contentWindow === source);
    if (phone && origin === location.origin) {
        phone.hear(data);
        if (data.callme === "ready") {
            phone.send({ callme: "sound", on: remembered.sound });
        }
    }
});
document.querySelector("[data-sound]").addEventListener("click", () => {
    hear(!remembered.sound);
    remember();
});
document.querySelector("[data-language]").addEventListener("click", ({ currentTarget }) => {
    document.cookie = `django_language=${currentTarget.dataset.language}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
});
more.addEventListener("click", () => {
    const taken = phones.map(({ person }) => person);
    const free = STUDENTS.find((name) => !taken.includes(name)) ?? `student${phones.length}`;
    const phone = open("student", free);
    changed();
    phone.root.scrollIntoView({ inline: "center", block: "nearest" });
});

remembered.sound ??= true;
open("stall", remembered.stall ?? "stall1");
for (const person of remembered.students ?? ["li"]) {
    open("student", person);
}
hear(remembered.sound);
changed();
