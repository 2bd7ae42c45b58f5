package meshwork.gguf;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A file of a model, as it was when its header was read.
 *
 * @param file where it is
 * @param version of the format, 2 or 3
 * @param alignment what the data of each tensor are padded to, in bytes
 * @param dataOffset where the data of the first tensor begin, in bytes
 * @param size of the file in bytes
 * @param modified when the file was last written
 */
public record Part(Path file, int version, int alignment, long dataOffset, long size, FileTime modified) {
}
