import { startBackend } from "./backend.ts";
import type { MeasuringFailed } from "./measuringProtocol.ts";
import type { BackendReport } from "./protocol.ts";

/**
 * Starts the backend that is to be measured; what fails there later is posted.
 *
 * @throws Error when another backend was started, with the reason
 */
export async function measuredBackend(
  backend: BackendReport["backend"],
  post: (event: MeasuringFailed) => void,
): Promise<BackendReport> {
  const report = await startBackend(backend, ({ message }) =>
    post({ type: "measuringFailed", message }),
  );
  if (report.backend === backend) return report;
  throw new Error(`The backend ${backend} does not start here. ${report.reason ?? ""}`.trim());
}
