// What WeChat draws above a page: the message box, the toast, a picture by itself.

let toast = null;

function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
}

/** Show a few words for a moment. */
export function showToast({ title, duration = 1500 }) {
    const place = document.querySelector(".toast");
    window.clearTimeout(toast);
    place.textContent = title;
    toast = window.setTimeout(() => {
        place.textContent = "";
    }, duration);
}

/** Ask; `answered(confirmed)` is called once. */
export function showModal({ title, content, showCancel, cancelText, confirmText }, answered) {
    const buttons = { cancel: showCancel && cancelText, confirm: confirmText };
    showBox(title, element("p", "modal-content", content), buttons, answered);
}

/** Let the text of a QR code be typed or pasted; `scanned(text)` is called once, with null for none. */
export function showScan({ title, label, cancel, scan }, scanned) {
    const field = element("textarea", "modal-field");
    field.setAttribute("aria-label", label);
    field.placeholder = label;
    showBox(title, field, { cancel, confirm: scan }, (confirmed) => scanned(confirmed ? field.value.trim() : null));
}

function showBox(title, content, { cancel, confirm }, answered) {
    const box = element("dialog", "modal");
    const heading = element("h2", "modal-title", title);
    heading.id = "modal-title";
    box.setAttribute("aria-labelledby", heading.id);
    const buttons = element("div", "modal-buttons");
    const add = (className, words, confirmed) => {
        const button = element("button", className, words);
        button.addEventListener("click", () => close(confirmed));
        buttons.append(button);
    };
    const close = (confirmed) => {
        box.close();
        box.remove();
        answered(confirmed);
    };
    if (cancel) {
        add("modal-cancel", cancel, false);
    }
    add("modal-confirm", confirm, true);
    box.append(heading, content, buttons);
    box.addEventListener("cancel", (event) => {
        event.preventDefault();
        close(false);
    });
    document.body.append(box);
    box.showModal();
}

/** Show a picture over the whole screen until it is tapped. */
export function showPicture(url, label) {
    const box = element("dialog", "preview");
    const close = element("button", "preview-close");
    close.setAttribute("aria-label", label);
    const picture = document.createElement("img");
    picture.src = new URL(url).pathname;
    picture.alt = "";
    close.append(picture);
    close.addEventListener("click", () => box.close());
    box.addEventListener("close", () => box.remove());
    box.append(close);
    document.body.append(box);
    box.showModal();
}
