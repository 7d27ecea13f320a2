/** Images of one's own, as people have them: chosen, dropped, in a zip archive, kept, and trained on. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type FileChooser, type Locator, type Page, test } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import { expectNoViolations, goDark } from "./axe.ts";
import { drawHearts, filesOfEachKind, type PictureFile, sketches, zipped } from "./sketches.ts";

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Train on other images" });

async function openDialog(app: AppPage) {
  await app.button("Use other images…").click();
  return dialogOf(app.page);
}

/** A folder with them, one of which is damaged, and with a file that is no picture. */
function folderOfSketches(): string {
  const folder = mkdtempSync(join(tmpdir(), "sketches-"));
  const files = [
    ...sketches(),
    { path: "sketches/level bar/broken.png", bytes: Uint8Array.of(1, 2, 3) },
    { path: "sketches/notes.txt", bytes: Uint8Array.of(65) },
    {
      path: "sketches/level bar/drawn.svg",
      bytes: new TextEncoder().encode(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120"><rect width="160" height="120" fill="#c8c8c8"/><rect x="60" y="50" width="40" height="7"/></svg>',
      ),
    },
  ];
  for (const { path, bytes } of files) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

const SMALL = "?backend=wasm&preset=quick&dim=4&dimMults=1&batchSize=16&previewEvery=0";

type ChosenFiles = Parameters<FileChooser["setFiles"]>[0];

/** Chooses what is asked for by a button of the dialog. */
async function choose(dialog: Locator, button: string, files: ChosenFiles) {
  const chooser = dialog.page().waitForEvent("filechooser");
  await dialog.getByRole("button", { name: button }).click();
  await (await chooser).setFiles(files);
}

async function stop(app: AppPage) {
  await app.button("Stop").click();
  await expect(app.status).toContainText(/^Unfinished after/);
}

async function useMnist(app: AppPage) {
  await app.button("Use MNIST").click();
  await expect(app.page.getByText("MNIST 40 images, 8 to validate")).toBeVisible();
}

test("a folder of photographed sketches becomes classes to train on and to ask for, and is there again after a reload", async ({
  page,
}) => {
  const folder = folderOfSketches();
  const app = new AppPage(page);
  await app.openWithFewImages(SMALL);
  const dialog = await openDialog(app);
  await choose(dialog, "Choose a folder…", join(folder, "sketches"));
  await expect(dialog).toContainText(
    "sketches: 22 images in 3 classes: level bar 8, slanted bar 7, upright bar 7",
  );
  // Ink on paper is seen to be that.
  await expect(dialog.getByLabel("Crop")).toHaveValue("ink");
  await expect(dialog.getByLabel("Dark on light: invert")).toBeChecked();
  // That which is damaged, and that which is no picture.
  await dialog.getByText("2 files are left out").click();
  await expect(dialog).toContainText("sketches/level bar/broken.png: The browser cannot read it");
  const before = dialog.getByRole("region", { name: "The first pictures, before and after" });
  await expect(before.locator("canvas")).toHaveCount(2 * 22);
  // One is left out by a click, and taken in again by another; a class is not emptied so.
  const slanted = before.getByRole("button", { name: /slanted bar/ });
  for (const picture of await slanted.all()) await picture.click();
  await expect(dialog.getByRole("alert")).toContainText("No picture of “slanted bar” is left");
  await expect(dialog.getByRole("button", { name: "Use these 15 images" })).toBeDisabled();
  for (const picture of (await slanted.all()).slice(1)) await picture.click();
  await expect(dialog).toContainText("21 images in 3 classes: level bar 8, slanted bar 6");
  await dialog.getByLabel("Crop").selectOption("fill");
  await dialog.getByRole("button", { name: "Use these 21 images" }).click();
  // Canceled, it goes back to what has been chosen.
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toContainText("21 images in 3 classes: level bar 8, slanted bar 6");
  await expect(slanted.first()).toHaveAttribute("aria-pressed", "false");
  await expect(dialog.getByLabel("Crop")).toHaveValue("fill");
  await dialog.getByLabel("Crop").selectOption("ink");
  await dialog.getByRole("button", { name: "Use these 21 images" }).click();
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();

  // Classes follow the folders, and their names are asked for.
  await app.train.click();
  await app.waitForSteps(5);
  await stop(app);
  await page.getByRole("textbox", { name: "Ask for" }).fill("slanted bar, level bar");
  await expect(page.getByText(/slanted bar, level bar/).first()).toBeVisible();

  // After a reload they are there again; where others are in use, the run brings them back.
  await page.reload();
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();
  await expect(page).toHaveURL(/classes=3\b/);
  await useMnist(app);
  await expect(page).not.toHaveURL(/images=/);
  await page
    .getByRole("button", { name: /^Resume/ })
    .first()
    .click();
  await app.waitForSteps(7);
  await stop(app);
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();
  rmSync(folder, { recursive: true });
});

test("images that are kept are used again, saved as files that open again, deleted, and asked for by their run", {
  tag: "@long",
}, async ({ page }) => {
  const folder = folderOfSketches();
  const app = new AppPage(page);
  await app.openWithFewImages(SMALL);
  const dialog = await openDialog(app);
  await choose(dialog, "Choose a folder…", join(folder, "sketches"));
  await dialog.getByRole("button", { name: "Use these 22 images" }).click();
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();
  await app.train.click();
  await app.waitForSteps(7);
  await stop(app);
  await useMnist(app);

  // It is used again without a run, and deleted.
  const kept = await openDialog(app);
  await expect(kept.getByRole("region", { name: "Sets kept in this browser" })).toContainText(
    "12,400 images, 9.7 MB",
  );
  await kept.getByRole("button", { name: "Use sketches" }).click();
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();

  // What is saved can be opened again: pictures in folders, or the files that MNIST has.
  for (const [form, words] of [
    ["PNG pictures", "sketches-png: 12,400 images in 3 classes: level bar"],
    ["IDX files", null],
  ] as const) {
    await openDialog(app);
    await kept.getByRole("button", { name: "Save sketches as a file" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: form }).click();
    const path = join(folder, (await download).suggestedFilename());
    await (await download).saveAs(path);
    await choose(kept, "Choose files…", path);
    if (words === null) continue;
    await expect(kept).toContainText(words);
    await expect(kept).toContainText("The folders say which are held out to validate.");
    await kept.getByRole("button", { name: "Close" }).click();
  }
  await expect(page.getByText("Your files 12,000 images, 400 to validate")).toBeVisible();

  await (await openDialog(app)).getByRole("button", { name: "Delete sketches" }).click();
  const question = kept.getByRole("group", { name: "Delete sketches?" });
  await expect(question).toContainText(
    "was trained on it, and can go on only with the same images",
  );
  await question.getByRole("button", { name: "Keep" }).click();
  await kept.getByRole("button", { name: "Delete sketches" }).click();
  await question.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(kept.getByRole("region", { name: "Sets kept in this browser" })).toBeHidden();
  await kept.getByRole("button", { name: "Close" }).click();

  // The run asks for its images, now that they are gone, and goes on with them.
  await useMnist(app);
  const resume = page.getByRole("button", { name: /^Resume/ }).first();
  await resume.click();
  await expect(kept).toContainText(
    "The run was trained on sketches, 12,000 images and 400 to validate",
  );
  await kept.getByRole("button", { name: "Close" }).click();
  await resume.click();
  await choose(kept, "Choose files…", join(folder, "sketches-idx.zip"));
  await app.waitForSteps(9);
  await stop(app);
  rmSync(folder, { recursive: true });
});

test("a zip archive is read, what is wrong with files is said, and nothing that was there is lost", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  const dialog = await openDialog(app);
  const chooseZip = (name: string, buffer: Buffer) =>
    choose(dialog, "Choose files…", { name, mimeType: "application/zip", buffer });
  const bad = [
    ["none.zip", await zipped([]), /Expected 3 pictures or more.*got 0/],
    ["torn.zip", Buffer.from("PK no archive"), /torn\.zip could not be opened as a zip archive/],
    [
      "nested.zip",
      await zipped([{ path: "inner.zip", bytes: Uint8Array.of(0) }]),
      /found nested\/inner\.zip/,
    ],
  ] as const;
  for (const [name, bytes, words] of bad) {
    await chooseZip(name, bytes);
    await expect(dialog.getByRole("alert")).toContainText(words);
    await dialog.getByRole("button", { name: "Choose others" }).click();
  }
  await chooseZip(
    "odd <names> & 日本.zip",
    await zipped(
      sketches().map(({ path, bytes }) => ({ path: path.replace("sketches/", "é ⁂/"), bytes })),
    ),
  );
  await expect(dialog).toContainText("odd <names> & 日本: 21 images in 3 classes");
  // Closed, all is as it was.
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page.getByText("MNIST 40 images, 8 to validate")).toBeVisible();
});

