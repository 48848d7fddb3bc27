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

/**
 * Ask for leave for messages with these titles, as `program`; `answered(accepted, always)` is called once, `always`
 * where it is not to be asked again.
 */
export function showConsent({ program, wants, always, reject, allow }, titles, answered) {
    const content = element("div", "modal-choices");
    content.append(element("p", "modal-wants", wants), ...titles.map((title) => element("p", "modal-template", title)));
    const keep = choice("checkbox", "always", always);
    content.append(keep.label);
    const buttons = { cancel: reject, confirm: allow };
    showBox(program, content, buttons, (accepted) => answered(accepted, keep.field.checked));
}

/** Ask which telephone number `program` may have; `answered(number)` is called once, with null for none. */
export function showTelephones({ program, wants, reject, allow }, telephones, answered) {
    const content = element("div", "modal-choices");
    content.setAttribute("role", "radiogroup");
    content.setAttribute("aria-label", wants);
    const choices = telephones.map((telephone) => choice("radio", "telephone", telephone));
    choices[0].field.checked = true;
    content.append(element("p", "modal-wants", wants), ...choices.map(({ label }) => label));
    showBox(program, content, { cancel: reject, confirm: allow }, (accepted) => {
        answered(accepted ? telephones[choices.findIndex(({ field }) => field.checked)] : null);
    });
}

function choice(type, name, words) {
    const label = element("label", "modal-choice");
    const field = element("input", "");
    Object.assign(field, { type, name });
    label.append(field, element("span", "", words));
    return { label, field };
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
