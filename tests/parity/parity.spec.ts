import { spawn } from "node:child_process";
import { expect, test } from "@playwright/test";

test.setTimeout(600_000);

/** What a unit test compares on WebAssembly: of one network, and of everything in both forms of WebGPU's programs. */
const COMPARISONS = [
  { options: "--backend=webgpu unet-tiny", tag: [] },
  { options: "--rung=card", tag: "@long" },
  { options: "--backend=webgpu --rung=safe", tag: "@long" },
];

for (const { options, tag } of COMPARISONS) {
  test(`npm run test:parity -- ${options}: every quantity of PyTorch is ours`, {
    tag,
  }, async () => {
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