test("PNG, JPEG, WebP, GIF, AVIF and SVG files of one drawing are the same to the network, and transparent is white", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  const kinds = await filesOfEachKind();
  await app.dropFiles([{ name: "kinds.zip", bytes: await zipped(kinds) }]);
  const dialog = dialogOf(page);
  await expect(dialog).toContainText(`kinds: ${kinds.length} images.`);
  await expect(dialog.getByLabel("Dark on light: invert")).toBeChecked();
  await dialog.getByLabel("Crop").selectOption("fit");
  const pictures = dialog.getByRole("button", { name: /^Picture/ });
  // Where the ink is and where it is not, as the network sees it.
  const places = { ink: [3, 3, 3, 24, 14, 24], paper: [14, 3, 14, 14, 24, 24] };
  const graysOf = (at: readonly number[]) =>
    pictures.evaluateAll((buttons, at) => {
      const grays = (button: Element) => {
        const [, after] = button.querySelectorAll("canvas");
        const context = after?.getContext("2d");
        const scale = (after?.width ?? 0) / 28;
        return [0, 2, 4].map((i) => {
          const [x = 0, y = 0] = at.slice(i).map((place) => Math.floor((place + 0.5) * scale));
          return context?.getImageData(x, y, 1, 1).data[0] ?? -1;
        });
      };
      return buttons.map(grays);
    }, at);
  await expect
    .poll(async () => (await graysOf(places.ink)).every((some) => some.every((g) => g > 240)))
    .toBe(true);
  expect(await graysOf(places.paper)).toEqual(kinds.map(() => [0, 0, 0]));
});

