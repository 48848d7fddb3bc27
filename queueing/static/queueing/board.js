// The calling board: asks for the numbers every second, shows what has changed, and announces what was called since,
// and what nobody has collected for long.
// It runs for weeks on a small device whose clock may be wrong, so nothing here goes by the time of day.
"use strict";

const EVERY = 1000; // ms between polls
const PATIENCE = 4000; // ms after which a poll counts as lost
const SLOWEST = 4000; // ms between polls of a server that fails, plus up to a quarter
const WHILE_OFF = 8000; // ms between polls while the sellers are switched off, plus up to a quarter
const LONGEST_WISH = 60; // seconds of Retry-After that are granted
const FLASH = 8000; // ms
const ANNOUNCEMENTS = 20; // that wait at most: later than a minute they help nobody
const SPOKEN = { text: "spoken", reminder: "spokenReminder" }; // by the kind of an announcement, names of its wordings

const page = {};
for (const id of ["offline", "missing", "waiting", "board", "newest", "calls", "sellers", "sound", "announcement", "call",
    "seller"]) {
    page[id] = document.getElementById(id);
}

/* Asking */

let tag = "";
let failures = 0;
let polling = false;
let timer;

function pollIn(delay) {
    clearTimeout(timer);
    timer = setTimeout(poll, delay);
}

async function poll() {
    polling = true;
    let delay = EVERY;
    try {
        const answer = await ask();
        failures = answer.lost ? failures + 1 : 0;
        sayWhether(answer.lost);
        if (answer.lost) {
            const usual = Math.min(SLOWEST, EVERY * 2 ** failures);
            delay = Math.max(usual, 1000 * answer.retryAfter) + jitter(usual);
        } else if (answer.sellers) {
            show(answer.sellers);
        }
        if (!answer.lost && !shown.size) {
            delay = WHILE_OFF + jitter(WHILE_OFF);
        }
    } finally {
        polling = false;
        pollIn(delay);
    }
}

// Says whether the server is lost: beside the numbers, or in their place where none have come yet.
function sayWhether(lost) {
    page.offline.hidden = !lost || !page.waiting.hidden;
    if (lost) {
        write(page.waiting, page.waiting.dataset.lost);
    }
}

// So that many boards do not come back at the same moment.
function jitter(delay) {
    return (Math.random() * delay) / 4;
}

// Returns {sellers}, or {} where nothing has changed, or {lost, retryAfter} without an answer of our server.
async function ask() {
    const patience = new AbortController();
    const timeout = setTimeout(() => patience.abort(), PATIENCE);
    let retryAfter = 0;
    try {
        // The tag is kept here: a cache would write each change to the device's flash.
        const response = await fetch(document.body.dataset.address, {
            headers: tag ? { "If-None-Match": tag } : {},
            cache: "no-store",
            credentials: "omit",
            redirect: "error",
            signal: patience.signal,
        });
        if (response.status === 304) {
            return {};
        }
        retryAfter = Math.min(Number(response.headers.get("Retry-After")) || 0, LONGEST_WISH);
        const { sellers } = await response.json();
        if (Array.isArray(sellers) && (response.status === 200 || response.status === 404)) {
            tag = response.headers.get("ETag") || "";
            return { sellers };
        }
    } catch (error) {
        // No connection, no patience left, or no JSON: somebody else's page perhaps, that asks for a login.
    } finally {
        clearTimeout(timeout);
    }
    return { lost: true, retryAfter };
}

window.addEventListener("offline", () => sayWhether(true));
window.addEventListener("online", () => polling || pollIn(0));

/* Showing */

// By the seller's id: its section and its place among the calls, its name, when each of its numbers was last called, and
// what this screen has heard of them.
let shown = new Map();

