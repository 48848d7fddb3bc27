// The day's figures: how many numbers, when, how long students waited, and what nobody collected.

const { words } = require("../../lib/day");
const { ask } = require("../../lib/line");
const t = require("../../lib/texts");
const { Watch } = require("../../lib/watch");

Page({
  data: { t, trouble: "", day: null },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.today });
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    this.watch.start();
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
  },

  async look(current) {
    const answer = await ask("today");
    if (current()) {
      this.setData({ day: words(answer) });
    }
  },
});
