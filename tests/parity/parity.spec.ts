import { spawn } from "node:child_process";
import { expect, test } from "@playwright/test";
import { inFull } from "../inFull.ts";

test.setTimeout(600_000);

/** What `npm test` leaves out: a unit test compares WebAssembly, too, and most tests in the browser are on the rung `safe`. */
const WHAT = inFull ? ["--rung=card", "--backend=webgpu --rung=safe"] : ["--backend=webgpu"];

for (const options of WHAT) {
  test(`npm run test:parity -- ${options}: every quantity of PyTorch is ours`, async () => {
    const args = [
      "tests/parity/command.mjs",
      `--server=${process.env.DEV_SERVER}`,
      ...options.split(" "),
    ];
    const child = spawn(process.execPath, args, { env: { ...process.env, PARITY_DIR: "" } });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (text += chunk));
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status, text).toBe(0);
  });
}
