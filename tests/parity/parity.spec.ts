import { spawn } from "node:child_process";
import { expect, test } from "@playwright/test";

test.setTimeout(600_000);

test("npm run test:parity: every quantity of PyTorch is ours, on WebAssembly and on WebGPU", async () => {
  const args = ["tests/parity/command.mjs", `--server=${process.env.DEV_SERVER}`];
  const child = spawn(process.execPath, args, { env: { ...process.env, PARITY_DIR: "" } });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect(status, text).toBe(0);
});
