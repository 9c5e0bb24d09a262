/** So many seconds a slow machine may need to start a process, and so many it may be silent afterwards. */
const STARTING = 120;
const SILENT = 30;

interface SilenceOptions {
  secondMs: number;
  onSecond: () => void;
  /** It has been silent for a third of what it may be; then that it speaks again. */
  onSilent: () => void;
  onSpeaking: () => void;
  /** It has been silent for longer than it may be, and still is: told every second. */
  onHanging: () => void;
}

/**
 * Watches whether a process says something. Seconds are counted and not measured: after a frost of the process
 * that watches none is missing.
 */
export function silenceWatch({
  secondMs,
  onSecond,
  onSilent,
  onSpeaking,
  onHanging,
}: SilenceOptions) {
  let missed = 0;
  let isStarted = false;
  let isSilent = false;
  let isHanging = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  function second() {
    missed += 1;
    onSecond();
    if (isStarted && missed === SILENT / 3) {
      isSilent = true;
      onSilent();
    }
    if (missed < (isStarted ? SILENT : STARTING)) return;
    isHanging = true;
    onHanging();
  }

  return {
    begin() {
      timer = setInterval(second, secondMs);
    },
    end: () => clearInterval(timer),
    /** What it has to load is loaded. */
    started() {
      isStarted = true;
    },
    heard() {
      missed = 0;
      if (isSilent && !isHanging) onSpeaking();
      isSilent = false;
    },
    isSilent: () => isSilent,
    isHanging: () => isHanging,
  };
}
