// The ring of a called order, on whatever page one is: sound and vibration, over the phone's mute switch.

const { rings } = require("./live");

let sound = null;

/** Ring, or be still, as the orders are. */
function ring() {
  if (!rings()) {
    still();
    return;
  }
  if (!sound) {
    sound = wx.createInnerAudioContext();
    sound.src = "/sounds/ring.wav";
    wx.setInnerAudioOption({ obeyMuteSwitch: false });
  }
  wx.vibrateLong();
  sound.stop();
  sound.play();
}

function still() {
  if (sound) {
    sound.stop();
  }
}

module.exports = { ring, still };
