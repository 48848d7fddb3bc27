// Shows the balance after each change, and until when it lasts, while the months are chosen; sends the page once.
"use strict";

const form = document.getElementById("desk");
const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeZone: "UTC" });

function months() {
    const term = form.querySelector("input[name=term]:checked");
    const typed = form.elements.other ?? form.elements.months;
    return term && term.value !== "other" ? Number(term.value) : Number(typed?.value || 0);
}

// As add_months in sellers/months.py: a 31st falls on a shorter month's last day.
function addMonths(since, count) {
    const [year, month, day] = since.split("-").map(Number);
    const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
    return new Date(Date.UTC(year, month - 1 + count, Math.min(day, last)));
}

function show() {
    for (const row of form.querySelectorAll("tr[data-since]")) {
        const { since, months: paid } = row.dataset;
        const added = Math.trunc(months()) || 0;
        const until = addMonths(since, Number(paid) + added);
        row.querySelector(".after").textContent = Number(row.querySelector(".before").textContent) + added;
        row.querySelector(".until-after").textContent = until > new Date(`${since}T00:00Z`) ? words.format(until) : "-";
    }
}

for (const time of form.querySelectorAll(".until time")) {
    time.textContent = words.format(new Date(`${time.dateTime}T00:00Z`));
}
(form.querySelector("input[name=term]:checked") ?? form.elements.months ?? form.elements.telephone)?.focus();
form.addEventListener("input", ({ target }) => {
    if (target.name === "term" && target.value !== "other" && form.elements.other) {
        form.elements.other.value = ""; // else the browser would refuse the page for what was typed there
    }
    show();
});
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
