// The counter: taking numbers, calling and ending them.

const { Failure, ask } = require("../../lib/line");
const { fill } = require("../../lib/language");
const months = require("../../lib/months");
const { isCalled, numbers, sorted } = require("../../lib/orders");
const t = require("../../lib/texts");
const { codeOf, draw } = require("../../lib/ticket");
const { Watch, act, again, surely } = require("../../lib/watch");

const PACE = 3000; // milliseconds between two looks
const PROFILE = 10 * 60 * 1000; // milliseconds between two looks at the stall's own name and months
const UNDO = 10 * 1000; // milliseconds in which the server takes a step back (UNDO_SECONDS)
const UNBOUND = ["Invalid Session Error", "Need Signup Error"];

/** Return whether the stall hands out nothing for now, although it has months. */
const isPaused = ({ open, balanceMon }) => open === false && balanceMon > 0;

Page({
  data: {
    t, trouble: "", busy: "", said: "", saidOf: "", loaded: false,
    name: "", face: "", initial: "", warning: "", handed: 0, cooking: [], called: [], late: [], blank: [], clearWords: "",
    codeWords: "", choosing: false, chooseWords: "", undo: null,
    claim: null, paused: false,
  },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.title });
    this.known = new Set(); // the numbers that were out when last seen
    this.unsure = null; // those that were out before a fetch of which no answer came
    this.sellerId = 0;
    this.chosen = new Set(); // the numbers that are to be called with one tap
    this.undoUntil = 0;
    this.watch = new Watch(this, PACE, (current) => this.look(current));
  },

  onShow() {
    this.profileAt = 0;
    if (Date.now() > this.undoUntil) {
      this.dropUndo(); // a phone's timers stand still in the background
    }
    this.drawCode();
    wx.setKeepScreenOn({ keepScreenOn: true });
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
    wx.setKeepScreenOn({ keepScreenOn: false });
  },

  async look(current) {
    try {
      if (Date.now() - this.profileAt > PROFILE) {
        const profile = await ask("info");
        if (!current()) {
          return;
        }
        this.profileAt = Date.now();
        this.introduce(profile);
      }
      const note = await ask("note");
      if (current()) {
        this.list(note);
        await this.learnClaim();
      }
    } catch (error) {
      if (UNBOUND.indexOf(error.message) >= 0) {
        wx.reLaunch({ url: "/pages/signup/signup" });
        return;
      }
      throw error;
    }
  },

  introduce(profile) {
    this.setData({
      name: profile.sellerName,
      face: profile.imageUrl,
      initial: Array.from(profile.sellerName)[0] || "",
      warning: months.warning(profile, new Date()),
      paused: isPaused(profile),
    });
  },

  /** See what is out at once, after a change. */
  async lookNow() {
    const note = await again(() => ask("note"));
    this.list(note);
    return note.orderList;
  },

  list({ sellerId, orderList }) {
    this.sellerId = sellerId;
    const { calls } = getApp();
    const out = numbers(orderList);
    Object.keys(calls).filter((number) => out.indexOf(Number(number)) < 0).forEach((number) => delete calls[number]);
    if (this.unsure) {
      const fresh = out.find((number) => !this.unsure.has(number));
      if (fresh) {
        this.hand(fresh, null);
        this.setData({ said: "", saidOf: "" });
      }
    }
    this.known = new Set(out);
    const rows = sorted(orderList, calls, Date.now());
    const waits = rows.blank.some(({ number }) => number === this.data.handed);
    this.chosen.forEach((number) => !rows.cooking.some((row) => row.number === number) && this.chosen.delete(number));
    if (this.data.choosing && !rows.cooking.length) {
      this.chooseOver();
    }
    this.setData(Object.assign(rows, this.choice(rows.cooking), {
      loaded: true,
      handed: waits ? this.data.handed : 0,
      clearWords: fill(t.clear, { count: rows.blank.length }),
    }));
  },

  /**
   * Show a number to the student who is to have it, and the code to scan; `claim` is "" where it needs none, and null
   * where that is not known yet.
   */
  hand(number, claim) {
    this.unsure = null;
    this.known.add(number);
    delete getApp().calls[number];
    this.setData({ handed: number, claim, codeWords: fill(t.codeOf, { number }) }, () => this.drawCode());
  },

  show({ currentTarget }) {
    const { number } = currentTarget.dataset;
    act(this, `show-${number}`, async () => {
      this.hand(number, null);
      await again(() => this.learnClaim());
    });
  },

  async learnClaim() {
    const { handed, claim } = this.data;
    if (!handed || claim !== null) {
      return;
    }
    let learnt = "";
    try {
      learnt = (await ask("claim", { marchSn: handed })).claim;
    } catch (error) {
      if (error.message !== "Invalid Sn Error") {
        throw error; // else it has none, or has just ended, which the list tells
      }
    }
    if (this.data.handed === handed) {
      this.setData({ claim: learnt }, () => this.drawCode());
    }
  },

  drawCode() {
    const { handed, claim } = this.data;
    if (!handed || claim === null) {
      return;
    }
    wx.createSelectorQuery().select(".ticket-code").fields({ node: true }).exec(([canvas]) => {
      if (canvas) {
        draw(canvas.node, codeOf(this.sellerId, handed, claim));
      }
    });
  },

  /** Take one number for one tap: where the answer is lost, the list tells whether one was taken. */
  take() {
    act(this, "take", async () => {
      const fresh = async () => {
        const { orderList } = await ask("note");
        const number = numbers(orderList).find((each) => !this.unsure.has(each));
        return number && { number, claim: null };
      };
      let taken = this.unsure ? await again(fresh) : null;
      this.unsure = this.unsure || new Set(this.known);
      try {
        taken = taken || await surely(async () => {
          const { marchSn, claim } = await ask("fetch");
          return { number: marchSn, claim: claim || "" };
        }, fresh);
      } catch (error) {
        if (error instanceof Failure) {
          this.unsure = null;
          this.setData({ paused: this.data.paused || error.message === "Paused Error" });
        }
        throw error;
      }
      this.hand(taken.number, taken.claim);
      await this.lookNow();
      await again(() => this.learnClaim());
    });
  },

  pause() {
    this.setOpen("pause", false);
  },

  resume() {
    this.setOpen("resume", true);
  },

  /** Hand out numbers again, or none for now. */
  setOpen(query, open) {
    act(this, query, async () => {
      await surely(() => ask(query), async () => (await ask("info")).open === open);
      const profile = await again(() => ask("info"));
      this.introduce(profile);
      if (open && isPaused(profile)) {
        throw new Failure("Due Date Error"); // it was not the stall that closed it
      }
    });
  },

  call({ currentTarget }) {
    const { number } = currentTarget.dataset;
    const step = this.data.cooking.some((row) => row.number === number) ? "call" : "recall";
    act(this, `call-${number}`, async () => {
      await surely(
        () => ask("call", { marchSn: number }),
        async () => step === "call" && isCalled(await this.lookNow(), number),
      );
      await this.areCalled([number], step);
    });
  },

  /** Count the calls that were made, and offer to take them back. */
  async areCalled(list, step) {
    const { calls } = getApp();
    list.forEach((number) => {
      calls[number] = (calls[number] || 0) + 1;
    });
    this.offerUndo(step, list, t.saidCalled);
    await this.lookNow();
  },

  /** Return the rows to choose from, and what the button says. */
  choice(cooking) {
    return {
      cooking: cooking.map((row) => Object.assign({}, row, { chosen: this.chosen.has(row.number) })),
      chooseWords: fill(t.callChosen, { count: this.chosen.size }),
    };
  },

  choose() {
    this.chosen.clear();
    this.setData(Object.assign(this.choice(this.data.cooking), { choosing: true, said: "", saidOf: "" }));
  },

  chooseOver() {
    this.setData({ choosing: false, said: "", saidOf: "" }, () => this.drawCode());
  },

  pick({ currentTarget }) {
    const { number } = currentTarget.dataset;
    if (!this.chosen.delete(number)) {
      this.chosen.add(number);
    }
    this.setData(this.choice(this.data.cooking));
  },

  callChosen() {
    const list = Array.from(this.chosen);
    if (!list.length) {
      this.setData({ said: t.chooseNone, saidOf: "chosen" });
      return;
    }
    act(this, "chosen", async () => {
      const { called, failed } = await surely(() => this.callAll(list), () => this.whichAreCalled(list));
      this.chooseOver();
      await this.areCalled(called, "call");
      if (failed.length) {
        throw new Failure(fill(t.notCalled, { numbers: failed.join(t.between) }));
      }
    });
  },

  /** Call them all; a server that could call none of them says which, too. */
  async callAll(list) {
    try {
      return await ask("call", { marchSn: list });
    } catch (error) {
      if (error.answer && error.answer.failed) {
        return error.answer;
      }
      throw error;
    }
  },

  /** Return what the answer would have said, or null where they were not called. */
  async whichAreCalled(list) {
    const orderList = await this.lookNow();
    const out = numbers(orderList);
    const live = list.filter((number) => out.indexOf(number) >= 0);
    const failed = list.filter((number) => out.indexOf(number) < 0);
    return live.every((number) => isCalled(orderList, number)) ? { called: live, failed } : null;
  },

  /** Offer to take back a step, for as long as the server does. */
  offerUndo(step, list, words) {
    this.dropUndo();
    if (!list.length) {
      return;
    }
    this.undoUntil = Date.now() + UNDO;
    this.undoTimer = setTimeout(() => this.dropUndo(), UNDO);
    this.setData({ undo: { step, list, words: fill(words, { numbers: list.join(t.between) }) } });
  },

  dropUndo() {
    clearTimeout(this.undoTimer);
    this.setData({ undo: null });
  },

  undo() {
    const { step, list } = this.data.undo;
    act(this, "undo", async () => {
      const changed = [];
      try {
        for (const number of list) {
          await this.undoOne(step, number, changed);
        }
      } catch (error) {
        // A second undo of a recall would take back the call itself.
        if (error instanceof Failure || step === "recall") {
          this.dropUndo();
        }
        throw error;
      } finally {
        await this.lookNow();
      }
      this.dropUndo();
      if (changed.length) {
        throw new Failure(fill(t.notUndone, { numbers: changed.join(t.between) }));
      }
      wx.showToast({ title: fill(t.undone, { numbers: list.join(t.between) }), icon: "none" });
    });
  },

  /** Take back a step on one number; one whose order has changed since goes into `changed`. */
  async undoOne(step, number, changed) {
    try {
      await surely(() => ask("undo", { marchSn: number }), async () => {
        const orderList = await this.lookNow();
        const isOut = numbers(orderList).indexOf(number) >= 0;
        return step === "end" ? isOut : step === "call" && isOut && !isCalled(orderList, number);
      });
    } catch (error) {
      if (error.message !== "Invalid Sn Error") {
        throw error;
      }
      changed.push(number);
      return;
    }
    const { calls } = getApp();
    if (step !== "end" && calls[number]) {
      calls[number] -= 1;
    }
  },

  end({ currentTarget }) {
    const { number, called } = currentTarget.dataset;
    if (called) {
      this.endNow(number);
      return;
    }
    wx.showModal({
      title: fill(t.endAsk, { number }),
      content: t.endSays,
      cancelText: t.endNo,
      confirmText: t.endYes,
      success: ({ confirm }) => confirm && this.endNow(number),
    });
  },

  endNow(number) {
    act(this, `end-${number}`, async () => {
      await surely(
        () => ask("done", { isseller: "yes", marchSn: number }),
        async () => numbers(await this.lookNow()).indexOf(number) < 0,
      );
      this.offerUndo("end", [number], t.saidEnded);
      await this.lookNow();
    });
  },

  clear() {
    const shown = this.data.blank.map(({ number }) => number);
    wx.showModal({
      title: fill(t.clearAsk, { count: shown.length }),
      content: fill(t.clearSays, { numbers: shown.join(", ") }),
      cancelText: t.cancel,
      confirmText: t.clearYes,
      success: ({ confirm }) => confirm && this.clearNow(shown.length),
    });
  },

  clearNow(count) {
    act(this, "clear", async () => {
      await surely(() => ask("clear"), async () => !(await this.lookNow()).unnotedList.length);
      wx.showToast({ title: fill(t.cleared, { count }), icon: "none" });
      await this.lookNow();
    });
  },

  toShop() {
    wx.navigateTo({ url: "/pages/shop/shop" });
  },
});