function show(sellers) {
    const before = shown;
    shown = new Map();
    const announcements = [];
    sellers.forEach((seller, place) => {
        const known = before.get(seller.id);
        const { section, call, heard } = known || { section: copyOf(page.seller), call: copyOf(page.call), heard: new Map() };
        const name = seller.name || page.seller.dataset.unnamed.replace("{id}", seller.id);
        const calls = new Map(seller.ready.map(({ number, called }) => [number, called]));
        const news = listen(heard, seller);
        // What a seller had called when it came to this screen is no news.
        const fresh = new Set(known ? news.keys() : []);
        for (const number of fresh) {
            announcements.push({ seller: seller.id, name, number, called: calls.get(number), kind: news.get(number) });
        }
        showSeller(section, name, seller, fresh);
        const newest = seller.ready.reduce((one, other) => (one && one.called >= other.called ? one : other), null);
        const isCalled = newest && fresh.has(newest.number) && news.get(newest.number) === "text";
        shown.set(seller.id, { section, call: showCall(call, name, newest, isCalled), heard, name, calls, newest });
        putAt(page.sellers, place, section);
        putAt(page.calls, place, shown.get(seller.id).call);
    });
    for (const [id, { section, call }] of before) {
        if (!shown.has(id)) {
            section.remove();
            call.remove();
        }
    }
    showWhichIsNewest();
    page.missing.hidden = sellers.length > 0;
    page.waiting.hidden = true;
    page.board.hidden = !page.missing.hidden;
    fit();
    announce(announcements.sort((one, other) => one.called - other.called));
}

// Returns what is new of a seller's numbers since the last look: of each the wording with which it is announced.
function listen(heard, seller) {
    const news = new Map();
    seller.making.forEach((number) => heard.delete(number));
    for (const { number, called, uncollected } of seller.ready) {
        const last = heard.get(number) || { called: 0, uncollected: false };
        // An earlier time is a recall that was taken back, or the call of an order whose end was.
        const isCalled = called > last.called;
        const isUncollected = uncollected && !last.uncollected;
        if (isCalled || isUncollected) {
            news.set(number, isUncollected ? "reminder" : "text");
            heard.set(number, { called: Math.max(called, last.called), uncollected });
        }
    }
    return news;
}

function copyOf(template) {
    return template.content.firstElementChild.cloneNode(true);
}

function putAt(parent, place, element) {
    if (parent.children[place] !== element) {
        parent.insertBefore(element, parent.children[place] || null);
    }
}

function write(element, text) {
    if (element.textContent !== String(text)) {
        element.textContent = text;
    }
}

// Makes the items of a list these numbers, in ascending order, and touches no item that stays.
function sync(list, numbers, fresh) {
    let item = list.firstElementChild;
    for (const number of numbers) {
        while (item && Number(item.textContent) < number) {
            item = withoutItem(item);
        }
        const stands = item && Number(item.textContent) === number;
        if (stands && !fresh.has(number)) {
            item = item.nextElementSibling;
            continue;
        }
        if (stands) {
            item = withoutItem(item); // a new one flashes from the start
        }
        const added = document.createElement("li");
        added.textContent = number;
        list.insertBefore(added, item);
        if (fresh.has(number)) {
            flash(added);
        }
    }
    while (item) {
        item = withoutItem(item);
    }
}

function withoutItem(item) {
    const next = item.nextElementSibling;
    item.remove();
    return next;
}

function flash(element) {
    element.classList.add("fresh");
    setTimeout(() => element.classList.remove("fresh"), FLASH);
}

function showSeller(section, name, { paused, wait, making, ready }, fresh) {
    const numbersOf = (entries) => entries.map(({ number }) => number);
    const apart = numbersOf(ready.filter(({ uncollected }) => uncollected));
    write(section.querySelector(".name"), name);
    section.querySelector(".paused").hidden = !paused;
    section.querySelector(".idle").hidden = paused;
    section.querySelector(".wait").hidden = wait === undefined;
    const minutes = Math.max(1, Math.round(wait / 60));
    section.querySelectorAll(".wait span").forEach((span) => write(span, span.dataset.text.replace("{minutes}", minutes)));
    section.querySelector(".apart").hidden = !apart.length;
    sync(section.querySelector(".uncollected"), apart, fresh);
    sync(section.querySelector(".ready"), numbersOf(ready.filter(({ uncollected }) => !uncollected)), fresh);
    sync(section.querySelector(".making"), making, fresh);
    section.classList.toggle("empty", !ready.length && !making.length);
}

