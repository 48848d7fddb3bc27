// WXSS to CSS: imports are put in place, rpx becomes a share of the screen's width, and a page's rules reach that page
// alone.

/**
 * Return the CSS of a style sheet. `load(path)` returns an imported sheet; `page` is the route that the rules are for.
 */
export function toCss(source, { load, page = null }) {
    const whole = source
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .replace(/@import\s+["']([^"']+)["']\s*;/g, (_, path) => load(path).replace(/\/\*[\s\S]*?\*\//g, ""));
    return rules(whole, page).replace(/(-?[\d.]+)rpx\b/g, (_, number) => `${+((number * 100) / 750).toFixed(4)}vw`);
}

function rules(text, page) {
    let css = "";
    for (const { head, body } of blocks(text)) {
        if (head.startsWith("@keyframes")) {
            css += `${head} {${body}}\n`;
        } else if (head.startsWith("@media")) {
            css += `${head} {\n${rules(body, page)}}\n`;
        } else if (head.startsWith("@")) {
            throw new Error(`the browser's phones do not know ${head}`);
        } else {
            css += `${head.split(",").map((selector) => scoped(selector.trim(), page)).join(", ")} {${body}}\n`;
        }
    }
    return css;
}

/** Yield the blocks of the outermost level. */
function* blocks(text) {
    let depth = 0;
    let start = 0;
    let open = 0;
    for (let place = 0; place < text.length; place += 1) {
        if (text[place] === "{") {
            depth += 1;
            if (depth === 1) {
                open = place;
            }
        } else if (text[place] === "}") {
            depth -= 1;
            if (depth === 0) {
                yield { head: text.slice(start, open).trim(), body: text.slice(open + 1, place) };
                start = place + 1;
            }
        }
    }
    if (depth || text.slice(start).trim()) {
        throw new Error(`a brace too many or too few: ${text.slice(start).trim().slice(0, 80)}`);
    }
}

/** WeChat lays a page's sheet over the app's without more weight, and so does :where(). */
function scoped(selector, page) {
    const own = selector.replace(/:not\(([^)]*)\)/g, " $1 ").replace(/::?[\w-]+(\([^)]*\))?/g, "");
    for (const part of own.split(/[\s>+~]+/).filter(Boolean)) {
        if (part !== "page" && !/^(\.[\w-]+)+$/.test(part)) {
            throw new Error(`a selector is made of classes: ${selector}`);
        }
    }
    if (!page) {
        return selector;
    }
    const here = `:where([data-page="${page}"])`;
    return selector.startsWith("page") ? `page${here}${selector.slice(4)}` : `${here} ${selector}`;
}