test("pictures that are dropped or pasted come into the dialog, without classes", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  const files = sketches().slice(0, 4);
  const give = (type: "drop" | "paste", some: typeof files) =>
    page.evaluate(
      ({ type, some }) => {
        const data = new DataTransfer();
        for (const { path, bytes } of some) {
          const name = path.split("/").at(-1) ?? "";
          data.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/png" }));
        }
        const init = { bubbles: true, cancelable: true };
        document.body.dispatchEvent(
          type === "drop"
            ? new DragEvent(type, { ...init, dataTransfer: data })
            : new ClipboardEvent(type, { ...init, clipboardData: data }),
        );
      },
      { type, some: some.map(({ path, bytes }) => ({ path, bytes: [...bytes] })) },
    );
  await give("paste", files.slice(0, 1));
  const dialog = dialogOf(page);
  await expect(dialog.getByRole("alert")).toContainText("got 1");
  // What comes next comes to what is there.
  await give("drop", files.slice(1));
  await expect(dialog).toContainText("Your images: 4 images. They lie in one folder");
  await dialog.getByRole("button", { name: "Use these 4 images" }).click();
  await expect(page.getByText("Your images 12,000 images, 400 to validate")).toBeVisible();
  // There is nothing to ask for.
  await app.unfoldSettings();
  await expect(page.getByText(/but Classes is/)).toBeHidden();
});

