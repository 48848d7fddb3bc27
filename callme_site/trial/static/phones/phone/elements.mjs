// WeChat's built-in elements, as far as the two mini-programs use them. The lint reads this table too: what is not in
// it is
// refused before it gets here.

/** What every element takes. Each is a property's name with how it is put on the element of the page. */
const COMMON = {
    "hover-class": (host, value) => host.setAttribute("data-hover", value),
    "aria-label": attribute("aria-label"),
    "aria-role": attribute("role"),
    "aria-live": attribute("aria-live"),
    "aria-hidden": (host, value) => host.setAttribute("aria-hidden", String(value)),
};

/** `events` are those beside tap, which every element has; `values` all that a property may be. */
export const ELEMENTS = {
    "page-meta": { properties: { "root-font-size": onlyTheSystems } },
    view: { properties: {} },
    text: { properties: {} },
    image: {
        properties: {
            src: (host, value) => setSource(host.querySelector("img"), value),
            mode: (host, value) => host.setAttribute("data-mode", value),
            "aria-label": (host, value) => host.querySelector("img").setAttribute("alt", value),
            "show-menu-by-longpress": () => {},
        },
        events: ["load", "error"],
        attached(host) {
            const picture = document.createElement("img");
            picture.alt = "";
            host.append(picture);
        },
    },
    button: {
        properties: {
            "aria-pressed": (host, value) => host.setAttribute("aria-pressed", String(value)),
            "open-type": (host, value) => {
                host.dataset.openType = value;
            },
        },
        events: ["getphonenumber"],
        values: { "open-type": ["getPhoneNumber"] },
        attached(host) {
            host.type = "button";
        },
    },
    canvas: { properties: { type: onlyTheNewKind } },
    input: {
        properties: {
            ...field(),
            type: (host, value) => {
                host.inputMode = { number: "numeric", text: "text" }[value];
            },
        },
        events: ["input", "confirm", "focus", "blur"],
        attached: limit,
    },
    textarea: {
        properties: { ...field(), "auto-height": (host, value) => host.toggleAttribute("data-auto-height", value) },
        events: ["input", "focus", "blur"],
        attached: limit,
    },
};

/** Parts of the template language that are no elements. */
export const STRUCTURE = ["block", "template", "import", "include"];

export function propertiesOf(tag) {
    return { ...COMMON, ...ELEMENTS[tag].properties };
}

function attribute(name) {
    return (host, value) => (value ? host.setAttribute(name, value) : host.removeAttribute(name));
}

/** What has no maxlength takes 140 characters, as WeChat's fields do. */
function limit(host) {
    host.maxLength = 140;
}

function field() {
    return {
        value: (host, value) => {
            if (host.value !== String(value ?? "")) {
                host.value = value ?? "";
            }
        },
        placeholder: attribute("placeholder"),
        maxlength: (host, value) => {
            if (Number(value) < 0) {
                host.removeAttribute("maxlength");
            } else {
                host.maxLength = Number(value);
            }
        },
        disabled: (host, value) => {
            host.disabled = Boolean(value);
        },
        "aria-invalid": (host, value) => host.setAttribute("aria-invalid", String(value)),
    };
}

function onlyTheSystems(host, value) {
    if (value !== "system") {
        throw new Error(`page-meta: root-font-size is "system" here, which is the browser's own, not ${value}`);
    }
}

function onlyTheNewKind(host, value) {
    if (value !== "2d") {
        throw new Error(`canvas: type is "2d" here, not ${value}`);
    }
    host.dataset.type = value;
}

/** The server names its pictures under PUBLIC_URL, maybe another name of this host. */
function setSource(picture, value) {
    if (!value) {
        picture.removeAttribute("src");
        return;
    }
    const { protocol, pathname } = new URL(value);
    picture.src = protocol === "blob:" ? value : pathname;
}

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Make the elements known to every page of the code space. */
export function define(globalSpace, space) {
    for (const [tag, { attached }] of Object.entries(ELEMENTS)) {
        const setters = propertiesOf(tag);
        const definition = globalSpace.define(tag).definition({
            properties: Object.fromEntries(Object.keys(setters).map((name) => [camel(name), { type: null, value: null }])),
            observers: Object.fromEntries(
                Object.entries(setters).map(([name, set]) => [
                    camel(name),
                    function (value) {
                        const host = this.getBackendElement();
                        if (value !== null && value !== undefined) {
                            set(host, value);
                        }
                    },
                ]),
            ),
            lifetimes: {
                created() {
                    attached?.(this.getBackendElement());
                },
            },
        });
        space.setGlobalUsingComponent(tag, definition.registerComponent());
    }
}

/**
 * Turn what browsers call clicks, changes and keys into WeChat's events. `trigger(element, name, detail)` sends them;
 * `open(type, answered)` shows what a button with that open-type opens.
 */
export function listen(root, trigger, open) {
    const send = (target, name, detail, bubbles = false) => {
        let host = target;
        while (host && !host.__wxElement) {
            host = host.parentNode;
        }
        if (host) {
            trigger(host.__wxElement, name, detail, { bubbles, composed: bubbles });
        }
    };
    root.addEventListener("click", (event) => {
        send(event.target, "tap", { x: event.clientX, y: event.clientY }, true);
        const opener = event.target.closest("[data-open-type]");
        if (opener) {
            const type = opener.dataset.openType;
            open(type, (detail) => send(opener, type.toLowerCase(), detail));
        }
    });
    for (const [heard, down] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false], ["pointerout", false]]) {
        root.addEventListener(heard, ({ target }) => {
            const host = target.closest("[data-hover]");
            host?.classList.toggle(host.dataset.hover, down);
        });
    }
    root.addEventListener("input", ({ target }) => {
        send(target, "input", { value: target.value, cursor: target.selectionEnd });
    });
    root.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.localName === "input" && !event.isComposing) {
            send(event.target, "confirm", { value: event.target.value });
        }
    });
    for (const [name, heard] of [["focus", "focusin"], ["blur", "focusout"]]) {
        root.addEventListener(heard, ({ target }) => {
            if (["input", "textarea"].includes(target.localName)) {
                send(target, name, { value: target.value });
            }
        });
    }
    for (const name of ["load", "error"]) {
        root.addEventListener(name, ({ target }) => send(target, name, {}), { capture: true });
    }
}
