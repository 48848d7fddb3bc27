// The stall's mini-program code, to be shown and printed.

const { ask } = require("../../lib/line");
const t = require("../../lib/texts");
const { Watch } = require("../../lib/watch");

Page({
  data: { t, trouble: "", url: "" },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.code });
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
    const { qrcodeImageUrl } = await ask("qrcode");
    if (current()) {
      this.setData({ url: qrcodeImageUrl });
    }
  },

  enlarge() {
    wx.previewImage({ urls: [this.data.url] });
  },
});
