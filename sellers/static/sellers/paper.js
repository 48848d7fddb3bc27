// Opens the browser's own dialogue of printing.
"use strict";

document.getElementById("print").addEventListener("click", () => print());
