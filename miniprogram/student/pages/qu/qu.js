// A stall: the number that was handed out, and the dish. Also opened by the stall's code, with scene `sellerId=5`, and by the
// code of a number of another stall, with `marchSn` and `claim`.

const { Failure, ask } = require("../../lib/line");
const consent = require("../../lib/consent");
const { fill } = require("../../lib/language");
const live = require("../../lib/live");
const { menuOf, same, taken } = require("../../lib/orders");
const reasons = require("../../lib/reasons");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const scan = require("../../lib/scan");
const t = require("../../lib/texts");
const { Watch, act, surely } = require("../../lib/watch");

const DIGITS = "1234567890".split("").map((digit) => ({ digit, label: fill(t.digit, { digit }) }));

/** Return the stall that the page was opened for: by the list, or by the code. */
function sellerOf(options) {
  const scene = decodeURIComponent(options.scene || "");
  const [, scanned] = /^sellerId=(\d+)$/.exec(scene) || [];
  return Number(options.sellerId || scanned);
}

Page({
  data: {
    t, digits: DIGITS, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    closed: "", name: "", menu: [], number: "", claim: "", note: "", orders: [], message: "",
  },

  onLoad(options) {
    this.sellerId = sellerOf(options);
    wx.setNavigationBarTitle({ title: t.title });
    this.setData({ number: options.marchSn || "", claim: options.claim || "" });
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.listed = false;
    live.wake();
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
  },

  /** See once what the stall cooks, and then how the student's orders stand, again and again. */
  async look(current) {
    if (!this.listed) {
      await this.list(current);
    }
    await live.look(current);
    if (current()) {
      this.watch.pace = live.pace();
      this.showOrders();
      ring();
    }
  },

  async list(current) {
    const menu = await menuOf(this.sellerId);
    if (!current()) {
      return;
    }
    if (menu) {
      live.keep(taken(menu));
    }
    this.listed = true;
    consent.says().then((message) => this.setData({ message }));
    this.setData({
      loaded: true,
      closed: menu ? "" : reasons["Illegal Seller Error"],
      name: menu ? menu.sellerName : "",
      menu: menu ? Array.from(new Set(menu.menuContent)) : [],
    });
    this.showOrders();
  },

  /** Show the orders that are called, and those that wait at this stall. */
  showOrders() {
    const shown = ({ state, sellerId }) => state === "ready" || state === "waiting" && sellerId === this.sellerId;
    this.setData({ orders: live.all().filter(shown).map(says.row) });
  },

  open({ currentTarget }) {
    const { seller, number } = currentTarget.dataset;
    this.wait({ sellerId: seller, marchSn: number });
  },

  wait({ sellerId, marchSn }) {
    wx.redirectTo({ url: `/pages/wait/wait?sellerId=${sellerId}&marchSn=${marchSn}&known=yes` });
  },

  press({ currentTarget }) {
    const number = this.data.number + currentTarget.dataset.digit;
    if (/^[1-9]\d?$/.test(number)) {
      this.setData({ number, said: "" });
    }
  },

  erase() {
    this.setData({ number: this.data.number.slice(0, -1), said: "" });
  },

  scan() {
    wx.scanCode({
      scanType: ["qrCode"],
      success: ({ result }) => this.take(scan.read(result)),
      fail: ({ errMsg }) => this.setData({ said: errMsg.includes("cancel") ? "" : t.scanFailed }),
    });
  },

  /** Take over what was scanned, maybe at another stall. */
  take(found) {
    if (!found) {
      this.setData({ said: t.scanWrong });
      return;
    }
    const { sellerId, marchSn, claim } = found;
    if (sellerId === this.sellerId) {
      this.setData({ number: String(marchSn), claim, said: "" });
    } else {
      wx.redirectTo({ url: `/pages/qu/qu?sellerId=${sellerId}&marchSn=${marchSn}&claim=${claim}` });
    }
  },

  prove({ detail }) {
    this.setData({ claim: detail.value, said: "" });
  },

  choose({ currentTarget }) {
    this.setData({ note: this.data.menu[currentTarget.dataset.place] });
  },

  write({ detail }) {
    this.setData({ note: detail.value });
  },

  async push() {
    if (!this.data.number) {
      this.setData({ said: t.numberMissing });
      return;
    }
    if (this.data.busy || this.asking) {
      return;
    }
    this.asking = true;
    try {
      this.send(await consent.ask());
    } finally {
      this.asking = false;
    }
  },

  /** Send the number; `told`: WeChat is to tell when it is called. */
  send(told) {
    const { sellerId } = this;
    const { name, note, claim } = this.data;
    const marchSn = Number(this.data.number);
    const order = { sellerId, sellerName: name, marchSn, note, told };
    const more = Object.assign(claim ? { claim } : {}, told ? { subscribe: "yes" } : {});
    const fields = Object.assign({ sellerId, marchSn, noteContent: note }, more);
    act(this, "push", async () => {
      await surely(
        () => this.bind(fields),
        async () => {
          const menu = await menuOf(sellerId);
          return Boolean(menu) && taken(menu).some((each) => same(each, order));
        },
      );
      consent.use();
      live.begin(order);
      this.wait(order);
    });
  },

  /** Send it; a stall may ask for the claim, and the server does not say that this is what was missing or wrong. */
  async bind(fields) {
    try {
      await ask("push", fields);
    } catch (error) {
      throw error.message === "Invalid Sn Error" ? new Failure(fields.claim ? t.claimWrong : t.claimMaybe) : error;
    }
    return true;
  },

  toStalls() {
    wx.reLaunch({ url: "/pages/index/index" });
  },
});
