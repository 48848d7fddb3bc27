// The line to the server: one POST a query, one login for all that wait for it, each query tried again once after it.

const config = require("../config");

const TIMEOUT = 10000; // milliseconds; a login may take 7 seconds while WeChat is slow
const TIMED_OUT = "Session Time Out";

let key = "";
let templates = null; // ids of the messages that this person may allow; null where they have not been read yet
let login = null; // under way
const listeners = new Set();

/** The query was not carried out; the message is its failMsg or queryErr, `answer` all that came. */
class Failure extends Error {
  constructor(reason, answer) {
    super(reason);
    this.answer = answer;
  }
}

/**
 * Nothing came that could be read: whether it was carried out is not known. `wait`: seconds until the server is back,
 * if it said so.
 */
class NoAnswer extends Error {
  constructor(reason, wait) {
    super(reason);
    this.wait = wait;
  }
}

/** Read an answer, which wx.uploadFile leaves as a text; throws Failure or NoAnswer. */
function read(query, { statusCode, header = {}, data }) {
  const answer = typeof data === "string" ? parsed(data) : data;
  if (statusCode >= 500 || !answer || typeof answer !== "object") {
    const wait = Number(header["Retry-After"] || header["retry-after"]);
    throw new NoAnswer(statusCode === 503 ? "Server Error" : "No Answer", wait || undefined);
  }
  if (answer[`${query}Success`] !== "success") {
    throw new Failure(answer.queryErr || answer.failMsg, answer);
  }
  return answer;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}

/** Send it by wx.request or wx.uploadFile and return the answer. */
function send(call, query, options) {
  return new Promise((resolve, reject) => {
    call(Object.assign({
      url: config.server,
      timeout: TIMEOUT,
      success(result) {
        try {
          resolve(read(query, result));
        } catch (error) {
          reject(error);
        }
      },
      fail() {
        reject(new NoAnswer("No Answer"));
      },
    }, options));
  });
}

function post(query, fields) {
  const data = Object.assign({ query }, fields);
  return send(wx.request, query, { method: "POST", data });
}

function keep({ sessionKey, templateIds = [] }) {
  key = sessionKey;
  templates = templateIds;
  wx.setStorageSync("sessionKey", key);
  if (templates.length) {
    wx.setStorageSync("templateIds", templates);
  } else {
    wx.removeStorageSync("templateIds");
  }
  listeners.forEach((listener) => listener(key));
}

async function logIn() {
  const { code } = await new Promise((resolve, reject) => {
    wx.login({ success: resolve, fail: () => reject(new NoAnswer("No Answer")) });
  });
  try {
    keep(await post("login", { isseller: config.isseller, code }));
  } catch (error) {
    if (error.message === "API Error") {
      throw new NoAnswer("API Error");
    }
    // Who has yet to sign up has a session, too.
    if (!error.answer || !error.answer.sessionKey) {
      throw error;
    }
    keep(error.answer);
  }
  return key;
}

/** Return the key of a session: of the one that there is, or of the login that all wait for. */
function session() {
  key = key || wx.getStorageSync("sessionKey");
  if (key) {
    return key;
  }
  if (!login) {
    login = logIn();
    const over = () => {
      login = null;
    };
    login.then(over, over);
  }
  return login;
}

/** Let the next query begin with a login. */
function forget() {
  key = "";
  wx.removeStorageSync("sessionKey");
}

async function inSession(attempt) {
  const used = await session();
  try {
    return await attempt(used);
  } catch (error) {
    if (error.message !== TIMED_OUT) {
      throw error;
    }
    if (key === used) {
      forget();
    }
    return attempt(await session());
  }
}

/** Return the ids of the messages that this person may allow, as the login told them. */
function templateIds() {
  templates = templates || wx.getStorageSync("templateIds") || [];
  return templates;
}

/** Ask the server and return its answer. Throws Failure, NoAnswer. */
function ask(query, fields) {
  return inSession((sessionKey) => post(query, Object.assign({ sessionKey }, fields)));
}

/** Ask with a file in the field of that name. Throws Failure, NoAnswer. */
function upload(query, fields, name, filePath) {
  return inSession((sessionKey) => {
    const formData = Object.assign({ query, sessionKey }, fields);
    return send(wx.uploadFile, query, { filePath, name, formData });
  });
}

/**
 * Call `listener` with the key of the session that there is, and of each that begins, until the function returned is
 * called.
 */
function onSession(listener) {
  listeners.add(listener);
  if (key) {
    listener(key);
  }
  return () => listeners.delete(listener);
}

module.exports = { ask, upload, forget, onSession, templateIds, Failure, NoAnswer };
