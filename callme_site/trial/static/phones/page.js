// What the page around the phones holds: pieces to copy, and every text, in the reader's language.

/** Return a new copy of a template that holds one element. */
export function copy(id) {
    return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Return the text of a template that holds nothing else. */
export function text(id) {
    return document.getElementById(id).content.textContent.trim();
}

export function slot(root, name) {
    return root.querySelector(`[data-slot="${name}"]`);
}

export function button(root, name) {
    return root.querySelector(`[data-do="${name}"]`);
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
