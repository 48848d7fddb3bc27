// Shows the balance after each change while the number of months is chosen, and sends the page once.
"use strict";

const form = document.getElementById("desk");

function months() {
    const term = form.querySelector("input[name=term]:checked");
    const typed = form.elements.other ?? form.elements.months;
    return term && term.value !== "other" ? Number(term.value) : Number(typed?.value || 0);
}

function show() {
    for (const row of form.querySelectorAll("tbody tr")) {
        const before = row.querySelector(".before");
        if (before) {
            row.querySelector(".after").textContent = Number(before.textContent) + months();
        }
    }
}

form.addEventListener("input", show);
form.elements.other?.addEventListener("input", () => {
    form.querySelector("input[name=term][value=other]").checked = true;
    show();
});
form.addEventListener("submit", () => {
    form.querySelector("input[type=submit]").disabled = true;
});
window.addEventListener("pageshow", () => {
    form.querySelector("input[type=submit]").disabled = false;
    show();
});
