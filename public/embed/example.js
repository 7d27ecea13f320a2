import { loadDigits, paintDigits } from "./digits.js";

const [input, canvas, output] = document.querySelectorAll("input, canvas, output");
const network = loadDigits(new URL("weights.safetensors", import.meta.url));
let numTyped = 0;

async function write() {
  const typed = ++numTyped;
  const digits = [...input.value].filter((sign) => /\d/.test(sign)).map(Number);
  const onStep = ({ pixels }) => {
    if (typed !== numTyped) throw new Error("Something else was typed.");
    paintDigits(canvas, pixels);
  };
  try {
    canvas.hidden = digits.length === 0;
    if (digits.length > 0) await (await network).draw({ digits, onStep });
    output.value = "";
  } catch (error) {
    if (typed === numTyped) output.value = error.message;
  }
}

input.addEventListener("input", write);
// The digits have the color of the text.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", write);
write();
