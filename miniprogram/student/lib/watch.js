// Looking again and again, as long as a page is in front; and doing one thing at a time, with what came of it in words.

const { Failure, NoAnswer } = require("./line");
const reasons = require("./reasons");

const BASE = 3000; // milliseconds to the second try, then twice as long each time
const FIRST = 300; // milliseconds to the first: just out of the background, WeChat's network fails for a moment
const PATIENCE = 12000; // milliseconds between tries, at most
const SLOW = 2500; // milliseconds after which a slow network is told of

const watches = new Set();

// A network that is back is used at once.
wx.onNetworkStatusChange(({ isConnected }) => {
  if (isConnected) {
    watches.forEach((watch) => watch.hurry());
  }
});

/** Return whether an error is one that a person is told of, and no fault of the program. */
function isTold(error) {
  return error instanceof Failure || error instanceof NoAnswer;
}

/** Say what an error is in plain words; a fault of the program is thrown. */
function plain(error) {
  if (!isTold(error)) {
    throw error;
  }
  return reasons[error.message] || error.message;
}

/**
 * Runs a task from start() to stop(): every `pace` milliseconds, which the task may change, or once where that is 0. What
 * fails for want of an answer is said on the page, and tried again.
 */
class Watch {
  constructor(page, pace, task) {
    this.page = page;
    this.pace = pace;
    this.task = task;
    this.turn = 0; // each start and stop is a new one: what an earlier one brings is dropped
    this.timer = null;
    this.running = false;
  }

  start() {
    this.stop();
    watches.add(this);
    this.failed = 0;
    this.run();
  }

  stop() {
    this.turn += 1;
    this.running = false;
    clearTimeout(this.timer);
    watches.delete(this);
  }

  /** Do not wait for the next time. */
  hurry() {
    if (!this.running) {
      clearTimeout(this.timer);
      this.run();
    }
  }

  async run() {
    const turn = this.turn;
    const current = () => turn === this.turn;
    this.running = true;
    const slow = setTimeout(() => current() && this.page.setData({ trouble: reasons.Slow }), SLOW);
    let wait = 0; // milliseconds, where it is not the pace
    let trouble = "";
    let fault = null; // of the program, which goes on looking all the same
    try {
      await this.task(current);
      this.failed = 0;
    } catch (error) {
      if (error instanceof NoAnswer) {
        this.failed += 1;
        wait = error.wait ? error.wait * 1000 : Math.min(BASE * 2 ** (this.failed - 2), PATIENCE);
        if (this.failed === 1) {
          wait = FIRST;
        }
      }
      if (isTold(error)) {
        trouble = plain(error);
      } else {
        fault = error;
      }
    }
    clearTimeout(slow);
    if (current()) {
      this.running = false;
      if (this.failed !== 1 && this.page.data.trouble !== trouble) {
        this.page.setData({ trouble });
      }
      if (this.pace || this.failed) {
        this.timer = setTimeout(() => this.run(), wait || this.pace);
      }
    }
    if (fault) {
      throw fault;
    }
  }
}

/** Do what was pressed, one thing at a time; `busy` is its name until then, and `said` why it was not done. */
async function act(page, name, task) {
  if (page.data.busy) {
    return;
  }
  page.setData({ busy: name, said: "", saidOf: "" });
  const slow = setTimeout(() => page.setData({ said: reasons.Slow, saidOf: name }), SLOW);
  let said = "";
  try {
    await task();
  } catch (error) {
    // What changes something is not sent again by itself.
    said = error instanceof NoAnswer && error.message !== "API Error" ? reasons["Not Sure"] : plain(error);
  } finally {
    clearTimeout(slow);
    page.setData({ busy: "", said, saidOf: said ? name : "" });
  }
}

/**
 * Carry out a change. Where its answer is lost, `isDone` looks whether it was carried out; if not, throws what `ask`
 * threw.
 */
async function surely(ask, isDone) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NoAnswer)) {
      throw error;
    }
    const done = await again(isDone);
    if (!done) {
      throw error;
    }
    return done;
  }
}

/** Ask what changes nothing, a few times. */
async function again(ask) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoAnswer) || attempt === 3) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, error.wait ? error.wait * 1000 : FIRST * attempt));
    }
  }
}

module.exports = { Watch, act, again, plain, surely };
