// The student's orders, and the stalls that are open.

const live = require("../../lib/live");
const { menuOf, openStalls, taken } = require("../../lib/orders");
const { ring, still } = require("../../lib/ring");
const says = require("../../lib/says");
const t = require("../../lib/texts");
const { Watch } = require("../../lib/watch");

Page({
  data: { t, trouble: "", loaded: false, orders: [], stalls: [], by: "", tells: false },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.title });
    this.stalls = [];
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.reload();
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

  /** See once which stalls and orders there are, and then how the orders stand, again and again. */
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
    const stalls = await openStalls();
    const menu = stalls.length ? await menuOf(stalls[0].id) : null;
    if (!current()) {
      return;
    }
    if (menu) {
      live.keep(taken(menu));
    }
    this.stalls = stalls;
    this.listed = true;
    this.setData({ loaded: true, tells: stalls.length > 1 && stalls.some(({ waiting }) => waiting !== undefined) });
    this.showStalls();
    this.showOrders();
    const [first, second] = live.all();
    if (first && !second && !getApp().launched) {
      this.openOrder(first);
    }
    getApp().launched = true;
  },

  showStalls() {
    this.setData({ stalls: says.sorted(this.stalls, this.data.by).map(says.stall) });
  },

  showOrders() {
    const orders = live.all().filter(({ seen }) => !seen);
    this.setData({ orders: orders.map(says.row) });
  },

  openOrder({ sellerId, marchSn }) {
    wx.navigateTo({ url: `/pages/wait/wait?sellerId=${sellerId}&marchSn=${marchSn}&known=yes` });
  },

  open({ currentTarget }) {
    const { seller, number } = currentTarget.dataset;
    this.openOrder({ sellerId: seller, marchSn: number });
  },

  sort({ currentTarget }) {
    this.setData({ by: currentTarget.dataset.by });
    this.showStalls();
  },

  choose({ currentTarget }) {
    wx.navigateTo({ url: `/pages/qu/qu?sellerId=${currentTarget.dataset.id}` });
  },

  reload() {
    this.listed = false;
    live.wake();
    this.watch.start();
  },
});