test("dropped folders are read whole, and what is empty, damaged or far too large is said, with all as it was", {
  tag: "@long",
}, async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "dropped-"));
  const save = (path: string, bytes: Uint8Array, numBytes = bytes.length) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    // What is beyond the bytes takes no room on the disk.
    truncateSync(join(folder, path), numBytes);
  };
  const [bar = { path: "", bytes: new Uint8Array() }] = sketches();
  for (const { path, bytes } of sketches()) save(path, bytes);
  // Chromium gives a hundred entries of a folder at a time.
  for (let i = 0; i < 150; i++) save(`sketches/level bar/of many/${i}.png`, bar.bytes);
  save("sketches/level bar/of many/torn.png", bar.bytes.slice(0, 70));
  mkdirSync(join(folder, "empty"));
  save("notes/todo.txt", bar.bytes);
  const places = [0, 1, 2];
  for (const i of places) save(`damaged/${i}.png`, bar.bytes.slice(0, 70));
  for (const i of places) save(`huge/${i}.png`, bar.bytes, 10e9);
  save("huge.zip", Uint8Array.of(0x50, 0x4b, 3, 4), 10e9);

  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  const devtools = await page.context().newCDPSession(page);
  const drop = async (name: string) => {
    const data = { items: [], files: [join(folder, name)], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await devtools.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
    }
  };
  const dialog = dialogOf(page);
  const close = dialog.getByRole("button", { name: "Close" });
  const unchanged = page.getByText("MNIST 40 images, 8 to validate");

  for (const [name, words] of [
    ["empty", "the folder is empty"],
    ["notes", "cannot open todo.txt"],
  ] as const) {
    await drop(name);
    await expect(page.getByText(words)).toBeVisible();
    await expect(unchanged).toBeVisible();
  }
  for (const [name, words] of [
    ["damaged", /^None of the first 3 pictures can be opened\. damaged\/0\.png: /],
    ["huge", /huge\/0\.png: It has 10000 MB, expected 100 MB at most\.$/],
    ["huge.zip", /^huge\.zip could not be opened as a zip archive/],
  ] as const) {
    await drop(name);
    await expect(dialog.getByRole("alert")).toHaveText(words);
    await close.click();
    // A drop on a dialog that is fading out is lost.
    await expect(dialog).toBeHidden();
    await expect(unchanged).toBeVisible();
  }
  await drop("sketches");
  await expect(dialog).toContainText(
    "172 images in 3 classes: level bar 158, slanted bar 7, upright bar 7",
  );
  await close.click();
  await expect(dialog).toBeHidden();
  await expect(unchanged).toBeVisible();

  // What is not among the first hundred is known to be damaged once all are read, and told until the training begins.
  await drop("sketches");
  await dialog.getByRole("button", { name: "Use these 172 images" }).click();
  const told = page.getByText("1 picture could not be opened, and is left out");
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();
  await expect(told).toBeVisible();
  await expect(page.getByText(/level bar\/of many\/torn\.png: /)).toBeVisible();
  await app.train.click();
  await app.waitForSteps(1);
  await expect(told).toBeHidden();
  await app.button("Stop").click();
  rmSync(folder, { recursive: true });
});

test("a set with other classes than the loaded network is trained on with as many classes as it has", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  await app.takeTrainedModel("Quick");
  await expect(page.getByText("Train starts from it")).toBeVisible();
  await app.dropFiles([{ name: "sketches.zip", bytes: await zipped(sketches()) }]);
  await dialogOf(page).getByRole("button", { name: "Use these 21 images" }).click();
  await expect(page.getByText("sketches 12,000 images, 400 to validate")).toBeVisible();
  // It stays loaded, and both ways are a click away.
  await expect(page.getByText("Train starts from scratch")).toBeVisible();
  await expect(page).toHaveURL(/classes=3\b/);
  await app.button("Use its network").click();
  await expect(page.getByText("Train starts from it")).toBeVisible();
  await expect(page.getByText("The labels of these images go from 0 to 2")).toBeVisible();
  await app.button("Set it to 3").click();
  await expect(page.getByText("Train starts from scratch")).toBeVisible();
  await expect(app.train).toBeEnabled();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("nothing of the dialog is cut off, every button can be reached, and axe finds nothing wrong", {
    tag: "@long",
  }, async ({ page }) => {
    const app = new AppPage(page);
    await page.emulateMedia({ colorScheme: "light" });
    await app.openWithFewImages("?backend=wasm&preset=quick");
    const dialog = dialogOf(page);
    const expectGood = async (form: string) => {
      expect(await cutOff(dialog), form).toEqual([]);
      const buttons = await dialog.getByRole("button").filter({ visible: true }).all();
      expect(buttons.length).toBeGreaterThan(1);
      for (const button of buttons) {
        await button.scrollIntoViewIfNeeded();
        await expect(button).toBeInViewport({ ratio: 0.99 });
      }
      await expectNoViolations(page, form);
      await goDark(page);
      // The colors alone are others.
      await expectNoViolations(page, `${form}, dark`, ["color-contrast", "link-in-text-block"]);
      await page.emulateMedia({ colorScheme: "light" });
    };
    await openDialog(app);
    await expectGood("files");

    await dialog.getByRole("button", { name: "Draw a symbol…" }).tap();
    await expectGood("a pad");
    await drawHearts(page, dialog, 5);
    await dialog.getByText("How they are varied").tap();
    await expectGood("drawings");
    await dialog.getByRole("button", { name: "Back" }).tap();

    const long = "a_name_with_no_place_to_break_it_".repeat(4);
    const files: PictureFile[] = [
      ...sketches(),
      { path: `${long}/1.png`, bytes: sketches()[0]?.bytes ?? new Uint8Array() },
      { path: `sketches/${long}.tiff`, bytes: Uint8Array.of(1) },
    ];
    await app.dropFiles([{ name: "all.zip", bytes: await zipped(files) }]);
    await dialog.getByText("1 file is left out").tap();
    await dialog.getByText("How they are varied").tap();
    await expectGood("pictures");
  });
});

