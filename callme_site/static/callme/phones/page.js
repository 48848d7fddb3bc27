// What the page holds: pieces to copy, and every text, in the reader's language.

const reasons = JSON.parse(document.getElementById("reasons").textContent);

/** Return a new copy of a template that holds one element. */
export function copy(id) {
    return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Return the text of a template that holds nothing else. */
export function text(id) {
    return document.getElementById(id).content.textContent.trim();
}

/** Return what a failMsg, a queryErr or a missing answer is in plain words. */
export function plain(reason) {
    return reasons[reason] ?? reason;
}

export function slot(root, name) {
    return root.querySelector(`[data-slot="${name}"]`);
}

/** Return the button or the form that does something; the screen itself may be that form. */
export function button(root, name) {
    return root.matches(`[data-do="${name}"]`) ? root : root.querySelector(`[data-do="${name}"]`);
}

/** Write texts into slots, and nothing where it is there already: a reader's cursor and a screen reader stay calm. */
export function fill(root, texts) {
    for (const [name, value] of Object.entries(texts)) {
        const place = slot(root, name);
        if (place.textContent !== String(value)) {
            place.textContent = value;
        }
    }
}

/** Show a picture from wherever this page is: the server names it under PUBLIC_URL, maybe another name of this host. */
export function show(image, url) {
    image.hidden = !url;
    if (url) {
        image.src = new URL(url, location.href).pathname;
    }
}
