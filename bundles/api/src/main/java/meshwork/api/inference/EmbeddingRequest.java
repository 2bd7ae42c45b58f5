package meshwork.api.inference;

import java.util.List;

/**
 * A request for vectors.
 *
 * @param id names the request in logs
 * @param caller who asks, so that callers share fairly; empty when nobody is known
 * @param model which model, by its id
 * @param inputs what to make vectors of: plain texts or tokens
 * @param eachToken a vector for each token, as the model has it, rather than one for the whole input
 * @param normalized make each vector one of length 1 (L2); those of tokens stay as they are
 */
public record EmbeddingRequest(String id, String caller, String model, List<Prompt> inputs, boolean eachToken, boolean normalized) {

	public EmbeddingRequest {
		inputs = List.copyOf(inputs);
	}
}
