// What Django's pages leave out for whoever uses a keyboard or a screen reader.
"use strict";

// What is wider than the window is moved by the arrow keys, once it can be reached.
function letKeysMove() {
    for (const box of document.querySelectorAll(".results, .inline-group, .module.results")) {
        if (box.scrollWidth > box.clientWidth) {
            box.tabIndex = 0;
        } else {
            box.removeAttribute("tabindex");
        }
    }
}

// After Django's own scripts have made their boxes.
window.addEventListener("load", () => {
    document.querySelectorAll(".help-tooltip[aria-label]").forEach((icon) => icon.setAttribute("role", "img"));
    for (const heading of document.querySelectorAll(".inline-group thead th:empty")) {
        const cell = document.createElement("td"); // a heading that says nothing is none
        cell.className = heading.className;
        heading.replaceWith(cell);
    }
    letKeysMove();
});
window.addEventListener("resize", letKeysMove);
