import type { Command } from "../../../hosts/worker/protocol.ts";
import type { Broadcast } from "../../../runtime/run/events.ts";
import type { AppStore } from "../store.ts";
import type { Answer, RequestKind } from "./answers.ts";
import type { WorkerLink } from "./workerLink.ts";

/** What the parts of the client share. */
export interface ClientContext {
  store: AppStore;
  link: WorkerLink;
  /** Names what the worker is sent; unique in this page. */
  newId(kind: string): string;
  /**
   * Asks the worker for something that has an answer. Where the worker has ended, the answer is lost at once.
   *
   * @param command makes the command, given the id of the request. Where it has to wait for something first and that
   * fails, the answer fails, with the error's message
   */
  request<Kind extends RequestKind>(
    kind: Kind,
    command: (id: string) => Command | Promise<Command>,
  ): Answer<Kind>;
  /** Takes an event as if the worker had sent it. */
  dispatch(event: Broadcast): void;
}
