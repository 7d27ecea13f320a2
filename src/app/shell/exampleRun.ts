/**
 * A run that comes with the page, for whoever has none yet: what Quick learned in three epochs. Its file is made by
 * `npm run train -- --config evaluateEvery=1`, then `npm run report`.
 */
import { type ReportPart, readReport } from "../../runtime/files/readReport.ts";
import { appHandle } from "../shared/AppContext.ts";
import type { AppHandle } from "../state/actions.ts";
import { applyEvent } from "../state/applyEvent.ts";
import { createAppStore } from "../state/store.ts";

/**
 * The page with the example run in place of its own. It is read from the web page that the run was exported as
 * (`public/example-run.html`), and lies in a store of its own: nothing of it is stored, or trained on.
 *
 * @throws Error where the file cannot be had
 */
export async function exampleRun({ client }: AppHandle): Promise<AppHandle> {
  const folder = new URL(import.meta.env.BASE_URL, document.baseURI);
  const response = await fetch(new URL("example-run.html", folder));
  if (!response.ok) throw new Error(`The example run: the server answered ${response.status}.`);
  const page = await response.text();
  const { run, snapshots } = await readReport((part) => textOf(page, part));
  const store = createAppStore(new URLSearchParams());
  store.setState((state) => {
    const opened = applyEvent(state, { type: "runOpened", run });
    return applyEvent(opened, { type: "snapshots", runId: run.runId, snapshots });
  });
  return appHandle(store, client);
}

/** What stands in a script element of the page; not by a parser, which would apply the page's styles against the policy. */
function textOf(page: string, part: ReportPart): string {
  const start = `id="${part}">`;
  const from = page.indexOf(start) + start.length;
  return page.slice(from, page.indexOf("</script>", from));
}
