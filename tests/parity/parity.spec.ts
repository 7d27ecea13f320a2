import { spawn } from "node:child_process";
import { expect, test } from "@playwright/test";
import { inFull } from "../inFull.ts";

test.setTimeout(600_000);

test("npm run test:parity: every quantity of PyTorch is ours on WebGPU", async () => {
  const args = ["tests/parity/command.mjs", `--server=${process.env.DEV_SERVER}`];
  // That they are on WebAssembly a unit test shows, too.
  if (!inFull) args.push("--backend=webgpu");
  const child = spawn(process.execPath, args, { env: { ...process.env, PARITY_DIR: "" } });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect(status, text).toBe(0);
});
