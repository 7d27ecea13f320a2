import { shortenedMessage } from "../../../engine/text.ts";

/** What one click can do about an error. */
export type Remedy =
  | "retryDataset"
  | "reloadPage"
  /** Starts the worker anew. */
  | "restart"
  /** The same, and trains the run on. */
  | "continueRun"
  | "halveLearningRate"
  | "halveMicroBatch"
  | "useWasm";

/** Something to know, on the screen; it stays until the person closes it. */
export interface Notice {
  id: number;
  /** What goes on by itself, or went well, is no error. */
  tone: "error" | "info";
  title: string;
  message: string;
  /** For a bug report, e.g. a stack; null when the message says it all. */
  details: string | null;
  /** Where it comes from: the next word from there makes it old. Null for all else. */
  source: "dataset" | "weights" | "run" | null;
  remedies: readonly Remedy[];
}

/** More would cover the page; the newest say most. */
const MAX_NOTICES = 3;

/** The notices without those that a later success or failure of the same kind made old. */
export function withoutSource(
  notices: readonly Notice[],
  source: NonNullable<Notice["source"]>,
): readonly Notice[] {
  return notices.filter((notice) => notice.source !== source);
}

/** Adds a notice; one that says the same as an earlier one replaces it. */
function addNotice(notices: readonly Notice[], notice: Omit<Notice, "id">): readonly Notice[] {
  const others = notices.filter((n) => n.title !== notice.title || n.message !== notice.message);
  const id = Math.max(0, ...notices.map((n) => n.id)) + 1;
  return [...others, { ...notice, id }].slice(-MAX_NOTICES);
}

/** The state with one more; what is not told of it is as of an error without a remedy. */
export function noticed<State extends { notices: readonly Notice[] }>(
  state: State,
  notice: Pick<Notice, "title" | "message"> & Partial<Notice>,
): State {
  const complete = {
    ...({ tone: "error", details: null, source: null, remedies: [] } as const),
    ...notice,
    message: shortenedMessage(notice.message),
  };
  return { ...state, notices: addNotice(state.notices, complete) };
}
