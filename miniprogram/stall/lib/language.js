// The phone's language: Chinese or English.

const english = !wx.getAppBaseInfo().language.startsWith("zh");

/** Return the texts of the phone's language. */
function pick(texts) {
  return english ? texts.en : texts.zh;
}

/** Put values into the {places} of a text. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

module.exports = { pick, fill };
