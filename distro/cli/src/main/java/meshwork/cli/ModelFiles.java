package meshwork.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Looks at model files before a node is started for them. */
final class ModelFiles {

	private static final byte[] MAGIC = { 'G', 'G', 'U', 'F' };

	private ModelFiles() {
	}

	/**
	 * Checks each file.
	 *
	 * @throws Refusal for the first that can't be served
	 */
	static void check(List<Path> files, int context, int parallel) {
		for (Path file : files) {
			if (!Files.isRegularFile(file) || !Files.isReadable(file))
				throw new Refusal(ExitCode.NO_FILE, "there is no model file %s that can be read".formatted(file));
			try (var stream = Files.newInputStream(file)) {
				if (!Arrays.equals(MAGIC, stream.readNBytes(MAGIC.length)))
					throw new Refusal(ExitCode.NOT_A_MODEL, "%s is not a GGUF model".formatted(file));
			} catch (IOException e) {
				throw new Refusal(ExitCode.NO_FILE, "%s can't be read: %s".formatted(file, DataFolder.reason(e)));
			}
		}
	}
}
