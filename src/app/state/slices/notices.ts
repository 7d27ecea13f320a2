import { shortenedMessage } from "../../../engine/shortenedText.ts";

/** What one click can do about an error. */
export type Remedy =
  | "retryDataset"
  | "reloadPage"
  /** Starts the worker anew. */
  | "restart"
  /** Starts the worker anew, and trains the run on. */
  | "continueRun"
  | "halveLearningRate"
  | "halveMicroBatch"
  | "useWasm";

/** A message on the screen, until the person closes it. */
export interface Notice {
  id: number;
  /** An error needs the person. */
  tone: "error" | "info";
  title: string;
  message: string;
  /** For a bug report, e.g. a stack; null when the message says it all. */
  details: string | null;
  /**
   * The next event of this source replaces it. `images` are files that the person chose, `form` the settings, `device` what
   * is computed on.
   */
  source: "dataset" | "images" | "weights" | "run" | "form" | "device" | null;
  remedies: readonly Remedy[];
}

/** More would leave the view no room. */
const MAX_NOTICES = 3;

/** The notices without those of the sources, which something newer has replaced. */
export function withoutSource(
  notices: readonly Notice[],
  ...sources: NonNullable<Notice["source"]>[]
): readonly Notice[] {
  return notices.filter(({ source }) => source === null || !sources.includes(source));
}

/** The state with one more notice; one that says the same as an earlier one replaces it. */
export function noticed<State extends { notices: readonly Notice[] }>(
  state: State,
  title: string,
  text: string,
  rest: Partial<Omit<Notice, "id" | "title" | "message">> = {},
): State {
  const message = shortenedMessage(text);
  const others = state.notices.filter((n) => n.title !== title || n.message !== message);
  const id = Math.max(0, ...state.notices.map((n) => n.id)) + 1;
  const plain = { tone: "error", details: null, source: null, remedies: [] } as const;
  const notice: Notice = { ...plain, ...rest, id, title, message };
  return { ...state, notices: [...others, notice].slice(-MAX_NOTICES) };
}
