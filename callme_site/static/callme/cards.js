// Tells each cell of a list its column's heading, which a card on a phone shows beside it, and whether it says anything.
"use strict";

for (const table of document.querySelectorAll("#result_list, .inline-group table, #desk table")) {
    const headings = [...table.querySelectorAll("thead th")].map((heading) => heading.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
        for (const [place, cell] of [...row.cells].entries()) {
            cell.dataset.heading = headings[place] ?? "";
            const changes = cell.ariaLive !== null; // desk.js fills it in
            cell.classList.toggle("says-nothing", !changes && cell.textContent.trim() === "-");
        }
    }
}

// A card has no column: the box that chooses all of them needs words.
const toggle = document.getElementById("action-toggle");
if (toggle) {
    const label = document.createElement("label");
    label.htmlFor = toggle.id;
    label.textContent = toggle.ariaLabel;
    toggle.after(label);
}
