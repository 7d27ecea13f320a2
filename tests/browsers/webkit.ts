import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DrivenBrowser, findProgram } from "./drivenBrowser.ts";

const PORT = Number(process.env.WEBDRIVER_PORT ?? 9515);
/** Every download takes a line away from the page, for as long as MiniBrowser runs. */
const HEIGHT = 2000;

/** `/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser` */
function debianMiniBrowsers(): string[] {
  if (!existsSync("/usr/lib")) return [];
  return readdirSync("/usr/lib")
    .filter((name) => name.endsWith("-linux-gnu"))
    .map((name) => `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`);
}

function findMiniBrowser(): string | null {
  return findProgram([process.env.WEBKIT_PATH, ...debianMiniBrowsers()]);
}

/** What is not tested where there is no WebKitGTK that can be driven, and what to install; null where there is one. */
export function missingWebKit(): string | null {
  if (findMiniBrowser() && findProgram(["WebKitWebDriver"]) && findProgram(["xvfb-run"]))
    return null;
  return "Not tested: the page in WebKit, whose MiniBrowser WEBKIT_PATH may name. On Debian: apt-get install webkitgtk-webdriver libwebkit2gtk-4.1-0 xvfb xauth";
}

/**
 * WebKitGTK on a display of its own, spoken to in W3C WebDriver (https://www.w3.org/TR/webdriver2/).
 *
 * @throws Error that says what to install where something is missing
 */
export async function startWebKit(): Promise<DrivenBrowser> {
  const missing = missingWebKit();
  if (missing) throw new Error(missing);
  const folder = mkdtempSync(join(tmpdir(), "webkit-"));
  const downloads = join(folder, "downloads");
  mkdirSync(downloads);
  writeFileSync(join(folder, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  const driver = spawn(
    "xvfb-run",
    ["-a", "-s", `-screen 0 1440x${HEIGHT}x24`, "WebKitWebDriver", `--port=${PORT}`],
    {
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder },
      // A group of its own, so that it ends with all that it has started.
      stdio: "ignore",
      detached: true,
    },
  );
  let session = "";
  const send = async (method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${PORT}${session}${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (response.ok) return value;
    const { error, message } = value as { error: string; message: string };
    throw new Error(`WebKit, ${method} ${path}: ${error}: ${message}`);
  };
  await untilItAnswers(() => send("GET", "/status"));
  const capabilities = {
    "webkitgtk:browserOptions": { binary: findMiniBrowser(), args: ["--automation"] },
    unhandledPromptBehavior: "accept",
  };
  const { sessionId } = (await send("POST", "/session", {
    capabilities: { alwaysMatch: capabilities },
  })) as { sessionId: string };
  session = `/session/${sessionId}`;
  await send("POST", "/window/rect", { width: 1440, height: HEIGHT });
  await send("POST", "/timeouts", { script: 120_000 });

  return {
    downloads,
    goto: async (url) => void (await send("POST", "/url", { url })),
    reload: async () => void (await send("POST", "/refresh", {})),
    async evaluate(call, ...args) {
      const script = `
        const done = arguments[arguments.length - 1];
        Promise.resolve()
          .then(() => (${call})(...[...arguments].slice(0, -1)))
          .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const result = (await send("POST", "/execute/async", { script, args })) as {
        value?: unknown;
        error?: string;
      };
      if (result.error !== undefined) throw new Error(result.error);
      return result.value as never;
    },
    async clickAt(x, y) {
      const actions = [
        { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ];
      await send("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions }] });
    },
    screenshot: null,
    async close() {
      await send("DELETE", "").catch(() => {});
      if (driver.pid) process.kill(-driver.pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
