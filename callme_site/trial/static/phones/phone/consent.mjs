// WeChat's leave for messages: the box that asks, what a person has chosen for always, and the settings that say so.

const MOST = 3; // templates that are asked for at once (WeChat: requestSubscribeMessage)

/**
 * `phone.tapped` says whether this runs within a tap. `phone.wechat` has `templates`, the titles by id; `settings`, what
 * the person has told WeChat (`off`, the main switch; `always`, accept or reject by id; `banned`, ids);
 * `remember(settings)`; `askConsent(titles, answered)`, the box; and `allow(id)`, which lets a message of that template
 * come.
 */
export function addConsent(phone, add) {
    add("requestSubscribeMessage", ["tmplIds"], ({ tmplIds }, succeed, fail) => {
        const [errCode, words] = fault(phone, tmplIds);
        if (words) {
            fail(words, errCode ? { errCode } : {});
            return;
        }
        const results = decided(phone, tmplIds);
        const open = tmplIds.filter((id) => !results[id]);
        const finish = () => {
            const allowed = tmplIds.filter((id) => results[id] === "accept");
            Promise.all(allowed.map((id) => phone.wechat.allow(id))).then(
                () => succeed(results),
                () => fail("request fail", { errCode: 10003 }),
            );
        };
        if (!open.length) {
            finish();
            return;
        }
        phone.wechat.askConsent(open.map((id) => phone.wechat.templates[id]), (accepted, always) => {
            open.forEach((id) => {
                results[id] = accepted ? "accept" : "reject";
            });
            if (always) {
                const chosen = Object.fromEntries(open.map((id) => [id, results[id]]));
                phone.wechat.remember({ ...phone.wechat.settings, always: { ...phone.wechat.settings.always, ...chosen } });
            }
            finish();
        });
    });
    add("getSetting", ["withSubscriptions"], ({ withSubscriptions }, succeed) => {
        const { off, always } = phone.wechat.settings;
        const chosen = always && Object.keys(always).length ? { itemSettings: always } : {};
        const subscriptionsSetting = { mainSwitch: !off, ...chosen };
        succeed({ authSetting: {}, ...(withSubscriptions ? { subscriptionsSetting } : {}) });
    });
}

/** Return WeChat's code and words for what cannot be asked. */
function fault(phone, ids) {
    if (!phone.tapped) {
        return [0, "can only be invoked by user TAP gesture."];
    }
    if (!Array.isArray(ids)) {
        return [10004, "TmplIds is no array"];
    }
    if (!ids.length) {
        return [10001, "TmplIds can't be empty"];
    }
    if (ids.length > MOST) {
        return [20003, "Templates count out of max bounds"];
    }
    if (ids.some((id) => !phone.wechat.templates[id])) {
        return [20001, "No template data return, verify the template id exist"];
    }
    return phone.wechat.settings.off ? [20004, "The main switch is switched off"] : [0, ""];
}

/** Return the answers that are there without asking, by id. */
function decided(phone, ids) {
    const { always = {}, banned = [] } = phone.wechat.settings;
    const titles = new Set();
    const results = {};
    for (const id of ids) {
        const again = titles.has(phone.wechat.templates[id]);
        titles.add(phone.wechat.templates[id]);
        const result = banned.includes(id) ? "ban" : again ? "filter" : always[id];
        if (result) {
            results[id] = result;
        }
    }
    return results;
}
