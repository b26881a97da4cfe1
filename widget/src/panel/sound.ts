// Two soft notes for a message of the shop, made here: no file, no request.

let context: AudioContext | null = null;

export function ring(): void {
  try {
    context ??= new AudioContext();
    // Not allowed before the person touched the page: then silence, not a late surprise.
    if (context.state === 'suspended') context.resume().catch(() => {});
    else [660, 880].forEach((pitch, i) => note(context!, pitch, i * 0.11));
  } catch {
    // No audio device.
  }
}

function note(audio: AudioContext, pitch: number, delay: number): void {
  const start = audio.currentTime + delay;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.12, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 0.4);
}
