import type { WorkerEvent } from "../../../runtime/run/events.ts";
import type { AppStore } from "../store.ts";
import type { WorkerLink } from "./workerLink.ts";

/** What the parts of the client share. */
export interface ClientContext {
  store: AppStore;
  link: WorkerLink;
  /** Names a request; unique in this page. */
  newId(kind: string): string;
  /** Takes an event as if the worker had sent it. */
  dispatch(event: WorkerEvent): void;
}
