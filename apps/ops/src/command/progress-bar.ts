import { Format, SingleBar } from 'cli-progress';

/** Milliseconds between two lines where nobody sees a bar. */
const lineEveryMs = 3_000;

export interface ProgressOptions {
  /** What is counted: `channels rebuilt`. */
  readonly what: string;
  /** What the rate is of; events unless given. */
  readonly unit?: string;
  /** How many there are to do, where it is known. */
  readonly total?: number;
  /** With `--json` nothing is shown. */
  readonly json?: boolean;
  /** Standard error unless a test gives another. */
  readonly output?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Shows how far long work has come. */
export interface ProgressBar {
  /** @param done how many so far; `total` may grow meanwhile */
  update(done: number, total?: number): void;
  stop(): void;
}

/**
 * A bar with rate and time left on a terminal, a plain line every few seconds where there is none,
 * nothing with `--json`.
 */
export function progressBar(options: ProgressOptions): ProgressBar {
  if (options.json) return { update: () => undefined, stop: () => undefined };
  const { output = process.stderr } = options;
  return output.isTTY ? barOn(output, options) : linesOn(output, options);
}

/** Without an end it is a count, since such a bar would always stand at its end. */
function barOn(output: NodeJS.WritableStream, options: ProgressOptions): ProgressBar {
  const { what, unit = 'events', total = 0 } = options;
  const rate = rateMeter(options);
  const bar = new SingleBar({
    stream: output,
    hideCursor: true,
    format: (options, { progress, value, total, eta }, { rate }: { rate: number }) =>
      total === 0
        ? `${what} ${value}, ${rate} ${unit}/s`
        : `${what} [${Format.BarFormat(progress, options)}] ${Math.floor(progress * 100)}% ` +
          `${value}/${total}, ${rate} ${unit}/s, ${Format.TimeFormat(eta, options, 5)} left`,
  });
  bar.start(total, 0, { rate: 0 });
  return {
    update: (done, newTotal) => {
      if (newTotal !== undefined) bar.setTotal(newTotal);
      bar.update(done, { rate: rate(done).perSecond });
    },
    stop: () => bar.stop(),
  };
}

function linesOn(output: NodeJS.WritableStream, options: ProgressOptions): ProgressBar {
  const { what, unit = 'events', now = defaultNow } = options;
  const rate = rateMeter(options);
  let { total } = options;
  let [done, said, saidAt] = [0, -1, now()];
  const say = (): void => {
    const { perSecond } = rate(done);
    const left = total === undefined || perSecond === 0 ? undefined : (total - done) / perSecond;
    const eta = left === undefined ? '' : `, ${Math.ceil(Math.max(0, left))} s left`;
    output.write(
      `${what}: ${done}${total === undefined ? '' : `/${total}`}, ${perSecond} ${unit}/s${eta}\n`,
    );
    [said, saidAt] = [done, now()];
  };
  return {
    update: (newDone, newTotal = total) => {
      [done, total] = [newDone, newTotal];
      if (now() - saidAt >= lineEveryMs) say();
    },
    stop: () => {
      if (said !== done) say();
    },
  };
}

/** How many a second since the beginning. */
function rateMeter({ now = defaultNow }: ProgressOptions) {
  const startedAt = now();
  return (done: number): { readonly perSecond: number } => {
    const seconds = (now() - startedAt) / 1_000;
    return { perSecond: seconds === 0 ? 0 : Math.round(done / seconds) };
  };
}

const defaultNow = (): number => performance.now();
