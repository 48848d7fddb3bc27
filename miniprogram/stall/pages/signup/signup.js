// Signing up with the telephone number that staff registered: typed, or proven by WeChat.

const { Failure, ask, forget, onSession } = require("../../lib/line");
const phoneNumber = require("../../lib/phone_number");
const sha256 = require("../../lib/sha256");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

// What is otherwise said where WeChat's number did not serve.
const NUMBER_FAILED = { "Login Error": t.numberAgain, "API Error": t.numberNotToBeHad };

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
    this.send("signUp", { telNum: this.data.telNum });
  },

  /** WeChat tells a code of the number, if it may. */
  prove({ detail }) {
    const { code, said } = phoneNumber.read(detail);
    if (code) {
      this.send("prove", { phoneCode: code });
    } else {
      this.setData({ said, saidOf: "prove" });
    }
  },

  send(name, fields) {
    const { sellerName, personName } = this.data;
    if (sellerName.trim()) {
      fields.sellerName = sellerName;
    }
    if (personName.trim()) {
      fields.personName = personName;
    }
    act(this, name, async () => {
      await surely(() => this.bind(fields), () => this.isBound());
      this.toCounter();
    });
  },

  async bind(fields) {
    try {
      await ask("signup", fields);
    } catch (error) {
      if (!fields.phoneCode || !(error instanceof Failure)) {
        throw error;
      }
      if (error.message === "Login Error") {
        forget(); // the code was spent or too old; or the session is one with which the server cannot ask WeChat
      }
      throw new Failure(NUMBER_FAILED[error.message] || error.message);
    }
    return true;
  },

  toCounter() {
    wx.reLaunch({ url: "/pages/counter/counter" });
  },

  toStaff() {
    wx.navigateTo({ url: "/pages/staff/staff" });
  },
});
