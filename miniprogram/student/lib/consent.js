// The student's leave for WeChat's message when the food is ready: one message for each yes.

const { templateIds } = require("./line");
const t = require("./texts");

let unused = false; // whether there has been a yes that no order has used: the number was wrong, say

/** Ask for leave and return whether it is given; has to be called in the tap's own callback. No and an error are alike. */
function ask() {
  return new Promise((resolve) => {
    const tmplIds = templateIds();
    if (unused || !tmplIds.length) {
      resolve(unused);
      return;
    }
    wx.requestSubscribeMessage({
      tmplIds,
      success(result) {
        unused = tmplIds.some((id) => result[id] === "accept");
        resolve(unused);
      },
      fail: () => resolve(false),
    });
  });
}

/** The leave went with an order. */
function use() {
  unused = false;
}

/** Return what is said of the message before it is asked for; "" where there is none. */
function says() {
  return new Promise((resolve) => {
    const tmplIds = templateIds();
    if (!tmplIds.length) {
      resolve("");
      return;
    }
    wx.getSetting({
      withSubscriptions: true,
      success({ subscriptionsSetting }) {
        const { mainSwitch = true, itemSettings = {} } = subscriptionsSetting || {};
        const always = (choice) => tmplIds.some((id) => itemSettings[id] === choice);
        resolve(!mainSwitch || always("reject") ? t.messageNever : always("accept") ? t.messageAlways : t.messageAsks);
      },
      fail: () => resolve(t.messageAsks),
    });
  });
}

module.exports = { ask, says, use };
