import { afterReader, beginReader, type ReaderState } from "../slices/reader.ts";
import type { Answer } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";

/** Has the worker train the reader of the images in use. */
export function readerClient({ store, request }: ClientContext) {
  let training: Answer<"reader"> | null = null;

  return {
    /** One that is being trained is ended. The reader itself becomes state as an event, see `applyEvent`. */
    async trainReader(): Promise<void> {
      const answer = request("reader", (requestId) => ({ type: "trainReader", requestId }));
      training = answer;
      const change = (next: (state: ReaderState) => ReaderState) => {
        if (training === answer) store.setState(({ reader }) => ({ reader: next(reader) }));
      };
      change(beginReader);
      for await (const { fraction } of answer.parts) change((reader) => ({ ...reader, fraction }));
      const outcome = await answer.done;
      change((reader) => afterReader(reader, outcome));
    },
    cancelReader: () => training?.cancel(),
  };
}
