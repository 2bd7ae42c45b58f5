package meshwork.api.inference;

import java.time.Instant;
import java.util.Optional;

import meshwork.api.inference.InferenceException.ModelRefused;

/**
 * A model that is served, or is to be.
 *
 * @param id what requests call it
 * @param settings how it was asked for
 * @param state where it stands
 * @param progress share that is loaded, 0…1
 * @param problem why it failed, when it did
 * @param since when its state began
 * @param facts what is known of it; empty until its file was read
 */
public record ServedModel(String id, ModelSettings settings, State state, double progress, Optional<ModelRefused> problem, Instant since,
		Optional<Facts> facts) {

	/** Where a model stands. */
	public enum State {
		LOADING, READY, FAILED, UNLOADING
	}

	/**
	 * What is known of a model.
	 *
	 * @param name what its file calls it
	 * @param architecture its architecture, such as {@code qwen3moe}
	 * @param parameters number of weights
	 * @param fileBytes size of its files
	 * @param memoryBytes estimate of the memory that it takes as it is served
	 * @param vocabulary number of tokens
	 * @param trainedContext tokens that it was trained to look back
	 * @param context tokens that one sequence can have here
	 * @param parallel how many sequences are decoded at once here
	 * @param engine the engine that runs it, with its version; empty until there is one
	 */
	public record Facts(String name, String architecture, long parameters, long fileBytes, long memoryBytes, int vocabulary,
			int trainedContext, int context, int parallel, String engine) {
	}
}
