// Waiting for a number, and the call. Opened with `sellerId` and `marchSn` of an order that is known already.

const { ask } = require("../../lib/line");
const { fill } = require("../../lib/language");
const live = require("../../lib/live");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

const TAKEN_BACK = { call: t.backCall, end: t.backEnd };

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", state: "waiting", ringing: false, number: "", name: "", note: "",
    ahead: "", back: "", end: "", collected: false, called: [],
  },

  onLoad({ sellerId, marchSn }) {
    wx.setNavigationBarTitle({ title: t.title });
    getApp().launched = true;
    this.order = live.find({ sellerId: Number(sellerId), marchSn: Number(marchSn) });
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    if (!this.order) {
      wx.reLaunch({ url: "/pages/index/index" }); // WeChat opened this page anew, and it knows of no order
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
    await live.look(current);
    if (current()) {
      this.watch.pace = live.pace();
      this.show();
      ring();
    }
  },

  show() {
    const { order } = this;
    const { marchSn, sellerName, note, state, back, ended, hushed } = order;
    order.seen = state === "ended";
    this.setData({
      number: marchSn,
      name: sellerName,
      note,
      state,
      ringing: state === "ready" && !hushed,
      ahead: says.ahead(order),
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
    wx.redirectTo({ url: `/pages/wait/wait?sellerId=${seller}&marchSn=${number}` });
  },

  toStalls() {
    wx.reLaunch({ url: "/pages/index/index" });
  },
});
