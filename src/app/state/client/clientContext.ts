import type { WorkerEvent } from "../../../runtime/run/events.ts";
import type { AppStore } from "../store.ts";
import type { Answers } from "./answers.ts";
import type { WorkerLink } from "./workerLink.ts";

/** What the parts of the client share. */
export interface ClientContext {
  store: AppStore;
  link: WorkerLink;
  answers: Answers;
  /** Names a request; unique in this page. */
  newId(kind: string): string;
  /** Takes an event as if the worker had sent it. */
  dispatch(event: WorkerEvent): void;
}
