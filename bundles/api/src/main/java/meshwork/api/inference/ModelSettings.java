package meshwork.api.inference;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model is served.
 *
 * @param file the model; of one in several parts the first
 * @param id what requests call it; empty for the file's name without its ending
 * @param context tokens that one sequence can have; 0 for what the model was trained on, within a bound
 * @param parallel how many sequences are decoded at once; 0 for the default
 * @param threads threads that compute; 0 for as many as suit the machine
 */
public record ModelSettings(Path file, Optional<String> id, int context, int parallel, int threads) {

	/** With everything left to the node. */
	public static ModelSettings of(Path file) {
		return new ModelSettings(file, Optional.empty(), 0, 0, 0);
	}
}
