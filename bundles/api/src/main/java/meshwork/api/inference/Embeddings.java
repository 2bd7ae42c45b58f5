package meshwork.api.inference;

import java.util.List;

/**
 * Vectors that a model has made.
 *
 * @param inputs for each input its vectors, {@code [1][n]} or {@code [n_tokens][n]}
 * @param tokens that all inputs have together
 */
public record Embeddings(List<float[][]> inputs, int tokens) {

	public Embeddings {
		inputs = List.copyOf(inputs);
	}
}
