// A phone: one mini-program on WeChat's own component engine, in a frame of its own.

import { MiniProgramEnv, glassEasel } from "../engine/glass_easel_miniprogram_adapter.es.js";
import { makeWx } from "./api.mjs";
import { ELEMENTS, define, listen } from "./elements.mjs";
import { Navigation } from "./navigation.mjs";
import { Pocket } from "./pocket.mjs";
import { wechatOf } from "./wechat.mjs";

const { program: name, compiled } = document.documentElement.dataset;
const program = await import(compiled);
const app = program.json["app.json"];
const asked = new URLSearchParams(location.search);

/** Complain so loudly that no test passes over it. */
function complain(error) {
    console.error(error);
    reportError(error);
}

const phone = {
    person: asked.get("person"),
    storage: `callme.${name}.${asked.get("person")}`,
    sound: true,
    tapped: false, // whether what runs was caused by a tap
    wechat: wechatOf(asked.get("person"), app.window.navigationBarTitleText, document.documentElement.dataset),
    complain,
    asset: (path) => new URL(path.replace(/^\//, ""), new URL(compiled, location)).href,
    tell: (kind, facts = {}) => parent.postMessage({ callme: kind, ...facts }, location.origin),
    setTitle: (title) => {
        document.querySelector(".bar-title").textContent = title;
        document.title = title;
    },
};

// The engine's own taps come from fingers and the mouse alone; a click comes from the keyboard too.
// And it would draw an element that it does not know as whatever a browser makes of the name.
class Screen extends glassEasel.CurrentWindowBackendContext {
    document = {
        createElement(tag) {
            if (tag !== "page" && !(tag in ELEMENTS)) {
                complain(new Error(`<${tag}> is not known here`));
            }
            return document.createElement(tag);
        },
        createTextNode: (text) => document.createTextNode(text),
        createDocumentFragment: () => document.createDocumentFragment(),
    };

    onEvent() {}
}
glassEasel.globalOptions.throwGlobalError = false;
glassEasel.addGlobalWarningListener((message) => {
    complain(new Error(message));
    return false;
});
glassEasel.addGlobalErrorListener((error) => {
    complain(error);
    return false;
});

const environment = new MiniProgramEnv();
const space = environment.createCodeSpace("", true);
define(environment.getGlobalCodeSpace().getComponentSpace(), space.getComponentSpace());
const backend = environment.associateBackend(new Screen());

let theApp = {};
let opened = ""; // the page of the message that takes the phone out of the pocket
phone.pocket = new Pocket((hidden) => {
    (hidden ? theApp.onHide : theApp.onShow)?.call(theApp);
    if (opened) {
        phone.navigation.reLaunch(`/${opened}`);
    } else {
        phone.navigation.moved(hidden);
    }
});
phone.navigation = new Navigation(app.pages, makePage, drawn);
const wx = makeWx(phone);

/** Make a page and put it on the screen. */
function makePage(route) {
    const root = backend.createRoot("page", space, route);
    const place = document.createElement("page");
    document.querySelector(".pages").append(place);
    root.attach(place.parentNode, place);
    const host = root.getComponent().getBackendElement();
    host.setAttribute("data-page", route);
    const release = () => {
        root.release();
        host.remove();
    };
    return { page: root.get(), host, release };
}

/** Draw WeChat's own bar for the page on top. */
function drawn({ route, host, title }, depth) {
    const config = program.json[`${route}.json`] ?? {};
    phone.setTitle(title ?? config.navigationBarTitleText ?? app.window.navigationBarTitleText);
    document.querySelector(".bar-back").hidden = depth < 2;
    if (document.activeElement === document.body || host.parentNode.contains(document.activeElement)) {
        document.querySelector(".bar-title").focus({ preventScroll: true });
    }
    scrollTo(0, 0);
    phone.tell("page", { route });
}

const modules = new Map();
const PAGE = new Set(app.pages.map((page) => `${page}.js`));

/** Run a script of the program once, as WeChat's require() does; return what it exports. */
function load(path) {
    if (!modules.has(path)) {
        const script = program.scripts[path];
        if (!script) {
            throw new Error(`module "${path}" is not defined`);
        }
        const module = { exports: {} };
        modules.set(path, module);
        const own = {
            require: (asked) => load(resolved(asked, path)),
            module,
            exports: module.exports,
            wx,
            console,
            App: (made) => {
                theApp = made;
            },
            Page: (definition) => {
                if (!PAGE.has(path)) {
                    throw new Error(`${path} is no page of app.json`);
                }
                space.componentEnv(path.slice(0, -3), ({ Page }) => Page(definition));
            },
            getApp: () => theApp,
            getCurrentPages: () => phone.navigation.pages,
            ...phone.pocket.timers(),
        };
        script(...program.globals.map((global) => own[global]));
    }
    return modules.get(path).exports;
}

function resolved(asked, from) {
    const path = new URL(asked, `http://phone/${from}`).pathname.slice(1);
    return path.endsWith(".js") ? path : `${path}.js`;
}

for (const route of app.pages) {
    space.addComponentStaticConfig(route, program.json[`${route}.json`] ?? {});
    space.addCompiledTemplate(route, { groupList: program.templates, content: program.templates[route] });
}
listen(
    document.querySelector(".pages"),
    (element, kind, detail, options) => {
        phone.pocket.run(() => {
            phone.tapped = kind === "tap";
            try {
                glassEasel.triggerEvent(element, kind, detail, options);
            } finally {
                phone.tapped = false;
            }
        });
    },
    phone.wechat.open,
);
document.querySelector(".bar-back").addEventListener("click", () => phone.navigation.navigateBack());

load("app.js");
app.pages.forEach((route) => load(`${route}.js`));
const first = asked.get("open") ?? app.pages[0];
theApp.onLaunch?.({ path: first.split("?")[0] });
theApp.onShow?.();
phone.navigation.reLaunch(`/${first}`);

// The page around the phones puts them into the pocket, and so does a browser that shows another tab.
let pocketed = false;
const move = () => phone.pocket.move(pocketed || document.hidden);
document.addEventListener("visibilitychange", move);
addEventListener("message", ({ data, origin, source }) => {
    if (origin !== location.origin || source !== parent) {
        return;
    }
    if (data.callme === "pocket") {
        pocketed = data.in;
        opened = data.open ?? "";
        move();
        opened = "";
    } else if (data.callme === "sound") {
        phone.sound = data.on;
    } else if (data.callme === "scan") {
        phone.navigation.reLaunch(`/${data.url}`);
    }
});
phone.tell("ready");
