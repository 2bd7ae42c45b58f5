package meshwork.api.inference;

import org.osgi.annotation.versioning.ProviderType;

/** Generates text with the models that are served. Safe for use by many threads. */
@ProviderType
public interface Inference {

	/**
	 * Starts a generation. The request is checked and its prompt made before this returns, so that whatever is wrong with it
	 * is said before the first event; it may wait for a place after that.
	 *
	 * @return its events; the caller closes it, which cancels what is left of it
	 * @throws InferenceException.ModelUnknown when no such model is served
	 * @throws InferenceException.InvalidRequest when something in the request can't be done
	 * @throws InferenceException.ContextExceeded when the prompt is longer than the model's context
	 * @throws InferenceException.Overloaded when too many requests wait
	 */
	Generation generate(GenerationRequest request);

	/**
	 * How many tokens a prompt has.
	 *
	 * @throws InferenceException as {@link #generate} does
	 */
	int countTokens(String model, Prompt prompt);
}
