// The stall's own page: its name, picture and menu, and the months that are left.

const { ask, upload, Failure } = require("../../lib/line");
const months = require("../../lib/months");
const t = require("../../lib/texts");
const { Watch, act, again, surely } = require("../../lib/watch");

const WIDTH = 1024; // pixels of a picture at most: the server takes 512 KB
const NAMES = ["sellerName", "personName"];

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    sellerName: "", personName: "", menu: "", picture: "", left: "", proof: false,
  },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.shop });
    this.chosen = ""; // the path of a picture that is to be sent
    this.shown = null; // what the server told of last
    this.watch = new Watch(this, 0, (current) => this.look(current));
  },

  onShow() {
    if (!this.shown) {
      this.watch.start(); // what is being written is not written over
    }
  },

  onHide() {
    this.watch.stop();
  },

  onUnload() {
    this.watch.stop();
  },

  async look(current) {
    const profile = await ask("info");
    if (current()) {
      this.show(profile);
    }
  },

  show(profile) {
    const { sellerName, personName, menuList, imageUrl, proof } = profile;
    this.chosen = "";
    this.shown = { sellerName, personName, menu: menuList.join("\n") };
    this.setData(Object.assign({ loaded: true, picture: imageUrl, left: months.left(profile), proof }, this.shown));
  },

  write({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.name]: detail.value });
  },

  choose() {
    wx.chooseMedia({
      count: 1,
      mediaType: ["image"],
      sizeType: ["compressed"],
      success: ({ tempFiles }) => wx.compressImage({
        src: tempFiles[0].tempFilePath,
        quality: 80,
        compressedWidth: WIDTH,
        success: ({ tempFilePath }) => this.preview(tempFilePath),
        // Some phones cannot; whether it is a picture, the server says.
        fail: () => this.preview(tempFiles[0].tempFilePath),
      }),
    });
  },

  preview(path) {
    this.chosen = path;
    this.setData({ picture: path, said: "", saidOf: "" });
  },

  /** Turned at once, without what is being written. */
  turnProof() {
    const proof = !this.data.proof;
    act(this, "proof", async () => {
      await surely(
        () => ask("update", { proof: proof ? "yes" : "no" }),
        async () => (await ask("info")).proof === proof,
      );
      this.setData({ proof });
    });
  },

  /** Return what was changed, and nothing else. */
  changes() {
    const fields = {};
    NAMES.filter((name) => this.data[name] !== this.shown[name]).forEach((name) => {
      fields[name] = this.data[name];
    });
    if (this.data.menu !== this.shown.menu) {
      fields.menuList = JSON.stringify(this.data.menu.split("\n"));
    }
    return fields;
  },

  save() {
    const fields = this.changes();
    if (!this.chosen && !Object.keys(fields).length) {
      wx.showToast({ title: t.nothing, icon: "none" });
      return;
    }
    act(this, "save", async () => {
      const answer = await surely(
        () => (this.chosen ? upload("update", fields, "sellerImage", this.chosen) : ask("update", fields)),
        () => this.isSaved(fields),
      );
      const lost = this.chosen && answer.failMsg;
      this.show(await again(() => ask("info")));
      if (lost) {
        throw new Failure(answer.failMsg, answer);
      }
      wx.showToast({ title: t.saved, icon: "none" });
    });
  },

  /**
   * Look whether the change was carried out; of a picture that cannot be seen, so it is sent again by who presses
   * again.
   */
  async isSaved(fields) {
    const profile = await ask("info");
    const menu = fields.menuList === undefined || JSON.stringify(profile.menuList) === fields.menuList;
    const names = NAMES.every((name) => fields[name] === undefined || fields[name] === profile[name]);
    return !this.chosen && menu && names ? profile : null;
  },

  toToday() {
    wx.navigateTo({ url: "/pages/today/today" });
  },

  toCode() {
    wx.navigateTo({ url: "/pages/code/code" });
  },

  toStaff() {
    wx.navigateTo({ url: "/pages/staff/staff" });
  },
});
