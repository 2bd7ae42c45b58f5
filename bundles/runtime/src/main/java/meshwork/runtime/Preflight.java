package meshwork.runtime;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.ModelSettings;

/** Looks at the models that a node is to serve before there is a node: for the command line, which has no framework yet. */
public final class Preflight {

	private Preflight() {
	}

	/**
	 * Checks each file as the node will, together in the memory that there is now.
	 *
	 * @param context tokens of one sequence; 0 to choose
	 * @param parallel sequences decoded at once
	 * @throws ModelRefused for the first that can't be served; what is not GGUF by its name is left to the node's engines
	 */
	public static void check(List<Path> files, int context, int parallel) {
		long available = AvailableMemory.bytes();
		Map<String, Path> names = new HashMap<>();
		for (Path file : files) {
			String id = ModelFiles.id(file);
			Path other = names.put(id, file);
			if (other != null)
				throw new ModelRefused(Reason.NAME_TAKEN, "%s and %s would both be called '%s': rename one of them".formatted(other, file, id));
			try {
				available -= ModelFiles.gguf(new ModelSettings(file, Optional.of(id), context, parallel, 0), available).facts().memoryBytes();
			} catch (ModelRefused e) {
				if (e.reason() != Reason.NOT_A_MODEL || ModelFiles.format(file).equals(ModelFiles.GGUF))
					throw e;
			}
		}
	}
}
