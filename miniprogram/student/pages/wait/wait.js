// Waiting for a number, and the call. Opened with `sellerId` and `marchSn`: with `known` by another page, of an order that
// is looked after; without, by WeChat's message of the call, whatever has become of the order since.

const { fill } = require("../../lib/language");
const { ask, templateIds } = require("../../lib/line");
const live = require("../../lib/live");
const { learn } = require("../../lib/learn");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

const TAKEN_BACK = { call: t.backCall, end: t.backEnd };

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", state: "waiting", ringing: false, number: "", name: "", note: "",
    ahead: "", message: "", back: "", end: "", collected: false, called: [],
  },

  onLoad({ sellerId, marchSn, known }) {
    wx.setNavigationBarTitle({ title: t.title });
    getApp().launched = true;
    this.asked = { sellerId: Number(sellerId), marchSn: Number(marchSn) };
    this.order = live.find(this.asked);
    if (!this.order) {
      this.setData({ state: "", number: this.asked.marchSn });
    } else if (!known) {
      this.order.told = false; // this was the one message: a further call has none
    }
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    if (!this.asked.sellerId || !this.asked.marchSn) {
      this.toStalls();
      return;
    }
    wx.setKeepScreenOn({ keepScreenOn: true });
    live.wake();
    this.show();
    this.watch.start();
  },

  onHide() {
    this.rest();
  },

  onUnload() {
    this.rest();
  },

  rest() {
    this.watch.stop();
    still();
    wx.setKeepScreenOn({ keepScreenOn: false });
  },

  async look(current) {
    if (!this.order) {
      this.order = await learn(this.asked);
    }
    await live.look(current);
    if (current()) {
      this.watch.pace = live.pace();
      this.show();
      ring();
    }
  },

  show() {
    const { order } = this;
    if (!order) {
      return;
    }
    const { marchSn, sellerName, note, state, back, ended, hushed } = order;
    order.seen = state === "ended";
    this.setData({
      number: marchSn,
      name: sellerName,
      note,
      state,
      ringing: state === "ready" && !hushed,
      ahead: says.ahead(order),
      message: says.message(order, templateIds()),
      back: TAKEN_BACK[back] || "",
      end: says.end(order),
      collected: ended === "collected",
      called: live.all().filter((each) => each !== order && each.state === "ready").map(says.row),
    });
  },

  hush() {
    live.hush();
    still();
    this.show();
  },

  collect() {
    this.end("collect", t.enjoy);
  },

  giveUp() {
    wx.showModal({
      title: fill(t.giveUpAsk, { number: this.order.marchSn }),
      content: t.giveUpSays,
      cancelText: t.giveUpNo,
      confirmText: t.giveUpYes,
      success: ({ confirm }) => confirm && this.end("giveUp", t.givenUp),
    });
  },

  end(name, words) {
    const { sellerId, marchSn } = this.order;
    act(this, name, async () => {
      await surely(
        () => ask("done", { sellerId, marchSn }),
        async () => (await live.hear(this.order, true)).state === "ended",
      );
      live.drop(this.order);
      this.toStalls();
      wx.showToast({ title: words, icon: "none", duration: 2500 });
    });
  },

  open({ currentTarget }) {
    const { seller, number } = currentTarget.dataset;
    wx.redirectTo({ url: `/pages/wait/wait?sellerId=${seller}&marchSn=${number}&known=yes` });
  },

  toStalls() {
    wx.reLaunch({ url: "/pages/index/index" });
  },
});
