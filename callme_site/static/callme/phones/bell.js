// The sound of a phone that rings; browsers allow it once somebody has touched the page.

let context;
let on = true;

export function sound(wanted) {
    on = wanted;
}

/** Ring once, softly, and shake a real phone. */
export function ring() {
    if (!on || !navigator.userActivation?.hasBeenActive) {
        return;
    }
    navigator.vibrate?.([120, 80, 120]);
    context ??= new AudioContext();
    [880, 1175].forEach((pitch, place) => chime(pitch, context.currentTime + place * 0.18));
}

function chime(pitch, start) {
    const tone = new OscillatorNode(context, { frequency: pitch, type: "sine" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.65);
}
