/** The page of one run, see `runtime/files/report.ts`; `page.html` is around it. */
import { createRoot } from "react-dom/client";
import { readReport } from "../../runtime/files/readReport.ts";
import { themeSheet } from "../shell/theme/theme.ts";
import { applyEvent } from "../state/applyEvent.ts";
import { createAppStore } from "../state/store.ts";
import { ReportPage } from "./ReportPage.tsx";

const report = await readReport((part) => document.getElementById(part)?.textContent ?? "");
const { run, snapshots } = report;
const store = createAppStore(new URLSearchParams());
store.setState((state) => applyEvent(state, { type: "runOpened", run }));
store.setState((state) => applyEvent(state, { type: "snapshots", runId: run.runId, snapshots }));

document.adoptedStyleSheets.push(themeSheet());
const root = document.getElementById("root");
if (!root) throw new Error("page.html has no #root.");
createRoot(root).render(<ReportPage store={store} report={report} />);
