import type { BackendReport } from "../../runtime/run/events.ts";
import { addressQuery, backendFromQuery } from "../state/address.ts";

/** Whether the person chose WebAssembly, and nothing more is to be said than that. */
export function isAsChosen({ backend, advice }: BackendReport): boolean {
  return backend === "wasm" && advice === null && backendFromQuery(addressQuery()) === "wasm";
}
