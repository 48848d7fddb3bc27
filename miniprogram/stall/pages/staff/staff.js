// For staff: the stalls and their months, and selling more.

const { ask, onSession } = require("../../lib/line");
const { fill } = require("../../lib/language");
const sha256 = require("../../lib/sha256");
const t = require("../../lib/texts");
const { Watch, act, again, surely } = require("../../lib/watch");

const TERMS = [1, 3, 6, 12].map((months) => ({ months, label: fill(t.termOf, { months }) }));

Page({
  data: {
    t, terms: TERMS, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    refused: "", code: "", sellers: [], chosen: "", telNum: "",
  },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.staff });
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

  async look(current) {
    try {
      const { sellerList } = await ask("admin");
      if (current()) {
        this.list(sellerList);
      }
    } catch (error) {
      if (error.message !== "Not Admin Error") {
        throw error;
      }
      this.setData({ loaded: true, refused: "yes" });
    }
  },

  list(sellerList) {
    this.sellers = sellerList;
    this.setData({
      loaded: true,
      refused: "",
      sellers: sellerList.map(({ sellerName, personName, telNum, balanceMon }) => ({
        telNum, personName, name: sellerName || t.noName, left: fill(t.months, { months: balanceMon }), out: balanceMon <= 0,
      })),
    });
  },

  choose({ currentTarget }) {
    const { tel } = currentTarget.dataset;
    this.setData({ chosen: this.data.chosen === tel ? "" : tel, said: "", saidOf: "" });
  },

  write({ detail }) {
    this.setData({ telNum: detail.value, said: "", saidOf: "" });
  },

  sell({ currentTarget }) {
    const { months } = currentTarget.dataset;
    const known = currentTarget.dataset.tel;
    const telNum = known || this.data.telNum.trim();
    if (!known && !/^1\d{10}$/.test(telNum.replace(/[^\d]/g, ""))) {
      this.setData({ said: t.telMissing, saidOf: "sell-" });
      return;
    }
    const seller = this.data.sellers.find((each) => each.telNum === telNum);
    wx.showModal({
      title: fill(t.renewAsk, { months }),
      content: fill(t.renewSays, { name: seller ? seller.name : t.renewNew, telNum }),
      cancelText: t.cancel,
      confirmText: t.renewYes,
      success: ({ confirm }) => confirm && this.renew(telNum, months, known ? `sell-${known}` : "sell-"),
    });
  },

  /** Sell once for one press: where the answer is lost, the list tells whether it was sold. */
  renew(telNum, months, name) {
    const balance = (list) => {
      const seller = list.find((each) => each.telNum === telNum);
      return seller ? seller.balanceMon : 0;
    };
    const before = balance(this.sellers);
    act(this, name, async () => {
      await surely(
        () => ask("renew", { telNum, term: months }),
        async () => balance((await ask("admin")).sellerList) > before,
      );
      wx.showToast({ title: fill(t.renewed, { months }), icon: "none" });
      this.setData({ chosen: "", telNum: "" });
      this.list((await again(() => ask("admin"))).sellerList);
    });
  },
});
