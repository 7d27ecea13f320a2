import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";

/** What `public/embed` loads: the module that draws digits, and its weights. */
async function embedFiles(): Promise<{ fileName: string; source: string | Uint8Array }[]> {
  const [result] = [
    await build({
      configFile: fileURLToPath(new URL("../vite.embed.config.ts", import.meta.url)),
      logLevel: "warn",
      build: { write: false },
    }),
  ].flat() as Rolldown.RolldownOutput[];
  const files = result?.output ?? [];
  return files.map((file) => ({
    fileName: `embed/${file.fileName}`,
    source: file.type === "chunk" ? file.code : file.source,
  }));
}

/** Puts these files into the build, and into the dev server as soon as one of them is asked for. */
export function embedPlugin(): Plugin {
  return {
    name: "embed",
    configureServer({ config: { base }, middlewares }) {
      let files: ReturnType<typeof embedFiles> | null = null;
      middlewares.use(async ({ url = "" }, response, next) => {
        if (!/embed\/(digits\.js|weights\.safetensors)$/.test(url)) return next();
        files ??= embedFiles();
        try {
          const file = (await files).find(({ fileName }) => url === base + fileName);
          if (!file) return next();
          if (url.endsWith(".js")) response.setHeader("Content-Type", "text/javascript");
          response.end(file.source);
        } catch (error) {
          next(error);
        }
      });
    },
    async generateBundle() {
      for (const file of await embedFiles()) this.emitFile({ type: "asset", ...file });
    },
  };
}
