import { addressQuery, backendFromQuery } from "../store/address.ts";
import type { BackendReport } from "../worker/events.ts";

/** Whether the person chose WebAssembly, and nothing more is to be said than that. */
export function isAsChosen({ backend, advice }: BackendReport): boolean {
  return backend === "wasm" && advice === null && backendFromQuery(addressQuery()) === "wasm";
}
