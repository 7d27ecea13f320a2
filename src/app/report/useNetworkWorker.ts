import { useEffect, useRef, useState } from "react";
import type { NetworkCommand, NetworkReply } from "../../hosts/embed/networkWorker.ts";
import NetworkWorker from "../../hosts/embed/networkWorker.ts?worker&inline";
import type { Report } from "../../runtime/files/readReport.ts";

/** Where a browser has not even begun to run the network. */
const NOT_STARTED =
  "This browser does not let the network run in a page from a file or a frame. Open the page in a tab of its own, or in another browser.";

type Numbered<T extends NetworkCommand["type"]> = Extract<NetworkCommand, { type: T }>;
type Asked = Omit<Numbered<"draw">, "id"> | Omit<Numbered<"drawPoints">, "id">;
type Answer = Exclude<NetworkReply, { type: "problem" }>;

/**
 * A worker with the network, from the first drawing on; after an error, from the next one.
 *
 * @param formatFailed what is said of an error of the worker, by the reason that the browser gives; empty where it gives none
 */
export function useNetworkWorker(
  weights: NonNullable<Report["weights"]>,
  formatFailed: (reason: string) => string,
) {
  const worker = useRef<Worker | null>(null);
  const current = useRef({ id: 0, onAnswer: (_: Answer): boolean => true });
  const [isBusy, setIsBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = null;
    },
    [],
  );

  const post = (command: NetworkCommand) => worker.current?.postMessage(command);
  const end = (problem: string | null) => {
    setIsBusy(false);
    setMessage(problem);
  };
  const start = () => {
    let hasAnswered = false;
    worker.current = new NetworkWorker();
    worker.current.addEventListener("message", ({ data }: MessageEvent<NetworkReply>) => {
      hasAnswered = true;
      if (data.id !== current.current.id) return;
      if (data.type === "problem") return end(data.message);
      if (current.current.onAnswer(data)) end(null);
    });
    worker.current.addEventListener("error", ({ message }) => {
      worker.current?.terminate();
      worker.current = null;
      // One that was refused has thrown nothing.
      const hasStarted = hasAnswered || message;
      end(hasStarted ? formatFailed(message) : NOT_STARTED);
    });
    post({ type: "load", weights });
  };
  return {
    isBusy,
    message,
    /** @param onAnswer returns whether it was the last */
    ask(asked: Asked, onAnswer: (answer: Answer) => boolean) {
      try {
        if (!worker.current) start();
      } catch {
        return end(NOT_STARTED);
      }
      const id = current.current.id + 1;
      current.current = { id, onAnswer };
      setIsBusy(true);
      setMessage(null);
      post({ ...asked, id });
    },
    cancel() {
      current.current.id++;
      post({ type: "cancel" });
      end(null);
    },
  };
}
