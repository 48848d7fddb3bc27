// The calling board: asks for the numbers every second, shows what has changed, and announces what was called since.
// It runs for weeks on a small device whose clock may be wrong, so nothing here goes by the time of day.
"use strict";

const EVERY = 1000; // ms between polls
const PATIENCE = 4000; // ms after which a poll counts as lost
const SLOWEST = 4000; // ms between polls of a server that fails, plus up to a quarter
const WHILE_OFF = 8000; // ms between polls while the sellers are switched off, plus up to a quarter
const LONGEST_WISH = 60; // seconds of Retry-After that are granted
const FLASH = 8000; // ms
const ANNOUNCEMENTS = 20; // that wait at most: later than a minute they help nobody

const page = {};
for (const id of ["offline", "missing", "board", "newest", "sellers", "sound", "announcement", "seller"]) {
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
        page.offline.hidden = !answer.lost;
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

window.addEventListener("offline", () => {
    page.offline.hidden = false;
});
window.addEventListener("online", () => polling || pollIn(0));

/* Showing */

let shown = new Map(); // by the seller's id: its section, name, and when each number was last called

function show(sellers) {
    const before = shown;
    shown = new Map();
    let newest = null;
    let newestIsFresh = false;
    const fresh = [];
    sellers.forEach((seller, place) => {
        const known = before.get(seller.id);
        const section = known ? known.section : newSection();
        const name = seller.name || page.seller.dataset.unnamed.replace("{id}", seller.id);
        const calls = new Map(seller.ready.map(({ number, called }) => [number, called]));
        shown.set(seller.id, { section, name, calls });
        const freshHere = new Set();
        for (const [number, called] of calls) {
            const call = { seller: seller.id, name, number, called };
            // What a seller had called when it came to this screen is no news.
            const isFresh = known !== undefined && known.calls.get(number) !== called;
            if (isFresh) {
                freshHere.add(number);
                fresh.push(call);
            }
            if (!newest || called > newest.called) {
                newest = call;
                newestIsFresh = isFresh;
            }
        }
        write(section.querySelector(".name"), name);
        sync(section.querySelector(".ready"), [...calls.keys()], freshHere);
        sync(section.querySelector(".making"), seller.making, new Set());
        if (page.sellers.children[place] !== section) {
            page.sellers.insertBefore(section, page.sellers.children[place] || null);
        }
    });
    before.forEach(({ section }, id) => shown.has(id) || section.remove());
    showNewest(newest, newestIsFresh);
    page.missing.hidden = sellers.length > 0;
    page.board.hidden = !page.missing.hidden;
    fit();
    announce(fresh.sort((one, other) => one.called - other.called));
}

function newSection() {
    return page.seller.content.firstElementChild.cloneNode(true);
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

function showNewest(call, isFresh) {
    let panel = page.newest.querySelector(".call");
    if (isFresh) {
        const anew = panel.cloneNode(true);
        anew.classList.remove("fresh");
        panel.replaceWith(anew);
        flash(anew);
        panel = anew;
    }
    page.newest.classList.toggle("empty", !call);
    write(panel.querySelector(".number"), call ? call.number : "");
    write(panel.querySelector(".name"), call ? call.name : "");
}

/* Fitting: on a wide screen everything is to be seen without scrolling, as large as there is room for. */

// px; few, so that they change seldom
const SIZES = [192, 160, 136, 116, 100, 86, 74, 64, 55, 47, 40, 34, 29, 25, 21, 18, 15, 13, 11];
const wide = window.matchMedia("(min-width: 800px)"); // as in the style sheet

function fit() {
    const { clientWidth: width, clientHeight: height } = page.sellers;
    if (!wide.matches || !height) {
        return;
    }
    const columns = Math.max(1, Math.round(Math.sqrt((shown.size * width) / height / 1.7)));
    const low = height / Math.ceil(shown.size / columns);
    page.sellers.style.setProperty("--columns", columns);
    page.sellers.classList.toggle("dense", low < 240);
    // A wide and low section has what is ready beside what is being made, any other above it.
    const flat = width / columns > 2.2 * low;
    const sections = [...shown.values()].map(({ section }) => section);
    sections.forEach((section) => section.classList.toggle("flat", flat));
    // All are measured before any is changed, so that the browser lays the page out only once.
    for (const { box, down, parts } of sections.map(measure)) {
        const fits = (size) => {
            const heights = parts.map((part) => part.title + rows(part, size));
            return (flat ? Math.max(...heights) : heights[0] + heights[1]) <= down;
        };
        box.style.setProperty("--size", `${SIZES.find(fits) || SIZES[SIZES.length - 1]}px`);
    }
}

function measure(section) {
    const box = section.querySelector(".numbers");
    const parts = [...box.children].map((part, place) => ({
        title: part.querySelector("h3").offsetHeight,
        count: Math.max(1, part.querySelector("ol").children.length),
        across: part.clientWidth,
        share: place ? 0.6 : 1,
    }));
    return { box, down: box.clientHeight, parts };
}

// Returns the height of a part's numbers; the style sheet has the same shares, and measures of an item and of the gap.
function rows({ count, across, share }, size) {
    const inOne = Math.max(1, Math.floor((across + 0.14 * share * size) / (1.74 * share * size)));
    return Math.ceil(count / inOne) * 1.34 * share * size;
}

new ResizeObserver(fit).observe(page.board);

/* Announcing */

const waiting = [];
let announcing = false;

async function announce(calls) {
    waiting.push(...calls);
    waiting.splice(0, waiting.length - ANNOUNCEMENTS);
    if (announcing) {
        return;
    }
    announcing = true;
    while (waiting.length) {
        const call = waiting.shift();
        const seller = shown.get(call.seller);
        // Its order may have ended while others were announced, or it was called once more.
        if (seller && seller.calls.get(call.number) === call.called) {
            await say(call);
        }
    }
    announcing = false;
}

async function say(call) {
    const { text, spoken } = page.announcement.dataset;
    page.announcement.textContent = ""; // else a recall would be no change
    await pause(100);
    page.announcement.textContent = wording(text, call);
    if (audio && audio.state === "running") {
        chime();
        await pause(1100);
        await speak(wording(spoken, call));
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
