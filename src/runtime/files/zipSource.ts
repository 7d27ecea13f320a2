/** The files in a zip archive, of any size: of a large one only its directory is read at once. */
import {
  BlobReader,
  configure,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
} from "@zip.js/zip.js";
import { checkFileSize, pictureType, type SourceFile } from "../../engine/data/imageSet.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { messageOf } from "../../engine/messageOf.ts";

// Whoever reads archives is in a worker of its own already.
configure({ useWebWorkers: false });

/** Up to this size an archive is read at once: a browser takes a millisecond for each piece of a file, and an archive may have 70,000. */
const AT_ONCE_BYTES = 256e6;

/**
 * @param name of the archive, which becomes the folder that all its files lie in
 * @throws FormatError when it is no zip archive, or a damaged one
 */
export async function filesOfZip(archive: Blob, name: string): Promise<SourceFile[]> {
  const folder = name.replace(/\.zip$/i, "");
  try {
    const reader =
      archive.size <= AT_ONCE_BYTES
        ? new Uint8ArrayReader(new Uint8Array(await archive.arrayBuffer()))
        : new BlobReader(archive);
    const entries = await new ZipReader(reader).getEntries();
    return entries.flatMap((entry) => {
      if (entry.directory) return [];
      const read = async () => {
        if (entry.encrypted) throw new FormatError("It is encrypted: unpack the archive first.");
        // A few packed bytes can become many gigabytes.
        checkFileSize(entry.uncompressedSize);
        try {
          const bytes = await entry.getData(new Uint8ArrayWriter());
          return new Blob([bytes], { type: pictureType(entry.filename) });
        } catch (error) {
          throw new FormatError(`It could not be unpacked (${messageOf(error)}).`, {
            cause: error,
          });
        }
      };
      return [{ path: `${folder}/${entry.filename}`, read }];
    });
  } catch (error) {
    throw new FormatError(
      `${name} could not be opened as a zip archive (${messageOf(error)}). Pack the folder again, or drop the folder itself.`,
      { cause: error },
    );
  }
}
