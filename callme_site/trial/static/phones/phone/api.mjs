// `wx`, as far as the two mini-programs use it. What is not here throws, and so does an option that it does not know.
// What WeChat does otherwise stands in docs/miniprogram.md, in one list.

import { addConsent } from "./consent.mjs";
import { showModal, showPicture, showScan, showToast } from "./dialogs.mjs";
import { choose, compress, fileOf } from "./pictures.mjs";

const CALLBACKS = ["success", "fail", "complete"];

/** Return an object that throws for what it has not, rather than answer `undefined`. */
function strict(name, things) {
    return new Proxy(things, {
        get(target, property) {
            if (typeof property === "symbol" || property in target) {
                return target[property];
            }
            throw new Error(`${name}.${property} is not known here`);
        },
    });
}

function checked(name, options, known) {
    for (const option of Object.keys(options)) {
        if (!known.includes(option) && !CALLBACKS.includes(option)) {
            throw new Error(`wx.${name}: the option ${option} is not known here`);
        }
    }
    return options;
}

/** Return an asynchronous function of WeChat's: with callbacks, or a promise where there are none. */
function callable(phone, name, known, work) {
    return (options = {}) => {
        checked(name, options, known);
        const run = (resolve, reject) => {
            const end = (settle, result) => phone.pocket.run(() => settle(result));
            return work(
                options,
                (result = {}) => end(resolve, { errMsg: `${name}:ok`, ...result }),
                (reason, rest = {}) => end(reject, { errMsg: `${name}:fail ${reason}`, ...rest }),
            );
        };
        if (!CALLBACKS.some((callback) => options[callback])) {
            return new Promise(run);
        }
        const tell = (callback) => (result) => {
            options[callback]?.(result);
            options.complete?.(result);
        };
        return run(tell("success"), tell("fail"));
    };
}

/**
 * `phone` has its person, storage, pocket, navigation, what consent.mjs wants, and `tell(kind, facts)`, which the page
 * around the phones hears.
 */
export function makeWx(phone) {
    const wx = {};
    const add = (name, known, work) => {
        wx[name] = callable(phone, name, known, work);
    };

    add("login", ["timeout"], (_, succeed) => {
        const random = Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("");
        succeed({ code: `sandbox-${phone.person}-${random}` });
    });
    addRequests(phone, add);
    addPictures(add);
    addNavigation(phone, add);
    addDialogs(add);
    addCodes(add);
    addConsent(phone, add);
    addSenses(phone, wx, add);
    addCanvas(phone, wx);

    const stored = (name) => `${phone.storage}.${name}`;
    Object.assign(wx, {
        getStorageSync: (name) => JSON.parse(localStorage.getItem(stored(name)) ?? '""'),
        setStorageSync: (name, value) => localStorage.setItem(stored(name), JSON.stringify(value)),
        removeStorageSync: (name) => localStorage.removeItem(stored(name)),
        getAppBaseInfo: () => ({ language: document.documentElement.lang === "en" ? "en" : "zh_CN" }),
    });
    return strict("wx", wx);
}

function addRequests(phone, add) {
    /** Send it to this page's server, whatever domain the program names: a phone's would be the server's own. */
    async function send(name, sent, { url, body, headers, timeout = 60000 }, succeed, fail) {
        const { origin } = location;
        const to = new URL(url);
        if (to.protocol !== "https:") {
            throw new Error(`wx.${name}: a phone asks only https addresses, not ${url}`);
        }
        if (phone.pocket.unsteady) {
            fail("interrupted in suspend state", { errno: 600003 });
            return;
        }
        const exchange = { sent, status: null, answered: "" };
        const controller = new AbortController();
        const ended = phone.pocket.begin(() => controller.abort("interrupted"));
        const timer = window.setTimeout(() => controller.abort("timeout"), timeout);
        try {
            const response = await fetch(origin + to.pathname, {
                method: "POST", body, headers, signal: controller.signal, credentials: "omit",
            }); // prettier-ignore
            exchange.answered = await response.text();
            exchange.status = response.status;
            phone.tell("exchange", exchange);
            const header = Object.fromEntries(response.headers);
            succeed({ statusCode: response.status, header, data: exchange.answered });
        } catch {
            phone.tell("exchange", exchange);
            const reason = controller.signal.aborted ? controller.signal.reason : "net::ERR_CONNECTION_FAILED";
            fail(reason, reason === "interrupted" ? { errno: 600003 } : {});
        } finally {
            ended();
            window.clearTimeout(timer);
        }
    }

    add("request", ["url", "method", "data", "timeout"], ({ url, method, data, timeout }, succeed, fail) => {
        if (method !== "POST") {
            throw new Error("wx.request: POST is all that is known here");
        }
        const headers = { "Content-Type": "application/json" };
        const parsed = (answer) => {
            try {
                answer.data = JSON.parse(answer.data);
            } catch {
                // WeChat, too, leaves what is no JSON as it is.
            }
            succeed(answer);
        };
        send("request", data, { url, body: JSON.stringify(data), headers, timeout }, parsed, fail);
    });
    add(
        "uploadFile",
        ["url", "filePath", "name", "formData", "timeout"],
        ({ url, filePath, name, formData, timeout }, succeed, fail) => {
            const file = fileOf(filePath);
            const body = new FormData();
            Object.entries(formData).forEach(([field, value]) => body.append(field, value));
            body.append(name, file);
            const sent = { ...formData, [name]: `(${file.name}, ${Math.ceil(file.size / 1024)} KB)` };
            send("uploadFile", sent, { url, body, timeout }, succeed, fail);
        },
    );
}

