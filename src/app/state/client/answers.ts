/**
 * What the worker is asked for has an answer: parts as they come, such as the frames of digits, and an end. The worker sends
 * both as events with the id of the request; here they find the one who asked, and nobody else has to look at them.
 */
import { shortenedMessage } from "../../../engine/shortenedText.ts";
import type { EventOf, WorkerEvent } from "../../../runtime/run/events.ts";

/** The events that are parts of an answer, and that end one well. */
interface Kinds {
  sample: { part: EventOf<"sampleStarted" | "sampleFrame">; end: EventOf<"sampleDone"> };
  measurement: {
    part: EventOf<"evaluationProgress" | "samplerMeasured">;
    end: EventOf<"evaluationDone" | "samplersCompared">;
  };
  look: { part: never; end: EventOf<"blockSeen"> };
  planeMeasures: { part: never; end: EventOf<"planeMeasured"> };
  plane: { part: never; end: EventOf<"planeDrawn"> };
  timing: { part: EventOf<"timingProgress">; end: EventOf<"batchTimed"> };
  reader: { part: EventOf<"readerProgress">; end: EventOf<"readerTrained"> };
  levels: { part: never; end: EventOf<"levelsMeasured"> };
  images: { part: never; end: EventOf<"images"> };
  reading: { part: never; end: EventOf<"runRead"> };
  export: { part: EventOf<"exportProgress">; end: EventOf<"runExported"> };
  saving: { part: never; end: EventOf<"weightsSaved"> };
  /** A file is read, which may be a run, or the weights of a stored run. */
  weights: {
    part: EventOf<"fileProgress" | "importProgress">;
    end: EventOf<"weightsLoaded" | "runImported">;
  };
}

export type RequestKind = keyof Kinds;
export type PartOf<Kind extends RequestKind> = Kinds[Kind]["part"];
export type EndOf<Kind extends RequestKind> = Kinds[Kind]["end"];

/** How an answer ended. */
export type Outcome<Kind extends RequestKind> =
  | { status: "done"; end: EndOf<Kind> }
  /** By whoever asked, see `cancel`. */
  | { status: "cancelled" }
  /** By the worker, for example since another run was opened. */
  | { status: "interrupted" }
  /** `isLost` where the worker is gone, and everything that was asked of it with it. */
  | { status: "failed"; message: string; isLost: boolean };

export interface Answer<Kind extends RequestKind> {
  /** Names the request; unique in this page. */
  id: string;
  /** The parts, for one reader. They end when the answer does. */
  parts: AsyncIterable<PartOf<Kind>>;
  /** Never rejects. */
  done: Promise<Outcome<Kind>>;
  /** Asks the worker to end it. Parts that are on their way still come. */
  cancel(): void;
}

/** How the events that end an answer end it; all others are parts. */
const ENDS: Partial<Record<WorkerEvent["type"], "done" | "interrupted" | "failed">> = {
  sampleDone: "done",
  evaluationDone: "done",
  samplersCompared: "done",
  blockSeen: "done",
  planeDrawn: "done",
  planeMeasured: "done",
  batchTimed: "done",
  readerTrained: "done",
  levelsMeasured: "done",
  images: "done",
  runRead: "done",
  runExported: "done",
  weightsSaved: "done",
  weightsLoaded: "done",
  runImported: "done",
  sampleCancelled: "interrupted",
  requestCancelled: "interrupted",
  sampleFailed: "failed",
  requestFailed: "failed",
};

/** The requests that wait for the worker. */
export class Answers {
  readonly #open = new Map<string, OpenAnswer<RequestKind>>();

  /** @param withdraw tells the worker that nobody wants it any more */
  request<Kind extends RequestKind>(id: string, withdraw: () => void): Answer<Kind> {
    const answer = new OpenAnswer<Kind>();
    this.#open.set(id, answer as unknown as OpenAnswer<RequestKind>);
    const cancel = () => {
      if (!this.#open.has(id) || answer.isCancelled) return;
      answer.isCancelled = true;
      withdraw();
    };
    return { id, parts: answer, done: answer.done, cancel };
  }

  isAwaited(id: string): boolean {
    return this.#open.has(id);
  }

  /** Hands an event to the one who asked for it; false where it is nobody's. */
  take(event: WorkerEvent): boolean {
    const id = requestIdOf(event);
    const answer = id === null ? undefined : this.#open.get(id);
    if (id === null || !answer) return false;
    const status = ENDS[event.type];
    if (!status) {
      answer.push(event as PartOf<RequestKind>);
      return true;
    }
    this.#open.delete(id);
    if (status === "done") answer.end({ status, end: event as EndOf<RequestKind> });
    else if (status === "interrupted")
      answer.end({ status: answer.isCancelled ? "cancelled" : status });
    else
      answer.end({
        status,
        message: shortenedMessage("message" in event ? (event.message ?? "") : ""),
        isLost: false,
      });
    return true;
  }

  /** The worker is gone. */
  loseAll(message: string): void {
    const lost = [...this.#open.values()];
    this.#open.clear();
    for (const answer of lost) {
      answer.end({ status: "failed", message: shortenedMessage(message), isLost: true });
    }
  }
}

function requestIdOf(event: WorkerEvent): string | null {
  if ("requestId" in event) return event.requestId;
  return "sampleId" in event ? event.sampleId : null;
}

class OpenAnswer<Kind extends RequestKind> implements AsyncIterable<PartOf<Kind>> {
  isCancelled = false;
  readonly done: Promise<Outcome<Kind>>;
  #resolve: (outcome: Outcome<Kind>) => void = () => {};
  readonly #unread: PartOf<Kind>[] = [];
  #isOver = false;
  #wake = () => {};

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  push(part: PartOf<Kind>): void {
    this.#unread.push(part);
    this.#wake();
  }

  end(outcome: Outcome<Kind>): void {
    this.#isOver = true;
    this.#wake();
    this.#resolve(outcome);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PartOf<Kind>, void> {
    for (;;) {
      for (let part = this.#unread.shift(); part; part = this.#unread.shift()) yield part;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
