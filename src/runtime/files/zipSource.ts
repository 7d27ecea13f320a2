/** The files in a zip archive, of any size: only its directory is read at once. */
import { BlobReader, configure, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { checkFileSize, type SourceFile } from "../../engine/data/imageSet.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { messageOf } from "../../engine/messageOf.ts";

// Whoever reads archives is in a worker of its own already.
configure({ useWebWorkers: false });

/**
 * @param name of the archive, which becomes the folder that all its files lie in
 * @throws FormatError when it is no zip archive, or a damaged one
 */
export async function filesOfZip(archive: Blob, name: string): Promise<SourceFile[]> {
  const folder = name.replace(/\.zip$/i, "");
  try {
    const entries = await new ZipReader(new BlobReader(archive)).getEntries();
    return entries.flatMap((entry) => {
      if (entry.directory) return [];
      const read = async () => {
        if (entry.encrypted) throw new FormatError("It is encrypted: unpack the archive first.");
        // A few packed bytes can become many gigabytes.
        checkFileSize(entry.uncompressedSize);
        try {
          return new Blob([await entry.getData(new Uint8ArrayWriter())]);
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