// Shows a seller's newest call, if there is one, and returns the element: another one for a fresh call.
function showCall(element, name, newest, isFresh) {
    const number = newest ? String(newest.number) : "";
    let panel = element;
    if (isFresh) {
        panel = element.cloneNode(true); // it flashes from the start
        element.replaceWith(panel);
    }
    if (isFresh || panel.querySelector(".number").textContent !== number) {
        panel.classList.remove("fresh");
    }
    panel.hidden = !newest;
    write(panel.querySelector(".number"), number);
    panel.querySelectorAll(".name").forEach((line) => write(line, name));
    if (isFresh) {
        flash(panel);
    }
    return panel;
}

function showWhichIsNewest() {
    const calls = [...shown.values()].filter(({ newest }) => newest);
    const latest = Math.max(...calls.map(({ newest }) => newest.called));
    const first = calls.find(({ newest }) => newest.called === latest);
    shown.forEach((seller) => seller.call.classList.toggle("latest", seller === first));
    page.newest.classList.toggle("empty", !calls.length);
}

/* Fitting: on a wide screen everything is to be seen without scrolling, as large as there is room for. */

// px; few, so that they change seldom
const SIZES = [192, 160, 136, 116, 100, 86, 74, 64, 55, 47, 40, 34, 29, 25, 21, 18, 15, 13, 11];
const EMPTY = 70; // px of a row of sellers without numbers, about
const READABLE = 1.9; // rem; rather than smaller numbers, a section has fewer words
const wide = window.matchMedia("(min-width: 800px)"); // as in the style sheet
const landscape = window.matchMedia("(orientation: landscape)");

function fit() {
    fitCalls();
    const { clientWidth: width, clientHeight: height } = page.sellers;
    if (!wide.matches || !height) {
        return;
    }
    const sections = [...shown.values()].map(({ section }) => section);
    const columns = Math.max(1, Math.round(Math.sqrt((shown.size * width) / height / 1.7)));
    // A row of sellers who have no number out takes no more room than their names.
    const rows = [];
    for (let place = 0; place < sections.length; place += columns) {
        const inRow = sections.slice(place, place + columns);
        const empty = sections.length > 1 && inRow.every((section) => section.classList.contains("empty"));
        rows.push(empty ? "auto" : "minmax(0, 1fr)");
    }
    page.sellers.style.setProperty("--columns", columns);
    page.sellers.style.setProperty("--rows", rows.join(" "));
    const busy = Math.max(1, rows.filter((row) => row !== "auto").length);
    const low = (height - EMPTY * (rows.length - busy)) / busy;
    // A wide and low section has what is being made beside what is ready, any other below it.
    const flat = width / columns > 2.2 * low;
    sections.forEach((section) => section.classList.toggle("flat", flat));
    page.sellers.classList.remove("dense");
    if (Math.min(...fitNumbers(sections, flat)) < READABLE * parseFloat(getComputedStyle(document.body).fontSize)) {
        page.sellers.classList.add("dense");
        fitNumbers(sections, flat);
    }
}

// Gives the numbers of each section that shows some the size that they have room for, and returns these in px.
function fitNumbers(sections, flat) {
    // All are measured before any is changed, so that the browser lays the page out only once.
    return sections.map(measure).filter(({ down }) => down).map(({ box, down, ready, making }) => {
        const fits = (size) => {
            const left = ready.reduce((sum, part) => sum + heightOf(part, size), 0);
            const right = heightOf(making, size);
            return (flat ? Math.max(left, right) : left + right) <= down;
        };
        const size = SIZES.find(fits) || SIZES[SIZES.length - 1];
        box.style.setProperty("--size", `${size}px`);
        return size;
    });
}

// The newest calls of a counter stand in as many columns as let each be large.
function fitCalls() {
    const count = [...shown.values()].filter(({ newest }) => newest).length;
    const { clientWidth: width, clientHeight: height } = page.calls;
    const isBeside = wide.matches && landscape.matches;
    const most = isBeside ? Math.round(Math.sqrt((count * width) / height / 1.1)) : wide.matches ? 4 : count > 8 ? 3 : 2;
    const columns = Math.min(count, most) || 1;
    page.newest.style.setProperty("--columns", columns);
    page.newest.style.setProperty("--rows", Math.ceil(count / columns));
}

