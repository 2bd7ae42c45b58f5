package meshwork.api.engine;

import java.nio.file.Path;
import java.util.List;

/**
 * A model on disk that has been checked completely.
 *
 * @param format the kind of file, such as {@code gguf}
 * @param parts its files in order, at least one
 * @param fingerprint names the content: equal for equal models wherever they lie
 * @param bytes the size of all parts
 */
public record ModelFile(String format, List<Path> parts, String fingerprint, long bytes) {

	public ModelFile {
		parts = List.copyOf(parts);
		if (parts.isEmpty())
			throw new IllegalArgumentException("a model has at least one file");
	}

	/** The file by which the model is named: the first. */
	public Path path() {
		return parts.getFirst();
	}
}