function addPictures(add) {
    add("chooseMedia", ["count", "mediaType", "sourceType", "sizeType"], async (options, succeed, fail) => {
        const { count, mediaType } = options;
        if (count !== 1 || String(mediaType) !== "image") {
            throw new Error("wx.chooseMedia: one picture is all that can be chosen here");
        }
        const file = await choose();
        if (file) {
            succeed({ tempFiles: [file], type: "image" });
        } else {
            fail("cancel");
        }
    });
    add("compressImage", ["src", "quality", "compressedWidth"], ({ src, quality = 80, compressedWidth }, succeed, fail) => {
        compress(src, quality, compressedWidth).then(
            (tempFilePath) => succeed({ tempFilePath }),
            () => fail("not a picture"),
        );
    });
    add("previewImage", ["urls"], ({ urls }, succeed) => {
        showPicture(urls[0], document.documentElement.lang === "en" ? "Close" : "关闭");
        succeed();
    });
}

function addNavigation(phone, add) {
    for (const name of ["navigateTo", "redirectTo", "reLaunch"]) {
        add(name, ["url"], ({ url }, succeed, fail) => {
            try {
                phone.navigation[name](url);
            } catch (error) {
                phone.complain(error);
                fail(error.message);
                return;
            }
            succeed();
        });
    }
    add("navigateBack", ["delta"], ({ delta }, succeed) => {
        phone.navigation.navigateBack(delta);
        succeed();
    });
    add("setNavigationBarTitle", ["title"], ({ title }, succeed) => {
        phone.navigation.top.title = title; // it is the page's own, and there again when one comes back to it
        phone.setTitle(title);
        succeed();
    });
}

function addDialogs(add) {
    add("showToast", ["title", "icon", "duration"], (options, succeed) => {
        showToast(options);
        succeed();
    });
    add(
        "showModal",
        ["title", "content", "showCancel", "cancelText", "confirmText"],
        ({ title = "", content = "", showCancel = true, cancelText = "取消", confirmText = "确定" }, succeed) => {
            if ([cancelText, confirmText].some((text) => text.replace(/[^ -~]/g, "xx").length > 8)) {
                throw new Error("wx.showModal: a button has 4 Chinese characters at most, or 8 others");
            }
            showModal({ title, content, showCancel, cancelText, confirmText }, (confirm) => {
                succeed({ confirm, cancel: !confirm });
            });
        },
    );
}

/** A code is a text that is typed or pasted. */
function addCodes(add) {
    add("scanCode", ["scanType"], ({ scanType }, succeed, fail) => {
        if (String(scanType) !== "qrCode") {
            throw new Error("wx.scanCode: a QR code is all that can be scanned here");
        }
        const words =
            document.documentElement.lang === "en"
                ? { title: "Scan a QR code", label: "The text of the code", cancel: "Cancel", scan: "Scan" }
                : { title: "扫二维码", label: "二维码里的文字", cancel: "取消", scan: "扫描" };
        showScan(words, (result) => {
            if (result === null) {
                fail("cancel");
            } else {
                succeed({ result, scanType: "QR_CODE", charSet: "UTF-8" });
            }
        });
    });
}

/** A page asks for the nodes of its canvases, and gets null for one that is not there. */
function addCanvas(phone, wx) {
    const node = (selector) => {
        const canvas = phone.navigation.top.host.querySelector(selector);
        if (canvas?.dataset.type !== "2d") {
            return null;
        }
        return {
            node: strict("canvas", {
                get width() {
                    return canvas.width;
                },
                set width(width) {
                    canvas.width = width;
                },
                get height() {
                    return canvas.height;
                },
                set height(height) {
                    canvas.height = height;
                },
                getContext: (kind) => canvas.getContext(kind),
            }),
        };
    };
    wx.createSelectorQuery = () => {
        const asked = [];
        const query = strict("selectorQuery", {
            select: (selector) => strict("nodesRef", {
                fields(wanted) {
                    checked("fields", wanted, ["node"]);
                    asked.push(selector);
                    return query;
                },
            }),
            exec(callback) {
                window.setTimeout(() => phone.pocket.run(() => callback(asked.map(node))));
            },
        });
        return query;
    };
}

/** Sound, vibration, screen and network. */
function addSenses(phone, wx, add) {
    add("vibrateLong", [], (_, succeed) => {
        phone.tell("vibrate");
        if (phone.sound && navigator.userActivation?.hasBeenActive) {
            navigator.vibrate?.(400);
        }
        succeed();
    });
    add("setKeepScreenOn", ["keepScreenOn"], (_, succeed) => succeed());
    add("setInnerAudioOption", ["obeyMuteSwitch"], (_, succeed) => succeed());
    wx.createInnerAudioContext = () => {
        const audio = new Audio();
        return strict("innerAudioContext", {
            set src(path) {
                audio.src = phone.asset(path);
            },
            play() {
                if (phone.sound && navigator.userActivation?.hasBeenActive) {
                    audio.currentTime = 0;
                    audio.play().catch(() => {}); // browsers allow it once somebody has touched the page
                }
            },
            stop: () => audio.pause(),
            destroy: () => audio.removeAttribute("src"),
        });
    };
    wx.onNetworkStatusChange = (listener) => {
        for (const name of ["online", "offline"]) {
            addEventListener(name, () => phone.pocket.run(() => listener({ isConnected: navigator.onLine })));
        }
    };
}