/** What reaches over an edge of the dialog to the side, or has more in it than it shows, by its words. */
function cutOff(dialog: Locator): Promise<string[]> {
  return dialog.evaluate((element) => {
    const { left, right } = element.getBoundingClientRect();
    const all = [document.documentElement, element, ...element.querySelectorAll<HTMLElement>("*")];
    const wrong = all.filter((each) => {
      const box = each.getBoundingClientRect();
      const isOver = element.contains(each) && (box.left < left - 1 || box.right > right + 1);
      // The thumb of a slider reaches over its track.
      const isOverfull = each.textContent !== "" && each.scrollWidth > each.clientWidth + 1;
      return box.width > 0 && each.checkVisibility() && (isOver || isOverfull);
    });
    return wrong.map(({ localName, textContent }) => `${localName} ${textContent?.slice(0, 60)}`);
  });
}

test("images that are no digits, and their classes, are called by their own names in Train and Draw", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages(SMALL);
  const heading = (name: string) => page.getByRole("heading", { name, exact: true });
  const dialog = await openDialog(app);
  const buffer = await zipped(sketches().filter(({ path }) => !path.includes("slanted")));
  await choose(dialog, "Choose files…", { name: "bars.zip", mimeType: "application/zip", buffer });
  await dialog.getByRole("checkbox", { name: /^Keep the set/ }).uncheck();
  await dialog.getByRole("button", { name: "Use these 14 images" }).click();
  // A network of digits draws what is seen first.
  await expect(heading("Digits")).toBeVisible();
  await expect(page.getByText(/^These are MNIST’s digits\..* from “bars”\.$/)).toBeVisible();

  await app.train.click();
  await app.waitForSteps(3);
  await app.button("Stop").click();
  await expect(app.status).toContainText(/^Unfinished after/);
  const panel = page.getByRole("region", { name: "Images", exact: true });
  await expect(panel.getByText("level bar", { exact: true })).toBeVisible();
  await page.getByRole("textbox", { name: "Ask for" }).fill("upright bar");
  await expect(panel).toContainText(/“upright bar” .*: \S+ s per image/);
  const hasNoDigit = (of: Locator) =>
    expect(of).not.toContainText(/digit/i, { useInnerText: true });
  await hasNoDigit(panel);

  await openView(page, "denoise");
  await expect(heading("One image")).toBeVisible();
  // The seven that is asked for first is none of two classes.
  const asked = page.getByRole("combobox", { name: "Ask for" });
  await asked.selectOption({ label: "One class" });
  await app.button("Generate").click();
  await expect(page.getByText(/^36 images of class level bar/)).toBeVisible();
  await page.getByRole("group", { name: "Draw a class at once" }).getByText("upright bar").click();
  await expect(page.getByText(/^36 images of class upright bar/)).toBeVisible();
  await page.getByRole("group", { name: "Draw a class at once" }).getByText("level bar").click();
  await expect(heading("Image 1 of 36")).toBeVisible();
  await expect(page.getByText(/^36 images of class level bar/)).toBeVisible();
  await hasNoDigit(page.getByRole("main"));

  // They were not kept, and the settings are MNIST's again.
  await page.goto("?backend=wasm&preset=quick&classes=2&images=12345");
  await expect(page.getByText("Your images are not kept in this browser")).toBeVisible();
  await expect(page.getByText("MNIST 40 images, 8 to validate")).toBeVisible();
  await expect(page).not.toHaveURL(/classes=2|images=/);
  await expect(app.train).toBeEnabled();
});
