/** What becomes of a run when the worker, or the device it computes on, is lost. */
import type { FaultCause, LadderRung } from "../../../runtime/run/events.ts";
import type { Remedy } from "../slices/notices.ts";
import type { Run } from "../slices/run.ts";

/** After this many losses within `LOSS_WINDOW_MS` the person decides whether to restart. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 5 * 60_000;
/** A device that is lost this many times as a run begins goes down the ladder. */
const MAX_START_LOSSES = 2;

/** What a device goes down to when it fails; null for the last rung. */
const BELOW: Record<LadderRung, LadderRung | null> = { card: "safe", safe: "wasm", wasm: null };

/** What follows from a failure, by the rung that it leads to. */
const OUTCOMES: Record<LadderRung, string> = {
  card: "",
  safe: "The graphics card now runs simpler programs, which are slower.",
  wasm: "The page now computes on the processor, with WebAssembly.",
};

export interface FaultHistory {
  /** What was trained, or was to be; null when nothing was. */
  run: Run | null;
  /** The run's limit so far. */
  maxMicroBatch: number | null;
  /** When the device was lost before, and now. */
  lossesMs: readonly number[];
  /** How often it was lost as a run began. */
  numStartLosses: number;
  /** The device was on this rung; it is null where the device never started. */
  rung: LadderRung | null;
}

/** The device goes down the ladder, and the run continues by itself in a new worker. The line below the top bar tells why. */
export interface Descent {
  rung: LadderRung;
  reason: string;
}

/** What the page says. */
export interface FaultResponse {
  title: string;
  message: string;
  /** Where there is none, the run continues by itself in a new worker. */
  remedies: Remedy[];
  /** Most images in one pass from now on; null for what memory is thought to allow. */
  maxMicroBatch: number | null;
}

/** The losses of the device that still count. */
export function recentLosses(lossesMs: readonly number[], nowMs: number): number[] {
  return lossesMs.filter((lossMs) => nowMs - lossMs < LOSS_WINDOW_MS);
}

export function responseTo(
  { cause, message }: { cause: Exclude<FaultCause, "renewal">; message: string },
  { run, maxMicroBatch, lossesMs, numStartLosses, rung }: FaultHistory,
): FaultResponse | Descent {
  const half = halved(run, maxMicroBatch);
  const below = rung && BELOW[rung];
  const isOnGpu = rung === "card" || rung === "safe";
  switch (cause) {
    case "refused":
    case "wrong":
    case "deviceError":
      if (below) return descent(below, cause);
      return {
        title: FAILURES[cause],
        message,
        remedies: [run ? "continueRun" : "restart", "useWasm"],
        maxMicroBatch,
      };
    case "deviceLost":
      if (below && numStartLosses >= MAX_START_LOSSES) return descent(below, cause);
      if (lossesMs.length < MAX_LOSSES) {
        return {
          title: "The graphics card stopped working",
          message: `${message} It was restarted. ${continuation(run)}`.trim(),
          remedies: [],
          maxMicroBatch,
        };
      }
      return {
        title: "The graphics card keeps failing",
        message: `${message} It failed ${lossesMs.length} times in five minutes. Continue on the processor, with WebAssembly, or with fewer images at once, which does not change what is learned.`,
        remedies: half ? ["useWasm", "halveMicroBatch"] : ["useWasm"],
        maxMicroBatch,
      };
    case "outOfMemory": {
      const title = "Memory is full";
      if (!run) {
        const advice =
          "Start again with fewer images at once, a smaller batch or a smaller network.";
        const remedies: Remedy[] = ["restart", "useWasm"];
        return { title, message: `${message} ${advice}`, remedies, maxMicroBatch };
      }
      if (!half) {
        const advice = "There is not enough memory for a single image. Choose a smaller network.";
        return { title, message: `${message} ${advice}`, remedies: ["useWasm"], maxMicroBatch };
      }
      const numThreads = run.size?.numThreads ?? 1;
      const numBefore = numThreads * microBatch(run, maxMicroBatch);
      return {
        title,
        message: `${message} Now ${numThreads * half} images at once instead of ${numBefore}, which does not change what is learned. ${continuation(run)}`,
        remedies: [],
        maxMicroBatch: half,
      };
    }
    case "error":
      return {
        title: "Something went wrong",
        message,
        remedies: [run ? "continueRun" : "restart", ...(isOnGpu ? (["useWasm"] as const) : [])],
        maxMicroBatch,
      };
    default:
      throw cause satisfies never;
  }
}

/** Why a device goes down the ladder. */
const FAILURES = {
  refused: "The graphics driver refused a program",
  wrong: "The graphics card computed wrong numbers",
  deviceError: "The graphics card reported an error",
  deviceLost: "The graphics card was lost twice as training began",
} as const;

function descent(rung: LadderRung, failure: keyof typeof FAILURES): Descent {
  return { rung, reason: `${FAILURES[failure]}. ${OUTCOMES[rung]}` };
}

function continuation(run: Run | null): string {
  if (!run) return "";
  const { checkpointStep } = run;
  return checkpointStep > 0
    ? `The run continues from step ${checkpointStep}.`
    : "The run starts over.";
}

/** Half as many images in a pass as the run has now; null when it has one. */
export function halved(run: Run | null, maxMicroBatch: number | null): number | null {
  const size = run && microBatch(run, maxMicroBatch);
  return size && size >= 2 ? Math.floor(size / 2) : null;
}

/** Images in a pass of the run; a stored one is thought to take its batch whole until it starts. */
function microBatch({ size, config }: Run, maxMicroBatch: number | null): number {
  const most = maxMicroBatch ?? Number.POSITIVE_INFINITY;
  return Math.min(size?.microBatchSize ?? config.batchSize, most);
}
