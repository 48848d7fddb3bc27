// WeChat itself on a phone: what its person has told it, and the boxes in which it asks for what a program wants.

import { showConsent, showTelephones } from "./dialogs.mjs";

/**
 * `program` is the mini-program's name, `facts` what the page says of the sandbox WeChat: its template and the
 * telephone numbers.
 */
export function wechatOf(person, program, { templateId, templateTitle, telephones }) {
    // No program sees it, and it is forgotten with the tab.
    const store = `callme.wechat.${person}`;
    return {
        templates: { [templateId]: templateTitle },
        get settings() {
            return JSON.parse(sessionStorage.getItem(store) ?? "{}");
        },
        remember: (settings) => sessionStorage.setItem(store, JSON.stringify(settings)),
        async allow(id) {
            const body = new URLSearchParams({ name: person, template_id: id });
            const response = await fetch("/phone/wechat/subscribe", { method: "POST", body });
            if (!response.ok || (await response.json()).errcode !== 0) {
                throw new Error("the sandbox WeChat does not allow the message");
            }
        },
        askConsent(titles, answered) {
            showConsent(words(program, "wants to send you this message, once:", "申请发送一次以下消息"), titles, answered);
        },
        /** Show what a button of that open-type opens; `answered(detail)` is called with what the program is told. */
        open(type, answered) {
            if (type !== "getPhoneNumber") {
                throw new Error(`a button's open-type is getPhoneNumber here, not ${type}`);
            }
            const says = words(program, "wants your telephone number, proven by WeChat:", "申请获取并验证你的手机号");
            showTelephones(says, telephones.split(" "), (telephone) => {
                const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
                const code = `sandbox-${telephone}-${random}`;
                answered(telephone ? { errMsg: "getPhoneNumber:ok", code } : { errMsg: "getPhoneNumber:fail user deny" });
            });
        },
    };
}

function words(program, english, chinese) {
    return document.documentElement.lang === "en"
        ? { program, wants: english, always: "Keep this choice, do not ask again", reject: "Reject", allow: "Allow" }
        : { program, wants: chinese, always: "总是保持以上选择，不再询问", reject: "拒绝", allow: "允许" };
}
