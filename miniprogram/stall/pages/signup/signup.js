// Signing up with the telephone number that staff registered.

const { ask, onSession } = require("../../lib/line");
const sha256 = require("../../lib/sha256");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

Page({
  data: { t, trouble: "", busy: "", said: "", saidOf: "", code: "", telNum: "", sellerName: "", personName: "" },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.signup });
    this.watch = new Watch(this, 0, (current) => this.look(current));
    this.deaf = onSession((key) => this.setData({ code: sha256(key).slice(0, 6) }));
  },

  onShow() {
    this.watch.start();
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
    this.deaf();
  },

  /** Staff may have bound this phone meanwhile. */
  async look(current) {
    if (await this.isBound() && current()) {
      this.toCounter();
    }
  },

  async isBound() {
    try {
      await ask("info");
      return true;
    } catch (error) {
      if (error.message === "Invalid Session Error") {
        return false;
      }
      throw error;
    }
  },

  write({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.name]: detail.value });
  },

  signUp() {
    const { telNum, sellerName, personName } = this.data;
    const fields = { telNum };
    if (sellerName.trim()) {
      fields.sellerName = sellerName;
    }
    if (personName.trim()) {
      fields.personName = personName;
    }
    act(this, "signUp", async () => {
      await surely(() => ask("signup", fields), () => this.isBound());
      this.toCounter();
    });
  },

  toCounter() {
    wx.reLaunch({ url: "/pages/counter/counter" });
  },

  toStaff() {
    wx.navigateTo({ url: "/pages/staff/staff" });
  },
});
