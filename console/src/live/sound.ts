/** Two soft tones made by WebAudio: no file to load, and quiet at most once a second. */
let context: AudioContext | null = null;
let last = 0;

/** Browsers start audio only after a gesture; call once at start-up. */
export function armSound(): void {
  const arm = (): void => {
    context ??= new AudioContext();
    void context.resume();
  };
  addEventListener("pointerdown", arm, { once: true });
  addEventListener("keydown", arm, { once: true });
}

export function chime(): void {
  const now = Date.now();
  if (!context || context.state !== "running" || now - last < 1000) return;
  last = now;
  tone(context, 659.25, 0);
  tone(context, 987.77, 0.11);
}

function tone(audio: AudioContext, frequency: number, delay: number): void {
  const start = audio.currentTime + delay;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = "sine";
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.12, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.32);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.34);
}