function measure(section) {
    const box = section.querySelector(".numbers");
    const parts = [...box.children].filter((part) => !part.hidden).map((part) => ({
        title: part.querySelector("h3").offsetHeight,
        count: Math.max(1, part.querySelector("ol").children.length),
        across: part.clientWidth,
        share: part.querySelector(".making") ? 0.6 : 1,
    }));
    const making = parts.pop();
    return { box, down: box.clientHeight, ready: parts, making };
}

// Returns the height of a part; the style sheet has the same shares, and measures of an item and of the gap.
function heightOf({ title, count, across, share }, size) {
    const inOne = Math.max(1, Math.floor((across + 0.14 * share * size) / (1.74 * share * size)));
    return title + Math.ceil(count / inOne) * 1.34 * share * size;
}

new ResizeObserver(fit).observe(page.board);

/* Announcing */

let waiting = [];
let announcing = false;

async function announce(announcements) {
    // Calls before reminders, of which the stall may have many at once.
    const [calls, reminders] = ["text", "reminder"].map((kind) =>
        [...waiting, ...announcements].filter((announcement) => announcement.kind === kind),
    );
    waiting = [...calls.slice(-ANNOUNCEMENTS), ...reminders].slice(0, ANNOUNCEMENTS);
    if (announcing) {
        return;
    }
    announcing = true;
    while (waiting.length) {
        const announcement = waiting.shift();
        const seller = shown.get(announcement.seller);
        // Its order may have been closed while others were announced, or it was called once more, or that taken back.
        if (seller && seller.calls.get(announcement.number) === announcement.called) {
            await say(announcement);
        }
    }
    announcing = false;
}

async function say(announcement) {
    const { kind } = announcement;
    const { [kind]: text, [SPOKEN[kind]]: spoken } = page.announcement.dataset;
    page.announcement.textContent = ""; // else a recall would be no change
    await pause(100);
    page.announcement.textContent = wording(text, announcement);
    if (audio && audio.state === "running") {
        chime();
        await pause(1100);
        await speak(wording(spoken, announcement));
    }
    await pause(700);
}

function wording(text, { name, number }) {
    return text.replace("{number}", number).replace("{seller}", () => name);
}

function pause(delay) {
    return new Promise((resolve) => setTimeout(resolve, delay));
}

let audio = null;

function chime() {
    for (const [pitch, after] of [[880, 0], [698.46, 0.28], [587.33, 0.56]]) {
        const start = audio.currentTime + after;
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        tone.type = "triangle";
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.0001, start);
        volume.gain.exponentialRampToValueAtTime(0.6, start + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.9);
        tone.connect(volume).connect(audio.destination);
        tone.onended = () => volume.disconnect();
        tone.start(start);
        tone.stop(start + 0.9);
    }
}

// Returns a Chinese voice that needs no network, Mandarin before others, or undefined.
function chineseVoice() {
    const voices = window.speechSynthesis ? window.speechSynthesis.getVoices() : [];
    const local = voices.filter((voice) => voice.localService && /^(zh|cmn)/i.test(voice.lang));
    return local.find((voice) => /cmn|CN|Hans/i.test(voice.lang)) || local[0];
}

async function speak(text) {
    const voice = chineseVoice();
    if (!voice) {
        return;
    }
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    const ended = new Promise((resolve) => {
        utterance.onend = utterance.onerror = resolve;
    });
    window.speechSynthesis.speak(utterance);
    // Some browsers forget to say that they have ended.
    let late;
    await Promise.race([ended, new Promise((resolve) => (late = setTimeout(resolve, 8000)))]);
    clearTimeout(late);
    window.speechSynthesis.cancel();
}

// Browsers start sound only when somebody touches the page, unless they are told otherwise.
function offerSound() {
    page.sound.hidden = audio.state === "running";
}

try {
    audio = new AudioContext();
    audio.onstatechange = offerSound;
    offerSound();
    for (const touch of ["click", "keydown"]) {
        document.addEventListener(touch, () => audio.resume());
    }
    chineseVoice(); // the first question makes the browser look for its voices
} catch (error) {
    // A browser without sound: the board is still one to look at.
}

/* Staying awake */

async function stayAwake() {
    try {
        await navigator.wakeLock.request("screen");
    } catch (error) {
        // Not every browser can, and none over plain http; then the device's own settings decide.
    }
}

document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
stayAwake();

poll();
