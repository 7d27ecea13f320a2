/** Files of a folder of the origin private file system. */

export async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names;
}

/** All of it or, when the browser is killed meanwhile, nothing: it takes the place of the old on closing. */
export async function writeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(content);
  await writable.close();
}

export async function fileIn(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<File | null> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch {
    return null;
  }
}

export async function bytesOf(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const file = await fileIn(folder, name);
    return file && new Uint8Array(await file.arrayBuffer());
  } catch {
    return null;
  }
}

export async function textOf(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  return new TextDecoder().decode((await bytesOf(folder, name)) ?? new Uint8Array());
}
